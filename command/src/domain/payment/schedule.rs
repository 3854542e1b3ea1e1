//! What people ask of a scheduled payment. An occurrence that has started is none of it.

use events::payment::{
    Ahead, OccurrencesSkipped, PaymentCancelled, PaymentPaused, PaymentResumed, PaymentScheduled,
};
use events::{Timestamp, UserId};

use super::telling::Telling;
use super::{
    Decided, SKIPPED_EVENTS_MAX, SKIPPED_LEN_MAX, Schedule, State, Status, no_payment, not_active,
};
use crate::domain::Permit;
use crate::domain::recurrence::Calendar;
use crate::execution::aggregate::Context;
use crate::rejection::{Code, Rejection};

pub(super) fn schedule(state: &State, context: &Context<'_>, schedule: &Schedule) -> Decided {
    let first = Calendar::of(&schedule.recurrence)?.begins_after(context.now)?;
    schedule.permit.clone()?;
    if state.about.is_some() {
        // Ids are claimed before this is decided, so nobody gets here but by a lost claim.
        return Err(Rejection::new(Code::IdTaken, "This id is taken."));
    }
    let scheduled = PaymentScheduled {
        from: schedule.from,
        to: schedule.to,
        amount: schedule.amount.get(),
        memo: schedule.memo.as_str().to_owned(),
        recurrence: schedule.recurrence.clone(),
        created_by: schedule.by,
        ahead: Ahead::default(),
    };
    Ok(Telling::of(state, context).tell_next(scheduled, Some(first)).decide())
}

pub(super) fn pause(state: &State, context: &Context<'_>, by: UserId, permit: &Permit) -> Decided {
    may(state, permit)?;
    match state.status {
        Status::Active => {}
        Status::Paused => return Err(not_active("This payment is paused already.")),
        Status::Completed | Status::Cancelled => return Err(over()),
    }
    let paused = PaymentPaused { by, ahead: Ahead::default() };
    Ok(Telling::of(state, context).tell(paused).decide())
}

/// What fell due meanwhile is left out.
pub(super) fn resume(state: &State, context: &Context<'_>, by: UserId, permit: &Permit) -> Decided {
    may(state, permit)?;
    match state.status {
        Status::Paused => {}
        Status::Active => return Err(not_active("This payment is going on already.")),
        Status::Completed | Status::Cancelled => return Err(over()),
    }
    let telling = leave_out(Telling::of(state, context), state, context.now)?;
    let resumed = PaymentResumed { by, ahead: Ahead::default() };
    Ok(telling.tell(resumed).decide())
}

pub(super) fn skip(state: &State, context: &Context<'_>, by: UserId, permit: &Permit) -> Decided {
    let recurrence = &may(state, permit)?.recurrence;
    match state.status {
        Status::Active => {}
        Status::Paused => return Err(not_active("A paused payment has no next occurrence.")),
        Status::Completed | Status::Cancelled => return Err(over()),
    }
    let next = state.next.ok_or_else(|| not_active("No further occurrence is to come."))?;
    let after = Calendar::of(recurrence)?.due(next.number + 1);
    let skipped = OccurrencesSkipped { skipped: vec![next], by: Some(by), ahead: Ahead::default() };
    Ok(Telling::of(state, context).tell_next(skipped, after).decide())
}

pub(super) fn cancel(state: &State, context: &Context<'_>, by: UserId, permit: &Permit) -> Decided {
    may(state, permit)?;
    if matches!(state.status, Status::Completed | Status::Cancelled) {
        return Err(over());
    }
    let cancelled = PaymentCancelled { by, ahead: Ahead::default() };
    Ok(Telling::of(state, context).tell_next(cancelled, None).decide())
}

fn may<'a>(state: &'a State, permit: &Permit) -> Result<&'a super::About, Rejection> {
    let about = state.about.as_ref().ok_or_else(no_payment)?;
    permit.clone()?;
    Ok(about)
}

fn over() -> Rejection {
    not_active("This payment is over.")
}

/// Leaves out what was due by then. Of very many it is the first, as many as fit into one append:
/// the others follow by themselves.
pub(super) fn leave_out(
    mut telling: Telling,
    state: &State,
    until: Timestamp,
) -> Result<Telling, Rejection> {
    let about = state.about.as_ref().ok_or_else(no_payment)?;
    let calendar = Calendar::of(&about.recurrence)?;
    let mut next = state.next;
    for _ in 0..SKIPPED_EVENTS_MAX {
        let mut skipped = Vec::new();
        while let Some(due) = next.filter(|due| due.due_at <= until)
            && skipped.len() < SKIPPED_LEN_MAX
        {
            skipped.push(due);
            next = calendar.due(due.number + 1);
        }
        if skipped.is_empty() {
            break;
        }
        let skipped = OccurrencesSkipped { skipped, by: None, ahead: Ahead::default() };
        telling = telling.tell_next(skipped, next);
    }
    Ok(telling)
}
