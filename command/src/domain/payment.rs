//! A scheduled payment: when its occurrences fall due, and what becomes of each. It decides that
//! one starts and what its outcome is; the money moves between the wallets.
//!
//! One occurrence at a time is under way. One that waits for approvals or for its next attempt
//! doesn't hold up the others.

mod command;
mod evolve;
mod occurrences;
mod schedule;
mod telling;

use std::time::Duration;

use events::money::Amount;
use events::payment::transfer_of;
use events::recurrence::{Due, Recurrence};
use events::wallet::{Origin, Terms};
use events::{Fact, PaymentEvent, PaymentId, Timestamp, UserId, WalletId};
use imbl::OrdMap;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::execution::aggregate::{Aggregate, Context, Decision, Touch, View};
use crate::rejection::{Code, Rejection};

pub use self::command::{Command, Outcome, Schedule};

/// How long after an attempt that found too little money the next one comes. After the last the
/// occurrence has failed.
pub const RETRY_AFTER: [Duration; 3] =
    [Duration::from_mins(10), Duration::from_hours(1), Duration::from_hours(6)];
/// Occurrences that have started and have no outcome yet; the next one starts once there is room.
pub const OPEN_LEN_MAX: usize = 100;
/// Occurrences of one event.
pub const SKIPPED_LEN_MAX: usize = 1_000;
/// Such events of one append. What is left over follows by itself.
pub const SKIPPED_EVENTS_MAX: usize = 10;

/// The aggregate.
#[derive(Debug)]
pub enum Payment {}

/// What a decision comes to; an error is a refusal.
type Decided = Result<Decision<PaymentEvent>, Rejection>;

/// A scheduled payment with those of its occurrences that have started and have no outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    about: Option<About>,
    status: Status,
    /// The next that has not started and is not skipped.
    next: Option<Due>,
    /// What was due by then, and has not started, was due while the payment was paused.
    lapsed_at: Option<Timestamp>,
    open: OrdMap<u32, Open>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Who pays.
    pub from: WalletId,
    /// Who is paid.
    pub to: WalletId,
    /// How much each time.
    pub amount: Amount,
    /// What it is for.
    pub memo: String,
    /// When.
    pub recurrence: Recurrence,
    /// On whose behalf.
    pub created_by: UserId,
}

/// Whether occurrences fall due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// They do.
    #[default]
    Active,
    /// They don't for now.
    Paused,
    /// All have had their outcome.
    Completed,
    /// They don't any more.
    Cancelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Open {
    due_at: Timestamp,
    attempt: u32,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    /// Its debit is asked for, or its money is on the way.
    Running,
    /// Its transfer waits for approvals.
    Waiting,
    /// It is tried again at that time.
    Retrying(Timestamp),
}

/// An occurrence that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Which.
    pub number: u32,
    /// For the how manieth time.
    pub attempt: u32,
    /// Its transfer.
    pub terms: Terms,
}

impl State {
    /// What was asked for, if it is there.
    pub fn about(&self) -> Option<&About> {
        self.about.as_ref()
    }

    /// Whether occurrences fall due.
    pub fn status(&self) -> Status {
        self.status
    }

    /// The occurrence that is under way, whose debit has to be asked for or its outcome found.
    pub fn running(&self, payment: PaymentId) -> Option<Running> {
        let mut open = self.open.iter();
        let (number, open) = open.find(|(_, open)| open.stage == Stage::Running)?;
        let terms = self.about()?.terms(payment, *number);
        Some(Running { number: *number, attempt: open.attempt, terms })
    }

    fn is_running(&self) -> bool {
        self.open.values().any(|open| open.stage == Stage::Running)
    }

    fn is_finished(&self) -> bool {
        let goes_on = matches!(self.status, Status::Active | Status::Paused);
        goes_on && self.about.is_some() && self.next.is_none() && self.open.is_empty()
    }
}

impl About {
    fn terms(&self, payment: PaymentId, number: u32) -> Terms {
        Terms {
            transfer: transfer_of(payment, number),
            from: self.from,
            to: self.to,
            amount: self.amount,
            memo: self.memo.clone(),
            by: self.created_by,
            origin: Origin::Scheduled { payment, number },
        }
    }
}

/// When [`Command::StartDue`] has something to do, if nothing else happens before. While an
/// occurrence is under way, its outcome has to come first.
pub fn next_wake(state: &State) -> Option<Timestamp> {
    if state.is_running() {
        return None;
    }
    let retry = state.open.values().filter_map(|open| match open.stage {
        Stage::Retrying(at) => Some(at),
        Stage::Running | Stage::Waiting => None,
    });
    let has_room = state.status == Status::Active && state.open.len() < OPEN_LEN_MAX;
    let start = state.next.filter(|_| has_room).map(|next| next.due_at);
    retry.chain(start).min()
}

impl Aggregate for Payment {
    type Event = PaymentEvent;
    type Command = Command;
    type State = State;
    type Item = ();

    const SCHEMA: u16 = 1;
    const REFUSALS_VARY: bool = true;

    fn needs(_: &Command) -> Vec<Uuid> {
        Vec::new()
    }

    fn touches(_: &PaymentEvent) -> Option<Touch> {
        None
    }

    fn evolve(mut state: State, fact: &Fact<PaymentEvent>) -> State {
        evolve::apply(&mut state, &fact.event, fact.at);
        state
    }

    fn evolve_item(_: Option<()>, _: &Fact<PaymentEvent>) -> Option<()> {
        None
    }

    fn decide(
        view: &View<'_, Self>,
        context: &Context<'_>,
        command: &Command,
    ) -> Decision<PaymentEvent> {
        let state = view.state;
        let decided = match command {
            Command::Schedule(schedule) => schedule::schedule(state, context, schedule),
            Command::Pause { by, permit } => schedule::pause(state, context, *by, permit),
            Command::Resume { by, permit } => schedule::resume(state, context, *by, permit),
            Command::Skip { by, permit } => schedule::skip(state, context, *by, permit),
            Command::Cancel { by, permit } => schedule::cancel(state, context, *by, permit),
            Command::StartDue => occurrences::start_due(state, context),
            Command::Settle { number, outcome } => {
                occurrences::settle(state, context, *number, *outcome)
            }
        };
        decided.unwrap_or_else(Decision::Refuse)
    }
}

// Refusals and looks that several decisions share.

fn no_payment() -> Rejection {
    Rejection::new(Code::NotFound, "There is no such scheduled payment.")
}

fn not_active(message: &str) -> Rejection {
    Rejection::new(Code::ScheduleNotActive, message)
}

/// The payment that a stream is about.
fn payment(context: &Context<'_>) -> Result<PaymentId, Rejection> {
    context.stream.entity().parse().map_err(|_| Rejection::internal())
}

#[cfg(test)]
mod tests;
