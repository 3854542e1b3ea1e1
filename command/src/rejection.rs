//! One error type for every refused command, and the codes that the contract gives them.

use events::money::Amount;
use events::{Timestamp, WalletId};
use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal $status:literal),* $(,)?) => {
        /// Why a command was refused; stable names for programs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Code {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl Code {
            /// The code as clients see it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// HTTP status of a request that is refused with it as a whole.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }
        }
    };
}

codes! {
    /// No token, or one that is no good.
    Unauthenticated = "UNAUTHENTICATED" 401,
    /// Not allowed to the viewer.
    Forbidden = "FORBIDDEN" 403,
    /// No such thing, or none that the viewer may know of.
    NotFound = "NOT_FOUND" 404,
    /// A field breaks its rules.
    InvalidInput = "INVALID_INPUT" 422,
    /// The address is somebody's.
    EmailTaken = "EMAIL_TAKEN" 409,
    /// Already in the channel.
    AlreadyMember = "ALREADY_MEMBER" 409,
    /// Already a contact.
    AlreadyContact = "ALREADY_CONTACT" 409,
    /// Oneself is no contact.
    SelfContact = "SELF_CONTACT" 409,
    /// E-mail and password don't belong together.
    WrongCredentials = "WRONG_CREDENTIALS" 401,
    /// Not the channel's password.
    WrongChannelPassword = "WRONG_CHANNEL_PASSWORD" 403,
    /// The channel or wallet would be left without an admin.
    LastAdmin = "LAST_ADMIN" 409,
    /// The message is deleted.
    MessageDeleted = "MESSAGE_DELETED" 409,
    /// Same command id, other input; same reference, other amount.
    IdempotencyConflict = "IDEMPOTENCY_CONFLICT" 409,
    /// The command id names somebody else's thing.
    IdTaken = "ID_TAKEN" 409,
    /// The same command is still running.
    InProgress = "IN_PROGRESS" 409,
    /// Lost a race more often than is retried.
    Conflict = "CONFLICT" 409,
    /// A queue is full.
    Overloaded = "OVERLOADED" 503,
    /// Too many tries.
    RateLimited = "RATE_LIMITED" 429,
    /// The log or a store can't be reached.
    Unavailable = "UNAVAILABLE" 503,
    /// A fault of ours.
    Internal = "INTERNAL" 500,
    /// An amount that has to be above zero isn't.
    AmountNotPositive = "AMOUNT_NOT_POSITIVE" 422,
    /// An amount, or the sum that it would make, is beyond 2^63 - 1.
    AmountTooLarge = "AMOUNT_TOO_LARGE" 422,
    /// No whole number in decimal digits.
    AmountMalformed = "AMOUNT_MALFORMED" 422,
    /// Payer and payee count in different currencies.
    CurrencyMismatch = "CURRENCY_MISMATCH" 422,
    /// Payer and payee are the same.
    SameWallet = "SAME_WALLET" 422,
    /// The user has an open personal wallet in that currency.
    WalletExists = "WALLET_EXISTS" 409,
    /// The wallet takes and gives no more.
    WalletClosed = "WALLET_CLOSED" 409,
    /// An operator stopped all spending.
    WalletFrozen = "WALLET_FROZEN" 409,
    /// The wallet holds money.
    WalletNotEmpty = "WALLET_NOT_EMPTY" 409,
    /// More than is available.
    InsufficientFunds = "INSUFFICIENT_FUNDS" 409,
    /// More than may be spent at once or in a day.
    LimitExceeded = "LIMIT_EXCEEDED" 409,
    /// Not six digits.
    PinMalformed = "PIN_MALFORMED" 422,
    /// Not the admin's PIN.
    WrongPin = "WRONG_PIN" 403,
    /// Too many wrong PINs.
    PinLocked = "PIN_LOCKED" 423,
    /// No spend token, or one that is no good here.
    SpendTokenInvalid = "SPEND_TOKEN_INVALID" 403,
    /// The transfer never waited for approvals.
    ApprovalNotNeeded = "APPROVAL_NOT_NEEDED" 409,
    /// The admin has approved it before.
    AlreadyApproved = "ALREADY_APPROVED" 409,
    /// The transfer waits no more.
    TransferSettled = "TRANSFER_SETTLED" 409,
    /// As an occurrence's failure: its transfer was declined.
    TransferDeclined = "TRANSFER_DECLINED" 409,
    /// As an occurrence's failure: its transfer lapsed.
    TransferExpired = "TRANSFER_EXPIRED" 409,
    /// The transfer isn't completed, or is a refund itself.
    TransferNotRefundable = "TRANSFER_NOT_REFUNDABLE" 409,
    /// Refunds would come to more than the transfer.
    RefundTooLarge = "REFUND_TOO_LARGE" 409,
    /// The first occurrence is too near, or past.
    ScheduleInPast = "SCHEDULE_IN_PAST" 422,
    /// A recurrence that contradicts itself, or never falls due.
    ScheduleInvalid = "SCHEDULE_INVALID" 422,
    /// The scheduled payment is paused, cancelled or finished already.
    ScheduleNotActive = "SCHEDULE_NOT_ACTIVE" 409,
    /// The cycle takes no more.
    DuesClosed = "DUES_CLOSED" 409,
    /// The member is exempt.
    DuesExempt = "DUES_EXEMPT" 409,
    /// More than is outstanding.
    DuesOverpaid = "DUES_OVERPAID" 409,
    /// The member has paid their part.
    DuesAlreadyPaid = "DUES_ALREADY_PAID" 409,
}

impl Code {
    /// Whether the same request may succeed later.
    pub const fn retryable(self) -> bool {
        use Code::{Conflict, InProgress, Overloaded, RateLimited, Unavailable};
        matches!(self, InProgress | Conflict | Overloaded | RateLimited | Unavailable)
    }

    /// Whether the refusal leaves the command's id free: it came before anything was decided
    /// on state, or the same request may well succeed next time.
    pub const fn leaves_id_free(self) -> bool {
        !self.is_conflict_of_state()
    }

    /// What the state of things forbids; the last in the order of refusals.
    const fn is_conflict_of_state(self) -> bool {
        use Code::{
            AlreadyApproved, AlreadyContact, AlreadyMember, ApprovalNotNeeded, CurrencyMismatch,
            DuesAlreadyPaid, DuesClosed, DuesExempt, DuesOverpaid, EmailTaken, InsufficientFunds,
            LastAdmin, LimitExceeded, MessageDeleted, RefundTooLarge, ScheduleNotActive,
            SelfContact, TransferDeclined, TransferExpired, TransferNotRefundable, TransferSettled,
            WalletClosed, WalletExists, WalletFrozen, WalletNotEmpty,
        };
        matches!(
            self,
            AlreadyApproved
                | AlreadyContact
                | AlreadyMember
                | ApprovalNotNeeded
                | CurrencyMismatch
                | DuesAlreadyPaid
                | DuesClosed
                | DuesExempt
                | DuesOverpaid
                | EmailTaken
                | InsufficientFunds
                | LastAdmin
                | LimitExceeded
                | MessageDeleted
                | RefundTooLarge
                | ScheduleNotActive
                | SelfContact
                | TransferDeclined
                | TransferExpired
                | TransferNotRefundable
                | TransferSettled
                | WalletClosed
                | WalletExists
                | WalletFrozen
                | WalletNotEmpty
        )
    }
}

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

    #[test]
    fn refusals_up_to_wrong_secrets_leave_the_id_free_and_conflicts_of_state_do_not() {
        use Code::*;
        let free = [
            Forbidden,
            NotFound,
            InvalidInput,
            AmountNotPositive,
            AmountTooLarge,
            AmountMalformed,
            SameWallet,
            PinMalformed,
            WrongPin,
            PinLocked,
            SpendTokenInvalid,
            ScheduleInPast,
            ScheduleInvalid,
            IdempotencyConflict,
            Conflict,
        ];
        let kept = [
            WalletExists,
            WalletClosed,
            WalletFrozen,
            WalletNotEmpty,
            CurrencyMismatch,
            InsufficientFunds,
            LimitExceeded,
            ApprovalNotNeeded,
            AlreadyApproved,
            TransferSettled,
            TransferNotRefundable,
            RefundTooLarge,
            ScheduleNotActive,
            DuesClosed,
            DuesExempt,
            DuesOverpaid,
            DuesAlreadyPaid,
            LastAdmin,
        ];
        assert!(free.into_iter().all(Code::leaves_id_free));
        assert!(!kept.into_iter().any(Code::leaves_id_free));
    }
}
