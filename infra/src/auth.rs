//! Access tokens: JWTs, HS256, good for 15 minutes. Every node holds the keys, so that no store
//! is asked for a request; sessions that end earlier are told by the feed.

use std::time::Duration;

use command::bus::Viewer;
use events::{SessionId, Timestamp, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use query::{Issued, TokenError, Tokens, Verified};
use serde::{Deserialize, Serialize};

use crate::keys::TokenKeys;

/// How long an access token is good.
pub const ACCESS_TOKEN_LIFE: Duration = Duration::from_mins(15);
/// A longer token is none of ours.
const TOKEN_LEN_MAX: usize = 1_024;
const ISSUER: &str = "moim";
const AUDIENCE: &str = "moim-api";

/// RFC 7519 claims; `sid` is the session, as in `OpenID` Connect.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: UserId,
    sid: SessionId,
    iat: i64,
    exp: i64,
    aud: String,
    iss: String,
}

/// Signs with the first of its keys and accepts all of them.
pub struct AccessTokens {
    header: Header,
    signing: EncodingKey,
    accepted: Vec<(String, DecodingKey)>,
    validation: Validation,
}

impl AccessTokens {
    /// With these keys.
    pub fn new(keys: &TokenKeys) -> Self {
        let (name, signing) = &keys.all()[0];
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(name.clone());
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        validation.leeway = 0;
        let accepted = keys.all().iter();
        let accepted = accepted
            .map(|(name, key)| (name.clone(), DecodingKey::from_secret(key.expose())))
            .collect();
        Self { header, signing: EncodingKey::from_secret(signing.expose()), accepted, validation }
    }

    fn issue_at(&self, viewer: Viewer, now: Timestamp) -> Result<Issued, TokenError> {
        // `exp` has whole seconds: what is told is what is signed.
        let issued_s = now.as_micros().div_euclid(1_000_000);
        let expires_s = issued_s + ACCESS_TOKEN_LIFE.as_secs().cast_signed();
        let claims = Claims {
            sub: viewer.user,
            sid: viewer.session,
            iat: issued_s,
            exp: expires_s,
            aud: AUDIENCE.to_owned(),
            iss: ISSUER.to_owned(),
        };
        let access_token = jsonwebtoken::encode(&self.header, &claims, &self.signing)
            .map_err(|error| TokenError::Unsigned(error.to_string()))?;
        Ok(Issued { access_token, expires_at: Timestamp::from_micros(expires_s * 1_000_000) })
    }
}

impl Tokens for AccessTokens {
    fn verify(&self, access_token: &str) -> Result<Verified, TokenError> {
        if access_token.len() > TOKEN_LEN_MAX {
            return Err(TokenError::Bad);
        }
        let header = jsonwebtoken::decode_header(access_token).map_err(|_| TokenError::Bad)?;
        let named = self.accepted.iter().find(|(name, _)| Some(name) == header.kid.as_ref());
        let (_, key) = named.ok_or(TokenError::Bad)?;
        let claims = jsonwebtoken::decode::<Claims>(access_token, key, &self.validation)
            .map_err(|_| TokenError::Bad)?
            .claims;
        Ok(Verified {
            viewer: Viewer { user: claims.sub, session: claims.sid },
            expires_at: Timestamp::from_micros(claims.exp.saturating_mul(1_000_000)),
        })
    }

    fn issue(&self, viewer: Viewer) -> Result<Issued, TokenError> {
        self.issue_at(viewer, Timestamp::now())
    }
}

impl std::fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessTokens").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    fn tokens(keys: &[(&str, u8)]) -> AccessTokens {
        let named =
            keys.iter().map(|(name, byte)| format!("{name}:{}", STANDARD.encode([*byte; 32])));
        AccessTokens::new(&named.collect::<Vec<_>>().join(",").parse().unwrap())
    }

    fn viewer() -> Viewer {
        Viewer { user: UserId::generate(), session: SessionId::generate() }
    }

    #[test]
    fn what_was_issued_is_verified_until_it_expires() {
        let tokens = tokens(&[("a", 1)]);
        let viewer = viewer();
        let issued = tokens.issue(viewer).unwrap();
        let verified = tokens.verify(&issued.access_token).unwrap();
        assert_eq!(verified, Verified { viewer, expires_at: issued.expires_at });
        let an_hour_ago = Timestamp::from_micros(Timestamp::now().as_micros() - 3_600_000_000);
        let old = tokens.issue_at(viewer, an_hour_ago).unwrap();
        assert_eq!(tokens.verify(&old.access_token), Err(TokenError::Bad));
    }

    #[test]
    fn keys_are_turned_over_without_a_token_being_refused() {
        let token = tokens(&[("a", 1)]).issue(viewer()).unwrap().access_token;
        assert!(tokens(&[("b", 2), ("a", 1)]).verify(&token).is_ok());
        assert_eq!(tokens(&[("b", 2)]).verify(&token), Err(TokenError::Bad));
        assert_eq!(tokens(&[("a", 2)]).verify(&token), Err(TokenError::Bad), "another key");
    }

    #[test]
    fn altered_and_foreign_tokens_are_refused() {
        let tokens = tokens(&[("a", 1)]);
        let token = tokens.issue(viewer()).unwrap().access_token;
        let [_, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!() };
        let unsigned = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT","kid":"a"}"#);
        for bad in [
            format!("{unsigned}.{claims}."),
            format!("{unsigned}.{claims}.{signature}"),
            token[..token.len() - 2].to_owned(),
            "x".repeat(5_000),
            String::new(),
        ] {
            assert_eq!(tokens.verify(&bad), Err(TokenError::Bad), "{bad}");
        }
    }
}
