//! From a subscription to a response's body, until either ends or the session does.
//!
//! The body is only asked for more while the client takes what it is sent, so a stalled reader is
//! noticed here by a piece that nobody fetches.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures::FutureExt;
use futures::stream::{BoxStream, StreamExt};
use metrics::Counter;
use tokio::sync::mpsc::Sender;
use tokio::time::{sleep, timeout};
use tracing::Instrument;

use super::body::{Chunk, body};
use super::event;
use crate::execution::{Caller, Pushed};
use crate::transport::bearer::bad_token;
use crate::transport::measured::{self, SSE_SENT, SSE_STREAMS};
use crate::transport::usage::Permit;
use crate::transport::{Config, Transport};

/// A subscription that is to be told.
pub(super) struct Relay {
    pub(super) pushes: BoxStream<'static, Pushed>,
    pub(super) caller: Caller,
    pub(super) permits: Vec<Permit>,
    pub(super) transport: Transport,
}

/// Why a stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The subscription did.
    Completed,
    /// The client is gone.
    Gone,
    /// The client took nothing for too long.
    Slow,
    /// The token is no good any more.
    SessionOver,
    /// The server stops.
    Stopping,
}

impl End {
    const fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Gone => "gone",
            Self::Slow => "slow",
            Self::SessionOver => "session_over",
            Self::Stopping => "stopping",
        }
    }
}

impl Relay {
    /// Starts telling; gives what is told.
    pub(super) fn start(self) -> Body {
        let (chunks, body) = body();
        let tracker = self.transport.0.sockets.clone();
        tracker.spawn(self.run(chunks).instrument(tracing::debug_span!("stream")));
        body
    }

    async fn run(self, chunks: Sender<Chunk>) {
        let Self { mut pushes, caller, permits, transport } = self;
        let config = &transport.0.config;
        metrics::gauge!(SSE_STREAMS).increment(1.0);
        let end = tokio::select! {
            biased;
            () = transport.0.stopping.cancelled() => End::Stopping,
            () = chunks.closed() => End::Gone,
            () = session_over(&transport, &caller) => End::SessionOver,
            end = tell(&mut pushes, &chunks, config) => end,
        };
        drop((permits, pushes));
        if end == End::SessionOver {
            let last = chunks.send(Chunk::Last(event::refused(&[bad_token()])));
            // Who does not take it in time is cut off.
            let _ = timeout(config.socket.goodbye_within, last).await;
        }
        metrics::gauge!(SSE_STREAMS).decrement(1.0);
        measured::stream_ended(end.name());
    }
}

async fn session_over(transport: &Transport, caller: &Caller) {
    let expired = async {
        match caller.session_expires {
            Some(at) => sleep(at.since(events::Timestamp::now())).await,
            None => std::future::pending().await,
        }
    };
    let ended = async {
        match caller.viewer {
            Some(viewer) => transport.0.execute.until_session_ends(viewer.session).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = expired => {}
        () = ended => {}
    }
}

/// Tells what is pushed until the subscription ends or the reader stalls.
async fn tell(
    pushes: &mut BoxStream<'static, Pushed>,
    chunks: &Sender<Chunk>,
    config: &Config,
) -> End {
    let sent = metrics::counter!(SSE_SENT);
    loop {
        let (bytes, end) = match timeout(config.keep_alive, pushes.next()).await {
            Ok(first) => gather(first, pushes, config.socket.write_buffer_bytes, &sent),
            Err(_) => (event::COMMENT, None),
        };
        let chunk =
            if end == Some(End::Completed) { Chunk::Last(bytes) } else { Chunk::More(bytes) };
        match timeout(config.socket.stall_max, chunks.send(chunk)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return End::Gone,
            Err(_) => return End::Slow,
        }
        if let Some(end) = end {
            return end;
        }
    }
}

/// Writes are coalesced: what is at hand goes out together, up to so many bytes.
fn gather(
    first: Option<Pushed>,
    pushes: &mut BoxStream<'static, Pushed>,
    bytes_max: usize,
    sent: &Counter,
) -> (Bytes, Option<End>) {
    let mut events = BytesMut::new();
    let mut next = first;
    let end = loop {
        match next {
            Some(Pushed::Next(result)) => {
                sent.increment(1);
                event::put_next(&mut events, &result);
            }
            Some(Pushed::Errors(errors)) => {
                event::put_errors(&mut events, &errors);
                break Some(End::Completed);
            }
            Some(Pushed::Complete) | None => {
                event::put_complete(&mut events);
                break Some(End::Completed);
            }
            Some(Pushed::Slow) => break Some(End::Slow),
        }
        if events.len() >= bytes_max {
            break None;
        }
        match pushes.next().now_or_never() {
            Some(at_hand) => next = at_hand,
            None => break None,
        }
    };
    (events.freeze(), end)
}
