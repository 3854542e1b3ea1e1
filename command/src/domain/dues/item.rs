//! Cycles, members' parts of them, and payments: which events touch them, and what events make of
//! them.

use events::DuesEvent;
use events::dues::{Sums, part_of};
use events::money::Amount;
use serde::{Deserialize, Serialize};

use crate::execution::aggregate::Touch;
use crate::rejection::Code;

/// One of a plan's items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// Under its own id.
    Cycle(Cycle),
    /// Under the name that [`part_of`] gives it.
    Part(Part),
    /// Under its transfer's id.
    Payment(Payment),
    /// A transfer that paid a payment back, under its id.
    Refund,
}

/// A cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cycle {
    /// What of it is collected, reserved, outstanding.
    pub sums: Sums,
    /// Whether it takes payments.
    pub gate: Gate,
}

/// Whether a cycle takes payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// It does.
    Open,
    /// Nothing is outstanding. A refund opens it again.
    Paid,
    /// An admin closed it for good.
    Closed,
}

/// A member's part of a cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What is owed at first.
    pub amount: Amount,
    /// What has arrived, less what went back.
    pub paid: Amount,
    /// What is on its way.
    pub reserved: Amount,
    /// What is left need not be paid.
    pub exempt: bool,
}

impl Part {
    /// What the member still has to pay.
    pub fn outstanding(&self) -> Amount {
        if self.exempt {
            return Amount::ZERO;
        }
        let left = self.amount.minus(self.paid).and_then(|left| left.minus(self.reserved));
        left.unwrap_or_default()
    }
}

/// A payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// How much.
    pub amount: Amount,
    /// How far it is.
    pub stage: Stage,
    /// What of it went back.
    pub refunded: Amount,
}

/// How far a payment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// On its way.
    Reserved,
    /// There.
    Paid,
    /// It came to nothing, for that reason.
    Released(Code),
}

pub(super) fn touches(event: &DuesEvent) -> Vec<Touch> {
    use Touch::{Changes, Creates};
    match event {
        DuesEvent::DuesCycleOpened(opened) => vec![Creates(opened.cycle.0)],
        DuesEvent::DuesAssessed(assessed) => {
            let part = |user| Creates(part_of(assessed.cycle, user));
            assessed.users.iter().copied().map(part).collect()
        }
        DuesEvent::DuesCycleClosed(closed) => vec![Changes(closed.cycle.0)],
        DuesEvent::DuesCycleReopened(reopened) => vec![Changes(reopened.cycle.0)],
        DuesEvent::DuesExempted(event) => {
            vec![Changes(event.cycle.0), Changes(part_of(event.cycle, event.user))]
        }
        DuesEvent::DuesPaymentReserved(event) => vec![
            Changes(event.cycle.0),
            Changes(part_of(event.cycle, event.user)),
            Creates(event.terms.transfer.0),
        ],
        DuesEvent::DuesPaid(event) => vec![
            Changes(event.cycle.0),
            Changes(part_of(event.cycle, event.user)),
            Changes(event.transfer.0),
        ],
        DuesEvent::DuesPaymentReleased(event) => vec![
            Changes(event.cycle.0),
            Changes(part_of(event.cycle, event.user)),
            Changes(event.transfer.0),
        ],
        DuesEvent::DuesRefunded(event) => vec![
            Changes(event.cycle.0),
            Changes(part_of(event.cycle, event.user)),
            Changes(event.of.0),
            Creates(event.transfer.0),
        ],
        DuesEvent::DuesPlanCreated(_)
        | DuesEvent::DuesPlanEnded(_)
        | DuesEvent::CommandSettled(_) => Vec::new(),
    }
}

/// Each kind of item takes from an event what concerns it.
pub(super) fn evolve(item: Option<Item>, event: &DuesEvent) -> Option<Item> {
    match item {
        None => start(event),
        Some(Item::Cycle(cycle)) => Some(Item::Cycle(change_cycle(cycle, event))),
        Some(Item::Part(part)) => Some(Item::Part(change_part(part, event))),
        Some(Item::Payment(payment)) => Some(Item::Payment(change_payment(payment, event))),
        Some(Item::Refund) => Some(Item::Refund),
    }
}

fn start(event: &DuesEvent) -> Option<Item> {
    let zero = Amount::ZERO;
    match event {
        DuesEvent::DuesCycleOpened(opened) => {
            Some(Item::Cycle(Cycle { sums: opened.sums, gate: Gate::Open }))
        }
        DuesEvent::DuesAssessed(assessed) => {
            let amount = assessed.amount;
            Some(Item::Part(Part { amount, paid: zero, reserved: zero, exempt: false }))
        }
        DuesEvent::DuesPaymentReserved(reserved) => {
            let (amount, stage) = (reserved.terms.amount, Stage::Reserved);
            Some(Item::Payment(Payment { amount, stage, refunded: zero }))
        }
        DuesEvent::DuesRefunded(_) => Some(Item::Refund),
        _ => None,
    }
}

fn change_cycle(cycle: Cycle, event: &DuesEvent) -> Cycle {
    let with = |sums| Cycle { sums, ..cycle };
    match event {
        DuesEvent::DuesCycleClosed(closed) if closed.by.is_some() => {
            Cycle { gate: Gate::Closed, ..cycle }
        }
        DuesEvent::DuesCycleClosed(_) => Cycle { gate: Gate::Paid, ..cycle },
        DuesEvent::DuesCycleReopened(_) => Cycle { gate: Gate::Open, ..cycle },
        DuesEvent::DuesExempted(event) => with(event.sums),
        DuesEvent::DuesPaymentReserved(event) => with(event.sums),
        DuesEvent::DuesPaid(event) => with(event.sums),
        DuesEvent::DuesPaymentReleased(event) => with(event.sums),
        DuesEvent::DuesRefunded(event) => with(event.sums),
        _ => cycle,
    }
}

fn change_part(part: Part, event: &DuesEvent) -> Part {
    // Deciding has made sure that neither overflows.
    let more = |amount| part.reserved.plus(amount).unwrap_or(part.reserved);
    let less = |amount| part.reserved.minus(amount).unwrap_or_default();
    match event {
        DuesEvent::DuesExempted(_) => Part { exempt: true, ..part },
        DuesEvent::DuesPaymentReserved(event) => {
            Part { reserved: more(event.terms.amount), ..part }
        }
        DuesEvent::DuesPaid(event) => {
            Part { reserved: less(event.amount), paid: event.paid, ..part }
        }
        DuesEvent::DuesPaymentReleased(event) => Part { reserved: less(event.amount), ..part },
        DuesEvent::DuesRefunded(event) => Part { paid: event.paid, ..part },
        _ => part,
    }
}

fn change_payment(payment: Payment, event: &DuesEvent) -> Payment {
    match event {
        DuesEvent::DuesPaid(_) => Payment { stage: Stage::Paid, ..payment },
        DuesEvent::DuesPaymentReleased(event) => {
            let code = Code::named(&event.code).unwrap_or(Code::Internal);
            Payment { stage: Stage::Released(code), ..payment }
        }
        DuesEvent::DuesRefunded(event) => {
            let refunded = payment.refunded.plus(event.amount).unwrap_or(payment.amount);
            Payment { refunded, ..payment }
        }
        _ => payment,
    }
}
