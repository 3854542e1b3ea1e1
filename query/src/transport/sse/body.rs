//! The body of a response that is told piece by piece.

use axum::body::Body;
use bytes::Bytes;
use futures::stream::{self, StreamExt};
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::event;

/// Pieces that wait for the connection: what waits before that is the hub's, and bounded there.
const CHUNKS_MAX: usize = 1;

/// Some events.
#[derive(Debug)]
pub(super) enum Chunk {
    More(Bytes),
    Last(Bytes),
}

/// The stream was cut off: clients learn it from a body that doesn't end as it should.
#[derive(Debug, thiserror::Error)]
#[error("the stream was cut off")]
struct CutOff;

/// A body, and where its pieces go in. Without a last one it does not end well.
pub(super) fn body() -> (Sender<Chunk>, Body) {
    let (to, from) = mpsc::channel(CHUNKS_MAX);
    let opened = stream::iter([Ok(event::COMMENT)]);
    (to, Body::from_stream(opened.chain(stream::unfold(Some(from), next))))
}

type Piece = Result<Bytes, CutOff>;

async fn next(from: Option<Receiver<Chunk>>) -> Option<(Piece, Option<Receiver<Chunk>>)> {
    let mut from = from?;
    Some(match from.recv().await {
        Some(Chunk::More(bytes)) => (Ok(bytes), Some(from)),
        Some(Chunk::Last(bytes)) => (Ok(bytes), None),
        None => (Err(CutOff), None),
    })
}
