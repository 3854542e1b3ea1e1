//! A town of people with wallets, and two nodes on the same stores, on a clock of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use command::bus::{Secret, Visibility, WalletRole};
use command::domain::wallet::{Command as Asked, Wallet};
use command::execution::{Ask, Execution, Limits, Policy};
use command::memory::{MemoryClaims, MemorySnapshots, MemoryTodos, MemoryVault};
use command::secrets::HasherConfig;
use command::service::{Deposits, Rate};
use command::{
    Clock, Command, CommandBus, CommandService, Done, Outcome, Rejection, Request, ServiceConfig,
    ServiceSecrets, Stores, Viewer,
};
use events::hashing::HashKey;
use events::memory::MemoryLog;
use events::personal::KeyRing;
use events::{Actor, ChannelId, CommandId, StreamName, Timestamp, WalletId};
use jiff::tz::{Offset, TimeZone};
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::deeds::USERS;
use crate::dice::Dice;
use crate::faults::{Luck, UnluckyClaims, UnluckyLog};

const PIN: &str = "123456";
/// 2026-01-05 at noon in Seoul.
const BEGINS_AT: i64 = 1_767_582_000_000_000;
const UNLIMITED: Rate = Rate { max: u32::MAX, window: Duration::from_secs(1) };
/// Hashes that cost next to nothing.
const QUICK: HasherConfig =
    HasherConfig { memory_kib: 64, passes: 1, running_max: 2, waiting_max: 1_000 };

/// A clock that goes on with the simulation's, and can be put forward.
#[derive(Debug, Clone)]
pub(crate) struct SimClock {
    began: Instant,
    ahead: Arc<AtomicI64>,
}

impl SimClock {
    pub(crate) fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.began.elapsed().as_micros()).unwrap();
        Timestamp::from_micros(BEGINS_AT + passed + self.ahead.load(Ordering::SeqCst))
    }

    pub(crate) fn put_forward(&self, by: Duration) {
        self.ahead.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
    }
}

/// A node that may die at any write.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) service: Arc<CommandService>,
    pub(crate) luck: Luck,
}

impl Node {
    pub(crate) fn new(stores: &Stores, clock: &SimClock) -> Self {
        let luck = Luck::new();
        let log = Arc::new(UnluckyLog { log: stores.log.clone(), luck: luck.clone() });
        let claims = Arc::new(UnluckyClaims { claims: stores.claims.clone(), luck: luck.clone() });
        let config = ServiceConfig {
            hasher: QUICK,
            limits: Limits { snapshot_every_events: 7, ..Limits::STANDARD },
            refresh_good_for: Duration::from_hours(30 * 24),
            sign_ins_per_client: UNLIMITED,
            commands_per_user: UNLIMITED,
            deposits: Deposits::SelfService,
            time_zone: TimeZone::fixed(Offset::constant(9)),
        };
        let pepper = Zeroizing::new(b"pepper".to_vec());
        let secrets = ServiceSecrets { hash_key: HashKey::new([8; 32]), pepper };
        let stores = Stores { log, claims, ..stores.clone() };
        let clock = clock.clone();
        let clock = Clock::new(move || clock.now());
        let service = CommandService::with_clock(stores, &secrets, config, clock).unwrap();
        Self { service: Arc::new(service), luck }
    }

    pub(crate) async fn submit(
        &self,
        viewer: Option<Viewer>,
        id: CommandId,
        command: Command,
    ) -> Result<Done, Rejection> {
        let (id, trace_parent) = (Some(id.to_string()), None);
        self.service.submit(Request { id, viewer, command, trace_parent, client: None }).await
    }
}

/// The stores, and who lives there.
pub(crate) struct Town {
    pub(crate) log: MemoryLog,
    pub(crate) todos: MemoryTodos,
    pub(crate) stores: Stores,
    pub(crate) clock: SimClock,
    pub(crate) users: Vec<Viewer>,
    pub(crate) wallets: Vec<WalletId>,
    /// A node without bad luck.
    pub(crate) till: Node,
    dice: Dice,
}

impl Town {
    pub(crate) async fn new(seed: u64) -> Self {
        let (log, todos) = (MemoryLog::default(), MemoryTodos::default());
        let stores = Stores {
            log: Arc::new(log.clone()),
            claims: Arc::new(MemoryClaims::default()),
            snapshots: Arc::new(MemorySnapshots::default()),
            keys: Arc::new(MemoryVault::default()),
            todos: Arc::new(todos.clone()),
        };
        let clock = SimClock { began: Instant::now(), ahead: Arc::default() };
        let till = Node::new(&stores, &clock);
        let (users, wallets, dice) = (Vec::new(), Vec::new(), Dice::new(!seed));
        let mut town = Self { log, todos, stores, clock, users, wallets, till, dice };
        town.settle().await;
        town
    }

    async fn run(&mut self, who: usize, command: Command) -> Done {
        let (viewer, id) = (self.users[who], self.dice.id());
        self.till.submit(Some(viewer), id, command).await.unwrap()
    }

    async fn settle(&mut self) {
        for name in ["minji", "jun", "sora", "nari", "haneul"] {
            let (email, username) = (format!("{name}@example.com"), name.to_owned());
            let password = secret("correct horse battery");
            let command = Command::SignUp { email, username, password };
            let done = self.till.submit(None, self.dice.id(), command).await.unwrap();
            let Outcome::Session(grant) = done.outcome else { panic!("no session") };
            self.users.push(Viewer { user: grant.user, session: grant.session });
        }
        for who in 0..USERS {
            let command = Command::OpenWallet { pin: secret(PIN), name: None, currency: None };
            let done = self.run(who, command).await;
            self.keep(&done);
        }
        self.open_group(0, 2).await;
        for who in [1, 2, 3] {
            self.join(USERS, who, who != 3).await;
        }
        self.open_group(3, 1).await;
    }

    fn keep(&mut self, done: &Done) {
        let Outcome::Wallet(wallet) = done.outcome else { panic!("no wallet") };
        self.wallets.push(wallet);
    }

    async fn open_group(&mut self, who: usize, approvals: i64) {
        let (name, description, visibility) = ("모임".to_owned(), None, Visibility::Public);
        let command = Command::CreateChannel { name, description, visibility, password: None };
        let Outcome::Channel(channel) = self.run(who, command).await.outcome else { panic!() };
        for other in (0..USERS).filter(|other| *other != who) {
            let command = Command::JoinChannel { channel: channel.to_string(), password: None };
            self.run(other, command).await;
        }
        let command = open_group(channel, approvals);
        let done = self.run(who, command).await;
        self.keep(&done);
    }

    async fn join(&mut self, number: usize, who: usize, is_admin: bool) {
        let (wallet, user) = (self.wallets[number].to_string(), self.users[who].user.to_string());
        self.run(who, Command::JoinWallet { wallet: wallet.clone() }).await;
        if is_admin {
            let role = WalletRole::Admin;
            let set = Command::SetWalletRole { wallet: wallet.clone(), user, role };
            self.run(0, set).await;
            let command = Command::ChangePin { wallet, current: None, new: secret(PIN) };
            self.run(who, command).await;
        }
    }

    /// A token to spend with, if somebody may have one.
    pub(crate) async fn token(&mut self, who: usize, wallet: usize) -> Option<Secret> {
        let wallet = self.wallets[wallet].to_string();
        let command = Command::AuthorizeSpending { wallet, pin: secret(PIN) };
        let (viewer, id) = (self.users[who], self.dice.id());
        match self.till.submit(Some(viewer), id, command).await.ok()?.outcome {
            Outcome::SpendAuthorization(grant) => Some(grant.token),
            other => panic!("no token: {other:?}"),
        }
    }

    /// What an operator does to a wallet.
    pub(crate) async fn operate(&mut self, wallet: usize, command: Asked) {
        let stores = self.stores.clone();
        let clock = self.clock.clone();
        let execution = Execution::with_clock(
            (stores.log, stores.claims, stores.snapshots),
            Limits::default(),
            Clock::new(move || clock.now()),
        );
        let id = self.dice.id();
        let ask = Ask::<Wallet> {
            id,
            correlation: id,
            actor: Actor::System,
            policy: Policy::Natural,
            ring: KeyRing::new(),
            cause_at: None,
            trace_parent: None,
            fresh_id: self.dice.id(),
            command,
        };
        execution.run(&StreamName::wallet(self.wallets[wallet]), ask).await.unwrap();
    }
}

fn open_group(channel: ChannelId, approvals: i64) -> Command {
    Command::OpenGroupWallet {
        channel: channel.to_string(),
        name: "회비".to_owned(),
        description: None,
        pin: secret(PIN),
        currency: None,
        approvals_required: Some(approvals),
    }
}

pub(crate) fn secret(text: &str) -> Secret {
    Zeroizing::new(text.to_owned())
}
