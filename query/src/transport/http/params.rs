//! What stands in a request: the document, the operation's name, the variables.

use async_graphql::Variables;
use axum::body::Body;
use axum::extract::Query;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, Uri};
use futures::StreamExt;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::reply::{self, Refusal};
use crate::transport::Transport;
use crate::transport::answer::Source;
use crate::transport::budget::Share;

/// A well-formed GraphQL request.
#[derive(Debug)]
pub(in crate::transport) struct Params {
    pub(super) source: Source,
    pub(super) variables: Variables,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<Map<String, Value>>,
    // Nothing is made of them, but what is no object is no GraphQL request.
    #[serde(rename = "extensions")]
    _extensions: Option<Map<String, Value>>,
}

impl Sent {
    fn into_params(self) -> Result<Params, Refusal> {
        let Some(text) = self.query else {
            return Err(reply::malformed("`query` is missing"));
        };
        let variables = Value::Object(self.variables.unwrap_or_default());
        let name = self.operation_name.filter(|name| !name.is_empty());
        let source = Source { text, name };
        Ok(Params { source, variables: Variables::from_json(variables) })
    }
}

/// Whether the body says that it is JSON, in the only charset that JSON has.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(text)) = headers.get(CONTENT_TYPE).map(|value| value.to_str()) else {
        return false;
    };
    let mut parts = text.split(';').map(str::trim);
    let json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    json && parts.all(|part| match part.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            let value = value.trim().trim_matches('"');
            value.eq_ignore_ascii_case("utf-8") || value.eq_ignore_ascii_case("utf8")
        }
        _ => true,
    })
}

/// Reads the body of a POST.
pub(super) async fn of_body(
    transport: &Transport,
    headers: &HeaderMap,
    body: Body,
) -> Result<Params, Refusal> {
    let bytes_max = transport.0.config.body_bytes_max;
    let length = headers.get(CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > bytes_max) {
        return Err(reply::too_large(bytes_max));
    }
    let (mut bytes, mut share) = (Vec::new(), Share::default());
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| reply::malformed("the body broke off"))?;
        if bytes.len() + chunk.len() > bytes_max {
            return Err(reply::too_large(bytes_max));
        }
        let needed = bytes.len() + chunk.len();
        if needed > bytes.capacity() {
            // It is the room that weighs, not what stands in it.
            let room = needed.next_power_of_two().min(bytes_max);
            transport.0.bodies.grow(&mut share, room)?;
            bytes.reserve_exact(room - bytes.len());
        }
        bytes.extend_from_slice(&chunk);
    }
    // Serde would read a struct from an array, too.
    match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => {}
        Some(b'[') => return Err(reply::malformed("one request is one operation, not a list")),
        _ => return Err(reply::malformed("the body is no JSON object")),
    }
    let limit = transport.0.config.body_values_max;
    if values(&bytes) > limit {
        return Err(reply::too_many_values(limit));
    }
    let sent: Sent = serde_json::from_slice(&bytes)
        .map_err(|error| reply::malformed(format!("the body is no GraphQL request: {error}")))?;
    sent.into_params()
}

/// How many values a JSON text holds, or a few more: read, each weighs dozens of bytes.
fn values(json: &[u8]) -> usize {
    let (mut values, mut quoted, mut escaped) = (0, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = quoted,
            b'"' => quoted = !quoted,
            b',' | b'[' | b'{' if !quoted => values += 1,
            _ => {}
        }
    }
    values
}

/// Reads the parameters of a GET.
pub(in crate::transport) fn of_query(uri: &Uri) -> Result<Params, Refusal> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map_err(|_| reply::malformed("the parameters can't be read"))?;
    let only = |name: &str| {
        let mut found =
            pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        match (found.next(), found.next()) {
            (_, Some(_)) => Err(reply::malformed(format!("`{name}` is there twice"))),
            (found, None) => Ok(found),
        }
    };
    let object = |name: &str| match only(name)? {
        None | Some("") => Ok(None),
        Some(text) => serde_json::from_str::<Option<Map<String, Value>>>(text)
            .map_err(|_| reply::malformed(format!("`{name}` is no JSON object"))),
    };
    let sent = Sent {
        query: only("query")?.map(str::to_owned),
        operation_name: only("operationName")?.map(str::to_owned),
        variables: object("variables")?,
        _extensions: object("extensions")?,
    };
    sent.into_params()
}

#[cfg(test)]
mod tests {
    use super::values;

    #[test]
    fn values_are_counted_outside_of_strings() {
        for (json, count) in [
            ("{}", 1),
            ("{\"a\":1,\"b\":[1,2,3]}", 5),
            ("{\"query\":\"{a,b,[\\\",,\\\\\",\"c\":1}", 2),
        ] {
            assert_eq!(values(json.as_bytes()), count, "{json}");
        }
    }
}
