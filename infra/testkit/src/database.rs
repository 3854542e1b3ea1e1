//! A fresh database for each test.

use std::future::Future;
use std::sync::mpsc;
use std::time::Duration;

use anyhow::Context;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;

use crate::cluster::Cluster;

/// A pool of connections, so that tests need not name `sqlx`.
pub type Pool = sqlx::PgPool;

const POOL_CONNECTIONS_MAX: u32 = 10;
/// A test waits this long at most for its database to be dropped.
const DROP_WAIT: Duration = Duration::from_secs(2);

/// A database that is dropped with this value, whoever is still connected.
#[derive(Debug)]
pub struct Database {
    cluster: &'static Cluster,
    name: String,
    url: String,
    pool: Pool,
}

impl Database {
    /// An empty database.
    pub async fn new() -> anyhow::Result<Self> {
        Self::from_template("template0").await
    }

    /// A database with what `migrate` makes. That runs once for each `key`, which names it and
    /// its version in letters, digits and `_`; later databases are copies.
    pub async fn with<F, M>(key: &str, migrate: M) -> anyhow::Result<Self>
    where
        M: FnOnce(Pool) -> F,
        F: Future<Output = anyhow::Result<()>>,
    {
        let template = format!("migrated_{key}");
        let cluster = Cluster::shared().await?;
        let lock = cluster.lock_file("template.lock")?;
        let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock)).await??;
        let mut connection = cluster.connect().await?;
        let finished = sqlx::query_scalar::<_, bool>(
            "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND datistemplate)",
        );
        if !finished.bind(&template).fetch_one(&mut connection).await? {
            execute(&mut connection, format!(r#"DROP DATABASE IF EXISTS "{template}""#)).await?;
            create(&mut connection, &template, "template0").await?;
            let pool = connect(&cluster.url(&template)?).await?;
            let outcome = migrate(pool.clone()).await;
            pool.close().await;
            outcome.context("the migrations of a template failed")?;
            let done = format!(r#"ALTER DATABASE "{template}" IS_TEMPLATE true"#);
            execute(&mut connection, done).await?;
        }
        drop(lock);
        Self::from_template(&template).await
    }

    async fn from_template(template: &str) -> anyhow::Result<Self> {
        let cluster = Cluster::shared().await?;
        let name = format!("test_{}", Uuid::now_v7().simple());
        create(&mut cluster.connect().await?, &name, template).await?;
        let url = cluster.url(&name)?;
        let pool = connect(&url).await?;
        Ok(Self { cluster, name, url, pool })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Connections to it.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (cluster, sql) =
            (self.cluster, format!(r#"DROP DATABASE IF EXISTS "{}" WITH (FORCE)"#, self.name));
        let work = move || -> anyhow::Result<()> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async { execute(&mut cluster.connect().await?, sql).await })
        };
        // A thread of its own: one can't wait for a future inside a runtime. Not for long: a
        // connection that this runtime was about to make is held up by the waiting, and holds up
        // the server. What isn't dropped here is dropped when the cluster is next started.
        let (done, dropped) = mpsc::channel();
        std::thread::spawn(move || done.send(work()));
        if let Ok(Err(error)) = dropped.recv_timeout(DROP_WAIT) {
            eprintln!("a test's database was not dropped: {error:#}");
        }
    }
}

async fn connect(url: &str) -> anyhow::Result<Pool> {
    Ok(PgPoolOptions::new().max_connections(POOL_CONNECTIONS_MAX).connect(url).await?)
}

async fn create(connection: &mut PgConnection, name: &str, template: &str) -> anyhow::Result<()> {
    execute(connection, format!(r#"CREATE DATABASE "{name}" TEMPLATE "{template}""#)).await
}

async fn execute(connection: &mut PgConnection, sql: String) -> anyhow::Result<()> {
    sqlx::query(AssertSqlSafe(sql)).execute(connection).await?;
    Ok(())
}

/// Makes a database of that name anew in the shared cluster, runs SQL in it and gives its address.
pub async fn recreate(cluster: &Cluster, name: &str, sql: &[String]) -> anyhow::Result<String> {
    let mut connection = cluster.connect().await?;
    execute(&mut connection, format!(r#"DROP DATABASE IF EXISTS "{name}" WITH (FORCE)"#)).await?;
    create(&mut connection, name, "template0").await?;
    let url = cluster.url(name)?;
    let mut connection = PgConnection::connect(&url).await?;
    for script in sql {
        sqlx::raw_sql(AssertSqlSafe(script.clone())).execute(&mut connection).await?;
    }
    Ok(url)
}
