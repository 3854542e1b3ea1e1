//! One error type for every refused command, and the codes that the contract gives them.

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
    /// The channel would be left without an admin.
    LastAdmin = "LAST_ADMIN" 409,
    /// The message is deleted.
    MessageDeleted = "MESSAGE_DELETED" 409,
    /// Same command id, other input.
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
        use Code::{
            AlreadyContact, AlreadyMember, EmailTaken, LastAdmin, MessageDeleted, SelfContact,
        };
        !matches!(
            self,
            EmailTaken | AlreadyMember | AlreadyContact | SelfContact | LastAdmin | MessageDeleted
        )
    }
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
}

impl Rejection {
    /// A refusal with that code.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None, retry_after_ms: None }
    }

    /// A field breaks its rules.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(Code::InvalidInput, message) }
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
