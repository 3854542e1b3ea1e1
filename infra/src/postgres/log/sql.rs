//! All SQL of the tables `log.log_head` and `log.events`.

use events::log::Direction;
use events::{Append, EventId, LogPosition, NewEvent, Recorded, Revision, StreamName};
use futures::stream::BoxStream;
use sqlx::PgConnection;
use uuid::Uuid;

use super::batch::Columns;

/// The channel on which nodes hint at new events; the payload is the newest position.
pub(super) const CHANNEL: &str = "moim_log";

/// The store's signed numbers from ours, which it never lets grow beyond them.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

/// An event's row.
pub(super) struct Row {
    position: i64,
    stream: String,
    revision: i64,
    kind: String,
    data: String,
    metadata: String,
}

impl TryFrom<Row> for Recorded {
    type Error = String;

    fn try_from(row: Row) -> Result<Self, String> {
        let at = row.position;
        let stream = row.stream.parse().map_err(|error| format!("position {at}: {error}"))?;
        let metadata = serde_json::from_str(&row.metadata)
            .map_err(|error| format!("metadata at position {at}: {error}"))?;
        let event = NewEvent { kind: row.kind, data: row.data, metadata };
        let (position, revision) = (unsigned(row.position), unsigned(row.revision));
        Ok(Self { position, stream, revision, event })
    }
}

/// The log's id and the position of its newest event.
pub(super) async fn head(connection: &mut PgConnection) -> sqlx::Result<(Uuid, LogPosition)> {
    let row = sqlx::query!("SELECT id, position FROM log.log_head").fetch_one(connection).await?;
    Ok((row.id, unsigned(row.position)))
}

/// Holds up all appends, of every node, until the transaction ends.
pub(super) async fn lock_head(connection: &mut PgConnection) -> sqlx::Result<()> {
    let query = sqlx::query_scalar!("SELECT position FROM log.log_head FOR UPDATE");
    query.fetch_one(connection).await.map(drop)
}

/// Appends rows; gives the position of the last one.
pub(super) async fn insert(
    connection: &mut PgConnection,
    rows: &Columns<'_>,
) -> sqlx::Result<LogPosition> {
    let query = sqlx::query_scalar!(
        r#"WITH head AS (
            UPDATE log.log_head SET position = position + $1 RETURNING position
        ), inserted AS (
            INSERT INTO log.events
                (position, stream, revision, event_id, kind, data, metadata)
            SELECT head.position - $1 + row.ordinal, row.stream, row.revision, row.event_id,
                row.kind, row.data::json, row.metadata::json
            FROM head, UNNEST(
                $2::text[], $3::bigint[], $4::uuid[], $5::text[], $6::text[], $7::text[]
            ) WITH ORDINALITY
                AS row (stream, revision, event_id, kind, data, metadata, ordinal)
        )
        SELECT position FROM head"#,
        rows.len(),
        &rows.streams as &[&str],
        &rows.revisions,
        &rows.event_ids,
        &rows.kinds as &[&str],
        &rows.data as &[&str],
        &rows.metadata as &[&str],
    );
    query.fetch_one(connection).await.map(unsigned)
}

/// Revision of each stream's last event, in the order asked.
pub(super) async fn last_revisions(
    connection: &mut PgConnection,
    streams: &[&str],
) -> sqlx::Result<Vec<Option<Revision>>> {
    let query = sqlx::query_scalar!(
        r#"SELECT (
            SELECT revision FROM log.events WHERE stream = asked.stream
            ORDER BY revision DESC LIMIT 1
        ) FROM UNNEST($1::text[]) WITH ORDINALITY AS asked (stream, ordinal) ORDER BY ordinal"#,
        streams as &[&str],
    );
    let found = query.fetch_all(connection).await?;
    Ok(found.into_iter().map(|revision| revision.map(unsigned)).collect())
}

/// Positions and ids of a stream's events from a revision on.
pub(super) async fn identities(
    connection: &mut PgConnection,
    append: &Append,
) -> sqlx::Result<Vec<(LogPosition, EventId)>> {
    let query = sqlx::query!(
        "SELECT position, event_id FROM log.events WHERE stream = $1 AND revision >= $2
        ORDER BY revision LIMIT $3",
        append.stream.as_str(),
        signed(append.expected.next()),
        signed(append.events.len() as u64),
    );
    let rows = query.fetch_all(connection).await?;
    Ok(rows.into_iter().map(|row| (unsigned(row.position), EventId(row.event_id))).collect())
}

/// Up to `limit` events of a stream, the first of which has revision `from`.
pub(super) async fn of_stream(
    connection: &mut PgConnection,
    stream: &StreamName,
    from: Revision,
    direction: Direction,
    limit: usize,
) -> sqlx::Result<Vec<Row>> {
    let (stream, from, limit) = (stream.as_str(), signed(from), signed(limit as u64));
    match direction {
        Direction::Forwards => {
            let query = sqlx::query_as!(
                Row,
                r#"SELECT position, stream, revision, kind,
                    data::text AS "data!", metadata::text AS "metadata!"
                FROM log.events WHERE stream = $1 AND revision >= $2
                ORDER BY revision LIMIT $3"#,
                stream,
                from,
                limit,
            );
            query.fetch_all(connection).await
        }
        Direction::Backwards => {
            let query = sqlx::query_as!(
                Row,
                r#"SELECT position, stream, revision, kind,
                    data::text AS "data!", metadata::text AS "metadata!"
                FROM log.events WHERE stream = $1 AND revision <= $2
                ORDER BY revision DESC LIMIT $3"#,
                stream,
                from,
                limit,
            );
            query.fetch_all(connection).await
        }
    }
}

/// Up to `limit` events of all streams after a position, in log order, row by row.
pub(super) fn after(
    connection: &mut PgConnection,
    position: LogPosition,
    limit: usize,
) -> BoxStream<'_, sqlx::Result<Row>> {
    sqlx::query_as!(
        Row,
        r#"SELECT position, stream, revision, kind,
            data::text AS "data!", metadata::text AS "metadata!"
        FROM log.events WHERE position > $1 ORDER BY position LIMIT $2"#,
        signed(position),
        signed(limit as u64),
    )
    .fetch(connection)
}

impl Row {
    /// What it weighs, in bytes.
    pub(super) fn size(&self) -> usize {
        self.data.len() + self.metadata.len() + self.kind.len() + self.stream.len()
    }
}

/// The server's clock, in microseconds since the epoch.
pub(super) async fn clock_us(connection: &mut PgConnection) -> sqlx::Result<i64> {
    let query = sqlx::query_scalar!(
        r#"SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS "at_us!""#
    );
    query.fetch_one(connection).await
}

/// Tells other nodes of the newest position.
pub(super) async fn notify(
    connection: &mut PgConnection,
    position: LogPosition,
) -> sqlx::Result<()> {
    let query = sqlx::query!("SELECT pg_notify($1, $2)", CHANNEL, position.to_string());
    query.execute(connection).await.map(drop)
}
