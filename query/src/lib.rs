//! The public API: what can be asked for, and the hub that pushes what happens.

pub mod execution;
pub mod tokens;

pub use execution::{Api, Caller, Prepared, Pushed, Subscription};
pub use tokens::{Issued, TokenError, Tokens, Verified};
