//! Hostile clients against a real server on a real PostgreSQL: each is refused by name or cut
//! off, while a well-behaved user is served, and the server's memory stays bounded.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]
#![expect(clippy::print_stdout, reason = "nextest shows it when a test fails")]

mod bodies;
#[path = "../fault/client.rs"]
#[allow(dead_code, reason = "shared with the tests of faults")]
mod client;
mod connections;
mod documents;
mod frames;
#[path = "../fault/moim.rs"]
#[allow(dead_code, reason = "shared with the tests of faults")]
mod moim;
mod neighbour;
mod operations;
mod raw;
mod readers;
mod siege;
mod socket;
