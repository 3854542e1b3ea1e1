//! How a statement is written: for a spreadsheet, or for a program.

use std::fmt::Write as _;

use events::{Timestamp, WalletId};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::period::Period;
use crate::tables::statements::{Head, Line};

/// Without it a spreadsheet takes UTF-8 for something else.
const BYTE_ORDER_MARK: char = '\u{feff}';
const COLUMNS: &str = "time,kind,amount,balance,currency,counterparty,by,memo,transfer\r\n";

/// The format that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// RFC 4180, in UTF-8 with a byte order mark.
    Csv,
    /// One JSON object.
    Json,
}

impl Format {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    pub(super) fn media(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Json => "application/json",
        }
    }

    pub(super) fn file_name(self, wallet: WalletId) -> String {
        let ending = if self == Self::Csv { "csv" } else { "json" };
        format!("statement-{wallet}.{ending}")
    }
}

/// Writes one statement.
pub(super) struct Pen {
    format: Format,
    zone: TimeZone,
    currency: String,
    is_first: bool,
}

impl Pen {
    pub(super) fn new(format: Format, zone: TimeZone, currency: String) -> Self {
        Self { format, zone, currency, is_first: true }
    }

    pub(super) fn opening(&self, wallet: WalletId, head: &Head, period: &Period) -> String {
        if self.format == Format::Csv {
            let row = self.balance_row(period.from, "opening balance", head.opening);
            return format!("{BYTE_ORDER_MARK}{COLUMNS}{row}");
        }
        let (name, from) = (json!(head.name), self.instant(period.from));
        let (to, opening) = (self.instant(period.to), head.opening);
        let currency = &self.currency;
        format!(
            "{{\"walletId\":\"{wallet}\",\"name\":{name},\"currency\":\"{currency}\",\
             \"from\":{from},\"to\":{to},\"openingBalance\":\"{opening}\",\"entries\":["
        )
    }

    pub(super) fn lines(&mut self, lines: &[Line]) -> String {
        let mut page = String::new();
        for line in lines {
            if self.format == Format::Csv {
                self.row(&mut page, line);
            } else {
                if !std::mem::take(&mut self.is_first) {
                    page.push(',');
                }
                page.push_str(&Self::object(line).to_string());
            }
        }
        page
    }

    pub(super) fn closing(&self, balance: i64, period: &Period) -> String {
        if self.format == Format::Csv {
            return self.balance_row(period.to, "closing balance", balance);
        }
        format!(r#"],"closingBalance":"{balance}"}}"#)
    }

    fn balance_row(&self, at: Timestamp, what: &str, balance: i64) -> String {
        let (at, currency) = (self.local(at).unwrap_or_default(), &self.currency);
        format!("{at},{what},,{balance},{currency},,,,\r\n")
    }

    fn row(&self, page: &mut String, line: &Line) {
        let at = self.local(line.at).unwrap_or_default();
        let (kind, amount, balance) = (line.kind(), line.signed_amount(), line.balance_after);
        let counterparty = cell(line.counterparty.as_deref().unwrap_or_default());
        let by = cell(line.by.as_deref().unwrap_or_default());
        let (memo, currency) = (cell(&line.memo), &self.currency);
        let transfer = line.transfer.map(|id| id.to_string()).unwrap_or_default();
        // A string takes all that is written.
        let _ = write!(
            page,
            "{at},{kind},{amount},{balance},{currency},{counterparty},{by},{memo},{transfer}\r\n"
        );
    }

    fn object(line: &Line) -> Value {
        json!({
            "at": line.at.to_string(),
            "kind": line.kind(),
            "amount": line.signed_amount().to_string(),
            "balanceAfter": line.balance_after.to_string(),
            "counterparty": line.counterparty,
            "by": line.by,
            "memo": line.memo,
            "transferId": line.transfer.map(|id| id.to_string()),
        })
    }

    /// On a clock of the server's zone; nothing for what no calendar tells.
    fn local(&self, at: Timestamp) -> Option<String> {
        let instant = jiff::Timestamp::from_microsecond(at.as_micros()).ok()?;
        Some(self.zone.to_datetime(instant).strftime("%Y-%m-%d %H:%M:%S").to_string())
    }

    fn instant(&self, at: Timestamp) -> Value {
        self.local(at).map_or(Value::Null, |_| json!(at.to_string()))
    }
}

/// A text that no spreadsheet takes for a formula, quoted where it has to be.
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\r', '\n']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn no_text_is_taken_for_a_formula_or_breaks_a_row() {
        for (text, written) in [
            ("회비", "회비"),
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-5", "'-5"),
            ("+82 10", "'+82 10"),
            ("\t=1", "'\t=1"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""),
        ] {
            assert_eq!(cell(text), written);
        }
    }
}
