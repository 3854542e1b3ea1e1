//! Custom scalars.

use async_graphql::{InputValueError, InputValueResult, Number, Scalar, ScalarType, Value};
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

/// A count of minor units, as text: what a text means is read where it is used, so that one which
/// means nothing is told by its own code and names its field.
#[derive(Debug, Clone)]
pub(crate) struct Amount(pub(crate) String);

impl From<i64> for Amount {
    fn from(minor_units: i64) -> Self {
        Self(minor_units.to_string())
    }
}

/// Count of minor units of a wallet's currency (KRW: won; USD: cents), below 2^63.
/// Written as a decimal integer in a string ("15000"), because JSON numbers lose
/// integers beyond 2^53. Read from a string `-?(0|[1-9][0-9]*)` or a JSON integer;
/// anything else is `AMOUNT_MALFORMED`.
#[Scalar(name = "Amount", specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259#section-6")]
impl ScalarType for Amount {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(match value {
            Value::String(text) => text,
            Value::Number(number) => digits(&number),
            // No amount, and its text is none, either.
            other => other.to_string(),
        }))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// A number as it was written, as far as that is known: integers beyond 64 bits come as floating
/// point numbers, and are to be called too large.
fn digits(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() >= INTEGERS_END => {
            format!("{float:.0}")
        }
        _ => number.to_string(),
    }
}

/// 2^63: numbers that are no integers of 64 bits begin here.
const INTEGERS_END: f64 = 9_223_372_036_854_775_808.0;

/// A wall clock's date and time, as text: what a text means is read where it is used.
#[derive(Debug, Clone)]
pub(crate) struct LocalDateTime(pub(crate) String);

/// Local wall-clock date and time without offset, `2026-01-31T09:00:00`. Other texts are refused
/// as `INVALID_INPUT` or `SCHEDULE_INVALID`.
#[Scalar(
    name = "LocalDateTime",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6"
)]
impl ScalarType for LocalDateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        text(value).map(Self)
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// A time zone's name, as text: what a text means is read where it is used.
#[derive(Debug, Clone)]
pub(crate) struct TimeZone(pub(crate) String);

/// IANA time zone name, `Asia/Seoul`. Other texts are refused as `SCHEDULE_INVALID`.
#[Scalar(name = "TimeZone", specified_by_url = "https://www.iana.org/time-zones")]
impl ScalarType for TimeZone {
    fn parse(value: Value) -> InputValueResult<Self> {
        text(value).map(Self)
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

fn text<T: ScalarType + async_graphql::InputType>(
    value: Value,
) -> Result<String, InputValueError<T>> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(InputValueError::expected_type(value)),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> String {
        let value = Value::from_json(serde_json::from_str(json).unwrap()).unwrap();
        Amount::parse(value).unwrap_or_else(|_| panic!("{json} is refused too early")).0
    }

    #[test]
    fn integers_are_read_in_full_and_anything_else_as_what_is_no_amount() {
        for (json, text) in [
            ("\"15000\"", "15000"),
            ("15000", "15000"),
            ("-1", "-1"),
            ("9223372036854775807", "9223372036854775807"),
            ("18446744073709551616", "18446744073709551616"),
            ("1.5", "1.5"),
            ("15000.0", "15000.0"),
            ("\"1e3\"", "1e3"),
            ("true", "true"),
            ("[1]", "[1]"),
        ] {
            assert_eq!(read(json), text, "{json}");
        }
    }
}
