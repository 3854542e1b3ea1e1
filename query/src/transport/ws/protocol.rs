//! Messages of graphql-transport-ws.

use async_graphql::ServerError;
use axum::extract::ws::Utf8Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::close::Close;

/// A message from the client.
#[derive(Debug)]
pub(super) enum Incoming {
    Init(Option<Map<String, Value>>),
    Ping,
    Pong,
    Subscribe { id: String, payload: Payload },
    Complete { id: String },
}

/// What is asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payload {
    pub(super) query: String,
    pub(super) operation_name: Option<String>,
    pub(super) variables: Option<Map<String, Value>>,
    pub(super) extensions: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "type", borrow)]
    kind: std::borrow::Cow<'a, str>,
    id: Option<Value>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

/// Reads a message; what is none of the protocol closes the socket with 4400.
pub(super) fn parse(text: &str, id_bytes_max: usize) -> Result<Incoming, Close> {
    if !text.trim_start().starts_with('{') {
        return Err(Close::invalid("not a JSON object"));
    }
    let message: Envelope<'_> =
        serde_json::from_str(text).map_err(|_| Close::invalid("not a JSON object with a type"))?;
    let id = |id: Option<Value>| match id {
        Some(Value::String(id)) if id.is_empty() => Err(Close::invalid("id is empty")),
        Some(Value::String(id)) if id.len() > id_bytes_max => Err(Close::invalid("id is too long")),
        Some(Value::String(id)) => Ok(id),
        _ => Err(Close::invalid("id is no string")),
    };
    match message.kind.as_ref() {
        "connection_init" => Ok(Incoming::Init(object(message.payload)?)),
        "ping" => object(message.payload).map(|_| Incoming::Ping),
        "pong" => object(message.payload).map(|_| Incoming::Pong),
        "complete" => Ok(Incoming::Complete { id: id(message.id)? }),
        "subscribe" => {
            let payload = message.payload.filter(|it| it.get().starts_with('{'));
            let payload = payload.ok_or_else(|| Close::invalid("payload is no object"))?;
            let payload = serde_json::from_str(payload.get())
                .map_err(|_| Close::invalid("payload is no operation"))?;
            Ok(Incoming::Subscribe { id: id(message.id)?, payload })
        }
        _ => Err(Close::invalid("unknown type")),
    }
}

fn object(payload: Option<&RawValue>) -> Result<Option<Map<String, Value>>, Close> {
    payload
        .map_or(Ok(None), |payload| serde_json::from_str(payload.get()))
        .map_err(|_| Close::invalid("payload is no object"))
}

/// The id of an operation, written once for all its messages.
#[derive(Debug)]
pub(super) struct OperationId {
    pub(super) id: Box<str>,
    /// `{"id":"…","type":"next","payload":`
    next: Box<[u8]>,
}

impl OperationId {
    pub(super) fn new(id: String) -> Self {
        let next = format!("{{\"id\":{},\"type\":\"next\",\"payload\":", Value::from(id.as_str()));
        Self { id: id.into_boxed_str(), next: next.into_bytes().into_boxed_slice() }
    }

    /// A result, serialised. The payload's bytes are shared by all who are told the same.
    pub(super) fn next(&self, payload: &[u8]) -> Utf8Bytes {
        let mut bytes = Vec::with_capacity(self.next.len() + payload.len() + 1);
        bytes.extend_from_slice(&self.next);
        bytes.extend_from_slice(payload);
        bytes.push(b'}');
        text(bytes)
    }

    /// Errors that end the operation, as a serialised array.
    pub(super) fn error(&self, errors: &[u8]) -> Utf8Bytes {
        let id = Value::from(&*self.id);
        let mut bytes = format!("{{\"id\":{id},\"type\":\"error\",\"payload\":").into_bytes();
        bytes.extend_from_slice(errors);
        bytes.push(b'}');
        text(bytes)
    }

    pub(super) fn errors(&self, errors: &[ServerError]) -> Utf8Bytes {
        self.error(&serde_json::to_vec(errors).unwrap_or_else(|_| b"[]".to_vec()))
    }

    pub(super) fn complete(&self) -> Utf8Bytes {
        format!("{{\"id\":{},\"type\":\"complete\"}}", Value::from(&*self.id)).into()
    }
}

/// JSON is UTF-8; should it ever not be, a peer is better told nothing than broken text.
fn text(bytes: Vec<u8>) -> Utf8Bytes {
    Utf8Bytes::try_from(bytes).unwrap_or_default()
}

pub(super) const ACK: Utf8Bytes = Utf8Bytes::from_static("{\"type\":\"connection_ack\"}");
pub(super) const PONG: Utf8Bytes = Utf8Bytes::from_static("{\"type\":\"pong\"}");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_none_of_the_protocol_is_refused() {
        for text in [
            "",
            "null",
            "[]",
            "{}",
            "\"ping\"",
            "{\"type\":1}",
            "{\"type\":\"start\",\"id\":\"1\"}",
            "[\"connection_init\"]",
            "{\"type\":\"next\",\"id\":\"1\",\"payload\":{}}",
            "{\"type\":\"connection_init\",\"payload\":[]}",
            "{\"type\":\"ping\",\"payload\":1}",
            "{\"type\":\"complete\"}",
            "{\"type\":\"complete\",\"id\":1}",
            "{\"type\":\"complete\",\"id\":\"\"}",
            "{\"type\":\"subscribe\",\"id\":\"1\"}",
            "{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":{}}",
            "{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":[\"{me{id}}\"]}",
            "{\"type\":\"subscribe\",\"payload\":{\"query\":\"{me{id}}\"}}",
            "{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":{\"query\":\"{a}\",\"variables\":1}}",
        ] {
            assert_eq!(parse(text, 8).map(|_| ()).unwrap_err().code, 4400, "{text}");
        }
        assert!(parse("{\"type\":\"complete\",\"id\":\"123456789\"}", 8).is_err());
    }

    #[test]
    fn messages_of_the_protocol_are_read() {
        for text in [
            "{\"type\":\"connection_init\"}",
            "{\"type\":\"connection_init\",\"payload\":null}",
            " {\"payload\":{\"a\":1},\"type\":\"ping\",\"other\":2}",
            "{\"type\":\"pong\"}",
            "{\"type\":\"complete\",\"id\":\"1\"}",
            "{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":{\"query\":\"\",\"variables\":null}}",
        ] {
            assert!(parse(text, 8).is_ok(), "{text}");
        }
    }

    #[test]
    fn ids_are_quoted() {
        let id = OperationId::new("a\"\\\u{1}".to_owned());
        for text in [id.next(b"{}"), id.error(b"[]"), id.complete()] {
            let message: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(message["id"], "a\"\\\u{1}");
        }
    }
}
