//! The execution from outside: its shell on stores in memory, and its machines under simulation.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod board;
mod fences;
mod process;
mod shell;
mod simulation;
