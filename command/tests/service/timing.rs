//! Time as a test sets it, and the process manager that works while it passes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use command::Clock;
use command::process::machine::{Input, Machine};
use command::process::rules;
use events::codec::{self, CategoryEvent};
use events::log::Direction;
use events::{EventLog, StreamName, Timestamp};

use crate::scene::Scene;

/// How often the list may be looked at before whoever waits gives up.
const LOOKS_MAX: usize = 20_000;
/// Between two looks at the list.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A clock that goes on as the machine's does, and can be put forward.
#[derive(Debug, Clone, Default)]
pub(crate) struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub(crate) fn clock(&self) -> Clock {
        let this = self.clone();
        Clock::new(move || this.now())
    }

    pub(crate) fn now(&self) -> Timestamp {
        let ahead = self.0.load(Ordering::SeqCst);
        Timestamp::from_micros(Timestamp::now().as_micros() + ahead)
    }

    pub(crate) fn put_forward(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
    }

    fn put_forward_to(&self, at: Timestamp) {
        self.put_forward(at.since(self.now()));
    }
}

/// An instant by its text.
pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl Scene {
    /// A scene that begins at an instant to come.
    pub(crate) fn beginning(at: Timestamp) -> Self {
        let scene = Self::new();
        scene.clock.put_forward_to(at);
        scene
    }

    /// Time passes while nobody looks at the list.
    pub(crate) fn pass(&self, time: Duration) {
        self.clock.put_forward(time);
    }

    /// Time passes up to an instant, and a process manager does what falls due by then, when it
    /// does.
    pub(crate) async fn work_until(&self, end: Timestamp) {
        for _ in 0..LOOKS_MAX {
            let head = self.log.head().await.unwrap();
            self.look().await;
            let next = self.todos.due_now(end, 1).into_iter().next();
            let is_quiet = self.log.head().await.unwrap() == head;
            if self.clock.now() >= end || is_quiet && next.is_none() {
                return self.clock.put_forward_to(end);
            }
            let soon = self.clock.now().plus(LOOK_EVERY);
            let next_at = next.filter(|_| is_quiet).map_or(soon, |next| next.due_at.max(soon));
            self.clock.put_forward_to(next_at);
        }
        panic!("it never comes to an end: {:?}", self.todos.due_now(end, 10));
    }

    /// A process manager works for so long.
    pub(crate) async fn work_for(&self, time: Duration) {
        self.work_until(self.clock.now().plus(time)).await;
    }

    /// One look at log and list, by a process manager that has just been started.
    async fn look(&self) {
        let (mut machine, mut inputs) = (Machine::new(rules()), vec![Input::Wake]);
        while let Some(input) = inputs.pop() {
            for effect in machine.step(self.clock.now(), input) {
                inputs.extend(self.reply(effect).await);
            }
        }
        // What it found in the log may be due.
        for effect in machine.step(self.clock.now().plus(LOOK_EVERY), Input::Wake) {
            inputs.extend(self.reply(effect).await);
        }
        while let Some(input) = inputs.pop() {
            for effect in machine.step(self.clock.now().plus(LOOK_EVERY), input) {
                inputs.extend(self.reply(effect).await);
            }
        }
    }

    /// What a stream tells, and when.
    pub(crate) fn told<E: CategoryEvent>(&self, stream: &StreamName) -> Vec<(Timestamp, E)> {
        let all = self.log.read_now(stream, 0, Direction::Forwards, 10_000);
        let facts = all.iter().map(|event| codec::decode::<E>(event).unwrap());
        facts.map(|fact| (fact.at, fact.event)).collect()
    }
}
