//! A log, a vault, a database of one's own, and projectors between them.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use events::codec::{self, CategoryEvent};
use events::memory::MemoryLog;
use events::personal::Personal;
use events::user::UserRegistered;
use events::{
    Actor, Append, CommandId, EventId, EventLog, Expected, LogPosition, Metadata, NewEvent,
    StreamName, Timestamp, UserEvent, UserId,
};
use futures::FutureExt;
use projections::{Projector, ProjectorError, schema};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, PgPool};
use testkit::Database;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::vault::Vault;

/// Five times what anything here should take.
const PATIENCE: Duration = Duration::from_secs(30);

const TABLES: [&str; 11] = [
    "users",
    "contacts",
    "channels",
    "members",
    "stays",
    "messages",
    "reactions",
    "read_markers",
    "ended_sessions",
    "feed",
    "parked",
];

/// Names the migrations as they are.
fn template() -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    let folders =
        ["messenger", "search", "money"].map(|projection| format!("{folder}/{projection}"));
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let mut paths: Vec<_> = files.map(|it| it.unwrap().path()).collect();
    paths.sort();
    let mut hash = DefaultHasher::new();
    for path in paths {
        fs::read(path).unwrap().hash(&mut hash);
    }
    format!("projections_{:x}", hash.finish())
}

pub(crate) struct World {
    pub(crate) log: MemoryLog,
    pub(crate) vault: Arc<Vault>,
    pub(crate) options: PgConnectOptions,
    /// Reads the read model.
    pub(crate) pool: PgPool,
    _database: Option<Database>,
}

impl World {
    pub(crate) async fn new() -> Self {
        let migrate =
            |pool: PgPool| async move { Ok(schema::migrate(&pool.connect_options()).await?) };
        let database = Database::with(&template(), migrate).await.unwrap();
        let options: PgConnectOptions = database.url().parse().unwrap();
        Self { _database: Some(database), ..Self::at(options).await }
    }

    /// In a database that the caller keeps.
    pub(crate) async fn at(options: PgConnectOptions) -> Self {
        schema::migrate(&options).await.unwrap();
        let pool = PgPoolOptions::new().max_connections(4);
        let pool = pool.connect_lazy_with(schema::connect_options(options.clone()));
        let (log, vault) = (MemoryLog::default(), Arc::default());
        Self { log, vault, options, pool, _database: None }
    }

    pub(crate) fn projector(&self) -> Projector {
        self.projector_of(Arc::new(self.log.clone()))
    }

    pub(crate) fn projector_of(&self, log: Arc<dyn EventLog>) -> Projector {
        Projector::new(log, self.vault.clone(), self.options.clone())
    }

    pub(crate) fn start(&self) -> Running {
        Running::start(self.projector())
    }

    /// Appends events to a stream, each recorded one second after the one before.
    pub(crate) fn append<E: CategoryEvent>(&self, stream: &StreamName, event: E) -> LogPosition {
        let event = self.encode(stream, event);
        self.append_stored(stream, event)
    }

    pub(crate) fn append_stored(&self, stream: &StreamName, event: NewEvent) -> LogPosition {
        let last = self.log.last_revision(stream).now_or_never().unwrap().unwrap();
        let (stream, events) = (stream.clone(), vec![event]);
        let append = Append { stream, expected: Expected::after(last), events };
        self.log.append_now(&append).unwrap().positions[0]
    }

    pub(crate) fn encode<E: CategoryEvent>(&self, stream: &StreamName, mut event: E) -> NewEvent {
        codec::encode(&mut event, stream, self.metadata(), &self.vault.ring()).unwrap()
    }

    pub(crate) fn metadata(&self) -> Metadata {
        Metadata {
            event_id: EventId::generate(),
            correlation: CommandId::generate(),
            causation: CommandId::generate(),
            input_hash: None,
            actor: Actor::System,
            recorded_at: Timestamp::from_micros(
                1_700_000_000_000_000 + self.head() as i64 * 1_000_000,
            ),
            version: 1,
            trace_parent: None,
        }
    }

    /// Signs somebody up.
    pub(crate) fn register(&self, name: &str) -> UserId {
        let user = UserId::generate();
        self.vault.create(user);
        let event = UserEvent::UserRegistered(UserRegistered {
            email: Personal::plain(user, format!("{name}@example.org")),
            username: Personal::plain(user, name),
            password: Personal::plain(user, "$argon2id$…"),
        });
        self.append(&StreamName::user(user), event);
        user
    }

    pub(crate) fn head(&self) -> LogPosition {
        self.log.head().now_or_never().unwrap().unwrap()
    }

    /// Projects all that is there.
    pub(crate) async fn project(&self) {
        let running = self.start();
        running.reach(self.head()).await;
        running.stop().await.unwrap();
    }

    /// Every row of every table, as text; instants of the database's own clock left out.
    pub(crate) async fn dump(&self) -> Vec<String> {
        let mut rows = Vec::new();
        for table in TABLES {
            let sql = format!(
                "SELECT '{table} ' || (to_jsonb(t) - 'parked_us')::text FROM {table} t ORDER BY 1"
            );
            let of_table: Vec<String> =
                sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&self.pool).await.unwrap();
            rows.extend(of_table);
        }
        rows
    }

    /// Takes every row and the checkpoint away.
    pub(crate) async fn clear(&self) {
        self.sql(&format!("TRUNCATE {}, checkpoint", TABLES.join(", "))).await;
    }

    pub(crate) async fn sql(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&self.pool).await.unwrap();
    }

    pub(crate) async fn scalar(&self, sql: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&self.pool).await.unwrap()
    }

    pub(crate) async fn checkpoint(&self) -> LogPosition {
        let position = self.scalar("SELECT coalesce(max(position), 0) FROM checkpoint").await;
        position as LogPosition
    }

    /// The one row of a table that a condition finds, as JSON.
    pub(crate) async fn row(&self, table: &str, condition: &str) -> serde_json::Value {
        let sql = format!("SELECT to_json(t)::text FROM {table} t WHERE {condition}");
        let rows: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&self.pool).await.unwrap();
        assert_eq!(rows.len(), 1, "{table} where {condition}: {rows:?}");
        serde_json::from_str(&rows[0]).unwrap()
    }
}

/// A projector at work; it stops when this is dropped.
pub(crate) struct Running {
    projected: watch::Receiver<LogPosition>,
    shutdown: CancellationToken,
    pub(crate) task: JoinHandle<Result<(), ProjectorError>>,
}

impl Running {
    pub(crate) fn start(projector: Projector) -> Self {
        let (projected, shutdown) = (projector.projected(), CancellationToken::new());
        let task = tokio::spawn(projector.run(shutdown.clone()));
        Self { projected, shutdown, task }
    }

    pub(crate) async fn reach(&self, position: LogPosition) {
        let mut projected = self.projected.clone();
        let reached = projected.wait_for(|at| *at >= position);
        tokio::time::timeout(PATIENCE, reached).await.expect("not reached in time").unwrap();
    }

    pub(crate) async fn stop(self) -> Result<(), ProjectorError> {
        self.shutdown.cancel();
        tokio::time::timeout(PATIENCE, self.task).await.expect("not stopped in time").unwrap()
    }

    /// Waits until it has ended.
    pub(crate) async fn task_done(&self) {
        let ended = async {
            while !self.task.is_finished() {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(PATIENCE, ended).await.expect("goes on");
    }

    /// It stops by itself, with this error.
    pub(crate) async fn fails(self) -> ProjectorError {
        let ended = tokio::time::timeout(PATIENCE, self.task).await.expect("goes on");
        ended.unwrap().expect_err("it ended without an error")
    }
}
