//! Changes of plans of dues.

use std::collections::HashMap;

use events::dues::{DuesCycleOpened, DuesPlanCreated, Sums};
use uuid::Uuid;

/// Plans and cycles by id; members' parts by cycle and user.
#[derive(Debug, Default)]
pub(in crate::money) struct DuesChanges<'a> {
    pub(in crate::money) plans: Vec<NewPlan<'a>>,
    /// Plans that end, and when.
    pub(in crate::money) ended: HashMap<Uuid, i64>,
    pub(in crate::money) cycles: HashMap<Uuid, CycleChange<'a>>,
    pub(in crate::money) assessments: HashMap<(Uuid, Uuid), AssessmentChange>,
}

/// A plan as it was created.
#[derive(Debug)]
pub(in crate::money) struct NewPlan<'a> {
    pub(in crate::money) id: Uuid,
    pub(in crate::money) event: &'a DuesPlanCreated,
    pub(in crate::money) us: i64,
    pub(in crate::money) position: i64,
}

/// What becomes of a cycle; the later event wins.
#[derive(Debug, Default)]
pub(in crate::money) struct CycleChange<'a> {
    /// Of which plan, as it was opened.
    pub(in crate::money) opened: Option<(Uuid, &'a DuesCycleOpened)>,
    pub(in crate::money) sums: Option<Sums>,
    pub(in crate::money) closed: Option<bool>,
}

/// That a member owes a part.
#[derive(Debug, Clone, Copy)]
pub(in crate::money) struct Assessed {
    pub(in crate::money) position: i64,
    /// Which in the event, from 0.
    pub(in crate::money) nth: i32,
    pub(in crate::money) amount: i64,
}

/// What becomes of a member's part; the later event wins.
#[derive(Debug, Default)]
pub(in crate::money) struct AssessmentChange {
    pub(in crate::money) assessed: Option<Assessed>,
    pub(in crate::money) paid: Option<i64>,
    pub(in crate::money) exempt: bool,
}
