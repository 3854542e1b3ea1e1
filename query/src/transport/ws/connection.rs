//! A connection's life: initialised once, then carrying operations until either side closes.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_graphql::ServerError;
use axum::extract::ws::WebSocket;
use futures::future::{BoxFuture, FutureExt};
use futures::stream::{FuturesUnordered, StreamExt};
use serde_json::{Map, Value};

use super::close::Close;
use super::operations::{Operations, Started, Told};
use super::protocol::{self, Incoming, OperationId};
use super::socket::{Heard, Socket};
use super::timers::{Due, Timers};
use crate::document::code_of;
use crate::execution::{Caller, Pushed};
use crate::tokens::Verified;
use crate::transport::Transport;
use crate::transport::measured::{self, WS_CONNECTIONS};
use crate::transport::usage::{Permit, Thing};

/// After so many messages in a row, what is buffered is written, the client is listened to, and
/// other tasks have their turn.
const BURST_MESSAGES_MAX: u32 = 64;

/// One socket with all that belongs to it.
pub(super) struct Connection {
    pub(super) socket: Socket,
    pub(super) transport: Transport,
    pub(super) caller: Caller,
    phase: Phase,
    pub(super) operations: Operations,
    timers: Timers,
    /// What happens seldom: each is looked at only when it happens.
    signals: FuturesUnordered<BoxFuture<'static, Signal>>,
    burst: u32,
    /// Counts the socket as its user's.
    permit: Option<Permit>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Waits for `connection_init`.
    Opened,
    /// The token is being looked at.
    Initialising,
    Acknowledged,
}

enum Signal {
    Initialised(Result<Option<Verified>, ServerError>),
    SessionEnded,
    Stopping,
}

enum Event {
    Signal(Signal),
    Due(Due),
    Told(Told),
    Heard(Heard),
    /// A burst is over.
    Rest,
}

impl Connection {
    pub(super) fn new(socket: WebSocket, transport: Transport, caller: Caller) -> Self {
        let signals = FuturesUnordered::new();
        let stopping = transport.0.stopping.clone().cancelled_owned();
        signals.push(stopping.map(|()| Signal::Stopping).boxed());
        metrics::gauge!(WS_CONNECTIONS).increment(1.0);
        Self {
            socket: Socket::new(socket),
            timers: Timers::new(&transport.0.config.socket),
            transport,
            caller,
            phase: Phase::Opened,
            operations: Operations::new(),
            signals,
            burst: 0,
            permit: None,
        }
    }

    /// Serves the socket until it is closed.
    pub(super) async fn run(mut self) {
        let close = loop {
            let event = poll_fn(|cx| self.poll_event(cx)).await;
            let handled = match event {
                Ok(Event::Rest) => {
                    self.burst = 0;
                    tokio::task::yield_now().await;
                    Ok(())
                }
                Ok(event) => self.handle(event),
                Err(close) => Err(close),
            };
            if let Err(close) = handled {
                break close;
            }
        };
        self.close(close).await;
    }

    /// Ends all that runs, then says why and hangs up.
    pub(super) async fn close(self, close: Close) {
        let Self { socket, transport, operations, signals, permit, .. } = self;
        drop((operations, signals, permit));
        measured::closed(close.code);
        let limits = &transport.0.config.socket;
        let slow = close == Close::SLOW;
        let within = if slow { limits.slow_goodbye_within } else { limits.goodbye_within };
        // One that is slow to leave must not hold up the server's end.
        let stopping = transport.0.stopping.clone();
        let patience = async {
            stopping.cancelled().await;
            tokio::time::sleep(limits.goodbye_within).await;
        };
        tokio::select! {
            () = socket.close(close, within) => {}
            () = patience => {}
        }
        metrics::gauge!(WS_CONNECTIONS).decrement(1.0);
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Result<Event, Close>> {
        if let Poll::Ready(Some(signal)) = self.signals.poll_next_unpin(cx) {
            return Poll::Ready(Ok(Event::Signal(signal)));
        }
        // Nothing is taken from anywhere that might have to be written while there is no room.
        match self.socket.poll_room(cx) {
            Poll::Ready(Ok(())) => {
                if let Poll::Ready(event) = self.poll_work(cx) {
                    return Poll::Ready(event);
                }
                match self.socket.poll_flush(cx) {
                    Poll::Ready(Ok(())) => self.timers.flushed(),
                    Poll::Ready(Err(close)) => return Poll::Ready(Err(close)),
                    Poll::Pending => self.timers.blocked(),
                }
            }
            Poll::Ready(Err(close)) => return Poll::Ready(Err(close)),
            Poll::Pending => self.timers.blocked(),
        }
        self.timers.poll_due(cx).map(|due| Ok(Event::Due(due)))
    }

    fn poll_work(&mut self, cx: &mut Context<'_>) -> Poll<Result<Event, Close>> {
        if self.burst >= BURST_MESSAGES_MAX {
            if let Poll::Ready(Err(close)) = self.socket.poll_flush(cx) {
                return Poll::Ready(Err(close));
            }
            if let Poll::Ready(heard) = self.poll_heard(cx) {
                self.burst = 0;
                return Poll::Ready(heard);
            }
            return Poll::Ready(Ok(Event::Rest));
        }
        if let Poll::Ready(told) = self.operations.poll_told(cx) {
            self.burst += 1;
            return Poll::Ready(Ok(Event::Told(told)));
        }
        let heard = self.poll_heard(cx);
        self.burst = if heard.is_ready() { self.burst + 1 } else { 0 };
        heard
    }

    fn poll_heard(&mut self, cx: &mut Context<'_>) -> Poll<Result<Event, Close>> {
        // Whoever asks faster than is answered waits; so does the network then.
        if self.operations.starting() >= self.transport.0.config.socket.executions_max {
            return Poll::Pending;
        }
        self.socket.poll_heard(cx).map_ok(Event::Heard)
    }

    fn handle(&mut self, event: Event) -> Result<(), Close> {
        match event {
            Event::Rest => Ok(()),
            Event::Signal(Signal::Stopping) => Err(Close::RECONNECT),
            Event::Signal(Signal::SessionEnded) => Err(Close::FORBIDDEN),
            Event::Signal(Signal::Initialised(verified)) => self.acknowledge(verified),
            Event::Due(Due::Close(close)) => Err(close),
            Event::Due(Due::Ping) => {
                self.timers.pinged();
                self.socket.ping()
            }
            Event::Told(Told::Started(id, started)) => self.started(id, started),
            Event::Told(Told::Pushed(id, pushed)) => self.pushed(&id, &pushed),
            Event::Heard(heard) => {
                self.timers.heard();
                match heard {
                    Heard::Text(text) => self.incoming(&text),
                    Heard::Sign => Ok(()),
                }
            }
        }
    }

    fn incoming(&mut self, text: &str) -> Result<(), Close> {
        match protocol::parse(text, self.transport.0.config.socket.id_bytes_max)? {
            Incoming::Init(payload) => self.initialise(payload),
            Incoming::Ping => self.socket.send(protocol::PONG),
            Incoming::Pong => Ok(()),
            Incoming::Subscribe { .. } if self.phase != Phase::Acknowledged => {
                Err(Close::UNAUTHORIZED)
            }
            Incoming::Subscribe { id, .. } if self.operations.contains(&id) => {
                Err(Close::duplicate(&id))
            }
            Incoming::Subscribe { id, payload } => self.subscribe(id, payload),
            Incoming::Complete { id } => {
                self.operations.end(&id);
                Ok(())
            }
        }
    }

    fn initialise(&mut self, payload: Option<Map<String, Value>>) -> Result<(), Close> {
        if self.phase != Phase::Opened {
            return Err(Close::INIT_TWICE);
        }
        self.phase = Phase::Initialising;
        self.timers.initialised();
        let payload = payload.unwrap_or_default();
        let mut sent =
            payload.into_iter().filter(|(key, _)| key.eq_ignore_ascii_case("authorization"));
        let credentials = match (sent.next(), sent.next()) {
            (None, _) => None,
            (Some((_, Value::String(credentials))), None) => Some(credentials),
            _ => return Err(Close::FORBIDDEN),
        };
        let transport = self.transport.clone();
        let verify = async move {
            Signal::Initialised(match credentials {
                Some(credentials) => transport.credentials(&credentials).await.map(Some),
                None => Ok(None),
            })
        };
        self.signals.push(verify.boxed());
        Ok(())
    }

    fn acknowledge(
        &mut self,
        verified: Result<Option<Verified>, ServerError>,
    ) -> Result<(), Close> {
        let verified = verified.map_err(|error| match code_of(&error) {
            Some("UNAUTHENTICATED") => Close::FORBIDDEN,
            _ => Close::TRY_AGAIN,
        })?;
        if let Some(Verified { viewer, expires_at }) = verified {
            let permit = self.transport.0.usage.admit(viewer.user, Thing::Socket);
            self.permit = Some(permit.ok_or(Close::TOO_MANY_SOCKETS)?);
            self.timers.expires(expires_at);
            self.caller.viewer = Some(viewer);
            self.caller.session_expires = Some(expires_at);
            let execute = self.transport.0.execute.clone();
            let ended = async move {
                execute.until_session_ends(viewer.session).await;
                Signal::SessionEnded
            };
            self.signals.push(ended.boxed());
        }
        self.phase = Phase::Acknowledged;
        self.socket.send(protocol::ACK)
    }

    fn started(&mut self, id: Arc<OperationId>, started: Started) -> Result<(), Close> {
        match started {
            Started::Subscribed(pushes) => {
                self.operations.follow(id, pushes);
                Ok(())
            }
            Started::Result(result) => {
                self.operations.end(&id.id);
                self.socket.send(id.next(&result.bytes))?;
                self.socket.keep(result.share);
                self.socket.send(id.complete())
            }
            Started::Refused(errors) => {
                self.operations.end(&id.id);
                self.socket.send(id.errors(&errors))
            }
        }
    }

    fn pushed(&mut self, id: &OperationId, pushed: &Pushed) -> Result<(), Close> {
        let last = match pushed {
            Pushed::Next(payload) => return self.socket.send(id.next(payload)),
            Pushed::Errors(errors) => id.error(errors),
            Pushed::Complete => id.complete(),
            Pushed::Slow => return Err(Close::SLOW),
        };
        self.operations.end(&id.id);
        self.socket.send(last)
    }
}
