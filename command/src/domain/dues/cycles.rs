//! A plan's beginning and end, and its cycles between them.

use events::dues::{
    DuesAssessed, DuesCycleClosed, DuesCycleOpened, DuesPlanCreated, DuesPlanEnded, Sums, cycle_of,
};
use events::money::Amount;
use events::recurrence::Due;
use events::{CycleId, DuesEvent, PlanId, UserId};

use super::item::{Cycle, Gate};
use super::{
    AMOUNT_MAX, ASSESSED_LEN_MAX, Assessed, Create, Decided, Dues, State, cycle, exact, plan,
};
use crate::domain::Permit;
use crate::domain::recurrence::Calendar;
use crate::execution::aggregate::{Context, Decision, View};
use crate::rejection::{Code, Details, Rejection};

pub(super) fn create(state: &State, context: &Context<'_>, create: &Create) -> Decided {
    let amount = create.amount.get();
    if amount.minor_units() > AMOUNT_MAX {
        let message = "This is more than can be collected from all.";
        return Err(Rejection::new(Code::AmountTooLarge, message).at("amount"));
    }
    let first = Calendar::of(&create.recurrence)?.begins_after(context.now)?;
    create.permit.clone()?;
    if state.plan.is_some() {
        // Ids are claimed before this is decided, so nobody gets here but by a lost claim.
        return Err(Rejection::new(Code::IdTaken, "This id is taken."));
    }
    let created = DuesPlanCreated {
        wallet: create.wallet,
        name: create.name.as_str().to_owned(),
        amount,
        recurrence: create.recurrence.clone(),
        created_by: create.by,
    };
    let mut events = vec![created.into()];
    events.extend(opened(plan(context)?, first, amount, &create.members)?);
    Ok(Decision::Accept(events))
}

pub(super) fn end(state: &State, by: UserId, permit: &Permit) -> Decided {
    state.existing()?;
    permit.clone()?;
    if state.ended {
        return Err(Rejection::new(Code::ScheduleNotActive, "This plan has ended already."));
    }
    Ok(Decision::Accept(vec![DuesPlanEnded { by: Some(by) }.into()]))
}

/// One cycle at a time, however many were to open while nobody looked. Nothing to do is fine; too
/// early isn't, or else whoever has it on their list would strike it off.
pub(super) fn open_next(state: &State, context: &Context<'_>, assessed: &Assessed) -> Decided {
    let about = state.existing()?;
    let Some(latest) = state.latest.filter(|_| !state.ended) else {
        return Ok(Decision::Accept(Vec::new()));
    };
    if latest.due_at > context.now {
        return Err(Rejection::new(Code::Conflict, "The newest cycle isn't due yet."));
    }
    let next = Calendar::of(&about.recurrence)?.due(latest.number + 1);
    let (Some(next), Assessed::Members(members)) = (next, assessed) else {
        return Ok(Decision::Accept(vec![DuesPlanEnded { by: None }.into()]));
    };
    opened(plan(context)?, next, about.amount, members).map(Decision::Accept)
}

fn opened(
    plan: PlanId,
    due: Due,
    amount: Amount,
    users: &[UserId],
) -> Result<Vec<DuesEvent>, Rejection> {
    let Due { number, due_at } = due;
    let cycle = cycle_of(plan, number);
    let members = u32::try_from(users.len()).map_err(|_| Rejection::internal())?;
    let owed = amount.minor_units().checked_mul(members.into()).and_then(Amount::new);
    let sums = Sums { outstanding: exact(owed)?, ..Sums::default() };
    let mut events = vec![DuesCycleOpened { cycle, number, due_at, members, sums }.into()];
    let assessed = users.chunks(ASSESSED_LEN_MAX);
    let assessed = assessed.map(|users| DuesAssessed { cycle, amount, users: users.to_vec() });
    events.extend(assessed.map(DuesEvent::from));
    events.extend(paid_off(cycle, &Cycle { sums, gate: Gate::Open }, sums));
    Ok(events)
}

pub(super) fn close(view: &View<'_, Dues>, by: UserId, id: CycleId, permit: &Permit) -> Decided {
    let cycle = cycle(view, id)?;
    permit.clone()?;
    if cycle.gate != Gate::Open {
        return Err(closed(cycle.sums.outstanding));
    }
    Ok(Decision::Accept(vec![DuesCycleClosed { cycle: id, by: Some(by) }.into()]))
}

pub(super) fn closed(outstanding: Amount) -> Rejection {
    Rejection::new(Code::DuesClosed, "This cycle takes no more payments.")
        .with(Details::Dues { outstanding })
}

/// A cycle of which nothing is outstanding, nor under way, is closed.
pub(super) fn paid_off(id: CycleId, cycle: &Cycle, sums: Sums) -> Option<DuesEvent> {
    let is_paid = sums.outstanding == Amount::ZERO && sums.reserved == Amount::ZERO;
    let closes = cycle.gate == Gate::Open && is_paid;
    closes.then(|| DuesCycleClosed { cycle: id, by: None }.into())
}
