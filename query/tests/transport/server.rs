//! The transports on a port, in front of the small schema.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_graphql::{Response, ServerError};
use async_trait::async_trait;
use command::bus::Viewer;
use events::{SessionId, Timestamp, UserId};
use futures::StreamExt;
use futures::stream::BoxStream;
use query::transport::{Config, Execute, Transport};
use query::{Caller, Issued, Prepared, Pushed, TokenError, Tokens, Verified, document};
use tokio::sync::watch;
use uuid::Uuid;

use crate::schema::{Api, Events, Mutation, Query, World};

/// A running server; it ends with the test's runtime.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) world: Arc<World>,
    pub(crate) transport: Transport,
    sessions: Arc<Sessions>,
}

struct Sessions {
    ended: watch::Sender<Vec<SessionId>>,
    known: AtomicBool,
}

struct Small {
    api: Api,
    sessions: Arc<Sessions>,
}

#[async_trait]
impl Execute for Small {
    async fn execute(&self, prepared: Prepared, caller: &Caller) -> Response {
        self.api.execute(prepared.request.data(caller.clone())).await
    }

    async fn subscribe(
        &self,
        prepared: Prepared,
        caller: &Caller,
    ) -> Result<BoxStream<'static, Pushed>, Vec<ServerError>> {
        let responses = self.api.execute_stream(prepared.request.data(caller.clone()));
        Ok(responses.map(pushed).boxed())
    }

    async fn session_ended(&self, session: SessionId) -> Result<bool, ServerError> {
        if !self.sessions.known.load(Ordering::SeqCst) {
            let mut error = ServerError::new("the database is away", None);
            error.extensions.get_or_insert_default().set("code", "UNAVAILABLE");
            error.extensions.get_or_insert_default().set("retryAfterMs", 1_500);
            return Err(error);
        }
        Ok(self.sessions.ended.borrow().contains(&session))
    }

    async fn until_session_ends(&self, session: SessionId) {
        let mut ended = self.sessions.ended.subscribe();
        let _ = ended.wait_for(|ended| ended.contains(&session)).await;
    }
}

fn pushed(mut response: Response) -> Pushed {
    let bytes = |json: serde_json::Result<Vec<u8>>| json.unwrap().into();
    if response.errors.is_empty() {
        Pushed::Next(bytes(serde_json::to_vec(&response)))
    } else {
        document::code(&mut response.errors);
        Pushed::Errors(bytes(serde_json::to_vec(&response.errors)))
    }
}

/// Tokens are `user-1` (good for an hour) and `brief-1` (good for half a second).
struct Plain;

impl Tokens for Plain {
    fn verify(&self, token: &str) -> Result<Verified, TokenError> {
        let (kind, number) = token.split_once('-').ok_or(TokenError::Bad)?;
        let id = Uuid::from_u128(number.parse().map_err(|_| TokenError::Bad)?);
        let good_for = match kind {
            "user" => Duration::from_hours(1),
            "brief" => Duration::from_millis(500),
            _ => return Err(TokenError::Bad),
        };
        let viewer = Viewer { user: UserId(id), session: SessionId(id) };
        Ok(Verified { viewer, expires_at: Timestamp::now().plus(good_for) })
    }

    fn issue(&self, _: Viewer) -> Result<Issued, TokenError> {
        Err(TokenError::Unsigned("not here".into()))
    }
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(Config::default()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let world = Arc::new(World::default());
        let api = Api::build(Query, Mutation, Events).data(world.clone()).finish();
        let ended = watch::Sender::new(Vec::new());
        let sessions = Arc::new(Sessions { ended, known: AtomicBool::new(true) });
        let small = Small { api: api.clone(), sessions: sessions.clone() };
        let transport =
            Transport::new(Arc::new(small), Arc::new(Plain), &api.sdl(), config).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = transport.router().into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { address, world, transport, sessions }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/graphql", self.address)
    }

    pub(crate) fn end_session(&self, number: u128) {
        let session = SessionId(Uuid::from_u128(number));
        self.sessions.ended.send_modify(|ended| ended.push(session));
    }

    /// From now on nobody can tell whether sessions were ended.
    pub(crate) fn lose_database(&self) {
        self.sessions.known.store(false, Ordering::SeqCst);
    }
}
