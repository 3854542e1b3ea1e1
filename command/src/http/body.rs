//! A request's headers and body.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request};
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::problem::Problem;

/// A request's body.
const BODY_BYTES_MAX: usize = 1 << 20;
/// A body must have come in whole by then.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// All bodies that are held.
const BODIES_BYTES_MAX: usize = 32 << 20;
/// What is smaller is not counted.
const FREE_BYTES: usize = 32 << 10;
/// What is counted.
const UNIT_BYTES: usize = 1 << 10;

/// The media type of one command, and of its answer.
pub(super) const ONE: &str = "application/json";
/// The media type of many, a line each.
pub(super) const LINES: &str = "application/x-ndjson";
/// <https://www.w3.org/TR/ldp/#header-accept-post>
const ACCEPT_POST: HeaderName = HeaderName::from_static("accept-post");
const TRACE_PARENT: &str = "traceparent";

/// How commands come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// One.
    One,
    /// A line each.
    Lines,
}

/// What the body says that it is; `None` if that is nothing that is taken.
pub(super) fn media(headers: &HeaderMap) -> Option<Media> {
    if headers.contains_key(CONTENT_ENCODING) {
        return None;
    }
    let content = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let mut parts = content.split(';').map(str::trim);
    let media = match parts.next()?.to_ascii_lowercase().as_str() {
        ONE => Media::One,
        LINES => Media::Lines,
        _ => return None,
    };
    // JSON is UTF-8 whether it is said or not.
    let others = parts.filter_map(|part| part.split_once('='));
    let utf8 = |value: &str| value.trim_matches('"').eq_ignore_ascii_case("utf-8");
    let mut charsets = others.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    charsets.all(|(_, value)| utf8(value.trim())).then_some(media)
}

/// The answer to a body that is nothing that is taken.
pub(super) fn wrong_type() -> Response {
    let detail = "The body must be application/json or application/x-ndjson, in UTF-8.";
    let problem = Problem::malformed(detail).with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let mut response = problem.into_response();
    let taken = HeaderValue::from_static("application/json, application/x-ndjson");
    response.headers_mut().insert(ACCEPT_POST, taken);
    response
}

/// Reads bodies, each of bounded size and in bounded time. What they weigh together is bounded,
/// too, but for small ones: a connection costs as much by itself.
pub(super) struct Bodies(Arc<Semaphore>);

/// A body that was read.
pub(super) struct Held {
    pub(super) bytes: Bytes,
    /// Its share of what all may weigh.
    _share: Option<OwnedSemaphorePermit>,
}

impl Bodies {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(BODIES_BYTES_MAX / UNIT_BYTES)))
    }

    /// Reads one.
    pub(super) async fn read(&self, body: Body, headers: &HeaderMap) -> Result<Held, Problem> {
        let length = headers.get(CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse().ok());
        if length.is_some_and(|length: usize| length > BODY_BYTES_MAX) {
            return Err(too_large());
        }
        let gathered = tokio::time::timeout(BODY_TIMEOUT, self.gather(body)).await;
        gathered.unwrap_or_else(|_| {
            let late = Problem::malformed("The body did not come in time.");
            Err(late.with_status(StatusCode::REQUEST_TIMEOUT))
        })
    }

    async fn gather(&self, body: Body) -> Result<Held, Problem> {
        let (mut bytes, mut share) = (Vec::new(), None);
        let mut chunks = body.into_data_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| Problem::malformed("The body broke off."))?;
            let length = bytes.len() + chunk.len();
            if length > BODY_BYTES_MAX {
                return Err(too_large());
            }
            if length > bytes.capacity() {
                // It is the room that weighs, not what stands in it.
                let room = length.next_power_of_two().min(BODY_BYTES_MAX);
                self.make_room(&mut share, room)?;
                bytes.reserve_exact(room - bytes.len());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Held { bytes: bytes.into(), _share: share })
    }

    fn make_room(
        &self,
        share: &mut Option<OwnedSemaphorePermit>,
        length: usize,
    ) -> Result<(), Problem> {
        let units = length.saturating_sub(FREE_BYTES).div_ceil(UNIT_BYTES);
        let held = share.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = u32::try_from(units.saturating_sub(held)).unwrap_or(u32::MAX);
        if more > 0 {
            let room = Arc::clone(&self.0).try_acquire_many_owned(more);
            let room = room.map_err(|_| Problem::overloaded())?;
            match share {
                Some(held) => held.merge(room),
                none => *none = Some(room),
            }
        }
        Ok(())
    }
}

fn too_large() -> Problem {
    Problem::too_large("The body is too big.", BODY_BYTES_MAX)
}

/// Where a request comes from, besides whom its token speaks for.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    /// Its trace context.
    pub(super) trace_parent: Option<String>,
    /// Whose connection it is, where the server inserts `ConnectInfo`.
    pub(super) client: Option<IpAddr>,
}

impl Origin {
    pub(super) fn of(request: &Request) -> Self {
        let parent = request.headers().get(TRACE_PARENT).and_then(|parent| parent.to_str().ok());
        let parent = parent.filter(|parent| events::trace::is_parent(parent));
        let client = request.extensions().get::<ConnectInfo<SocketAddr>>();
        Self { trace_parent: parent.map(str::to_owned), client: client.map(|it| it.0.ip()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_ndjson_are_taken_in_utf_8() {
        let cases = [
            ("application/json", Some(Media::One)),
            ("Application/JSON; charset=UTF-8", Some(Media::One)),
            ("application/x-ndjson;charset=\"utf-8\"", Some(Media::Lines)),
            ("application/json; charset=utf-16", None),
            ("text/plain", None),
            ("application/json, text/plain", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let headers = [(CONTENT_TYPE, HeaderValue::from_static(text))].into_iter().collect();
            assert_eq!(media(&headers), expected, "{text}");
        }
        assert_eq!(media(&HeaderMap::new()), None);
        let json = (CONTENT_TYPE, HeaderValue::from_static(ONE));
        let packed = (CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        assert_eq!(media(&[json, packed].into_iter().collect()), None);
    }
}
