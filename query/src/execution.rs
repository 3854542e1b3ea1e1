//! The seam between the transports and what they carry: a prepared operation goes in, a response
//! or a queue of pushes comes out.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response, ServerError};
use bytes::Bytes;
use command::bus::Viewer;
use events::{SessionId, Timestamp};
use futures::Stream;

/// Who asks, and with which headers.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// The signed-in user; the transport has verified token and session.
    pub viewer: Option<Viewer>,
    /// When the access token is no longer good.
    pub session_expires: Option<Timestamp>,
    /// W3C trace context of the request.
    pub trace_parent: Option<String>,
    /// The header `X-Min-Position`, as sent.
    pub min_position: Option<String>,
    /// Where the request came from.
    pub address: Option<IpAddr>,
}

/// An operation that the transport has parsed, measured and normalised: variable defaults filled
/// in, `@skip` and `@include` worked off, fragments at a subscription's root inlined, one root
/// field in a subscription.
#[derive(Debug)]
pub struct Prepared {
    /// The request, its document parsed, its operation named where there are several.
    pub request: Request,
    /// What kind of operation it is.
    pub operation: OperationType,
    /// For subscriptions: the operation as text, without the root field's arguments, and with
    /// every variable below the root field replaced by its value. Two subscribers with equal
    /// texts and equal arguments are told the same in the same bytes.
    pub canonical: Arc<str>,
}

/// What a subscriber is given next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    /// An execution result, `{"data":…}`, serialised; shared with others.
    Next(Bytes),
    /// The subscription ended with these errors, a serialised JSON array.
    Errors(Bytes),
    /// The subscription ended by itself.
    Complete,
    /// The reader fell too far behind; it may come again with `after`.
    Slow,
}

/// A running subscription; dropping it ends it. It is over after anything but
/// [`Pushed::Next`].
#[derive(Debug)]
pub struct Subscription {}

impl Stream for Subscription {
    type Item = Pushed;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Pushed>> {
        Poll::Ready(None)
    }
}

/// The whole API, without a transport. Cheap to clone.
#[derive(Clone)]
pub struct Api {}

impl Api {
    /// Executes a query or mutation. Every error carries `extensions.code`.
    #[expect(clippy::unused_async, reason = "the schema comes with the next commit")]
    pub async fn execute(&self, prepared: Prepared, caller: &Caller) -> Response {
        let _ = (prepared, caller);
        Response::default()
    }

    /// Starts a subscription. Errors carry `extensions.code`.
    #[expect(clippy::unused_async, reason = "the hub comes with the next commit")]
    pub async fn subscribe(
        &self,
        prepared: Prepared,
        caller: &Caller,
    ) -> Result<Subscription, Vec<ServerError>> {
        let _ = (prepared, caller);
        Ok(Subscription {})
    }

    /// Whether a session was ended. While this node's feed is not known to be current, the
    /// database is asked; an error (`UNAVAILABLE`) if it can't be.
    #[expect(clippy::unused_async, reason = "the hub comes with the next commit")]
    pub async fn session_ended(&self, session: SessionId) -> Result<bool, ServerError> {
        let _ = session;
        Ok(false)
    }

    /// Resolves when a session ends; at once when it has.
    pub async fn until_session_ends(&self, session: SessionId) {
        let _ = session;
        std::future::pending().await
    }
}
