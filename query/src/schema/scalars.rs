//! Custom scalars.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use events::Timestamp;

/// An instant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DateTime(pub(crate) Timestamp);

/// RFC 3339 timestamp in UTC, microsecond precision.
#[Scalar(name = "DateTime", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => Ok(Self(text.parse().map_err(InputValueError::custom)?)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A place in the log, as text: what a text means is checked where it is used, so that one which
/// means nothing is told by its own code.
#[derive(Debug, Clone)]
pub(crate) struct Position(pub(crate) String);

impl From<events::Position> for Position {
    fn from(position: events::Position) -> Self {
        Self(position.to_string())
    }
}

/// Opaque place in the event log. Positions of one log grow in the order in which
/// events became visible. Pass one back as `after` to resume, or as the
/// `X-Min-Position` request header to read a state at least that new.
#[Scalar(
    name = "Position",
    specified_by_url = "https://relay.dev/graphql/connections.htm#sec-Cursor"
)]
impl ScalarType for Position {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}
