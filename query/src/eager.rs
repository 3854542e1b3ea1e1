//! Executions that ask for all that they can ask for before they wait.
//!
//! The executor keeps the fields of a selection in sets that stop after every second one which
//! woke itself, and each of these sets does. A page of fifty messages would so ask for its rows a
//! few at a time, and the data loaders, who wait a millisecond for more, would load them in many
//! small batches. A future that woke itself while it was polled is therefore polled again at once.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures::task::AtomicWaker;

/// How often a future is polled again at once. A page of a hundred items takes about as many.
const POLLS_MAX: usize = 500;

/// Polls a future for as long as it wakes itself.
pub(crate) struct Eager<F> {
    future: F,
    woken: Arc<Woken>,
    waker: Waker,
}

#[derive(Default)]
struct Woken {
    since_polled: AtomicBool,
    outer: AtomicWaker,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.since_polled.store(true, Ordering::Release);
        self.outer.wake();
    }
}

impl<F> Eager<F> {
    pub(crate) fn new(future: F) -> Self {
        let woken = Arc::<Woken>::default();
        let waker = Waker::from(woken.clone());
        Self { future, woken, waker }
    }
}

impl<F: Future + Unpin> Future for Eager<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        this.woken.outer.register(cx.waker());
        for _ in 0..POLLS_MAX {
            this.woken.since_polled.store(false, Ordering::Release);
            let polled = Pin::new(&mut this.future).poll(&mut Context::from_waker(&this.waker));
            if polled.is_ready() || !this.woken.since_polled.load(Ordering::Acquire) {
                return polled;
            }
        }
        // Whoever woke it has woken the task, too.
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use futures::future::{pending, poll_fn};

    use super::*;

    #[test]
    fn a_future_that_wakes_itself_goes_on_at_once() {
        let mut left = POLLS_MAX;
        let selfish = poll_fn(move |cx| {
            left -= 1;
            cx.waker().wake_by_ref();
            if left == 0 { Poll::Ready("done") } else { Poll::Pending }
        });
        assert_eq!(Eager::new(selfish).now_or_never(), Some("done"));
    }

    #[test]
    fn one_that_waits_or_never_ends_is_left_for_later() {
        assert_eq!(Eager::new(pending::<()>()).now_or_never(), None);
        let endless = poll_fn(|cx| {
            cx.waker().wake_by_ref();
            Poll::<()>::Pending
        });
        assert_eq!(Eager::new(endless).now_or_never(), None);
    }
}
