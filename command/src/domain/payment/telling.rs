//! Events in the making: each tells what is ahead after it, which depends on all before.

use events::payment::PaymentCompleted;
use events::recurrence::Due;
use events::{PaymentEvent, Timestamp};

use super::{State, evolve, next_wake};
use crate::execution::aggregate::{Context, Decision};

/// The events of a decision, and the state after them.
pub(super) struct Telling {
    state: State,
    at: Timestamp,
    events: Vec<PaymentEvent>,
}

impl Telling {
    pub(super) fn of(state: &State, context: &Context<'_>) -> Self {
        Self { state: state.clone(), at: context.now, events: Vec::new() }
    }

    /// One more event, which leaves the next occurrence what it is.
    pub(super) fn tell(self, event: impl Into<PaymentEvent>) -> Self {
        let next = self.state.next;
        self.tell_next(event, next)
    }

    /// One more event, after which the next occurrence is that.
    pub(super) fn tell_next(mut self, event: impl Into<PaymentEvent>, next: Option<Due>) -> Self {
        let mut event = event.into();
        if let Some(ahead) = event.ahead_mut() {
            ahead.next = next;
        }
        evolve::apply(&mut self.state, &event, self.at);
        if let Some(ahead) = event.ahead_mut() {
            ahead.wake_at = next_wake(&self.state);
        }
        self.events.push(event);
        self
    }

    /// What has nothing more to come, and nothing open, is completed.
    pub(super) fn decide(mut self) -> Decision<PaymentEvent> {
        if self.state.is_finished() {
            self = self.tell(PaymentCompleted::default());
        }
        Decision::Accept(self.events)
    }
}
