//! Stores that fail as a seed says: a write is refused, or is done and its answer lost, or the
//! node dies before it or after it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use command::ports::{Claim, Claimed, Claims, NewClaim, StoreError};
use events::log::{Direction, Tail};
use events::{
    Append, AppendError, Appended, CommandId, EventLog, LogError, LogId, LogPosition, Recorded,
    Revision, StreamName, Timestamp,
};
use serde_json::Value;
use uuid::Uuid;

use crate::dice::Dice;

/// What may become of a write, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Odds {
    pub(crate) refused: usize,
    pub(crate) lost: usize,
    pub(crate) fatal: usize,
}

impl Odds {
    pub(crate) const NONE: Self = Self { refused: 0, lost: 0, fatal: 0 };
}

#[derive(Debug)]
struct Fate {
    odds: Odds,
    dice: Dice,
    is_dead: bool,
}

/// A node's luck with its writes.
#[derive(Debug, Clone)]
pub(crate) struct Luck(Arc<Mutex<Fate>>);

enum Before {
    Goes,
    Refused,
}

impl Luck {
    pub(crate) fn new() -> Self {
        let fate = Fate { odds: Odds::NONE, dice: Dice::new(0), is_dead: false };
        Self(Arc::new(Mutex::new(fate)))
    }

    pub(crate) fn set(&self, odds: Odds, seed: u64) {
        let mut fate = self.0.lock().unwrap();
        (fate.odds, fate.dice) = (odds, Dice::new(seed));
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.0.lock().unwrap().is_dead
    }

    fn draw(&self, chance: impl Fn(Odds) -> usize) -> bool {
        let mut fate = self.0.lock().unwrap();
        let chance = chance(fate.odds);
        chance > 0 && fate.dice.percent(chance)
    }

    async fn die_perhaps(&self) {
        if self.draw(|odds| odds.fatal) {
            self.0.lock().unwrap().is_dead = true;
        }
        if self.is_dead() {
            std::future::pending::<()>().await;
        }
    }

    async fn before(&self) -> Before {
        self.die_perhaps().await;
        if self.draw(|odds| odds.refused) { Before::Refused } else { Before::Goes }
    }

    /// Whether the answer arrives.
    async fn after(&self) -> bool {
        self.die_perhaps().await;
        !self.draw(|odds| odds.lost)
    }

    async fn store<T>(
        &self,
        write: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let fault = |what: &str| Err(StoreError(what.to_owned()));
        if matches!(self.before().await, Before::Refused) {
            return fault("refused");
        }
        let done = write.await;
        if self.after().await { done } else { fault("answer lost") }
    }
}

pub(crate) struct UnluckyLog {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) luck: Luck,
}

#[async_trait]
impl EventLog for UnluckyLog {
    fn id(&self) -> LogId {
        self.log.id()
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        if matches!(self.luck.before().await, Before::Refused) {
            return Err(AppendError::Unavailable("refused".to_owned()));
        }
        let done = self.log.append(append).await;
        if self.luck.after().await {
            return done;
        }
        Err(AppendError::Unknown("answer lost".to_owned()))
    }

    async fn read(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Recorded>, LogError> {
        self.log.read(stream, from, direction, limit).await
    }

    async fn last_revision(&self, stream: &StreamName) -> Result<Option<Revision>, LogError> {
        self.log.last_revision(stream).await
    }

    async fn head(&self) -> Result<LogPosition, LogError> {
        self.log.head().await
    }

    async fn read_all(&self, after: LogPosition, limit: usize) -> Result<Vec<Recorded>, LogError> {
        self.log.read_all(after, limit).await
    }

    fn subscribe(&self, after: LogPosition) -> Tail {
        self.log.subscribe(after)
    }
}

pub(crate) struct UnluckyClaims {
    pub(crate) claims: Arc<dyn Claims>,
    pub(crate) luck: Luck,
}

#[async_trait]
impl Claims for UnluckyClaims {
    async fn claim(&self, claims: Vec<NewClaim>) -> Result<Vec<Claimed>, StoreError> {
        self.luck.store(self.claims.claim(claims)).await
    }

    async fn take_up(&self, id: CommandId, seen: u32) -> Result<Option<(Claim, bool)>, StoreError> {
        self.luck.store(self.claims.take_up(id, seen)).await
    }

    async fn settle(&self, id: CommandId, attempt: u32, answer: Value) -> Result<bool, StoreError> {
        self.luck.store(self.claims.settle(id, attempt, answer)).await
    }

    async fn release(&self, id: CommandId, attempt: u32) -> Result<bool, StoreError> {
        self.luck.store(self.claims.release(id, attempt)).await
    }

    async fn advance(
        &self,
        id: CommandId,
        attempt: u32,
        revision: Revision,
    ) -> Result<bool, StoreError> {
        self.luck.store(self.claims.advance(id, attempt, revision)).await
    }

    async fn find(&self, id: CommandId) -> Result<Option<Claim>, StoreError> {
        self.claims.find(id).await
    }

    async fn name(&self, things: Vec<(Uuid, StreamName)>) -> Result<(), StoreError> {
        self.luck.store(self.claims.name(things)).await
    }

    async fn stream_of(&self, thing: Uuid) -> Result<Option<StreamName>, StoreError> {
        self.claims.stream_of(thing).await
    }

    async fn prune(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.claims.prune(before).await
    }
}
