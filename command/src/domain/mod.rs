//! The rules, an aggregate a file: what may happen to an account, an address, a channel, its
//! read markers, a wallet. All of it is pure; time, ids and verified secrets come in with the
//! command.

pub mod channel;
pub mod dues;
pub mod email;
pub mod payment;
pub mod readers;
pub mod recurrence;
pub mod user;
pub mod wallet;

mod permit;
mod tries;
mod verified;

#[cfg(test)]
mod testing;

pub use permit::Permit;
pub use tries::{Allowance, WrongTries};
pub use verified::{Verdict, Verified};
