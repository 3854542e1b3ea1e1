//! The node behind the listeners, put together from the rooms.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use command::http::{DepositEndpoint, Endpoint};
use command::parse::{PER_DAY_MAX, PER_TRANSFER_MAX};
use command::process::{self, CarryOut, ProcessManager, Work};
use command::service::{Deposits, Rate};
use command::{CommandBus, CommandService, ServiceConfig, ServiceSecrets};
use events::EventLog;
use events::hashing::HashKey;
use events::personal::Keys;
use projections::schema::MigrationError;
use projections::{Projection, Projector};
use query::{Api, Parts, Spending, Statements, Tokens, Transport};
use sqlx::migrate::MigrateError;
use zeroize::Zeroizing;

use super::access::ApiAccess;
use super::client;
use super::health::Health;
use super::observe::observe;
use super::tasks::Tasks;
use super::watch::Watch;
use crate::auth::AccessTokens;
use crate::config::{self, ServeConfig};
use crate::postgres::{PostgresClaims, PostgresSnapshots, PostgresTodos, VaultError};
use crate::proxies::TrustedProxies;
use crate::stores::Stores;

/// Between two tries to reach a database that is away.
const RETRY_WAIT: Duration = Duration::from_millis(500);

/// A node, put together.
pub(super) struct Node {
    stores: Stores,
    service: Arc<CommandService>,
    projector: Projector,
    /// Of `search`.
    search: Projector,
    money: Projector,
    api: Api,
    transport: Transport,
    commands: Router,
    proxies: Arc<TrustedProxies>,
}

/// Puts the node together, as soon as its database can be reached.
pub(super) async fn open(config: &ServeConfig, health: &Health) -> anyhow::Result<Node> {
    loop {
        match Stores::open(&config.store).await {
            Ok(stores) => {
                health.mend("database");
                return Node::new(config, stores);
            }
            Err(error) if is_final(&error) => return Err(error),
            Err(error) => health.fail("database", format!("{error:#}")),
        }
        tokio::time::sleep(RETRY_WAIT).await;
    }
}

/// Whether trying again is of no use: another key, or migrations that are not ours.
fn is_final(error: &anyhow::Error) -> bool {
    let of_migration = |error: &MigrateError| !matches!(error, MigrateError::Execute(_));
    error.chain().any(|cause| {
        matches!(cause.downcast_ref(), Some(VaultError::OtherKey(_)))
            || cause.downcast_ref().is_some_and(of_migration)
            || matches!(cause.downcast_ref(), Some(MigrationError::Migrate(it)) if of_migration(it))
    })
}

impl Node {
    fn new(config: &ServeConfig, stores: Stores) -> anyhow::Result<Self> {
        let log: Arc<dyn EventLog> = Arc::new(stores.log.clone());
        let keys: Arc<dyn Keys> = stores.vault.clone();
        let tokens: Arc<dyn Tokens> = Arc::new(AccessTokens::new(&config.token_keys));
        let service = Arc::new(service(config, &stores)?);
        let bus: Arc<dyn CommandBus> = service.clone();
        let projector = Projector::new(log.clone(), keys.clone(), stores.options.clone());
        let of = |projection| {
            Projector::of(projection, log.clone(), keys.clone(), stores.options.clone())
        };
        let (search, money) = (of(Projection::Search), of(Projection::Money));
        let log_id = log.id();
        let api = Api::new(Parts {
            pool: stores.read_models.clone(),
            bus: bus.clone(),
            log,
            tokens: tokens.clone(),
            spending: spending(config),
            projected: Some(projector.projected()),
            projected_money: Some(money.projected()),
        });
        let access = Arc::new(ApiAccess::new(tokens.clone(), api.clone()));
        let mut commands = Endpoint::new(bus, access, log_id).router();
        if let Some(key) = &config.money.deposit_key {
            let secret = Zeroizing::new(key.expose().to_vec());
            let notices = DepositEndpoint::new(service.clone(), secret, log_id);
            commands = commands.merge(notices.router());
        }
        let zone = spending(config).time_zone;
        let reads = stores.read_models.clone();
        let statements = Statements::new(reads, tokens.clone(), api.clone(), zone);
        let commands = commands.merge(statements.router());
        let commands = commands.layer(config.allowed_origins.cors());
        let limits = config.limits.transport(config.allowed_origins.clone());
        let transport = Transport::new(Arc::new(api.clone()), tokens, &query::schema_sdl(), limits)
            .context("the schema can't be read back")?;
        let proxies = Arc::new(config.trusted_proxies.clone());
        Ok(Self { stores, service, projector, search, money, api, transport, commands, proxies })
    }

    /// Starts what runs in the background.
    pub(super) fn start(
        self,
        health: &Arc<Health>,
        front: &mut Tasks,
        back: &mut Tasks,
    ) -> Running {
        let Self { stores, service, projector, search, money, api, transport, commands, proxies } =
            self;
        let watch = Watch {
            database: stores.options.clone().application_name("moim watch"),
            log: stores.log.clone(),
            projected: projector.projected(),
            api: api.clone(),
            health: Arc::clone(health),
        };
        back.spawn("looking at the node's health", watch.run(back.stop()));
        let stop = back.stop();
        back.spawn("the projector", async move { Ok(projector.run(stop).await?) });
        let stop = back.stop();
        back.spawn("the projector of search", async move { Ok(search.run(stop).await?) });
        let stop = back.stop();
        back.spawn("the projector of money", async move { Ok(money.run(stop).await?) });
        let (manager, stop) = (process_manager(&stores, &service), back.stop());
        back.spawn("the process manager", async move {
            manager.run(stop).await;
            Ok(())
        });
        let stop = back.stop();
        back.spawn("the hub", async move {
            api.run(stop).await;
            Ok(())
        });
        let (sockets, stop) = (transport.clone(), front.stop());
        front.spawn("sockets", async move {
            stop.cancelled().await;
            sockets.stop().await;
            Ok(())
        });
        let router = transport.router().merge(commands);
        let router = router.layer(from_fn_with_state(proxies, client::name));
        let router = router.layer(from_fn(observe));
        Running { service, router }
    }
}

/// A node at work.
pub(super) struct Running {
    service: Arc<CommandService>,
    /// Its API.
    pub(super) router: Router,
}

impl Running {
    /// Waits until the commands that were taken are answered.
    pub(super) async fn drain(&self) {
        self.service.drain().await;
    }
}

/// Finishes what a crash has left open.
fn process_manager(stores: &Stores, service: &Arc<CommandService>) -> ProcessManager<Work> {
    let (log, todos) = (Arc::new(stores.log.clone()), PostgresTodos::new(stores.pool.clone()));
    let service = Arc::clone(service);
    let carry_out: CarryOut<Work> = Arc::new(move |work| {
        let service = Arc::clone(&service);
        Box::pin(async move { service.finish(work).await })
    });
    ProcessManager::new(log, Arc::new(todos), process::rules(), carry_out)
}

/// What the write side allows, and whose days it counts by.
fn spending(config: &ServeConfig) -> Spending {
    let time_zone = config.money.time_zone.clone();
    Spending { per_transfer: PER_TRANSFER_MAX, per_day: PER_DAY_MAX, time_zone }
}

fn service(config: &ServeConfig, stores: &Stores) -> anyhow::Result<CommandService> {
    let of_command = command::Stores {
        log: Arc::new(stores.log.clone()),
        claims: Arc::new(PostgresClaims::new(stores.pool.clone())),
        snapshots: Arc::new(PostgresSnapshots::new(stores.pool.clone())),
        keys: stores.vault.clone(),
        todos: Arc::new(PostgresTodos::new(stores.pool.clone())),
    };
    let secrets = ServiceSecrets {
        hash_key: HashKey::new(*config.store.hash_key.expose()),
        pepper: Zeroizing::new(config.pepper.expose().to_vec()),
    };
    let standard = ServiceConfig::default();
    let (sign_ins, commands) = (standard.sign_ins_per_client, standard.commands_per_user);
    let of_service = ServiceConfig {
        sign_ins_per_client: Rate { max: config.limits.sign_ins_per_address, ..sign_ins },
        commands_per_user: Rate { max: config.limits.commands_per_second, ..commands },
        deposits: match config.money.deposits {
            config::Deposits::SelfService => Deposits::SelfService,
            config::Deposits::Provider => Deposits::Provider,
        },
        time_zone: config.money.time_zone.clone(),
        ..standard
    };
    command::service::describe_metrics();
    Ok(CommandService::new(of_command, &secrets, of_service)?)
}
