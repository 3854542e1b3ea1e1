//! The whole of Moim as a process, from outside: commands over plain HTTP, who may do what, and
//! the tools of the command line against a running server.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod commands;
mod lines;
#[path = "../fault/moim.rs"]
#[expect(dead_code, reason = "shared with tests that use all of it")]
mod moim;
mod openapi;
mod server;
