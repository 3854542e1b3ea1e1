//! Why a socket is closed: codes of graphql-transport-ws, and two of our own.
//!
//! <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>

use std::borrow::Cow;

/// A close code with its reason, which clients show to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Close {
    pub(super) code: u16,
    pub(super) reason: Cow<'static, str>,
}

impl Close {
    const fn of(code: u16, reason: &'static str) -> Self {
        Self { code, reason: Cow::Borrowed(reason) }
    }

    /// The client closed, or is gone: there is nobody to tell.
    pub(super) const GONE: Self = Self::of(0, "");
    /// Nothing was heard from the client for too long.
    pub(super) const SILENT: Self = Self::of(1001, "no sign of life");
    /// A text was no UTF-8.
    pub(super) const NOT_UTF8: Self = Self::of(1007, "text is not UTF-8");
    /// A frame breaks the WebSocket protocol.
    pub(super) const BROKEN_FRAME: Self = Self::of(1002, "protocol error");
    /// A frame or message is too big.
    pub(super) const TOO_BIG: Self = Self::of(1009, "message too big");
    /// The server stops: come again.
    pub(super) const RECONNECT: Self = Self::of(1012, "reconnect");
    /// Whether the token is good can't be told now.
    pub(super) const TRY_AGAIN: Self = Self::of(1013, "try again later");
    /// Something was subscribed to before the connection was acknowledged.
    pub(super) const UNAUTHORIZED: Self = Self::of(4401, "Unauthorized");
    /// The token is no good, or no longer.
    pub(super) const FORBIDDEN: Self = Self::of(4403, "Forbidden");
    /// The client doesn't speak the protocol.
    pub(super) const SUBPROTOCOL: Self = Self::of(4406, "Subprotocol not acceptable");
    /// `connection_init` did not come.
    pub(super) const INIT_TIMEOUT: Self = Self::of(4408, "Connection initialisation timeout");
    /// `connection_init` came twice.
    pub(super) const INIT_TWICE: Self = Self::of(4429, "Too many initialisation requests");
    /// The user has too many sockets.
    pub(super) const TOO_MANY_SOCKETS: Self = Self::of(4429, "RATE_LIMITED: too many sockets");
    /// The client reads slower than it is sent to; it may resume with `after`.
    pub(super) const SLOW: Self = Self::of(4510, "slow consumer");

    /// The message is none of the protocol.
    pub(super) fn invalid(why: &str) -> Self {
        Self { code: 4400, reason: short(format!("Invalid message: {why}")) }
    }

    /// The id is that of an operation that still runs.
    pub(super) fn duplicate(id: &str) -> Self {
        Self { code: 4409, reason: short(format!("Subscriber for {id} already exists")) }
    }
}

/// A close frame has room for 123 bytes of reason.
const REASON_BYTES_MAX: usize = 123;

fn short(mut reason: String) -> Cow<'static, str> {
    let mut end = REASON_BYTES_MAX.min(reason.len());
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    reason.truncate(end);
    Cow::Owned(reason)
}
