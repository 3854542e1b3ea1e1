//! What is asked for: a period and a format.

use command::Code;
use events::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::problem::Problem;
use super::written::Format;

/// Instants from `from` on, up to but without `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

/// Reads a query string. Days count whole: `to` is the last of them. An instant `to` is the first
/// that is left out.
pub(super) fn read(query: &str, zone: &TimeZone) -> Result<(Format, Period), Problem> {
    let first = Timestamp::from_micros(i64::MIN);
    let last = Timestamp::from_micros(i64::MAX);
    let (mut format, mut period) = (Format::Csv, Period { from: first, to: last });
    let mut ends_with_day = false;
    for (name, value) in pairs(query) {
        match name.as_str() {
            "format" => format = Format::named(&value).ok_or_else(|| invalid("format"))?,
            "from" => period.from = instant(&value, zone, 0).ok_or_else(|| invalid("from"))?,
            "to" => {
                period.to = instant(&value, zone, 1).ok_or_else(|| invalid("to"))?;
                ends_with_day = is_day(&value);
            }
            // What others add to an address is no business of ours.
            _ => {}
        }
    }
    // What begins when the last day is over begins after it.
    if period.from > period.to || (ends_with_day && period.from == period.to) {
        return Err(invalid("to"));
    }
    Ok((format, period))
}

fn invalid(field: &'static str) -> Problem {
    let message = match field {
        "format" => "A statement is csv or json.",
        "from" => "A day like 2026-01-31, or an instant like 2026-01-31T00:00:00Z.",
        _ => "A day like 2026-01-31, or an instant, not before `from`.",
    };
    Problem::new(Code::InvalidInput, message).at(field)
}

/// The instant at which a day begins, or one that is so many days later; or an instant as it is.
fn instant(text: &str, zone: &TimeZone, days: i64) -> Option<Timestamp> {
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(Timestamp::from_micros(instant.as_microsecond()));
    }
    let day: Date = text.parse().ok().filter(|_| is_day(text))?;
    let day = day.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
    // A midnight that daylight saving skips is the instant of the change.
    let start = zone.to_timestamp(day.to_datetime(Time::midnight())).ok()?;
    Some(Timestamp::from_micros(start.as_microsecond()))
}

/// Whether it can be no more than a day.
fn is_day(text: &str) -> bool {
    text.len() == "2026-01-31".len()
}

/// Names and values of a query string.
fn pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (unescaped(name), unescaped(value))
    })
}

fn unescaped(text: &str) -> String {
    let (mut bytes, mut left) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((first, rest)) = left.split_first() {
        let hex = rest.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match (first, hex.and_then(|pair| u8::from_str_radix(pair, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                left = &rest[2..];
                continue;
            }
            (b'+', _) => bytes.push(b' '),
            (other, _) => bytes.push(*other),
        }
        left = rest;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_whole_and_instants_as_they_are() {
        let seoul = TimeZone::get("Asia/Seoul").unwrap();
        let (format, period) = read("from=2026-11-01&to=2026-11-30&format=json", &seoul).unwrap();
        assert_eq!(format, Format::Json);
        assert_eq!(period.from, "2026-10-31T15:00:00Z".parse().unwrap());
        assert_eq!(period.to, "2026-11-30T15:00:00Z".parse().unwrap());
        let (format, period) = read("to=2026-11-30T00%3A00%3A00%2B09:00&x=1", &seoul).unwrap();
        assert_eq!((format, period.to), (Format::Csv, "2026-11-29T15:00:00Z".parse().unwrap()));
        for (bad, field) in [
            ("format=pdf", "format"),
            ("from=yesterday", "from"),
            ("to=2026-02-30", "to"),
            ("from=2026-12-01&to=2026-11-01", "to"),
            ("from=2026-12-01&to=2026-11-30", "to"),
        ] {
            assert_eq!(read(bad, &seoul).unwrap_err().field(), Some(field), "{bad}");
        }
    }
}
