//! Occurrences: that they start, and their outcome, of which each has one.

use events::TransferId;
use events::payment::{
    Ahead, OccurrenceFailed, OccurrenceRetrying, OccurrenceStarted, OccurrenceSucceeded,
    OccurrenceWaiting, transfer_of,
};

use super::schedule::leave_out;
use super::telling::Telling;
use super::{Decided, Open, Outcome, RETRY_AFTER, Stage, State, next_wake, no_payment, payment};
use crate::domain::recurrence::Calendar;
use crate::execution::aggregate::{Context, Decision};
use crate::rejection::{Code, Rejection};

/// One step at a time: the oldest occurrence that is due, be it for another attempt. Nothing to
/// do is fine; too early isn't, or else whoever has it on their list would strike it off.
pub(super) fn start_due(state: &State, context: &Context<'_>) -> Decided {
    let about = state.about.as_ref().ok_or_else(no_payment)?;
    let Some(wake_at) = next_wake(state) else { return Ok(nothing()) };
    if wake_at > context.now {
        return Err(Rejection::new(Code::Conflict, "Nothing is due yet."));
    }
    let is_due = |open: &Open| matches!(open.stage, Stage::Retrying(at) if at <= context.now);
    let retry = state.open.iter().find(|(_, open)| is_due(open));
    let (number, attempt, due_at, next) = match (retry, state.next) {
        (Some((number, open)), next) => (*number, open.attempt + 1, open.due_at, next),
        // More fell due while it was paused than fitted into the append that resumed it.
        (None, Some(due)) if state.lapsed_at >= Some(due.due_at) => {
            let until = state.lapsed_at.unwrap_or_default();
            return leave_out(Telling::of(state, context), state, until).map(Telling::decide);
        }
        (None, Some(due)) => {
            let after = Calendar::of(&about.recurrence)?.due(due.number + 1);
            (due.number, 1, due.due_at, after)
        }
        (None, None) => return Ok(nothing()),
    };
    let terms = about.terms(payment(context)?, number);
    let started = OccurrenceStarted { number, attempt, due_at, terms, ahead: Ahead::default() };
    Ok(Telling::of(state, context).tell_next(started, next).decide())
}

/// What has no outcome yet takes one; anything else is old news.
pub(super) fn settle(
    state: &State,
    context: &Context<'_>,
    number: u32,
    outcome: Outcome,
) -> Decided {
    if state.about.is_none() {
        return Err(no_payment());
    }
    let Some(open) = state.open.get(&number) else { return Ok(nothing()) };
    let transfer = transfer_of(payment(context)?, number);
    let (telling, ahead) = (Telling::of(state, context), Ahead::default());
    let telling = match outcome {
        Outcome::Waiting if open.stage == Stage::Running => {
            telling.tell(OccurrenceWaiting { number, transfer, ahead })
        }
        Outcome::Succeeded => telling.tell(OccurrenceSucceeded { number, transfer, ahead }),
        Outcome::Failed(code) => telling.tell(failed(number, code, Some(transfer))),
        Outcome::Refused { attempt, code } if open.is_at(attempt) && code.is_final() => {
            match retry_after(attempt, code) {
                Some(after) => {
                    let (retry_at, code) = (context.now.plus(after), code.as_str().to_owned());
                    telling.tell(OccurrenceRetrying { number, attempt, code, retry_at, ahead })
                }
                None => telling.tell(failed(number, code, None)),
            }
        }
        Outcome::Waiting | Outcome::Refused { .. } => return Ok(nothing()),
    };
    Ok(telling.decide())
}

impl Open {
    fn is_at(&self, attempt: u32) -> bool {
        self.stage == Stage::Running && self.attempt == attempt
    }
}

fn retry_after(attempt: u32, code: Code) -> Option<std::time::Duration> {
    let before = usize::try_from(attempt.checked_sub(1)?).ok()?;
    RETRY_AFTER.get(before).copied().filter(|_| code == Code::InsufficientFunds)
}

fn failed(number: u32, code: Code, transfer: Option<TransferId>) -> OccurrenceFailed {
    let (code, ahead) = (code.as_str().to_owned(), Ahead::default());
    OccurrenceFailed { number, code, transfer, ahead }
}

fn nothing() -> Decision<events::PaymentEvent> {
    Decision::Accept(Vec::new())
}
