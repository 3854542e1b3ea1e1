//! The command bus as its callers see it, on stores in memory.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod accounts;
mod channel_repeats;
mod channels;
mod commands;
mod contacts;
mod deletion;
mod leavers;
mod limits;
mod manager;
mod messages;
mod passwords;
mod payments;
mod pins;
mod profile;
mod purse;
mod read_markers;
mod repeats;
mod rights;
mod scene;
mod sessions;
mod transfers;
mod wallets;
