//! The process manager, driven by hand, and nodes that die in the middle.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use command::ports::Vault;
use command::process::machine::{Effect, Input, Machine};
use command::process::{CarryOut, ProcessManager, Work, rules};
use command::{Command, Stores, Viewer};
use events::log::{Direction, Tail};
use events::personal::{KeyRing, KeyState, Keys, KeysUnavailable};
use events::{
    Append, AppendError, Appended, EventLog, LogError, LogId, LogPosition, Recorded, Revision,
    StreamName, Timestamp, UserId,
};
use tokio_util::sync::CancellationToken;

use crate::scene::{CONFIG, Scene, new_id};

/// By then a node that has not answered is taken for dead.
const DEAD_AFTER: Duration = Duration::from_millis(300);
const ROUNDS: u32 = 6;
const ROUND: Duration = Duration::from_secs(30);

impl Scene {
    /// Follows the log in the background, so that the index of memberships is up to date.
    pub(crate) fn follow(&self) {
        let service = Arc::clone(&self.service);
        let carry_out: CarryOut<Work> = Arc::new(move |work| {
            let service = Arc::clone(&service);
            Box::pin(async move { service.finish(work).await })
        });
        let (log, todos) = (Arc::new(self.log.clone()), Arc::new(self.todos.clone()));
        let manager = ProcessManager::new(log, todos, rules(), carry_out);
        tokio::spawn(manager.run(CancellationToken::new()));
    }

    /// Works off whatever was left, as if minutes had passed.
    pub(crate) async fn work_off(&self) {
        let now = self.work_off_from(Timestamp::now()).await;
        let left = self.todos.due_now(now.plus(ROUND * 1_000), 10);
        assert_eq!(left, [], "something is left to be done");
    }

    /// Works off what is due within minutes; what has a time of its own is left.
    pub(crate) async fn work_off_until_now(&self) {
        self.work_off_from(Timestamp::now()).await;
    }

    /// Works off what is due after so long.
    pub(crate) async fn work_off_after(&self, pause: Duration) {
        self.work_off_from(Timestamp::now().plus(pause)).await;
    }

    async fn work_off_from(&self, mut now: Timestamp) -> Timestamp {
        let mut machine = Machine::new(rules());
        for _ in 0..ROUNDS {
            now = now.plus(ROUND);
            let mut inputs = vec![Input::Wake];
            while let Some(input) = inputs.pop() {
                for effect in machine.step(now, input) {
                    inputs.extend(self.reply(effect).await);
                }
            }
        }
        now
    }

    pub(crate) async fn reply(&self, effect: Effect<Work>) -> Option<Input> {
        let id = self.log.id();
        Some(match effect {
            Effect::Checkpoint => Input::Checkpoint(Ok(self.todos.checkpoint_now(id))),
            Effect::Follow { after } => {
                let batch = self.log.read_all_now(after, 100);
                return (!batch.is_empty()).then_some(Input::Batch(Ok(batch)));
            }
            Effect::Advance(step) => Input::Advanced(Ok(self.todos.advance_now(id, *step))),
            Effect::Due { now, limit } => Input::Due(Ok(self.todos.due_now(now, limit))),
            Effect::Read { key, stream, revision } => {
                let read = self.log.read_now(&stream, revision, Direction::Forwards, 1);
                Input::Event(key, Ok(read.into_iter().next()))
            }
            Effect::Run { key, command } => Input::Done(key, self.service.finish(command).await),
            Effect::Postpone { key, revision, until } => {
                self.todos.postpone_now(key, revision, until);
                Input::PutAway(key)
            }
            Effect::Remove { key, revision } => {
                self.todos.remove_now(key, revision);
                Input::PutAway(key)
            }
        })
    }

    /// Carries a command out on a node that dies after so many writes.
    pub(crate) async fn die_after(&self, writes: i64, viewer: Viewer, command: Command) {
        self.die_after_as(&new_id(), (writes, viewer), command).await;
    }

    /// The same under an id that may come again.
    pub(crate) async fn die_after_as(
        &self,
        id: &str,
        (writes, viewer): (i64, Viewer),
        command: Command,
    ) {
        let node = self.mortal(writes);
        let run = node.submit(Some(viewer), Some(id), command);
        drop(tokio::time::timeout(DEAD_AFTER, run).await);
    }

    /// Works off what is due on a node that dies after so many writes.
    pub(crate) async fn work_until_death(&self, writes: i64) {
        let node = self.mortal(writes);
        drop(tokio::time::timeout(DEAD_AFTER, node.work_for(ROUND)).await);
    }

    /// A node that dies after so many writes.
    fn mortal(&self, writes: i64) -> Self {
        let fuse = Fuse { left: Arc::new(AtomicI64::new(writes)) };
        let log = Arc::new(FusedLog { log: self.stores.log.clone(), fuse: fuse.clone() });
        let keys = Arc::new(FusedVault { vault: self.stores.keys.clone(), fuse });
        self.node_with(Stores { log, keys, ..self.stores.clone() }, CONFIG)
    }
}

/// Lets so many writes pass; those after it never end.
#[derive(Debug, Clone)]
struct Fuse {
    left: Arc<AtomicI64>,
}

impl Fuse {
    async fn pass(&self) {
        if self.left.fetch_sub(1, Ordering::SeqCst) <= 0 {
            std::future::pending::<()>().await;
        }
    }
}

struct FusedLog {
    log: Arc<dyn EventLog>,
    fuse: Fuse,
}

#[async_trait]
impl EventLog for FusedLog {
    fn id(&self) -> LogId {
        self.log.id()
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.fuse.pass().await;
        self.log.append(append).await
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

struct FusedVault {
    vault: Arc<dyn Vault>,
    fuse: Fuse,
}

#[async_trait]
impl Keys for FusedVault {
    async fn get(&self, users: &[UserId]) -> Result<KeyRing, KeysUnavailable> {
        self.vault.get(users).await
    }

    async fn get_or_create(&self, user: UserId) -> Result<KeyState, KeysUnavailable> {
        self.vault.get_or_create(user).await
    }
}

#[async_trait]
impl Vault for FusedVault {
    async fn destroy(&self, user: UserId) -> Result<(), KeysUnavailable> {
        self.fuse.pass().await;
        self.vault.destroy(user).await
    }
}
