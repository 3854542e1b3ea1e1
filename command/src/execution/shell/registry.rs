//! Which mailboxes there are.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use events::StreamName;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::perform::Ports;
use super::task::{self, Letter, Place};
use crate::execution::aggregate::Aggregate;
use crate::execution::limits::{Limits, MAILBOXES_LEN_MAX};
use crate::execution::machine::overloaded;
use crate::rejection::{Code, Rejection};

type Key = (TypeId, StreamName);

/// The mailboxes of a node.
pub(super) struct Registry {
    ports: Arc<Ports>,
    limits: Limits,
    tasks: TaskTracker,
    stop: CancellationToken,
    shelf: Mutex<Shelf>,
}

#[derive(Default)]
struct Shelf {
    /// A `Slot<A>` a stream.
    slots: HashMap<Key, Box<dyn Any + Send>>,
    last_number: u64,
}

/// Where a mailbox's letters go.
pub(super) struct Slot<A: Aggregate> {
    /// Tells it from later mailboxes of the same stream.
    pub(super) number: u64,
    /// Its letters.
    pub(super) letters: mpsc::Sender<Letter<A>>,
}

impl<A: Aggregate> Clone for Slot<A> {
    fn clone(&self) -> Self {
        Self { number: self.number, letters: self.letters.clone() }
    }
}

impl Registry {
    pub(super) fn new(ports: Ports, limits: Limits) -> Self {
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        Self { ports: Arc::new(ports), limits, tasks, stop, shelf: Mutex::default() }
    }

    /// The stream's mailbox, made if there is none.
    pub(super) fn mailbox<A: Aggregate>(
        self: &Arc<Self>,
        stream: &StreamName,
    ) -> Result<Slot<A>, Rejection> {
        let key = (TypeId::of::<A>(), stream.clone());
        let mut contents = self.lock();
        // Asked under the lock, so that `drain` leaves none behind.
        if self.stop.is_cancelled() {
            return Err(Rejection::new(Code::Unavailable, "the node is being stopped"));
        }
        let known = contents.slots.get(&key).and_then(|slot| slot.downcast_ref::<Slot<A>>());
        if let Some(slot) = known {
            return Ok(slot.clone());
        }
        if contents.slots.len() >= MAILBOXES_LEN_MAX {
            return Err(overloaded());
        }
        contents.last_number += 1;
        let number = contents.last_number;
        let (letters, inbox) = mpsc::channel(self.limits.queue_len);
        let slot = Slot { number, letters };
        contents.slots.insert(key, Box::new(slot.clone()));
        metrics::gauge!("moim_mailboxes").set(count(contents.slots.len()));
        let (ports, registry) = (Arc::clone(&self.ports), Arc::downgrade(self));
        let (stream, limits, stop) = (stream.clone(), self.limits, self.stop.clone());
        let place = Place { stream, number, registry };
        self.tasks.spawn(task::run(place, ports, limits, inbox, stop));
        Ok(slot)
    }

    /// Takes a mailbox out, so that the stream's next letter makes a new one.
    pub(super) fn remove<A: Aggregate>(&self, stream: &StreamName, number: u64) {
        let key = (TypeId::of::<A>(), stream.clone());
        let mut contents = self.lock();
        let same = |slot: &Box<dyn Any + Send>| {
            slot.downcast_ref::<Slot<A>>().is_some_and(|slot| slot.number == number)
        };
        if contents.slots.get(&key).is_some_and(same) {
            contents.slots.remove(&key);
        }
        metrics::gauge!("moim_mailboxes").set(count(contents.slots.len()));
    }

    pub(super) async fn drain(&self) {
        {
            let _shelf = self.lock();
            self.stop.cancel();
        }
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        // Nothing in here can panic half-way through a change.
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// For a gauge; at most [`MAILBOXES_LEN_MAX`].
fn count(len: usize) -> f64 {
    f64::from(u32::try_from(len).unwrap_or(u32::MAX))
}
