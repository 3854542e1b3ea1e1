//! The transports over a real listener, with a small real schema behind them.
//!
//! The first fault to keep out are those that the executor and its integrations have by default;
//! each has a test here. Then what hostile clients send.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
mod events;
mod hostile;
mod http;
mod load;
mod requests;
mod schema;
mod server;
mod socket;
mod socket_life;
mod stream;
mod stream_life;
