//! A node without transports: write side, projector and API around one log and one database.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{ServerError, Variables};
use command::bus::Viewer;
use command::memory::{MemoryClaims, MemorySnapshots, MemoryTodos};
use command::secrets::HasherConfig;
use command::service::{Deposits, Rate};
use command::{CommandBus, CommandService, ServiceConfig, ServiceSecrets, Stores};
use events::hashing::HashKey;
use events::memory::MemoryLog;
use events::money::Amount;
use events::{EventLog, LogPosition, Position, SessionId, Timestamp, UserId};
use projections::{Projection, Projector, schema};
use query::document::{Desk, Limits, Shape};
use query::{
    Api, Caller, Issued, Parts, Prepared, Spending, Subscription, TokenError, Tokens, Verified,
};
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, PgPool};
use testkit::Database;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::vault::Vault;

/// Five times what anything here should take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Tokens that say in clear whom they speak for.
pub(crate) struct PlainTokens;

impl Tokens for PlainTokens {
    fn verify(&self, access_token: &str) -> Result<Verified, TokenError> {
        let (user, session) = access_token.split_once('/').ok_or(TokenError::Bad)?;
        let user: UserId = user.parse().map_err(|_| TokenError::Bad)?;
        let session: SessionId = session.parse().map_err(|_| TokenError::Bad)?;
        Ok(Verified { viewer: Viewer { user, session }, expires_at: Timestamp::now() })
    }

    fn issue(&self, viewer: Viewer) -> Result<Issued, TokenError> {
        let access_token = format!("{}/{}", viewer.user, viewer.session);
        Ok(Issued { access_token, expires_at: Timestamp::now() })
    }
}

pub(crate) struct World {
    pub(crate) log: MemoryLog,
    pub(crate) keys: Arc<Vault>,
    pub(crate) options: PgConnectOptions,
    pub(crate) service: Arc<CommandService>,
    pub(crate) desk: Desk,
    projected: watch::Receiver<LogPosition>,
    projected_money: watch::Receiver<LogPosition>,
    projecting: CancellationToken,
    /// A part of that.
    projecting_money: CancellationToken,
    /// Kept as long as the world.
    database: Option<Database>,
}

impl World {
    pub(crate) async fn new() -> Self {
        let migrate =
            |pool: PgPool| async move { Ok(schema::migrate(&pool.connect_options()).await?) };
        let database = Database::with("query_tests", migrate).await.unwrap();
        let options: PgConnectOptions = database.url().parse().unwrap();
        let mut world = Self::at(options).await;
        world.database = Some(database);
        world
    }

    /// In a database that the caller keeps.
    pub(crate) async fn at(options: PgConnectOptions) -> Self {
        schema::migrate(&options).await.unwrap();
        let (log, keys) = (MemoryLog::default(), Arc::<Vault>::default());
        let stores = Stores {
            log: Arc::new(log.clone()),
            claims: Arc::new(MemoryClaims::default()),
            snapshots: Arc::new(MemorySnapshots::default()),
            keys: keys.clone(),
            todos: Arc::new(MemoryTodos::default()),
        };
        let pepper = Zeroizing::new(b"pepper".to_vec());
        let secrets = ServiceSecrets { hash_key: HashKey::new([1; 32]), pepper };
        let hasher = HasherConfig { memory_kib: 8, passes: 1, ..HasherConfig::default() };
        let commands_per_user = Rate { max: u32::MAX, window: Duration::from_secs(1) };
        let deposits = Deposits::SelfService;
        let config =
            ServiceConfig { hasher, commands_per_user, deposits, ..ServiceConfig::default() };
        let service = Arc::new(CommandService::new(stores, &secrets, config).unwrap());
        let projector = Projector::new(Arc::new(log.clone()), keys.clone(), options.clone());
        let (projected, projecting) = (projector.projected(), CancellationToken::new());
        let stop = projecting.clone();
        tokio::spawn(async move { projector.run(stop).await.unwrap() });
        let money = Projection::Money;
        let money = Projector::of(money, Arc::new(log.clone()), keys.clone(), options.clone());
        let (projected_money, projecting_money) = (money.projected(), projecting.child_token());
        let stop = projecting_money.clone();
        tokio::spawn(async move { money.run(stop).await.unwrap() });
        let shape = Shape::of_sdl(&query::schema_sdl()).unwrap();
        let desk = Desk { shape, limits: Limits::default() };
        Self {
            log,
            keys,
            options,
            service,
            desk,
            projected,
            projected_money,
            projecting,
            projecting_money,
            database: None,
        }
    }

    /// A node of the API.
    pub(crate) async fn node(&self) -> Node<'_> {
        let pool = PgPoolOptions::new().max_connections(6).acquire_timeout(Duration::from_secs(1));
        let pool = pool.connect_lazy_with(schema::connect_options(self.options.clone()));
        let api = Api::new(Parts {
            pool,
            bus: self.service.clone() as Arc<dyn CommandBus>,
            log: Arc::new(self.log.clone()),
            tokens: Arc::new(PlainTokens),
            spending: Spending {
                per_transfer: Amount::new(100_000_000).unwrap(),
                per_day: Amount::new(1_000_000_000).unwrap(),
                time_zone: jiff::tz::TimeZone::get("Asia/Seoul").unwrap(),
            },
            projected: Some(self.projected.clone()),
            projected_money: Some(self.projected_money.clone()),
        });
        let mut node = Node { world: self, api, stop: CancellationToken::new() };
        node.start();
        node.until(0).await;
        node
    }

    /// Waits until so many nodes listen to what others notify of.
    pub(crate) async fn listening(&self, nodes: i64) {
        let mut db = self.options.connect().await.unwrap();
        let text = "SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND query LIKE 'LISTEN%' AND state = 'idle'";
        let listening = async {
            while sqlx::query_scalar::<_, i64>(text).fetch_one(&mut db).await.unwrap() < nodes {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, listening).await.expect("a node doesn't listen");
    }

    pub(crate) fn stop_projecting(&self) {
        self.projecting.cancel();
    }

    pub(crate) fn stop_projecting_money(&self) {
        self.projecting_money.cancel();
    }

    /// As the projector says that it came upon an event that it can't take.
    pub(crate) async fn stop_money(&self, why: &str) {
        let mut db = self.options.connect().await.unwrap();
        let stop = "INSERT INTO read_money.parked VALUES ('wallet-x', 1, 'x', $1, 1, 1, 1)";
        sqlx::query(stop).bind(why).execute(&mut db).await.unwrap();
    }

    /// The event can be taken now.
    pub(crate) async fn mend_money(&self) {
        let mut db = self.options.connect().await.unwrap();
        sqlx::query("DELETE FROM read_money.parked").execute(&mut db).await.unwrap();
    }

    pub(crate) async fn head(&self) -> LogPosition {
        self.log.head().await.unwrap()
    }

    pub(crate) async fn here(&self) -> Position {
        Position::after(self.log.id(), self.head().await)
    }

    pub(crate) fn prepare(&self, text: &str, variables: Value) -> Prepared {
        self.desk.prepare(text, None, Variables::from_json(variables)).unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.projecting.cancel();
        drop(self.database.take());
    }
}

pub(crate) struct Node<'w> {
    pub(crate) world: &'w World,
    pub(crate) api: Api,
    stop: CancellationToken,
}

impl Node<'_> {
    /// Reads the feed from here on.
    pub(crate) fn start(&mut self) {
        self.stop = CancellationToken::new();
        let (api, stop) = (self.api.clone(), self.stop.clone());
        tokio::spawn(async move { api.run(stop).await });
    }

    /// Reads no more of the feed.
    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    /// Waits until the node knows all up to a position.
    pub(crate) async fn until(&self, position: LogPosition) {
        let reached = async {
            while self.api.position().min(self.api.money_position()) < Some(position) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, reached).await.expect("the node is behind");
    }

    pub(crate) async fn run_as(&self, caller: &Caller, text: &str, variables: Value) -> Value {
        let prepared = self.world.prepare(text, variables);
        serde_json::to_value(self.api.execute(prepared, caller).await).unwrap()
    }

    pub(crate) async fn run(&self, viewer: Option<Viewer>, text: &str, variables: Value) -> Value {
        self.run_as(&Caller { viewer, ..Caller::default() }, text, variables).await
    }

    /// The data of what must not fail.
    pub(crate) async fn data(&self, viewer: Viewer, text: &str, variables: Value) -> Value {
        let mut answer = self.run(Some(viewer), text, variables).await;
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"].take()
    }

    pub(crate) async fn subscribe(
        &self,
        viewer: Option<Viewer>,
        text: &str,
        variables: Value,
    ) -> Result<Subscription, Vec<ServerError>> {
        let caller = Caller { viewer, ..Caller::default() };
        self.api.subscribe(self.world.prepare(text, variables), &caller).await
    }
}

impl Drop for Node<'_> {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The code of an answer's first error.
pub(crate) fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("{answer:#}"))
}
