//! When something falls due again and again, as it was asked for. The due times that follow from
//! it are computed where it is decided on, and told by events: who folds them knows no time zone.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::time::Timestamp;

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// At the start, and never again.
    Once,
    /// Every day.
    Daily,
    /// Every seven days.
    Weekly,
    /// Every month, in a shorter one on its last day at the latest.
    Monthly,
}

/// A wall clock's date and time in whole seconds, `2026-01-31T09:00:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalDateTime(DateTime);

impl LocalDateTime {
    /// Date and time.
    pub const fn get(self) -> DateTime {
        self.0
    }
}

impl fmt::Display for LocalDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A text that is no local date and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a local date and time")]
pub struct BadLocalDateTime;

impl FromStr for LocalDateTime {
    type Err = BadLocalDateTime;

    /// One time has one form, which is the one that is written.
    fn from_str(text: &str) -> Result<Self, BadLocalDateTime> {
        let read: DateTime = text.parse().map_err(|_| BadLocalDateTime)?;
        let is_whole = text.len() == "2026-01-31T09:00:00".len();
        if is_whole && read.to_string() == text { Ok(Self(read)) } else { Err(BadLocalDateTime) }
    }
}

impl Serialize for LocalDateTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LocalDateTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for LocalDateTime {
    fn schema_name() -> Cow<'static, str> {
        "LocalDateTime".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$";
        json_schema!({ "type": "string", "pattern": pattern })
    }
}

/// The rule. Every due time is computed from `start_at`, never from the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recurrence {
    /// How often.
    pub frequency: Frequency,
    /// The first time.
    pub start_at: LocalDateTime,
    /// IANA name of the time zone whose clock tells the times.
    pub time_zone: String,
    /// The last time that counts, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_at: Option<LocalDateTime>,
    /// How many times, if that is bounded, those that were skipped included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
}

/// One time that something falls due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Due {
    /// Which, from 1.
    pub number: u32,
    /// When.
    pub due_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_times_have_one_form() {
        let text = "2026-01-31T09:00:00";
        assert_eq!(text.parse::<LocalDateTime>().unwrap().to_string(), text);
        for bad in [
            "2026-01-31",
            "2026-01-31T09:00",
            "2026-01-31 09:00:00",
            "2026-01-31t09:00:00",
            "2026-01-31T09:00:00.5",
            "2026-01-31T09:00:00Z",
            "2026-01-31T09:00:00+09:00",
            "2026-01-31T09:00:00[Asia/Seoul]",
            "2026-01-31T24:00:00",
            "2026-02-29T09:00:00",
            "-002026-01-31T09:00:00",
            "",
        ] {
            assert_eq!(bad.parse::<LocalDateTime>(), Err(BadLocalDateTime), "{bad}");
        }
    }
}
