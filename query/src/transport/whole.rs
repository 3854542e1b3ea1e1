//! Answers that are known as a whole, serialised.

use std::convert::Infallible;

use async_graphql::{Response, ServerError};
use axum::body::Body;
use bytes::Bytes;
use futures::stream;

use super::Transport;
use super::answer::refusal;
use super::budget::Share;
use crate::document::TOO_COMPLEX;

/// Big answers go out in pieces of this size.
const PIECE_BYTES: usize = 32 << 10;

/// An answer, with its share of what may wait to be sent.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) bytes: Vec<u8>,
    pub(super) share: Share,
}

impl Transport {
    /// Writes a response as JSON. An answer that is too big is refused: `QUERY_TOO_COMPLEX` if
    /// it always would be, `OVERLOADED` if there is no room now.
    pub(super) fn written(&self, response: &Response) -> Result<Whole, Vec<ServerError>> {
        let bytes = serde_json::to_vec(response).map_err(|error| {
            tracing::error!(%error, "an answer can't be written as JSON");
            vec![refusal("INTERNAL", "something went wrong here")]
        })?;
        let limit = self.0.config.answer_bytes_max;
        if bytes.len() > limit {
            let mut error = refusal(TOO_COMPLEX, "the answer is too big: ask for smaller pages");
            error.extensions.get_or_insert_default().set("limit", limit as u64);
            return Err(vec![error]);
        }
        let share = self.0.answers.share(bytes.len()).map_err(|error| vec![error])?;
        Ok(Whole { bytes, share })
    }
}

impl Whole {
    /// As a body. What a slow client has not taken yet counts until it has.
    pub(super) fn into_body(self) -> Body {
        let Self { bytes, share } = self;
        if bytes.len() <= PIECE_BYTES {
            return Body::from(bytes);
        }
        Body::from_stream(stream::unfold((bytes, share, 0), |(bytes, share, from)| async move {
            let end = bytes.len().min(from + PIECE_BYTES);
            // A copy: a piece that waits must not keep the others.
            let piece = Bytes::copy_from_slice(&bytes[from..end]);
            (!piece.is_empty()).then_some((Ok::<_, Infallible>(piece), (bytes, share, end)))
        }))
    }
}
