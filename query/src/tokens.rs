//! Access tokens: made when a session starts, shown with every request.

use command::bus::Viewer;
use events::Timestamp;

/// Makes and checks access tokens. Whether a token's session was ended meanwhile is not its
/// business: see [`crate::Api::session_ended`].
pub trait Tokens: Send + Sync {
    /// Whom a token speaks for, if it is one of ours and has not expired.
    fn verify(&self, access_token: &str) -> Result<Verified, TokenError>;

    /// A fresh token.
    fn issue(&self, viewer: Viewer) -> Result<Issued, TokenError>;
}

/// What a good token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Whom it speaks for, by which session.
    pub viewer: Viewer,
    /// When it is no longer good.
    pub expires_at: Timestamp,
}

/// A fresh token.
#[derive(Clone, PartialEq, Eq)]
pub struct Issued {
    /// As the client shall send it.
    pub access_token: String,
    /// When it is no longer good.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Broken, expired, or not ours.
    #[error("the access token is broken or has expired")]
    Bad,
    /// It can't be signed: a fault of the configuration.
    #[error("an access token can't be signed: {0}")]
    Unsigned(String),
}
