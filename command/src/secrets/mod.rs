//! Secrets: password hashes and refresh tokens.

mod hasher;
mod refresh;

pub(crate) use hasher::describe as describe_metrics;
pub use hasher::{Argon, BadHasher, Hasher, HasherConfig};
pub use refresh::{RefreshToken, TokenHash};
