//! The machine of the process manager: one half follows the log and keeps the list, the other
//! works the list off. They share nothing but the list.

mod changes;
mod follower;
mod waker;

use events::{LogError, LogPosition, Recorded, Revision, StreamName, Timestamp};
use uuid::Uuid;

use self::follower::Follower;
use self::waker::Waker;
use super::rules::Rules;
use crate::ports::{Step, StoreError, Todo};
use crate::rejection::Rejection;

/// What the machine is told.
#[derive(Debug)]
pub enum Input {
    /// Of [`Effect::Checkpoint`].
    Checkpoint(Result<LogPosition, StoreError>),
    /// Of [`Effect::Follow`].
    Batch(Result<Vec<Recorded>, LogError>),
    /// Of [`Effect::Advance`].
    Advanced(Result<bool, StoreError>),
    /// Of [`Effect::Due`].
    Due(Result<Vec<Todo>, StoreError>),
    /// Of [`Effect::Read`]; `None` if there is no such event.
    Event(Uuid, Result<Option<Recorded>, LogError>),
    /// Of [`Effect::Run`].
    Done(Uuid, Result<(), Rejection>),
    /// Of [`Effect::Postpone`] and [`Effect::Remove`].
    PutAway(Uuid),
    /// Time has passed.
    Wake,
}

/// What the machine wants done. To each there is one reply.
#[derive(Debug)]
pub enum Effect<C> {
    /// Read how far the log is worked off.
    Checkpoint,
    /// Wait for events after a position.
    Follow {
        /// The position.
        after: LogPosition,
    },
    /// Change list and index, and move the checkpoint with them.
    Advance(Box<Step>),
    /// Ask for what is due.
    Due {
        /// The time.
        now: Timestamp,
        /// How many at most.
        limit: usize,
    },
    /// Read the event that opened something.
    Read {
        /// What it opened.
        key: Uuid,
        /// Its stream.
        stream: StreamName,
        /// Its revision.
        revision: Revision,
    },
    /// Carry a command out.
    Run {
        /// What it finishes.
        key: Uuid,
        /// The command.
        command: C,
    },
    /// Put something off.
    Postpone {
        /// What.
        key: Uuid,
        /// Revision of the event that opened it.
        revision: Revision,
        /// Until when.
        until: Timestamp,
    },
    /// Strike off what was done.
    Remove {
        /// What.
        key: Uuid,
        /// Revision of the event that opened it.
        revision: Revision,
    },
}

/// Both halves.
pub struct Machine<C> {
    follower: Follower<C>,
    waker: Waker<C>,
}

impl<C> Machine<C> {
    /// By these rules.
    pub fn new(rules: Rules<C>) -> Self {
        Self { follower: Follower::new(rules), waker: Waker::new(rules) }
    }

    /// Takes in what happened, and says what is to be done.
    pub fn step(&mut self, now: Timestamp, input: Input) -> Vec<Effect<C>> {
        let mut effects = Vec::new();
        match input {
            Input::Checkpoint(result) => self.follower.found(now, result.ok()),
            Input::Batch(result) => self.follower.read(now, result),
            Input::Advanced(result) => self.follower.advanced(now, result.ok()),
            Input::Due(result) => self.waker.due(now, result, &mut effects),
            Input::Event(key, result) => {
                let event = result.ok().flatten();
                self.waker.read(now, key, event.as_ref(), &mut effects);
            }
            Input::Done(key, result) => self.waker.done(now, key, result, &mut effects),
            Input::PutAway(key) => self.waker.put_away(key),
            Input::Wake => {}
        }
        self.follower.drive(now, &mut effects);
        self.waker.drive(now, &mut effects);
        effects
    }

    /// When it has to be woken at the latest, if nothing else happens.
    pub fn wake_at(&self) -> Option<Timestamp> {
        [self.follower.wake_at(), self.waker.wake_at()].into_iter().flatten().min()
    }
}
