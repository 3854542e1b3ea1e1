//! Who may put commands: the API's own tokens and sessions, as the command endpoint asks for them.

use std::sync::Arc;

use async_trait::async_trait;
use command::Viewer;
use command::bus::Secret;
use command::http::{Access, AccessToken};
use command::rejection::{Code, Rejection};
use query::{Api, Tokens};

/// Tokens and ended sessions, the same as for GraphQL.
pub(super) struct ApiAccess {
    tokens: Arc<dyn Tokens>,
    api: Api,
}

impl ApiAccess {
    pub(super) fn new(tokens: Arc<dyn Tokens>, api: Api) -> Self {
        Self { tokens, api }
    }
}

#[async_trait]
impl Access for ApiAccess {
    async fn verify(&self, access_token: &str) -> Result<Viewer, Rejection> {
        let verified = self.tokens.verify(access_token).map_err(|_| bad_token())?;
        match self.api.session_ended(verified.viewer.session).await {
            Ok(false) => Ok(verified.viewer),
            Ok(true) => Err(bad_token()),
            Err(error) => Err(Rejection::new(Code::Unavailable, error.message)),
        }
    }

    fn issue(&self, viewer: Viewer) -> Result<AccessToken, Rejection> {
        match self.tokens.issue(viewer) {
            Ok(issued) => Ok(AccessToken {
                text: Secret::new(issued.access_token),
                expires_at: issued.expires_at,
            }),
            Err(error) => Err(Rejection::new(Code::Internal, error.to_string())),
        }
    }
}

fn bad_token() -> Rejection {
    Rejection::new(Code::Unauthenticated, "The access token is broken, expired or revoked.")
}
