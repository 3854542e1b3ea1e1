//! Given events, when a command, then a decision: deciders tested as sentences.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use events::codec::{self, CategoryEvent};
use events::personal::{KeyRing, KeyState, UserKey};
use events::{
    Actor, ChannelId, CommandId, CycleId, EventId, Fact, MessageId, Metadata, PaymentId, PlanId,
    Recorded, SessionId, StreamName, Timestamp, TransferId, UserId, WalletId,
};
use uuid::Uuid;

use crate::execution::aggregate::{Aggregate, Context, Decision, View};
use crate::rejection::Rejection;

/// A new id, the same in every run.
pub(super) fn fresh<T: From<Fresh>>() -> T {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    T::from(Fresh(Uuid::from_u128(NEXT.fetch_add(1, Ordering::Relaxed).into())))
}

/// What [`fresh`] makes ids of.
pub(super) struct Fresh(Uuid);

macro_rules! fresh_ids {
    ($($id:ident),*) => {$(
        impl From<Fresh> for $id {
            fn from(fresh: Fresh) -> Self {
                Self(fresh.0)
            }
        }
    )*};
}

fresh_ids!(
    UserId, ChannelId, MessageId, SessionId, CommandId, EventId, WalletId, TransferId, PaymentId,
    PlanId, CycleId
);

/// An aggregate in the middle of its life.
pub(super) struct Given<A: Aggregate> {
    pub(super) state: A::State,
    pub(super) now: Timestamp,
    items: HashMap<Uuid, A::Item>,
    stream: StreamName,
    ring: KeyRing,
    revision: u64,
    last: Option<Fact<A::Event>>,
    stored: Option<Recorded>,
}

/// A ring with a key for each of these users.
pub(super) fn ring(users: &[UserId]) -> KeyRing {
    users.iter().map(|user| (*user, KeyState::Live(UserKey::new([9; 32])))).collect()
}

impl<A: Aggregate> Given<A> {
    /// Nothing has happened yet.
    pub(super) fn nothing(stream: StreamName, ring: KeyRing) -> Self {
        Self {
            state: A::State::default(),
            now: Timestamp::from_micros(1_700_000_000_000_000),
            items: HashMap::new(),
            stream,
            ring,
            revision: 0,
            last: None,
            stored: None,
        }
    }

    /// Time passes.
    pub(super) fn later(mut self, by: Duration) -> Self {
        self.now = self.now.plus(by);
        self
    }

    /// This was asked for, and accepted.
    pub(super) fn after(mut self, command: &A::Command) -> Self {
        let decision = self.run(fresh(), command);
        assert!(matches!(decision, Decision::Accept(_)), "refused: {:?}", refusal(decision));
        self
    }

    /// What comes of a command, without it happening.
    pub(super) fn when(&self, command: &A::Command) -> Decision<A::Event> {
        self.decide(fresh(), command)
    }

    /// What comes of a command; it happens.
    pub(super) fn run(&mut self, id: CommandId, command: &A::Command) -> Decision<A::Event> {
        let decision = self.decide(id, command);
        match decision.clone() {
            Decision::Accept(events) => self.happen(id, events),
            Decision::CountAndRefuse(event, _) => self.happen(fresh(), vec![event]),
            Decision::Refuse(_) | Decision::Stale => {}
        }
        decision
    }

    /// This came into the stream, whoever decided it.
    pub(super) fn happened(&mut self, event: A::Event) {
        self.happen(fresh(), vec![event]);
    }

    /// The last event, as it was stored.
    pub(super) fn last(&self) -> &Fact<A::Event> {
        self.last.as_ref().expect("something has happened")
    }

    /// The last event, as the log holds it.
    pub(super) fn stored(&self) -> &Recorded {
        self.stored.as_ref().expect("something has happened")
    }

    /// One of the items.
    pub(super) fn item(&self, key: Uuid) -> Option<&A::Item> {
        self.items.get(&key)
    }

    pub(super) fn stream(&self) -> &StreamName {
        &self.stream
    }

    pub(super) fn ring(&self) -> &KeyRing {
        &self.ring
    }

    /// Without that user's key.
    pub(super) fn forgetting(mut self, user: UserId) -> Self {
        self.ring.insert(user, KeyState::Destroyed);
        self
    }

    fn decide(&self, id: CommandId, command: &A::Command) -> Decision<A::Event> {
        let needed = A::needs(command);
        let items = self.items.iter().filter(|(key, _)| needed.contains(key));
        let items = items.map(|(key, item)| (*key, item.clone())).collect();
        let view = View { state: &self.state, items: &items };
        let (stream, ring, actor) = (&self.stream, &self.ring, &Actor::System);
        A::decide(&view, &Context { now: self.now, id, actor, stream, ring }, command)
    }

    /// Events go through the codec, state and items through what a snapshot keeps of them, so
    /// that both are tested along.
    fn happen(&mut self, id: CommandId, events: Vec<A::Event>) {
        for (ordinal, event) in (0..).zip(events) {
            let fact = self.store(id, ordinal, event);
            for touch in A::touches(&fact.event) {
                let item = A::evolve_item(self.items.remove(&touch.key()), &fact);
                let keep = |item| serde_json::from_value(serde_json::to_value(item).unwrap());
                let item = item.map(|item: A::Item| keep(item).unwrap());
                self.items.extend(item.map(|item| (touch.key(), item)));
            }
            let kept = serde_json::to_value(A::evolve(self.state.clone(), &fact)).unwrap();
            self.state = serde_json::from_value(kept).unwrap();
            self.last = Some(fact);
        }
    }

    fn store(&mut self, id: CommandId, ordinal: u32, mut event: A::Event) -> Fact<A::Event> {
        let metadata = Metadata {
            event_id: events::envelope::event_id(&self.stream, &Actor::System, id, ordinal),
            correlation: id,
            causation: id,
            input_hash: None,
            actor: Actor::System,
            recorded_at: self.now,
            version: 0,
            trace_parent: None,
        };
        let event = codec::encode(&mut event, &self.stream, metadata, &self.ring).unwrap();
        let (stream, revision) = (self.stream.clone(), self.revision);
        self.revision += 1;
        let stored = Recorded { position: revision + 1, stream, revision, event };
        let fact = codec::decode(&stored).unwrap();
        self.stored = Some(stored);
        fact
    }
}

/// The events of an accepted command.
pub(super) fn accepted<E: CategoryEvent>(decision: Decision<E>) -> Vec<E> {
    match decision {
        Decision::Accept(events) => events,
        other => panic!("not accepted: {other:?}"),
    }
}

/// Why a command was refused, counted or not.
pub(super) fn refusal<E: CategoryEvent>(decision: Decision<E>) -> Rejection {
    match decision {
        Decision::Refuse(rejection) | Decision::CountAndRefuse(_, rejection) => rejection,
        other => panic!("not refused: {other:?}"),
    }
}

/// Names of events.
pub(super) fn kinds<E: CategoryEvent>(events: &[E]) -> Vec<&'static str> {
    events.iter().map(|event| event.kind().0).collect()
}
