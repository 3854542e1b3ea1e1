//! The command bus as its callers see it, on stores in memory.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod accounts;
mod channels;
mod contacts;
mod messages;
mod passwords;
mod profile;
mod repeats;
mod scene;
mod sessions;
