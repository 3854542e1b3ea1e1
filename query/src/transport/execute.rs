//! What transports need of the API behind them.

use async_graphql::{Response, ServerError};
use async_trait::async_trait;
use events::SessionId;
use futures::StreamExt;
use futures::stream::BoxStream;

use crate::execution::{Api, Caller, Prepared, Pushed};

/// Executes what the transports have prepared. Besides [`Api`], the transports' own tests bring
/// one, to see what no real API does on purpose.
#[async_trait]
pub trait Execute: Send + Sync {
    /// Executes a query or mutation.
    async fn execute(&self, prepared: Prepared, caller: &Caller) -> Response;

    /// Starts a subscription; dropping the stream ends it.
    async fn subscribe(
        &self,
        prepared: Prepared,
        caller: &Caller,
    ) -> Result<BoxStream<'static, Pushed>, Vec<ServerError>>;

    /// Whether a session was ended; an error (`UNAVAILABLE`) if that can't be told.
    async fn session_ended(&self, session: SessionId) -> Result<bool, ServerError>;

    /// Resolves when a session ends; at once when it has.
    async fn until_session_ends(&self, session: SessionId);
}

#[async_trait]
impl Execute for Api {
    async fn execute(&self, prepared: Prepared, caller: &Caller) -> Response {
        Api::execute(self, prepared, caller).await
    }

    async fn subscribe(
        &self,
        prepared: Prepared,
        caller: &Caller,
    ) -> Result<BoxStream<'static, Pushed>, Vec<ServerError>> {
        Ok(Api::subscribe(self, prepared, caller).await?.boxed())
    }

    async fn session_ended(&self, session: SessionId) -> Result<bool, ServerError> {
        Api::session_ended(self, session).await
    }

    async fn until_session_ends(&self, session: SessionId) {
        Api::until_session_ends(self, session).await;
    }
}
