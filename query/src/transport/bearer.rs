//! Who asks.

use async_graphql::ServerError;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use super::Transport;
use super::answer::refusal;
use crate::tokens::Verified;

/// Mutations that one uses while one's token is no good any more.
const SIGN_IN: [&str; 3] = ["signUp", "logIn", "refreshSession"];

/// Whether an operation with these root fields does nothing but sign in.
pub(super) fn signs_in(roots: &[String]) -> bool {
    matches!(roots, [only] if SIGN_IN.contains(&only.as_str()))
}

impl Transport {
    /// Whom a request's headers speak for: nobody without a token; a token that is sent but not
    /// good is an error, `UNAUTHENTICATED` or, when that can't be told, `UNAVAILABLE`.
    pub(super) async fn bearer(
        &self,
        headers: &HeaderMap,
    ) -> Result<Option<Verified>, ServerError> {
        let mut sent = headers.get_all(AUTHORIZATION).iter();
        match (sent.next(), sent.next()) {
            (None, _) => Ok(None),
            (Some(only), None) => {
                let credentials = only.to_str().map_err(|_| bad_token())?;
                self.credentials(credentials).await.map(Some)
            }
            _ => Err(bad_token()),
        }
    }

    /// Whom `Bearer <token>` speaks for.
    pub(super) async fn credentials(&self, credentials: &str) -> Result<Verified, ServerError> {
        let (scheme, token) = credentials.split_once(' ').ok_or_else(bad_token)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(bad_token());
        }
        let verified = self.0.tokens.verify(token.trim()).map_err(|_| bad_token())?;
        let ended = self.0.execute.session_ended(verified.viewer.session).await?;
        if ended { Err(bad_token()) } else { Ok(verified) }
    }
}

/// The token is no good, or no longer.
pub(super) fn bad_token() -> ServerError {
    refusal("UNAUTHENTICATED", "the access token is broken, expired or revoked")
}
