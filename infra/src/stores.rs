//! Log, vault and read models of one configuration, opened.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use events::hashing::HashKey;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::config::StoreConfig;
use crate::postgres::{self, DataKey, PostgresLog, Vault};

/// Everything that lies in PostgreSQL.
#[derive(Clone)]
pub struct Stores {
    /// Where the database is.
    pub options: PgConnectOptions,
    /// Connections to it, for everything but the read models.
    pub pool: PgPool,
    /// Connections that find the read models' tables.
    pub read_models: PgPool,
    /// The event log.
    pub log: PostgresLog,
    /// Users' keys.
    pub vault: Arc<Vault>,
}

/// Time to make a connection, which readers don't queue for: they have queued before.
const READ_ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

impl Stores {
    /// Brings all schemas up to date and opens what is in them.
    pub async fn open(config: &StoreConfig) -> anyhow::Result<Self> {
        let options = options(&config.database_url)?;
        // Half for the read models, which is where requests mostly go.
        let share = (config.database_connections / 2).max(4);
        let pool = postgres::connect(&config.database_url, share).await?;
        postgres::migrate(&pool).await?;
        projections::schema::migrate(&options).await?;
        let read_models = read_models(options.clone(), share);
        let log = PostgresLog::open(log_pool(config, &pool, share).await?).await?;
        let data_key = DataKey::new(*config.data_key.expose());
        let hash_key = HashKey::new(*config.hash_key.expose());
        let vault = Arc::new(Vault::open(pool.clone(), data_key, &hash_key).await?);
        Ok(Self { options, pool, read_models, log, vault })
    }
}

fn read_models(options: PgConnectOptions, connections_max: u32) -> PgPool {
    let options = projections::schema::connect_options(options).application_name("moim reads");
    PgPoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(READ_ACQUIRE_TIMEOUT)
        .connect_lazy_with(options)
}

async fn log_pool(config: &StoreConfig, pool: &PgPool, share: u32) -> anyhow::Result<PgPool> {
    if config.log_url() == config.database_url {
        return Ok(pool.clone());
    }
    let elsewhere = postgres::connect(config.log_url(), share).await?;
    postgres::migrate(&elsewhere).await?;
    Ok(elsewhere)
}

fn options(url: &str) -> anyhow::Result<PgConnectOptions> {
    url.parse().context("MOIM_DATABASE_URL is postgres://…")
}
