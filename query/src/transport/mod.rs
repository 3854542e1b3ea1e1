//! How requests come in and answers go out: GraphQL over HTTP at `/graphql`, the
//! graphql-transport-ws protocol at `/graphql/ws`, graphql-sse at `/graphql/stream`, and GraphiQL
//! for who opens `/graphql` in a browser.
//!
//! Transports know nothing of what is asked for. They check who asks, bound and normalise the
//! document, and hand it to an [`Execute`].

mod answer;
mod bearer;
mod budget;
mod config;
mod execute;
mod http;
mod measured;
mod origins;
mod sse;
mod usage;
mod whole;
mod ws;

use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::document::{Desk, Shape};
use crate::tokens::Tokens;
pub use config::{Config, SocketLimits};
pub use execute::Execute;
pub use measured::describe;
pub use origins::{BadOrigin, Origins};

/// The transports and what they share. Cheap to clone.
#[derive(Clone)]
pub struct Transport(Arc<Shared>);

struct Shared {
    execute: Arc<dyn Execute>,
    tokens: Arc<dyn Tokens>,
    desk: Desk,
    config: Config,
    usage: Arc<usage::Usage>,
    /// Bodies that are being received.
    bodies: budget::Budget,
    /// Answers that are being sent.
    answers: budget::Budget,
    stopping: CancellationToken,
    /// Sockets and streams.
    sockets: TaskTracker,
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transport").field("config", &self.0.config).finish_non_exhaustive()
    }
}

impl Transport {
    /// Transports of an API whose schema prints as `sdl`; an error if that can't be parsed.
    pub fn new(
        execute: Arc<dyn Execute>,
        tokens: Arc<dyn Tokens>,
        sdl: &str,
        config: Config,
    ) -> Result<Self, async_graphql::parser::Error> {
        let desk = Desk { shape: Shape::of_sdl(sdl)?, limits: config.document.clone() };
        let usage = Arc::new(usage::Usage::new(config.per_user()));
        Ok(Self(Arc::new(Shared {
            execute,
            tokens,
            desk,
            bodies: budget::Budget::new(config.bodies_bytes_max),
            answers: budget::Budget::new(config.answers_bytes_max),
            config,
            usage,
            stopping: CancellationToken::new(),
            sockets: TaskTracker::new(),
        })))
    }

    /// The routes. Where the server inserts `ConnectInfo<SocketAddr>` into requests, callers'
    /// addresses are known.
    pub fn router(&self) -> Router {
        let graphql = get(http::get).post(http::post).fallback(http::other_method);
        let stream = get(sse::get).post(sse::post).fallback(sse::other_method);
        Router::new()
            .route("/graphql", graphql)
            .route("/graphql/ws", any(ws::upgrade))
            .route("/graphql/stream", stream)
            .with_state(self.clone())
            .nest("/graphql/assets", crate::web::assets())
            .layer(self.0.config.origins.cors())
    }

    /// Tells every socket and stream to come again elsewhere and waits until all are closed, which
    /// takes no longer than [`SocketLimits::goodbye_within`].
    pub async fn stop(&self) {
        self.0.stopping.cancel();
        self.0.sockets.close();
        self.0.sockets.wait().await;
    }
}
