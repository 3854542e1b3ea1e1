//! The house rules that a compiler doesn't check: who may import whom, how large a file may grow,
//! where SQL stands, and what machines without I/O may not hold.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod files;
mod imports;
mod machines;
mod sql;
mod tree;
