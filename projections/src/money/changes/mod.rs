//! What a batch of events changes, folded so that every row is touched once. These types know
//! how changes of one row add up; which event makes which change stands in `fold`.

mod dues;
mod payments;

pub(super) use dues::{Assessed, AssessmentChange, CycleChange, DuesChanges, NewPlan};
pub(super) use payments::{Failure, NewPayment, OccurrenceChange, PaymentChange, PaymentChanges};

use std::collections::{BTreeMap, HashMap};

use events::feed::FeedKind;
use events::money::Day;
use events::wallet::{Terms, WalletOpened};
use uuid::Uuid;

use crate::feed::FeedRow;

/// Changes of all tables.
#[derive(Debug, Default)]
pub(crate) struct Changes<'a> {
    pub(super) wallets: HashMap<Uuid, WalletChange<'a>>,
    pub(super) members: HashMap<(Uuid, Uuid), MemberChange>,
    pub(super) stays: Stays,
    pub(super) entries: Vec<Entry<'a>>,
    /// In the order of ids: lanes of a rebuild that write both sides of the same transfers wait
    /// for each other in one order only.
    pub(super) transfers: BTreeMap<Uuid, TransferChange<'a>>,
    pub(super) endings: HashMap<Uuid, Ending>,
    pub(super) approvals: Vec<Approval>,
    /// What was asked to be spent, by wallet and day.
    pub(super) spendings: HashMap<(Uuid, Day), i64>,
    pub(super) payments: PaymentChanges<'a>,
    pub(super) dues: DuesChanges<'a>,
    pub(super) feed: Vec<FeedRow>,
    /// What is told of wallets that the events don't name.
    pub(super) told: Vec<Told>,
}

impl Changes<'_> {
    /// Whether nothing changes. All that does is told, but for what bounced.
    pub(crate) fn is_nothing(&self) -> bool {
        self.feed.is_empty() && self.transfers.is_empty() && self.told.is_empty()
    }
}

/// Whose wallet a row of the feed is told of: its event doesn't name it, the rows of the event's
/// own stream do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Teller {
    /// The paying wallet of this scheduled payment.
    Payment(Uuid),
    /// The collecting wallet of this plan.
    Plan(Uuid),
}

/// A row of the feed, of a wallet that is yet to be looked up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told {
    pub(crate) by: Teller,
    pub(crate) position: i64,
    pub(crate) kind: FeedKind,
    /// Of a plan as a whole there is none: its newest cycle is meant.
    pub(crate) reference: Option<Uuid>,
    pub(crate) at_us: i64,
}

/// A wallet as it was opened.
#[derive(Debug)]
pub(super) struct NewWallet<'a> {
    pub(super) event: &'a WalletOpened,
    pub(super) us: i64,
    pub(super) position: i64,
}

/// What one transfer and all of a day may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) per_transfer: i64,
    pub(super) per_day: i64,
}

/// What becomes of a wallet; the later event wins.
#[derive(Debug, Default)]
pub(super) struct WalletChange<'a> {
    pub(super) opened: Option<NewWallet<'a>>,
    pub(super) approvals_required: Option<i16>,
    pub(super) limits: Option<Limits>,
    pub(super) balance: Option<i64>,
    pub(super) frozen: Option<bool>,
    pub(super) closed_us: Option<i64>,
}

/// A stay that begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Joined {
    pub(super) us: i64,
    pub(super) position: i64,
}

/// What becomes of a member. A later stay replaces the one before.
#[derive(Debug, Default)]
pub(super) struct MemberChange {
    pub(super) joined: Option<Joined>,
    /// The first of a stay or a later one.
    pub(super) role: Option<i16>,
    pub(super) left_us: Option<i64>,
}

/// A stay in a wallet that began in this batch.
#[derive(Debug)]
pub(super) struct Stay {
    pub(super) wallet: Uuid,
    pub(super) user: Uuid,
    pub(super) joined_position: i64,
    pub(super) left_position: Option<i64>,
}

/// Stays that begin or end.
#[derive(Debug, Default)]
pub(super) struct Stays {
    pub(super) begun: Vec<Stay>,
    /// Where stays end that began before this batch, by wallet and user.
    pub(super) ended: HashMap<(Uuid, Uuid), i64>,
    open: HashMap<(Uuid, Uuid), usize>,
}

impl Stays {
    pub(super) fn begin(&mut self, wallet: Uuid, user: Uuid, joined_position: i64) {
        self.open.insert((wallet, user), self.begun.len());
        self.begun.push(Stay { wallet, user, joined_position, left_position: None });
    }

    pub(super) fn end(&mut self, wallet: Uuid, user: Uuid, position: i64) {
        match self.open.remove(&(wallet, user)) {
            Some(index) => self.begun[index].left_position = Some(position),
            // Who is gone may be told to be gone again: the first time counts.
            None => drop(self.ended.entry((wallet, user)).or_insert(position)),
        }
    }
}

/// A line of a ledger.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub(super) wallet: Uuid,
    pub(super) us: i64,
    pub(super) revision: i64,
    pub(super) id: Uuid,
    pub(super) direction: i16,
    pub(super) amount: i64,
    pub(super) balance_after: i64,
    pub(super) transfer: Option<Uuid>,
    pub(super) counterparty: Option<Uuid>,
    pub(super) by: Option<Uuid>,
    pub(super) memo: &'a str,
}

/// How a transfer began: with a request that waits, or with its debit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Begun<'a> {
    pub(super) terms: &'a Terms,
    pub(super) us: i64,
    pub(super) position: i64,
    pub(super) approvals_required: i16,
    pub(super) expires_us: Option<i64>,
    pub(super) day: Option<Day>,
}

/// What becomes of a transfer, as either side tells it.
#[derive(Debug, Default)]
pub(super) struct TransferChange<'a> {
    /// Of one that began before this batch it says what its later debit looks like; the rows
    /// have it better.
    pub(super) begun: Option<Begun<'a>>,
    pub(super) debited_us: Option<i64>,
    pub(super) returned_us: Option<i64>,
    pub(super) credited_us: Option<i64>,
    pub(super) bounced_us: Option<i64>,
}

/// The end of a transfer that waited in vain.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) wallet: Uuid,
    pub(super) declined_us: Option<i64>,
    pub(super) expired_us: Option<i64>,
}

/// An admin's.
#[derive(Debug)]
pub(super) struct Approval {
    pub(super) transfer: Uuid,
    pub(super) position: i64,
    pub(super) user: Uuid,
}
