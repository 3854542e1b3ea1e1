//! What events make of a scheduled payment.

use events::payment::{OccurrenceStarted, PaymentScheduled};
use events::{PaymentEvent, Timestamp};

use super::{About, Open, Stage, State, Status};

pub(super) fn apply(state: &mut State, event: &PaymentEvent, at: Timestamp) {
    if let Some(ahead) = event.ahead() {
        state.next = ahead.next;
    }
    match event {
        PaymentEvent::PaymentScheduled(scheduled) => state.about = Some(about(scheduled)),
        PaymentEvent::PaymentPaused(_) => state.status = Status::Paused,
        PaymentEvent::PaymentResumed(_) => {
            (state.status, state.lapsed_at) = (Status::Active, Some(at));
        }
        PaymentEvent::PaymentCancelled(_) => state.status = Status::Cancelled,
        PaymentEvent::PaymentCompleted(_) => state.status = Status::Completed,
        PaymentEvent::OccurrenceStarted(started) => start(state, started),
        PaymentEvent::OccurrenceWaiting(waiting) => {
            set_stage(state, waiting.number, Stage::Waiting);
        }
        PaymentEvent::OccurrenceRetrying(retrying) => {
            set_stage(state, retrying.number, Stage::Retrying(retrying.retry_at));
        }
        PaymentEvent::OccurrenceSucceeded(succeeded) => _ = state.open.remove(&succeeded.number),
        PaymentEvent::OccurrenceFailed(failed) => _ = state.open.remove(&failed.number),
        PaymentEvent::OccurrencesSkipped(_) | PaymentEvent::CommandSettled(_) => {}
    }
}

fn about(scheduled: &PaymentScheduled) -> About {
    let PaymentScheduled { from, to, amount, memo, recurrence, created_by, .. } = scheduled;
    About {
        from: *from,
        to: *to,
        amount: *amount,
        memo: memo.clone(),
        recurrence: recurrence.clone(),
        created_by: *created_by,
    }
}

fn start(state: &mut State, started: &OccurrenceStarted) {
    let OccurrenceStarted { number, attempt, due_at, .. } = *started;
    state.open.insert(number, Open { due_at, attempt, stage: Stage::Running });
}

fn set_stage(state: &mut State, number: u32, to: Stage) {
    if let Some(open) = state.open.get_mut(&number) {
        open.stage = to;
    }
}
