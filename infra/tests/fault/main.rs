//! Nothing is lost, doubled or put out of order, whatever dies: real processes, killed with -9
//! under load, and a database that goes away.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]
#![expect(clippy::print_stdout, reason = "nextest shows it when a test fails")]

mod away;
mod channel;
mod chaos;
mod client;
mod kills;
#[allow(dead_code, reason = "shared with the tests of hostile clients")]
mod moim;
mod money;
mod payer;
mod reader;
mod supervised;
mod writer;
