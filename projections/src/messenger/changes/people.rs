//! Accounts and their sessions.

use uuid::Uuid;
use zeroize::Zeroizing;

/// An address as it was written, and the form in which it is looked for.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) written: Zeroizing<String>,
    pub(crate) key: Option<Zeroizing<String>>,
}

/// What becomes of an account; what is `None` stays.
#[derive(Debug, Default)]
pub(crate) struct UserChange {
    /// It is new.
    pub(crate) created_us: Option<i64>,
    pub(crate) username: Option<Zeroizing<String>>,
    pub(crate) email: Option<Address>,
    /// It has no names any more, for good: it was deleted, or its key destroyed.
    pub(crate) gone: bool,
}

impl UserChange {
    pub(crate) fn end(&mut self) {
        *self = Self { created_us: self.created_us, gone: true, ..Self::default() };
    }
}

/// Somebody who was taken up as a contact.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Contact {
    pub(crate) us: i64,
    pub(crate) position: i64,
}

/// A session that is over.
#[derive(Debug)]
pub(crate) struct EndedSession {
    pub(crate) user: Uuid,
    pub(crate) us: i64,
}
