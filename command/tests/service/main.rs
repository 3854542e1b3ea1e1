//! The command bus as its callers see it, on stores in memory.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod accounts;
mod channel_repeats;
mod channels;
mod commands;
mod contacts;
mod deletion;
mod dues;
mod dues_rights;
mod endings;
mod engagements;
mod leavers;
mod limits;
mod manager;
mod messages;
mod notices;
mod passwords;
mod payments;
mod pins;
mod profile;
mod purse;
mod read_markers;
mod repeats;
mod rights;
mod scene;
mod schedules;
mod sessions;
mod timing;
mod transfers;
mod wallets;
