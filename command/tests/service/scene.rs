//! A node on stores that outlive it.

use std::sync::Arc;
use std::time::Duration;

use command::bus::{Secret, SessionGrant};
use command::execution::Limits;
use command::memory::{MemoryClaims, MemorySnapshots, MemoryTodos, MemoryVault};
use command::secrets::HasherConfig;
use command::service::{Deposits, Rate};
use command::{
    Code, Command, CommandBus, CommandService, Done, Outcome, Rejection, Request, ServiceConfig,
    ServiceSecrets, Stores, Viewer,
};
use events::channel::Visibility;
use events::hashing::HashKey;
use events::memory::MemoryLog;
use events::{ChannelId, CommandId, MessageId};
use jiff::tz::{Offset, TimeZone};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::timing::TestClock;

pub(crate) const PASSWORD: &str = "correct horse battery";
const EVENTS_LEN_MAX: usize = 10_000;

/// A node, and the stores that it shares with others.
pub(crate) struct Scene {
    pub(crate) log: MemoryLog,
    pub(crate) keys: MemoryVault,
    pub(crate) todos: MemoryTodos,
    pub(crate) stores: Stores,
    pub(crate) clock: TestClock,
    pub(crate) service: Arc<CommandService>,
}

pub(crate) fn secrets() -> ServiceSecrets {
    let pepper = Zeroizing::new(b"pepper".to_vec());
    ServiceSecrets { hash_key: HashKey::new([8; 32]), pepper }
}

/// Hashes that cost next to nothing.
pub(crate) const QUICK: HasherConfig =
    HasherConfig { memory_kib: 64, passes: 1, running_max: 2, waiting_max: 1_000 };

const UNLIMITED: Rate = Rate { max: u32::MAX, window: Duration::from_secs(1) };

/// A node that lets anybody ask as often as they like.
pub(crate) const CONFIG: ServiceConfig = ServiceConfig {
    hasher: QUICK,
    limits: Limits::STANDARD,
    refresh_good_for: Duration::from_hours(30 * 24),
    sign_ins_per_client: UNLIMITED,
    commands_per_user: UNLIMITED,
    deposits: Deposits::SelfService,
    time_zone: TimeZone::fixed(Offset::constant(9)),
};

impl Scene {
    pub(crate) fn new() -> Self {
        let (log, keys) = (MemoryLog::default(), MemoryVault::default());
        let todos = MemoryTodos::default();
        let stores = Stores {
            log: Arc::new(log.clone()),
            claims: Arc::new(MemoryClaims::default()),
            snapshots: Arc::new(MemorySnapshots::default()),
            keys: Arc::new(keys.clone()),
            todos: Arc::new(todos.clone()),
        };
        let clock = TestClock::default();
        let service = node(&stores, CONFIG, &clock);
        Self { log, keys, todos, stores, clock, service }
    }

    /// Another node on the same stores, or the same one after a restart.
    pub(crate) fn other_node(&self) -> Self {
        self.node_with(self.stores.clone(), CONFIG)
    }

    /// Another node, set up otherwise.
    pub(crate) fn node_with(&self, stores: Stores, config: ServiceConfig) -> Self {
        let (log, keys, todos) = (self.log.clone(), self.keys.clone(), self.todos.clone());
        let clock = self.clock.clone();
        let service = node(&stores, config, &clock);
        Self { log, keys, todos, stores, clock, service }
    }

    pub(crate) async fn submit(
        &self,
        viewer: Option<Viewer>,
        id: Option<&str>,
        command: Command,
    ) -> Result<Done, Rejection> {
        let (id, trace_parent) = (id.map(str::to_owned), None);
        let request = Request { id, viewer, command, trace_parent, client: None };
        self.service.submit(request).await
    }

    /// Carries a command out under a new id.
    pub(crate) async fn run(&self, viewer: Viewer, command: Command) -> Result<Done, Rejection> {
        self.submit(Some(viewer), Some(&new_id()), command).await
    }

    /// Carries a command out under an id that may have been used before.
    pub(crate) async fn again(
        &self,
        viewer: Viewer,
        id: &str,
        command: Command,
    ) -> Result<Done, Rejection> {
        self.submit(Some(viewer), Some(id), command).await
    }

    /// The code that a command is refused with.
    pub(crate) async fn code(&self, viewer: Viewer, command: Command) -> Code {
        self.run(viewer, command).await.unwrap_err().code
    }

    /// Signs somebody up.
    pub(crate) async fn user(&self, name: &str) -> Viewer {
        let done = self.submit(None, None, sign_up(name, PASSWORD)).await.unwrap();
        viewer(&granted(&done))
    }

    pub(crate) async fn channel(&self, creator: Viewer) -> ChannelId {
        channel_of(&self.run(creator, create(Visibility::Public, None)).await.unwrap())
    }

    pub(crate) async fn message(&self, author: Viewer, channel: ChannelId) -> MessageId {
        message_of(&self.run(author, send(channel, "안녕")).await.unwrap())
    }

    /// The kinds of all events, in the log's order.
    pub(crate) fn kinds(&self) -> Vec<String> {
        let all = self.log.read_all_now(0, EVENTS_LEN_MAX);
        all.into_iter().map(|recorded| recorded.event.kind).collect()
    }

    pub(crate) fn count(&self, kind: &str) -> usize {
        self.kinds().iter().filter(|found| *found == kind).count()
    }
}

fn node(stores: &Stores, config: ServiceConfig, clock: &TestClock) -> Arc<CommandService> {
    let clock = clock.clock();
    Arc::new(CommandService::with_clock(stores.clone(), &secrets(), config, clock).unwrap())
}

pub(crate) fn new_id() -> String {
    CommandId::generate().to_string()
}

pub(crate) fn secret(text: &str) -> Secret {
    Zeroizing::new(text.to_owned())
}

pub(crate) fn email(name: &str) -> String {
    format!("{name}@example.com")
}

pub(crate) fn sign_up(name: &str, password: &str) -> Command {
    let (email, username) = (email(name), name.to_owned());
    Command::SignUp { email, username, password: secret(password) }
}

pub(crate) fn log_in(name: &str, password: &str) -> Command {
    Command::LogIn { email: email(name), password: secret(password) }
}

pub(crate) fn create(visibility: Visibility, password: Option<&str>) -> Command {
    let (name, description) = ("모임".to_owned(), None);
    Command::CreateChannel { name, description, visibility, password: password.map(secret) }
}

pub(crate) fn join(channel: ChannelId, password: Option<&str>) -> Command {
    Command::JoinChannel { channel: channel.to_string(), password: password.map(secret) }
}

pub(crate) fn leave(channel: ChannelId) -> Command {
    Command::LeaveChannel { channel: channel.to_string() }
}

pub(crate) fn send(channel: ChannelId, text: &str) -> Command {
    let (channel, text) = (channel.to_string(), text.to_owned());
    Command::SendMessage { channel, text, reply_to: None }
}

pub(crate) fn answer(channel: ChannelId, reply_to: &str) -> Command {
    let (channel, text) = (channel.to_string(), "네".to_owned());
    Command::SendMessage { channel, text, reply_to: Some(reply_to.to_owned()) }
}

pub(crate) fn delete(message: Uuid) -> Command {
    Command::DeleteMessage { message: message.to_string() }
}

pub(crate) fn granted(done: &Done) -> SessionGrant {
    match &done.outcome {
        Outcome::Session(grant) => grant.clone(),
        other => panic!("no session: {other:?}"),
    }
}

pub(crate) fn viewer(grant: &SessionGrant) -> Viewer {
    Viewer { user: grant.user, session: grant.session }
}

pub(crate) fn channel_of(done: &Done) -> ChannelId {
    match done.outcome {
        Outcome::Channel(channel) => channel,
        ref other => panic!("no channel: {other:?}"),
    }
}

pub(crate) fn message_of(done: &Done) -> MessageId {
    match done.outcome {
        Outcome::Message(message) => message,
        ref other => panic!("no message: {other:?}"),
    }
}
