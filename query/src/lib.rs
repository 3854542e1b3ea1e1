//! The public API: what can be asked for, and the hub that pushes what happens.

pub mod document;
pub mod execution;
pub mod tokens;
pub mod transport;
mod web;

pub use execution::{Api, Caller, Prepared, Pushed, Subscription};
pub use tokens::{Issued, TokenError, Tokens, Verified};
pub use transport::{Config, Transport};
