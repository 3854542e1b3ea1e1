//! `moim doctor`: looks at log, database, clock and keys as a node would, and says what it finds.
//! It brings no schema up to date: that is the first `moim serve`'s business.

use std::io::{self, Write};

use anyhow::{bail, ensure};
use events::EventLog;
use events::hashing::HashKey;
use sqlx::PgPool;

use crate::config::StoreConfig;
use crate::postgres::{self, DataKey, PostgresLog, Vault};

/// The oldest PostgreSQL that Moim is tested with.
const VERSION_MIN: i32 = 150_000;
/// Connections that a node holds besides its pools.
const CONNECTIONS_BESIDES: i32 = 8;

type Finding = anyhow::Result<String>;

/// Prints a line a check; an error if one failed.
pub(super) async fn run(config: StoreConfig) -> anyhow::Result<()> {
    let mut failed = 0;
    let mut note = |what: &str, finding: Finding| {
        let (mark, text) = match finding {
            Ok(text) => ("ok    ", text),
            Err(error) => {
                failed += 1;
                ("FAILED", format!("{error:#}"))
            }
        };
        writeln!(io::stdout(), "{mark} {what:<12} {text}")
    };
    for (what, url) in [("database", config.database_url.as_str()), ("log", config.log_url())] {
        match postgres::connect(url, 2).await {
            Err(error) => note(what, Err(error))?,
            Ok(pool) => {
                note(what, version(&pool).await)?;
                note("encoding", encoding(&pool).await)?;
                note("durability", durability(&pool).await)?;
                note("connections", connections(&pool, &config).await)?;
                let schemas = schemas(&pool).await;
                let made = schemas.is_ok();
                note("schemas", schemas)?;
                if made {
                    note("events", log(&pool).await)?;
                    note("keys", keys(&pool, &config).await)?;
                }
            }
        }
        if config.log_url() == config.database_url {
            break;
        }
    }
    ensure!(failed == 0, "{failed} of these are not as a node needs them");
    Ok(())
}

async fn setting(pool: &PgPool, name: &str) -> anyhow::Result<String> {
    let value = sqlx::query_scalar!(r#"SELECT current_setting($1) AS "value!""#, name);
    Ok(value.fetch_one(pool).await?)
}

async fn version(pool: &PgPool) -> Finding {
    let number: i32 = setting(pool, "server_version_num").await?.parse()?;
    let version = setting(pool, "server_version").await?;
    ensure!(
        number >= VERSION_MIN,
        "PostgreSQL {version}; at least {} is needed",
        VERSION_MIN / 10_000
    );
    let read_only = setting(pool, "transaction_read_only").await?;
    ensure!(read_only == "off", "PostgreSQL {version} can't be written: is it a standby?");
    Ok(format!("PostgreSQL {version}"))
}

async fn encoding(pool: &PgPool) -> Finding {
    let encoding = setting(pool, "server_encoding").await?;
    ensure!(encoding == "UTF8", "{encoding}; UTF8 is needed");
    Ok(encoding)
}

/// What is acknowledged has to be on disk.
async fn durability(pool: &PgPool) -> Finding {
    for name in ["fsync", "synchronous_commit", "full_page_writes"] {
        let value = setting(pool, name).await?;
        ensure!(value != "off", "{name} is off: acknowledged messages could be lost");
    }
    Ok("commits are on disk when they are acknowledged".to_owned())
}

async fn connections(pool: &PgPool, config: &StoreConfig) -> Finding {
    let max: i32 = setting(pool, "max_connections").await?.parse()?;
    let needed = i32::try_from(config.database_connections)?.saturating_add(CONNECTIONS_BESIDES);
    ensure!(max >= needed, "{max} allowed, a node takes up to {needed}");
    Ok(format!("{max} allowed, a node takes up to {needed}"))
}

async fn schemas(pool: &PgPool) -> Finding {
    let missing = postgres::missing_migrations(pool).await?;
    ensure!(missing == 0, "{missing} migrations are missing; moim serve runs them when it starts");
    Ok("up to date".to_owned())
}

async fn log(pool: &PgPool) -> Finding {
    let log = PostgresLog::open(pool.clone()).await?;
    let (id, head, offset) = (log.id(), log.head().await?, log.clock_offset());
    let ms = offset.micros / 1_000;
    if offset.is_too_far() {
        bail!("log {id} at {head}; this clock is {ms} ms off: nothing would be appended");
    }
    Ok(format!("log {id} at {head}; clocks {ms} ms apart"))
}

async fn keys(pool: &PgPool, config: &StoreConfig) -> Finding {
    let data_key = DataKey::new(*config.data_key.expose());
    let hash_key = HashKey::new(*config.hash_key.expose());
    Vault::open(pool.clone(), data_key, &hash_key).await?;
    Ok("are those that the data was written with".to_owned())
}
