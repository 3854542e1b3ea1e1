//! Is what was rebuilt the same as what is live? Read models are a replay of the log: tables that
//! differ tell of a fault, or of what a new version does otherwise.

use std::time::Duration;

use events::LogPosition;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

use super::{Progress, Rebuild, RebuildError, tables};
use crate::checkpoint;
use crate::projection::Projection;

/// How long the live read model may be behind the new one.
const LIVE_WAIT: Duration = Duration::from_millis(20);
const LIVE_TRIES_MAX: usize = 1_500;

/// A table whose rows are not the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which.
    pub table: &'static str,
    /// Its rows in the live read model.
    pub live_rows: i64,
    /// Its rows in the new one.
    pub new_rows: i64,
}

impl Rebuild {
    /// Compares the new read model with the live one, both at the same position. The live
    /// projector is held up only until the new one has reached it.
    pub async fn compare(
        &mut self,
        progress: &mut (impl FnMut(Progress) + Send),
    ) -> Result<Vec<Difference>, RebuildError> {
        let mut reader = self.options.clone().connect().await?;
        let mut holder = self.options.clone().connect().await?;
        let new = self.catch_up(self.live_position(&mut reader).await?, progress).await?.position();
        self.wait_for_live(&mut reader, new).await?;
        let mut held = holder.begin().await?;
        tables::hold_live_projector(&mut held, self.projection).await?;
        let live = self.live_position(&mut held).await?;
        let writer = self.catch_up(live, progress).await?;
        if writer.position() != live {
            return Err(RebuildError::Busy { tries: 1 });
        }
        let mut snapshot = reader.begin().await?;
        sqlx::raw_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            .execute(&mut *snapshot)
            .await?;
        // The first query takes the snapshot; the live projector may go on after it.
        self.live_position(&mut snapshot).await?;
        held.rollback().await?;
        let differences = differences(&mut snapshot, self.projection).await?;
        snapshot.rollback().await?;
        Ok(differences)
    }

    /// The new read model may have been filled further than the live one is.
    async fn wait_for_live(
        &self,
        db: &mut PgConnection,
        new: LogPosition,
    ) -> Result<(), RebuildError> {
        for _ in 0..LIVE_TRIES_MAX {
            if self.live_position(db).await? >= new {
                return Ok(());
            }
            tokio::time::sleep(LIVE_WAIT).await;
        }
        let reason = format!("the live read model doesn't reach {new}: is it projected?");
        Err(RebuildError::Interrupted(reason))
    }

    async fn live_position(&self, db: &mut PgConnection) -> Result<LogPosition, sqlx::Error> {
        let live = checkpoint::live(db, self.projection).await?;
        Ok(live.map_or(0, |(_, position)| position))
    }
}

async fn differences(
    db: &mut PgConnection,
    projection: Projection,
) -> Result<Vec<Difference>, sqlx::Error> {
    let mut differences = Vec::new();
    let schemas = projection.schemas();
    for &table in projection.tables() {
        let (live_rows, live_sum) = content(db, schemas.live, table).await?;
        let (new_rows, new_sum) = content(db, schemas.next, table).await?;
        if (live_rows, live_sum) != (new_rows, new_sum) {
            differences.push(Difference { table, live_rows, new_rows });
        }
    }
    Ok(differences)
}

/// How many rows, and the sum of their hashes, which doesn't depend on their order.
async fn content(
    db: &mut PgConnection,
    schema: &str,
    table: &str,
) -> Result<(i64, Option<String>), sqlx::Error> {
    let sql = format!(
        "SELECT count(*), sum(hashtextextended(t::text, 0)::numeric)::text FROM {schema}.{table} t"
    );
    sqlx::query_as(AssertSqlSafe(sql)).fetch_one(db).await
}
