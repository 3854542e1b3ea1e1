//! Who asks, by bearer token (RFC 6750).

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use super::{Access, Problem};
use crate::bus::Viewer;
use crate::rejection::{Code, Rejection};

/// The token that is sent: none, or one; several or what is none is `UNAUTHENTICATED`.
pub(super) fn token(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    match (sent.next(), sent.next()) {
        (None, _) => Ok(None),
        (Some(only), None) => {
            let credentials = only.to_str().map_err(|_| bad_token())?;
            let (scheme, token) = credentials.split_once(' ').ok_or_else(bad_token)?;
            if !scheme.eq_ignore_ascii_case("bearer") {
                return Err(bad_token());
            }
            Ok(Some(token.trim().to_owned()))
        }
        _ => Err(bad_token()),
    }
}

/// Whom a request's headers speak for: nobody without a token; one that is sent but not good is
/// a problem of the whole request.
pub(super) async fn viewer(
    access: &dyn Access,
    headers: &HeaderMap,
) -> Result<Option<Viewer>, Problem> {
    match token(headers)? {
        Some(token) => Ok(Some(access.verify(&token).await?)),
        None => Ok(None),
    }
}

fn bad_token() -> Problem {
    let message = "The access token is broken, expired or revoked.";
    Rejection::new(Code::Unauthenticated, message).into()
}
