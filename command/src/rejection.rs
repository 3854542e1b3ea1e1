//! One error type for every refused command, and the codes that the contract gives them.

mod code;

use events::money::Amount;
use events::{Timestamp, WalletId};
use serde::{Deserialize, Serialize};

pub use self::code::Code;

/// What a refusal says beside its code. Clients and stored answers get it in the same form: an
/// object with the fields of one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Details {
    /// Of `WALLET_CLOSED`, `WALLET_FROZEN`, `WALLET_NOT_EMPTY`.
    Wallet {
        /// Which one.
        wallet_id: WalletId,
    },
    /// Of `INSUFFICIENT_FUNDS`.
    Funds {
        /// What may be spent: the balance less what is held.
        available: Amount,
    },
    /// Of `LIMIT_EXCEEDED`.
    Limit {
        /// The limit in the way: per transfer or per day.
        limit: Amount,
        /// What is left of the day's.
        remaining: Amount,
    },
    /// Of `WRONG_PIN`.
    Tries {
        /// Wrong ones that are left before it is locked.
        tries_left: u8,
    },
    /// Of `PIN_LOCKED`.
    Lock {
        /// When it ends.
        until: Timestamp,
    },
    /// Of `REFUND_TOO_LARGE`.
    Refund {
        /// What is left to be refunded.
        refundable: Amount,
    },
    /// Of the `DUES_…`.
    Dues {
        /// What is left to be paid.
        outstanding: Amount,
    },
}

/// A refused command. It changed nothing, but for wrong tries being counted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{}: {message}", .code.as_str())]
pub struct Rejection {
    /// Why, for programs.
    pub code: Code,
    /// Why, for people. Names no internals.
    pub message: String,
    /// The input field at fault, as a path below the input object: `text`, `recurrence.count`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// After how many milliseconds it is worth trying again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// What the code carries along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Details>,
}

impl Rejection {
    /// A refusal with that code.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None, retry_after_ms: None, details: None }
    }

    /// A field breaks its rules.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Code::InvalidInput, message).at(field)
    }

    /// Names the field at fault.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Says more.
    #[must_use]
    pub fn with(mut self, details: Details) -> Self {
        self.details = Some(details);
        self
    }

    /// A fault of ours. What it was is for the log, not for clients.
    pub fn internal() -> Self {
        Self::new(Code::Internal, "Something went wrong on our side.")
    }

    /// A sealed text can't be opened: its key has no row, or is another.
    pub fn unreadable(_: events::personal::OpenError) -> Self {
        Self::internal()
    }

    /// Names when it is worth trying again.
    #[must_use]
    pub fn retry_after(mut self, after: std::time::Duration) -> Self {
        self.retry_after_ms = Some(u64::try_from(after.as_millis()).unwrap_or(u64::MAX));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn answers_that_were_stored_without_details_can_be_read() {
        let stored = json!({ "code": "LAST_ADMIN", "message": "No." });
        let read: Rejection = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(read, Rejection::new(Code::LastAdmin, "No."));
        assert_eq!(serde_json::to_value(read).unwrap(), stored);
    }

    #[test]
    fn details_are_stored_as_they_are_told_and_read_back() {
        let amount = |minor_units| Amount::new(minor_units).unwrap();
        let wallet_id: WalletId = "01920000-0000-7000-8000-000000000001".parse().unwrap();
        let until = Timestamp::from_micros(1_700_000_000_000_000);
        let all = [
            (Details::Wallet { wallet_id }, json!({ "walletId": wallet_id })),
            (Details::Funds { available: amount(7) }, json!({ "available": "7" })),
            (
                Details::Limit { limit: amount(7), remaining: amount(1) },
                json!({ "limit": "7", "remaining": "1" }),
            ),
            (Details::Tries { tries_left: 4 }, json!({ "triesLeft": 4 })),
            (Details::Lock { until }, json!({ "until": "2023-11-14T22:13:20.000000Z" })),
            (Details::Refund { refundable: amount(0) }, json!({ "refundable": "0" })),
            (Details::Dues { outstanding: amount(3) }, json!({ "outstanding": "3" })),
        ];
        for (details, told) in all {
            assert_eq!(serde_json::to_value(details).unwrap(), told);
            let rejection = Rejection::new(Code::LimitExceeded, "No.").with(details);
            let stored = serde_json::to_value(&rejection).unwrap();
            assert_eq!(serde_json::from_value::<Rejection>(stored).unwrap(), rejection);
        }
    }
}
