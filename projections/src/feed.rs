//! Table `feed`, which `messenger` and `money` have each: what happened to whom.

use events::feed::FeedKind;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::copy::Rows;
use crate::failure::WriteError;

/// A row of the feed.
#[derive(Debug)]
pub(crate) struct FeedRow {
    pub(crate) entity: Uuid,
    pub(crate) position: i64,
    pub(crate) kind: FeedKind,
    pub(crate) reference: Option<Uuid>,
    pub(crate) at_us: i64,
}

/// New rows.
pub(crate) async fn insert(db: &mut PgConnection, rows: &[FeedRow]) -> Result<(), WriteError> {
    if rows.is_empty() {
        return Ok(());
    }
    let entities: Vec<Uuid> = rows.iter().map(|row| row.entity).collect();
    let positions: Vec<i64> = rows.iter().map(|row| row.position).collect();
    let kinds: Vec<i16> = rows.iter().map(|row| row.kind.code()).collect();
    let references: Vec<_> = rows.iter().map(|row| row.reference).collect();
    let times: Vec<i64> = rows.iter().map(|row| row.at_us).collect();
    sqlx::query!(
        "INSERT INTO feed (entity_id, position, kind, ref, at_us)
         SELECT * FROM UNNEST($1::uuid[], $2::bigint[], $3::smallint[], $4::uuid[], $5::bigint[])",
        &entities,
        &positions,
        &kinds,
        &references as &[Option<Uuid>],
        &times,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The same for many of them. No macro checks a `COPY`: the tests of the rebuild do.
pub(crate) async fn copy(db: &mut PgConnection, feed: &[FeedRow]) -> Result<(), WriteError> {
    if feed.is_empty() {
        return Ok(());
    }
    let mut rows = Rows::new(5);
    for row in feed {
        let of = rows.row().field(row.entity).field(row.position).field(row.kind.code());
        of.field(row.reference).field(row.at_us);
    }
    rows.copy(db, "COPY feed (entity_id, position, kind, ref, at_us) FROM STDIN (FORMAT binary)")
        .await
}
