//! Secrets: password hashes and refresh tokens.

mod hasher;
mod refresh;

pub use hasher::{Argon, BadHasher, Hasher, HasherConfig};
pub use refresh::{RefreshToken, TokenHash};
