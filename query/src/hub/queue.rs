//! What waits for one subscriber, bounded in messages and bytes.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::metrics;

/// The most pushes that wait for a subscriber.
const PUSHES_MAX: usize = 1_000;
/// The most that they may weigh; one push always fits.
const BYTES_MAX: usize = 1024 * 1024;
/// The most live pushes that are held back while history is told; beyond, they are told from the
/// feed, too.
const HELD_MAX: usize = 200;
/// How long history waits for a reader who takes nothing.
const STALL_TIMEOUT: Duration = Duration::from_secs(10);

/// What a subscriber is given next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    /// An execution result, `{"data":…}`, serialised; shared with others.
    Next(Bytes),
    /// The subscription ended with these errors, a serialised JSON array.
    Errors(Bytes),
    /// The subscription ended by itself.
    Complete,
    /// The reader fell too far behind; it may come again with `after`.
    Slow,
}

impl Pushed {
    fn len(&self) -> usize {
        match self {
            Self::Next(bytes) | Self::Errors(bytes) => bytes.len(),
            Self::Complete | Self::Slow => 0,
        }
    }
}

/// The reader took too little for too long.
#[derive(Debug)]
pub(crate) struct Stalled;

/// More was held back than fits: it has to be read from the feed.
#[derive(Debug)]
pub(crate) struct Overflowed;

/// Written by a group and, before that, by who tells history; read by the transport.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    contents: Mutex<Contents>,
    space: Notify,
}

#[derive(Debug, Default)]
struct Contents {
    ready: VecDeque<Pushed>,
    ready_bytes: usize,
    /// Live pushes while history is told.
    held: Option<Held>,
    /// Nothing is taken in any more.
    is_over: bool,
    reader: Option<Waker>,
}

#[derive(Debug, Default)]
struct Held {
    pushes: Vec<Pushed>,
    is_overflowed: bool,
}

impl Contents {
    fn fits(&self, len: usize) -> bool {
        self.ready.is_empty()
            || (self.ready.len() < PUSHES_MAX && self.ready_bytes + len <= BYTES_MAX)
    }

    fn add(&mut self, pushed: Pushed) {
        self.is_over = !matches!(pushed, Pushed::Next(_));
        self.ready_bytes += pushed.len();
        self.ready.push_back(pushed);
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }

    /// Ends it for a reader who is too slow. What waits is dropped: it can be had with `after`.
    fn give_up(&mut self) {
        metrics::slow_reader();
        self.ready.clear();
        self.ready_bytes = 0;
        self.held = None;
        self.add(Pushed::Slow);
    }
}

impl Queue {
    /// A live push, or the end. A reader who is too far behind is given up.
    pub(crate) fn push(&self, pushed: Pushed) {
        let mut contents = self.lock();
        if contents.is_over {
            return;
        }
        if let Some(held) = &mut contents.held {
            if held.pushes.len() >= HELD_MAX {
                held.is_overflowed = true;
                held.pushes = Vec::new();
            }
            if !held.is_overflowed {
                held.pushes.push(pushed);
            }
        } else if matches!(pushed, Pushed::Next(_)) && !contents.fits(pushed.len()) {
            contents.give_up();
        } else {
            contents.add(pushed);
        }
    }

    /// From here on live pushes are held back.
    pub(crate) fn hold(&self) {
        self.lock().held = Some(Held::default());
    }

    /// History was told: what was held back follows.
    pub(crate) fn release(&self) -> Result<(), Overflowed> {
        let mut contents = self.lock();
        let Some(held) = contents.held.take() else { return Ok(()) };
        if held.is_overflowed {
            return Err(Overflowed);
        }
        for pushed in held.pushes {
            if !contents.is_over {
                contents.add(pushed);
            }
        }
        Ok(())
    }

    /// Something from the feed; waits for the reader to make space.
    pub(crate) async fn tell(&self, bytes: Bytes) -> Result<(), Stalled> {
        loop {
            let space = self.space.notified();
            {
                let mut contents = self.lock();
                if contents.is_over {
                    return Err(Stalled);
                }
                if contents.fits(bytes.len()) {
                    contents.add(Pushed::Next(bytes));
                    return Ok(());
                }
            }
            if timeout(STALL_TIMEOUT, space).await.is_err() {
                self.lock().give_up();
                return Err(Stalled);
            }
        }
    }

    /// Ends it, whatever is held back.
    pub(crate) fn end(&self, last: Pushed) {
        let mut contents = self.lock();
        contents.held = None;
        if !contents.is_over {
            contents.add(last);
        }
    }

    /// Whether nothing is taken in any more.
    pub(crate) fn is_over(&self) -> bool {
        self.lock().is_over
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<Pushed>> {
        let mut contents = self.lock();
        let Some(pushed) = contents.ready.pop_front() else {
            if contents.is_over {
                return Poll::Ready(None);
            }
            contents.reader = Some(cx.waker().clone());
            return Poll::Pending;
        };
        contents.ready_bytes -= pushed.len();
        drop(contents);
        self.space.notify_one();
        Poll::Ready(Some(pushed))
    }

    fn lock(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running subscription; dropping it ends it. It is over after anything but
/// [`Pushed::Next`].
pub struct Subscription {
    pub(crate) queue: Arc<Queue>,
    /// What has to go when the subscription goes: the task that tells history, the seat in a
    /// group.
    pub(crate) _held: Box<dyn Send + Sync>,
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription").field("queue", &self.queue).finish_non_exhaustive()
    }
}

impl Stream for Subscription {
    type Item = Pushed;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Pushed>> {
        self.queue.poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, StreamExt};

    use super::*;

    fn next(text: &str) -> Pushed {
        Pushed::Next(Bytes::copy_from_slice(text.as_bytes()))
    }

    fn subscription() -> (Arc<Queue>, Subscription) {
        let queue = Arc::new(Queue::default());
        (queue.clone(), Subscription { queue, _held: Box::new(()) })
    }

    #[test]
    fn a_reader_who_stalls_is_told_so_and_loses_nothing_in_silence() {
        let (queue, mut subscription) = subscription();
        for _ in 0..=PUSHES_MAX {
            queue.push(next("{}"));
        }
        assert_eq!(subscription.next().now_or_never(), Some(Some(Pushed::Slow)));
        assert_eq!(subscription.next().now_or_never(), Some(None));
    }

    #[test]
    fn bytes_are_bounded_as_well() {
        let (queue, mut subscription) = subscription();
        let large = "x".repeat(BYTES_MAX);
        queue.push(next(&large));
        assert_eq!(subscription.next().now_or_never(), Some(Some(next(&large))));
        queue.push(next(&large));
        queue.push(next("x"));
        assert_eq!(subscription.next().now_or_never(), Some(Some(Pushed::Slow)));
    }

    #[test]
    fn what_is_live_waits_for_history() {
        let (queue, mut subscription) = subscription();
        queue.hold();
        queue.push(next("live"));
        queue.tell(Bytes::from_static(b"history")).now_or_never().unwrap().unwrap();
        queue.release().unwrap();
        queue.push(Pushed::Complete);
        let told: Vec<_> = subscription.by_ref().collect().now_or_never().unwrap();
        assert_eq!(told, [next("history"), next("live"), Pushed::Complete]);
    }

    #[test]
    fn what_can_not_be_held_has_to_come_from_the_feed() {
        let (queue, mut subscription) = subscription();
        queue.hold();
        for _ in 0..=HELD_MAX {
            queue.push(next("live"));
        }
        assert!(queue.release().is_err());
        assert_eq!(subscription.next().now_or_never(), None);
    }
}
