//! The whole of Moim as a process, from outside: commands over plain HTTP, who may do what, and
//! the tools of the command line against a running server.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod audit;
mod codes;
mod commands;
mod erasure;
mod lines;
mod load;
mod matrix;
#[path = "../fault/moim.rs"]
#[allow(dead_code, reason = "shared with the tests of faults")]
mod moim;
mod money;
mod openapi;
mod seed;
mod server;
mod statements;
mod treasury;
