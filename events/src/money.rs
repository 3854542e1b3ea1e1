//! Money as events tell it: amounts, currencies, and the days that limits count by.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp as Instant;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::time::Timestamp;

/// A count of minor units (KRW: won, USD: cents), never below zero. Stored as a decimal integer
/// in a string, because many readers of JSON lose integers beyond 2^53.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Amount(i64);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// `None` below zero.
    pub const fn new(minor_units: i64) -> Option<Self> {
        if minor_units < 0 { None } else { Some(Self(minor_units)) }
    }

    /// Minor units.
    pub const fn minor_units(self) -> i64 {
        self.0
    }

    /// The sum; `None` beyond 2^63 - 1.
    pub const fn plus(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// The difference; `None` below zero.
    pub const fn minus(self, other: Self) -> Option<Self> {
        // Neither is below zero, so this can't overflow.
        Self::new(self.0 - other.0)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let minor_units = text.parse().map_err(de::Error::custom)?;
        Self::new(minor_units).ok_or_else(|| de::Error::custom("an amount below zero"))
    }
}

impl JsonSchema for Amount {
    fn schema_name() -> Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^(0|[1-9][0-9]*)$" })
    }
}

/// A text that is no currency or day of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a {0}")]
pub struct Malformed(&'static str);

/// An ISO 4217 code: three capital letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Won.
    pub const KRW: Self = Self(*b"KRW");

    /// Digits after the point when an amount is written for people: KRW 0, USD 2.
    /// Source: ISO 4217, list one.
    pub fn minor_digits(self) -> u32 {
        const NONE: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
        const THREE: &str = "BHD IQD JOD KWD LYD OMR TND";
        if NONE.contains(self.as_str()) {
            0
        } else if THREE.contains(self.as_str()) {
            3
        } else {
            2
        }
    }

    /// An amount for people: `30,000 KRW`, `1,234.50 USD`.
    pub fn written(self, amount: Amount) -> String {
        let (digits, unit) = (self.minor_digits(), 10_i64.pow(self.minor_digits()));
        let (major, minor) = (amount.0 / unit, amount.0 % unit);
        let (plain, mut grouped) = (major.to_string(), String::new());
        for (index, digit) in plain.chars().enumerate() {
            if index > 0 && (plain.len() - index).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let width = digits as usize;
        let minor = if digits > 0 { format!(".{minor:0width$}") } else { String::new() };
        format!("{grouped}{minor} {self}")
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        // Made of ASCII letters only.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Currency {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let code: [u8; 3] = text.as_bytes().try_into().map_err(|_| Malformed("currency"))?;
        let is_code = code.iter().all(u8::is_ascii_uppercase);
        if is_code { Ok(Self(code)) } else { Err(Malformed("currency")) }
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Currency {
    fn schema_name() -> Cow<'static, str> {
        "Currency".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[A-Z]{3}$" })
    }
}

/// A day of the server's time zone, `2026-01-31`: what a spending counts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(pub jiff::civil::Date);

impl Day {
    /// The day that it is in a zone at an instant.
    pub fn at(instant: Timestamp, zone: &jiff::tz::TimeZone) -> Self {
        // Beyond what a calendar can tell is the year 9999, or the year -9999.
        let limit = if instant.as_micros() < 0 { Instant::MIN } else { Instant::MAX };
        let instant = Instant::from_microsecond(instant.as_micros()).unwrap_or(limit);
        Self(zone.to_datetime(instant).date())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Day {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        text.parse().map(Self).map_err(|_| Malformed("day"))
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Day {
    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_and_never_below_zero() {
        let most = Amount::new(i64::MAX).unwrap();
        assert_eq!(serde_json::to_string(&most).unwrap(), "\"9223372036854775807\"");
        assert_eq!(serde_json::from_str::<Amount>("\"9223372036854775807\"").unwrap(), most);
        assert!(serde_json::from_str::<Amount>("\"-1\"").is_err());
        assert_eq!(most.plus(Amount(1)), None);
        assert_eq!(Amount(1).minus(Amount(2)), None);
        assert_eq!(Amount(2).minus(Amount(2)), Some(Amount::ZERO));
    }

    #[test]
    fn a_day_begins_at_its_zones_midnight() {
        let seoul = jiff::tz::TimeZone::fixed(jiff::tz::offset(9));
        let day = |text: &str| Day::at(text.parse().unwrap(), &seoul).to_string();
        assert_eq!(day("2026-01-31T14:59:59.999999Z"), "2026-01-31");
        assert_eq!(day("2026-01-31T15:00:00Z"), "2026-02-01");
        assert_eq!(Day::at(Timestamp::from_micros(i64::MAX), &seoul).to_string(), "9999-12-31");
    }

    #[test]
    fn amounts_are_written_in_groups_with_their_minor_units() {
        let written = |code: &str, minor| {
            code.parse::<Currency>().unwrap().written(Amount::new(minor).unwrap())
        };
        assert_eq!(written("KRW", 30_000), "30,000 KRW");
        assert_eq!(written("KRW", 999), "999 KRW");
        assert_eq!(written("USD", 123_450), "1,234.50 USD");
        assert_eq!(written("KWD", 1), "0.001 KWD");
    }

    #[test]
    fn currencies_are_three_capital_letters() {
        assert_eq!("KRW".parse(), Ok(Currency::KRW));
        for bad in ["krw", "KR", "KRWX", "원", ""] {
            assert!(bad.parse::<Currency>().is_err(), "{bad}");
        }
    }
}
