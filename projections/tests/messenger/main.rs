//! The read models on a real PostgreSQL, from logs in memory.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_possible_wrap,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what fails here fails the test; numbers are small"
)]

mod script;
mod vault;
mod world;

mod batches;
mod faults;
mod money;
mod poison;
mod rebuilding;
mod rows;
mod search;
mod unparking;
