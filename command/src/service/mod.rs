//! The command bus of a node with the command role: from a request to its answer.

mod accounts;
mod addresses;
mod channels;
mod config;
mod contacts;
mod credentials;
mod debits;
mod deletion;
mod derived;
mod dues;
mod dues_payments;
mod falling_due;
mod in_channels;
mod in_schedules;
mod in_wallets;
mod leaving;
mod members;
mod messages;
mod metrics;
mod notices;
mod origin;
mod own;
mod parents;
mod payments;
mod permits;
mod pins;
mod profile;
mod rate;
mod read_markers;
mod refusals;
mod schedules;
mod sessions;
mod settling;
mod strangers;
mod transfers;
mod wallets;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use events::hashing::HashKey;
use events::personal::KeyRing;
use events::{Actor, CommandId, EventLog, StreamName, Timestamp, UserId};
use jiff::tz::TimeZone;
use tracing::Instrument;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::bus::{Command, CommandBus, Done, Request, Viewer};
use crate::clock::Clock;
use crate::execution::{Aggregate, Ask, Execution, Policy, Refused, Settled};
use crate::ports::{Claims, Snapshots, Todos, Vault};
use crate::rejection::Rejection;
use crate::secrets::{BadHasher, Hasher};

pub use self::config::{Deposits, ServiceConfig};
pub use self::metrics::describe as describe_metrics;
use self::origin::Origin;
pub use self::payments::DepositNotice;
pub use self::pins::SPEND_TOKEN_TTL;
pub use self::rate::Rate;
use self::rate::{Client, RateLimit};
use self::read_markers::ReadMarkers;
use self::refusals::{
    done, keys_unavailable, lost_race, refused, unauthenticated, unreachable_store,
};
use self::settling::FOLLOWED_WITHIN_MS;
use self::strangers::Strangers;

/// How often a password is verified anew because its hash changed meanwhile, before `CONFLICT`.
const VERIFICATIONS_MAX: usize = 3;

/// Where commands find and leave what they need.
#[derive(Clone)]
pub struct Stores {
    /// The event log.
    pub log: Arc<dyn EventLog>,
    /// Claims of command ids.
    pub claims: Arc<dyn Claims>,
    /// Paged snapshots.
    pub snapshots: Arc<dyn Snapshots>,
    /// Users' own keys.
    pub keys: Arc<dyn Vault>,
    /// What is to be done, and who is in which channel.
    pub todos: Arc<dyn Todos>,
}

/// What must be the same on every node and at every start.
#[derive(Clone)]
pub struct ServiceSecrets {
    /// Names addresses and inputs, and vouches for refresh tokens.
    pub hash_key: HashKey,
    /// Goes into every password hash.
    pub pepper: Zeroizing<Vec<u8>>,
}

/// Carries commands out on this node.
pub struct CommandService {
    execution: Execution,
    log: Arc<dyn EventLog>,
    claims: Arc<dyn Claims>,
    keys: Arc<dyn Vault>,
    todos: Arc<dyn Todos>,
    hash_key: HashKey,
    hasher: Hasher,
    strangers: Strangers,
    read_markers: Arc<ReadMarkers>,
    sign_ins: RateLimit<Client>,
    commands: RateLimit<UserId>,
    refresh_good_for: Duration,
    deposits: Deposits,
    time_zone: TimeZone,
    clock: Clock,
}

impl CommandService {
    /// Fails if the hasher's configuration is no good.
    pub fn new(
        stores: Stores,
        secrets: &ServiceSecrets,
        config: ServiceConfig,
    ) -> Result<Self, BadHasher> {
        Self::with_clock(stores, secrets, config, Clock::system())
    }

    /// As [`new`](Self::new), by another clock than the machine's.
    pub fn with_clock(
        stores: Stores,
        secrets: &ServiceSecrets,
        config: ServiceConfig,
        clock: Clock,
    ) -> Result<Self, BadHasher> {
        let Stores { log, claims, snapshots, keys, todos } = stores;
        let hasher = Hasher::new(&secrets.pepper, config.hasher)?;
        let execution = Execution::with_clock(
            (log.clone(), Arc::clone(&claims), snapshots),
            config.limits,
            clock.clone(),
        );
        Ok(Self {
            read_markers: ReadMarkers::new(execution.clone()),
            execution,
            log,
            claims,
            keys,
            todos,
            hash_key: secrets.hash_key.clone(),
            hasher,
            strangers: Strangers::new(),
            sign_ins: RateLimit::new(config.sign_ins_per_client),
            commands: RateLimit::new(config.commands_per_user),
            refresh_good_for: config.refresh_good_for,
            deposits: config.deposits,
            time_zone: config.time_zone,
            clock,
        })
    }

    /// Takes no more commands, and waits until those that were taken are answered.
    pub async fn drain(&self) {
        self.execution.drain().await;
    }

    async fn carry_out(&self, request: Request) -> Result<Done, Rejection> {
        let Request { id, viewer, command, trace_parent, client } = request;
        let id = id.as_deref();
        match command {
            Command::SignUp { email, username, password } => {
                let new = accounts::NewAccount { email, username, password };
                self.sign_up(id, trace_parent, client, new).await
            }
            Command::LogIn { email, password } => {
                self.log_in(trace_parent, client, &email, &password).await
            }
            Command::RefreshSession { refresh_token } => {
                self.refresh_session(trace_parent, &refresh_token).await
            }
            Command::LogOut { refresh_token } => self.log_out(trace_parent, &refresh_token).await,
            command => {
                let viewer = viewer.ok_or_else(unauthenticated)?;
                let limited = self.commands.take(viewer.user, self.now()).err();
                let origin = |input_hash| {
                    let actor = Actor::User(viewer.user);
                    let origin = Origin::new(id, actor, input_hash, trace_parent)?;
                    Ok(origin.limited(limited))
                };
                self.carry_out_for(viewer, origin, command).await
            }
        }
    }

    async fn carry_out_for(
        &self,
        viewer: Viewer,
        origin: impl FnOnce(events::hashing::InputHash) -> Result<Origin, Rejection>,
        command: Command,
    ) -> Result<Done, Rejection> {
        let user = viewer.user;
        match command {
            Command::CreateChannel { name, description, visibility, password } => {
                let hash = self.input_hash(&("createChannel", &name, &description, visibility));
                let new = channels::NewChannel { name, description, visibility, password };
                self.create_channel(&origin(hash)?, user, new).await
            }
            Command::JoinChannel { channel, password } => {
                let origin = origin(self.input_hash(&("joinChannel", &channel)))?;
                self.join_channel(&origin, user, &channel, password).await
            }
            Command::LeaveChannel { channel } => {
                let origin = origin(self.input_hash(&("leaveChannel", &channel)))?;
                self.leave_channel(&origin, user, &channel).await
            }
            Command::SendMessage { channel, text, reply_to } => {
                let hash = self.input_hash(&("sendMessage", &channel, &text, &reply_to));
                let new = messages::NewMessage { channel, text, reply_to };
                self.send_message(&origin(hash)?, user, new).await
            }
            Command::DeleteMessage { message } => {
                let origin = origin(self.input_hash(&("deleteMessage", &message)))?;
                self.delete_message(&origin, user, &message).await
            }
            Command::UpdateProfile { .. }
            | Command::ChangePassword { .. }
            | Command::DeleteAccount { .. }
            | Command::AddContact { .. }
            | Command::RemoveContact { .. } => {
                self.carry_out_on_own_account(viewer, origin, command).await
            }
            Command::UpdateChannel { .. }
            | Command::DeleteChannel { .. }
            | Command::AddChannelMember { .. }
            | Command::RemoveChannelMember { .. }
            | Command::SetChannelRole { .. }
            | Command::EditMessage { .. }
            | Command::AddReaction { .. }
            | Command::RemoveReaction { .. }
            | Command::MarkRead { .. } => self.carry_out_in_channel(user, origin, command).await,
            // Those that need no viewer were carried out before.
            Command::SignUp { .. }
            | Command::LogIn { .. }
            | Command::RefreshSession { .. }
            | Command::LogOut { .. } => Err(Rejection::internal()),
            command => self.carry_out_in_wallet(viewer, origin, command).await,
        }
    }

    /// Puts a client's command to a stream, once for its id.
    async fn run_claimed<A: Aggregate>(
        &self,
        origin: &Origin,
        stream: &StreamName,
        things: Vec<Uuid>,
        ring: KeyRing,
        command: A::Command,
    ) -> Result<Settled, Refused> {
        let policy = Policy::Claimed { input_hash: origin.input_hash.clone(), things };
        let ask = Ask {
            id: origin.id,
            correlation: origin.id,
            actor: origin.actor.clone(),
            policy,
            ring,
            cause_at: None,
            trace_parent: origin.trace_parent.clone(),
            fresh_id: CommandId::generate(),
            command,
        };
        self.execution.run::<A>(stream, ask).await
    }

    /// The node's clock, for what is told before a mailbox decides.
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The key of one user, as a ring.
    async fn ring(&self, user: UserId) -> Result<KeyRing, Rejection> {
        self.keys.get(&[user]).await.map_err(|error| keys_unavailable(&error))
    }
}

#[async_trait]
impl CommandBus for CommandService {
    async fn submit(&self, request: Request) -> Result<Done, Rejection> {
        let measured = metrics::Measured::start(&request.command);
        let span = tracing::info_span!("command", kind = measured.kind(), id = request.id);
        let answer = self.carry_out(request).instrument(span).await;
        measured.stop(answer.as_ref().err());
        answer
    }
}
