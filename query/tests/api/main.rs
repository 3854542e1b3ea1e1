//! The API on a real PostgreSQL, with the real write side and projector, from a log in memory.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_possible_wrap,
    clippy::cast_possible_truncation,
    reason = "what fails here fails the test; numbers are small"
)]

mod follower;
mod people;
mod purses;
mod spender;
mod vault;
mod wallet_follower;
mod world;

mod accounts;
mod catching_up;
mod contacts;
mod contract;
mod discovery;
mod faults;
mod following;
mod inbox;
mod ledger;
mod membership;
mod money;
mod overload;
mod own_wallets;
mod paging;
mod positions;
mod profile;
mod reactions;
mod reading;
mod schema;
mod search;
mod search_model;
mod settings;
mod statement;
mod statements;
mod typing;
mod visibility;
mod wallet_following;
mod wallet_inbox;
mod wallets;
