//! A plan of dues: its cycles, who owes what in each, and what was paid. A payment is reserved
//! here first; the money moves between the wallets; then it is paid, or released.
//!
//! Cycles, members' parts and payments are items. A part is collected, reserved, outstanding, or,
//! of who is exempt, waived.

mod command;
mod cycles;
mod item;
mod parts;
mod payments;

use events::money::Amount;
use events::recurrence::{Due, Recurrence};
use events::wallet::DuesShare;
use events::{CycleId, DuesEvent, Fact, PlanId, Timestamp, UserId, WalletId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::execution::aggregate::{Aggregate, Context, Decision, Touch, View};
use crate::rejection::{Code, Rejection};

pub use self::command::{Assessed, Command, Create, Outcome, Pay, Refund, Standing};
pub use self::item::{Cycle, Item, Part, Payment, Stage};

/// Members of one event.
pub const ASSESSED_LEN_MAX: usize = 1_000;
/// The most that a member can owe, so that any cycle's sum can be told.
pub const AMOUNT_MAX: i64 = i64::MAX / 10_000;
const _: () = assert!(super::channel::MEMBERS_LEN_MAX <= 10_000);

/// The aggregate.
#[derive(Debug)]
pub enum Dues {}

/// What a decision comes to; an error is a refusal.
type Decided = Result<Decision<DuesEvent>, Rejection>;

/// A plan without its cycles.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    plan: Option<Plan>,
    ended: bool,
    /// The newest cycle.
    latest: Option<Due>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The group wallet that collects.
    pub wallet: WalletId,
    /// Its name.
    pub name: String,
    /// What each member owes each time.
    pub amount: Amount,
    /// When.
    pub recurrence: Recurrence,
}

impl State {
    /// What was asked for, if it is there.
    pub fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    /// The number of the cycle that opens next, should one.
    pub fn next_number(&self) -> u32 {
        self.latest.map_or(1, |latest| latest.number + 1)
    }

    fn existing(&self) -> Result<&Plan, Rejection> {
        self.plan.as_ref().ok_or_else(|| Rejection::new(Code::NotFound, "There is no such plan."))
    }
}

/// When [`Command::OpenCycle`] has something to do: once the newest cycle falls due.
pub fn next_wake(state: &State) -> Option<Timestamp> {
    state.latest.filter(|_| !state.ended).map(|latest| latest.due_at)
}

impl Aggregate for Dues {
    type Event = DuesEvent;
    type Command = Command;
    type State = State;
    type Item = Item;

    const SCHEMA: u16 = 1;
    const REFUSALS_VARY: bool = true;

    fn needs(command: &Command) -> Vec<Uuid> {
        command.items()
    }

    fn touches(event: &DuesEvent) -> Vec<Touch> {
        item::touches(event)
    }

    fn evolve(mut state: State, fact: &Fact<DuesEvent>) -> State {
        match &fact.event {
            DuesEvent::DuesPlanCreated(created) => {
                state.plan = Some(Plan {
                    wallet: created.wallet,
                    name: created.name.clone(),
                    amount: created.amount,
                    recurrence: created.recurrence.clone(),
                });
            }
            DuesEvent::DuesCycleOpened(opened) => {
                state.latest = Some(Due { number: opened.number, due_at: opened.due_at });
            }
            DuesEvent::DuesPlanEnded(_) => state.ended = true,
            DuesEvent::DuesAssessed(_)
            | DuesEvent::DuesCycleClosed(_)
            | DuesEvent::DuesCycleReopened(_)
            | DuesEvent::DuesExempted(_)
            | DuesEvent::DuesPaymentReserved(_)
            | DuesEvent::DuesPaid(_)
            | DuesEvent::DuesPaymentReleased(_)
            | DuesEvent::DuesRefunded(_)
            | DuesEvent::CommandSettled(_) => {}
        }
        state
    }

    fn evolve_item(item: Option<Item>, fact: &Fact<DuesEvent>) -> Option<Item> {
        item::evolve(item, &fact.event)
    }

    fn decide(
        view: &View<'_, Self>,
        context: &Context<'_>,
        command: &Command,
    ) -> Decision<DuesEvent> {
        let state = view.state;
        let decided = match command {
            Command::Create(create) => cycles::create(state, context, create),
            Command::End { by, permit } => cycles::end(state, *by, permit),
            Command::OpenCycle { assessed } => cycles::open_next(state, context, assessed),
            Command::CloseCycle { by, cycle, permit } => cycles::close(view, *by, *cycle, permit),
            Command::Exempt { by, cycle, user, permit } => {
                parts::exempt(view, *by, *cycle, *user, permit)
            }
            Command::Pay(pay) => parts::pay(view, context, pay),
            Command::Settle { share, transfer, outcome } => {
                payments::settle(view, share, *transfer, *outcome)
            }
            Command::Refund(refund) => payments::refund(view, refund),
        };
        decided.unwrap_or_else(Decision::Refuse)
    }
}

/// The plan that a stream is about.
fn plan(context: &Context<'_>) -> Result<PlanId, Rejection> {
    context.stream.entity().parse().map_err(|_| Rejection::internal())
}

/// A cycle of the plan, as far as deciding knows it.
fn cycle<'a>(view: &'a View<'_, Dues>, cycle: CycleId) -> Result<&'a Cycle, Rejection> {
    match view.items.get(&cycle.0) {
        Some(Item::Cycle(cycle)) => Ok(cycle),
        _ => Err(Rejection::new(Code::NotFound, "There is no such cycle of dues.")),
    }
}

/// A member's part of a cycle, if they were assessed.
fn part<'a>(view: &'a View<'_, Dues>, share: (CycleId, UserId)) -> Option<&'a Part> {
    match view.items.get(&events::dues::part_of(share.0, share.1)) {
        Some(Item::Part(part)) => Some(part),
        _ => None,
    }
}

/// A sum that can't be told, or would be below zero: the rules don't let it come to that.
fn exact(sum: Option<Amount>) -> Result<Amount, Rejection> {
    sum.ok_or_else(Rejection::internal)
}

/// Whose part of which cycle.
fn key(share: &DuesShare) -> (CycleId, UserId) {
    (share.cycle, share.user)
}

#[cfg(test)]
mod tests;
