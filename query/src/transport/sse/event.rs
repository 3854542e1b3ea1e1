//! Server-sent events, as text.
//!
//! <https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream>. JSON
//! as it is written here has no line breaks, so that a result is one line of data.

use async_graphql::ServerError;
use bytes::{BufMut, Bytes, BytesMut};

/// Comments, which clients pass over: the first shows that the stream is open (some browsers
/// wait for a first byte), and later ones that it still is.
pub(super) const COMMENT: Bytes = Bytes::from_static(b":\n\n");

/// An event without a line of data would not be told by browsers.
const COMPLETE: &[u8] = b"event: complete\ndata:\n\n";

/// A result, serialised.
pub(super) fn put_next(events: &mut BytesMut, result: &[u8]) {
    put(events, &[b"event: next\ndata: ", result, b"\n\n"]);
}

/// Errors as a serialised array, which end the operation.
pub(super) fn put_errors(events: &mut BytesMut, errors: &[u8]) {
    put(events, &[b"event: next\ndata: {\"errors\":", errors, b"}\n\n"]);
    put_complete(events);
}

/// The end.
pub(super) fn put_complete(events: &mut BytesMut) {
    put(events, &[COMPLETE]);
}

/// The one result of an operation.
pub(super) fn whole(result: &[u8]) -> Vec<u8> {
    let mut events = BytesMut::new();
    put_next(&mut events, result);
    put_complete(&mut events);
    events.into()
}

/// Errors of which nothing comes.
pub(super) fn refused(errors: &[ServerError]) -> Bytes {
    let mut events = BytesMut::new();
    put_errors(&mut events, &serde_json::to_vec(errors).unwrap_or_else(|_| b"[]".to_vec()));
    events.freeze()
}

fn put(events: &mut BytesMut, parts: &[&[u8]]) {
    events.reserve(parts.iter().map(|part| part.len()).sum());
    for part in parts {
        events.put_slice(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_as_the_protocol_has_them() {
        let end = "event: complete\ndata:\n\n";
        let whole = String::from_utf8(whole(b"{\"data\":1}")).unwrap();
        assert_eq!(whole, format!("event: next\ndata: {{\"data\":1}}\n\n{end}"));
        let errors = refused(&[ServerError::new("line\nbreak", None)]);
        let data = "{\"errors\":[{\"message\":\"line\\nbreak\"}]}";
        assert_eq!(errors, format!("event: next\ndata: {data}\n\n{end}"));
    }
}
