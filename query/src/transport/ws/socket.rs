//! One WebSocket, as the connection drives it: what came in, and what may go out.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures::{Sink, SinkExt, StreamExt};
use metrics::Counter;
use tokio::time::{Duration, timeout};

use super::close::Close;
use crate::transport::budget::Share;
use crate::transport::measured::{WS_RECEIVED, WS_SENT};

/// Writes are coalesced: messages gather in the write buffer until nothing more is at hand.
pub(super) struct Socket {
    inner: WebSocket,
    unflushed: bool,
    /// Of what is not flushed.
    shares: Vec<Share>,
    sent: Counter,
    received: Counter,
}

/// What came in.
pub(super) enum Heard {
    Text(Utf8Bytes),
    /// A ping or pong of WebSocket itself.
    Sign,
}

impl Socket {
    pub(super) fn new(inner: WebSocket) -> Self {
        let (sent, received) = (metrics::counter!(WS_SENT), metrics::counter!(WS_RECEIVED));
        Self { inner, unflushed: false, shares: Vec::new(), sent, received }
    }

    /// Whether there is room for more. `Err` if the client is gone.
    pub(super) fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Close>> {
        Pin::new(&mut self.inner).poll_ready(cx).map_err(|_| Close::GONE)
    }

    /// Whether everything is written. `Err` if the client is gone.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Close>> {
        if !self.unflushed {
            return Poll::Ready(Ok(()));
        }
        let flushed = Pin::new(&mut self.inner).poll_flush(cx).map_err(|_| Close::GONE);
        self.unflushed = flushed.is_pending();
        if !self.unflushed {
            self.shares.clear();
        }
        flushed
    }

    /// What came in next; `Err` when the client has closed, is gone, or breaks the protocol.
    pub(super) fn poll_heard(&mut self, cx: &mut Context<'_>) -> Poll<Result<Heard, Close>> {
        self.inner.poll_next_unpin(cx).map(|message| match message {
            Some(Ok(Message::Text(text))) => {
                self.received.increment(1);
                Ok(Heard::Text(text))
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Heard::Sign),
            Some(Ok(Message::Binary(_))) => Err(Close::invalid("binary")),
            Some(Ok(Message::Close(_))) | None => Err(Close::GONE),
            Some(Err(error)) => Err(broken(&error)),
        })
    }

    /// Puts a message into the write buffer.
    pub(super) fn send(&mut self, text: Utf8Bytes) -> Result<(), Close> {
        self.sent.increment(1);
        self.put(Message::Text(text))
    }

    /// Keeps the share of a message that was sent until it is flushed.
    pub(super) fn keep(&mut self, share: Share) {
        if share.weighs() {
            self.shares.push(share);
        }
    }

    /// Asks for a sign of life.
    pub(super) fn ping(&mut self) -> Result<(), Close> {
        self.put(Message::Ping(bytes::Bytes::new()))
    }

    fn put(&mut self, message: Message) -> Result<(), Close> {
        self.unflushed = true;
        Pin::new(&mut self.inner).start_send(message).map_err(|_| Close::GONE)
    }

    /// Closes: says why, behind all that waits to be written, and waits for the client to take
    /// note, so long at most.
    pub(super) async fn close(mut self, close: Close, within: Duration) {
        let goodbye = async {
            if close.code != 0 {
                let reason = close.reason.as_ref().into();
                let frame = Message::Close(Some(CloseFrame { code: close.code, reason }));
                self.inner.send(frame).await?;
            }
            // The client's own close frame, or the end of the connection, is the end.
            while let Some(Ok(_)) = self.inner.next().await {}
            self.inner.flush().await
        };
        // Who does not take note in time is cut off.
        let _ = timeout(within, goodbye).await;
    }
}

/// The errors' types are those of a crate that is not public, so their texts have to do.
fn broken(error: &axum::Error) -> Close {
    let text = error.to_string();
    if text.starts_with("Space limit exceeded") {
        Close::TOO_BIG
    } else if text.starts_with("UTF-8 encoding error") {
        Close::NOT_UTF8
    } else if text.starts_with("WebSocket protocol error") && !text.contains("without closing") {
        Close::BROKEN_FRAME
    } else {
        Close::GONE
    }
}
