//! Changes of scheduled payments.

use std::collections::HashMap;

use events::payment::PaymentScheduled;
use uuid::Uuid;

/// Scheduled payments by id, and their occurrences by number.
#[derive(Debug, Default)]
pub(in crate::money) struct PaymentChanges<'a> {
    pub(in crate::money) payments: HashMap<Uuid, PaymentChange<'a>>,
    pub(in crate::money) occurrences: HashMap<(Uuid, i32), OccurrenceChange<'a>>,
}

/// A payment as it was scheduled.
#[derive(Debug)]
pub(in crate::money) struct NewPayment<'a> {
    pub(in crate::money) event: &'a PaymentScheduled,
    pub(in crate::money) us: i64,
    pub(in crate::money) position: i64,
}

/// What becomes of a scheduled payment; the later event wins.
#[derive(Debug, Default)]
pub(in crate::money) struct PaymentChange<'a> {
    pub(in crate::money) scheduled: Option<NewPayment<'a>>,
    pub(in crate::money) status: Option<i16>,
    /// Every event tells it.
    pub(in crate::money) next_due_us: Option<i64>,
}

/// What the latest attempt failed with.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::money) enum Failure<'a> {
    /// Another attempt has begun, of which that isn't known yet.
    #[default]
    AsBefore,
    Nothing,
    Code(&'a str),
}

/// What becomes of an occurrence.
#[derive(Debug, Default)]
pub(in crate::money) struct OccurrenceChange<'a> {
    /// It began in this batch, or was begun again.
    pub(in crate::money) due_us: Option<i64>,
    pub(in crate::money) transfer: Option<Uuid>,
    pub(in crate::money) status: i16,
    pub(in crate::money) failure: Failure<'a>,
}
