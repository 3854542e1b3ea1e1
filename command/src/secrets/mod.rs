//! Secrets: password hashes, refresh tokens, spend tokens.

mod hasher;
mod refresh;
mod spend;

pub(crate) use hasher::describe as describe_metrics;
pub use hasher::{Argon, BadHasher, Hasher, HasherConfig};
pub use refresh::{RefreshToken, TokenHash};
pub use spend::SpendToken;
