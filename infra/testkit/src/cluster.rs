//! The cluster that all tests of a user share.

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;
use std::{env, fs};

use anyhow::Context;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use tokio::sync::OnceCell;

use crate::programs;
use crate::server::Server;
use crate::watchdog::{self, After};

/// How long the cluster outlives the last test.
const IDLE: Duration = Duration::from_mins(1);

/// The shared cluster, held up for as long as this process lives.
#[derive(Debug)]
pub struct Cluster {
    server: Server,
    /// Held, not read: the watchdog looks at the lock on it.
    _in_use: File,
}

static SHARED: OnceCell<Cluster> = OnceCell::const_new();

impl Cluster {
    /// The cluster; started by the first process that asks.
    pub async fn shared() -> anyhow::Result<&'static Self> {
        SHARED.get_or_try_init(|| Self::acquire(Duration::ZERO)).await
    }

    /// The cluster, which then stays up for `at_least` even if nobody uses it.
    pub async fn acquire(at_least: Duration) -> anyhow::Result<Self> {
        let server = Server::at(home()?)?;
        let path = server.home.clone();
        let (in_use, starting) = tokio::task::spawn_blocking(move || {
            // The watchdog only ever tries these locks, so the order can block nobody.
            let in_use = watchdog::hold(&path, at_least)?;
            let starting = watchdog::lock_file(&path, "start.lock")?;
            starting.lock()?;
            anyhow::Ok((in_use, starting))
        })
        .await??;
        if !is_ours(&server).await {
            let starter = server.clone();
            tokio::task::spawn_blocking(move || starter.start()).await??;
            drop_leftovers(&server).await?;
        }
        watchdog::watch(&server, IDLE, After::Keep)?;
        drop(starting);
        Ok(Self { server, _in_use: in_use })
    }

    /// Address of one of its databases, with the right to do everything.
    pub fn url(&self, database: &str) -> anyhow::Result<String> {
        self.server.url(database)
    }

    /// A connection to its own database `postgres`.
    pub(crate) async fn connect(&self) -> anyhow::Result<PgConnection> {
        Ok(PgConnection::connect(&self.url("postgres")?).await?)
    }

    /// A file in its home, to be locked.
    pub(crate) fn lock_file(&self, name: &str) -> anyhow::Result<File> {
        watchdog::lock_file(&self.server.home, name)
    }
}

fn home() -> anyhow::Result<PathBuf> {
    if programs::is_root() {
        return Ok("/var/tmp/moim-test-postgres-0".into());
    }
    let caches = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let caches = caches.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")));
    Ok(caches.context("neither XDG_CACHE_HOME nor HOME is set")?.join("moim/test-postgres"))
}

/// Whether what listens on the server's port runs on its folder: the port may be somebody else's
/// by now.
async fn is_ours(server: &Server) -> bool {
    let look = async {
        let mut connection = PgConnection::connect(&server.url("postgres")?).await?;
        let row = sqlx::query("SHOW data_directory").fetch_one(&mut connection).await?;
        let folder: String = row.try_get(0)?;
        anyhow::Ok(fs::canonicalize(server.data())? == fs::canonicalize(folder)?)
    };
    tokio::time::timeout(Duration::from_secs(5), look).await.is_ok_and(|ours| ours.unwrap_or(false))
}

/// Drops what tests of a server that was stopped have left.
async fn drop_leftovers(server: &Server) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(&server.url("postgres")?).await?;
    let left = sqlx::query_scalar::<_, String>(
        r"SELECT datname::text FROM pg_database
           WHERE datname LIKE 'test\_%' OR datname LIKE 'migrated\_%'",
    );
    for name in left.fetch_all(&mut connection).await? {
        let sql = format!(r#"ALTER DATABASE "{name}" IS_TEMPLATE false; DROP DATABASE "{name}""#);
        for statement in sql.split(';') {
            sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await?;
        }
    }
    Ok(())
}
