//! Plans of dues: the next cycle opens when the newest falls due. `DuesPaymentReserved` commits to
//! a debit, which the node that reserved it asks for at once; this finishes what a crash left
//! open.

use events::codec::{self, DecodeError};
use events::wallet::{DuesShare, Origin, Terms};
use events::{
    Category, CommandId, DuesEvent, EventId, PlanId, Recorded, StreamName, Timestamp, TransferId,
    id,
};
use uuid::Uuid;

use crate::process::rules::Change;

/// A plan whose newest cycle falls due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CycleDue {
    /// Which plan.
    pub plan: PlanId,
    /// The number of the cycle that falls due.
    pub number: u32,
    /// When: the cause's time of the command that opens the next, so that it never comes too
    /// early.
    pub due_at: Timestamp,
    /// The client's command.
    pub correlation: CommandId,
    event: EventId,
}

impl CycleDue {
    /// What an event calls for, if it is that.
    pub fn of(event: &Recorded) -> Result<Option<Self>, DecodeError> {
        if event.event.kind != "DuesCycleOpened" {
            return Ok(None);
        }
        let Some((plan, DuesEvent::DuesCycleOpened(opened))) = read(event)? else {
            return Ok(None);
        };
        let metadata = &event.event.metadata;
        let (event, correlation) = (metadata.event_id, metadata.correlation);
        let (number, due_at) = (opened.number, opened.due_at);
        Ok(Some(Self { plan, number, due_at, correlation, event }))
    }

    /// The id of the command that opens the next cycle, or ends the plan.
    pub fn command_id(&self) -> CommandId {
        CommandId(self.event.0).derived("open cycle")
    }

    /// The plan's stream.
    pub fn stream(&self) -> StreamName {
        StreamName::dues(self.plan)
    }
}

/// A payment of dues that is reserved: its debit has to be asked for, and the plan to be told if
/// that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// Whose part of which cycle.
    pub share: DuesShare,
    /// Its transfer.
    pub terms: Terms,
    /// When that was recorded.
    pub at: Timestamp,
    /// The client's command.
    pub correlation: CommandId,
}

impl Reservation {
    /// What an event commits to, if it is that.
    pub fn of(event: &Recorded) -> Result<Option<Self>, DecodeError> {
        if event.event.kind != "DuesPaymentReserved" {
            return Ok(None);
        }
        let Some((_, DuesEvent::DuesPaymentReserved(reserved))) = read(event)? else {
            return Ok(None);
        };
        let metadata = &event.event.metadata;
        let (at, correlation, terms) = (metadata.recorded_at, metadata.correlation, reserved.terms);
        let Origin::Dues(share) = terms.origin else { return Ok(None) };
        Ok(Some(Self { share, terms, at, correlation }))
    }

    /// The id of the command that asks the payer's wallet for the debit.
    pub fn debit_id(&self) -> CommandId {
        CommandId(self.terms.transfer.0).derived("pay dues")
    }

    /// The id of the command that tells the plan of a refusal.
    pub fn refusal_id(&self) -> CommandId {
        self.debit_id().derived("refused")
    }

    /// The plan's stream.
    pub fn stream(&self) -> StreamName {
        StreamName::dues(self.share.plan)
    }
}

fn cycle_key(plan: PlanId) -> Uuid {
    id::derive(plan.0, &[b"open cycle"])
}

fn debit_key(transfer: TransferId) -> Uuid {
    id::derive(transfer.0, &[b"pay dues"])
}

pub(super) fn follow(event: &Recorded) -> Result<Vec<Change>, DecodeError> {
    // Cycles of many members are assessed by events that call for nothing.
    if event.event.kind == "DuesAssessed" {
        return Ok(Vec::new());
    }
    let Some((plan, told)) = read(event)? else { return Ok(Vec::new()) };
    let change = match told {
        DuesEvent::DuesCycleOpened(opened) => {
            Some(Change::Schedule { key: cycle_key(plan), due_at: opened.due_at })
        }
        DuesEvent::DuesPlanEnded(_) => Some(Change::Close(cycle_key(plan))),
        DuesEvent::DuesPaymentReserved(reserved) => {
            Some(Change::Open(debit_key(reserved.terms.transfer)))
        }
        DuesEvent::DuesPaid(paid) => Some(Change::Close(debit_key(paid.transfer))),
        DuesEvent::DuesPaymentReleased(released) => {
            Some(Change::Close(debit_key(released.transfer)))
        }
        _ => None,
    };
    Ok(change.into_iter().collect())
}

pub(super) fn derive_cycle(key: Uuid, event: &Recorded) -> Result<Option<CycleDue>, DecodeError> {
    Ok(CycleDue::of(event)?.filter(|due| cycle_key(due.plan) == key))
}

pub(super) fn derive_reservation(
    key: Uuid,
    event: &Recorded,
) -> Result<Option<Reservation>, DecodeError> {
    Ok(Reservation::of(event)?.filter(|reserved| debit_key(reserved.terms.transfer) == key))
}

fn read(event: &Recorded) -> Result<Option<(PlanId, DuesEvent)>, DecodeError> {
    if event.stream.category() != Category::Dues {
        return Ok(None);
    }
    let Ok(plan) = event.stream.entity().parse() else { return Ok(None) };
    Ok(Some((plan, codec::decode::<DuesEvent>(event)?.event)))
}
