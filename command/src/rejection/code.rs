//! Stable names of what can be refused, with their HTTP statuses.

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

            /// The code with that name.
            pub fn named(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$name),)* _ => None }
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

    /// Whether it says something of what was asked for: the same attempt isn't worth another try.
    pub const fn is_final(self) -> bool {
        !self.retryable() && !matches!(self, Self::Internal)
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

#[cfg(test)]
mod tests {
    use super::*;

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
