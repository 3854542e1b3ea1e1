//! The rules, an aggregate a file: what may happen to an account, an address, a channel, its
//! read markers, a wallet. All of it is pure; time, ids and verified secrets come in with the command.

pub mod channel;
pub mod email;
pub mod readers;
pub mod user;
pub mod wallet;

mod tries;
mod verified;

#[cfg(test)]
mod testing;

pub use tries::{Allowance, WrongTries};
pub use verified::{Verdict, Verified};
