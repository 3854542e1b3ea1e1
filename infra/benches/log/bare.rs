//! PostgreSQL with nothing around it: one connection, a table like the log's.

use std::fmt::Write;
use std::time::Instant;

use anyhow::Result;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::{Turn, sample};

/// Rows of an `INSERT … UNNEST` and of a `COPY`.
pub(crate) const BATCH_LEN: usize = 1_000;

const TABLE: &str = "CREATE TABLE bare (
    position bigint PRIMARY KEY, stream text COLLATE \"C\" NOT NULL, revision bigint NOT NULL,
    event_id uuid NOT NULL, kind text NOT NULL, data json NOT NULL, metadata json NOT NULL,
    UNIQUE (stream, revision)
)";
const INSERT: &str = "INSERT INTO bare SELECT row.position, row.stream, row.revision, row.event_id,
        row.kind, row.data::json, row.metadata::json
    FROM UNNEST($1::bigint[], $2::text[], $3::bigint[], $4::uuid[], $5::text[], $6::text[],
        $7::text[]) AS row (position, stream, revision, event_id, kind, data, metadata)";
const INSERT_ONE: &str =
    "INSERT INTO bare VALUES ($1, $2, $3, $4, $5, $6::text::json, $7::text::json)";

#[derive(Default)]
struct Rows {
    positions: Vec<i64>,
    streams: Vec<String>,
    revisions: Vec<i64>,
    event_ids: Vec<Uuid>,
    kinds: Vec<String>,
    data: Vec<String>,
    metadata: Vec<String>,
}

pub(crate) struct Bare {
    connection: PgConnection,
    position: i64,
}

impl Bare {
    pub(crate) async fn open(url: &str) -> Result<Self> {
        let mut connection = PgConnection::connect(url).await?;
        sqlx::query(TABLE).execute(&mut connection).await?;
        Ok(Self { connection, position: 0 })
    }

    /// The next rows: a stream of its own for each batch, as writers have.
    fn rows(&mut self, len: usize) -> Result<Rows> {
        let (stream, mut rows) = (sample::stream(), Rows::default());
        for (event, revision) in sample::events(&stream, len).into_iter().zip(0..) {
            self.position += 1;
            rows.positions.push(self.position);
            rows.streams.push(stream.to_string());
            rows.revisions.push(revision);
            rows.event_ids.push(event.id().0);
            rows.metadata.push(serde_json::to_string(&event.metadata)?);
            rows.kinds.push(event.kind);
            rows.data.push(event.data);
        }
        Ok(rows)
    }

    pub(crate) async fn commits(&mut self, end: Instant) -> Result<Turn> {
        let (start, mut turn) = (Instant::now(), Turn::default());
        while Instant::now() < end {
            let rows = self.rows(1)?;
            let query = sqlx::query(INSERT_ONE)
                .bind(rows.positions[0])
                .bind(&rows.streams[0])
                .bind(rows.revisions[0])
                .bind(rows.event_ids[0])
                .bind(&rows.kinds[0])
                .bind(&rows.data[0])
                .bind(&rows.metadata[0]);
            query.execute(&mut self.connection).await?;
            turn.calls += 1;
        }
        Ok(Turn { events: turn.calls, elapsed: start.elapsed(), ..turn })
    }

    pub(crate) async fn unnest(&mut self, end: Instant) -> Result<Turn> {
        let (start, mut turn) = (Instant::now(), Turn::default());
        while Instant::now() < end {
            let rows = self.rows(BATCH_LEN)?;
            let query = sqlx::query(INSERT)
                .bind(rows.positions)
                .bind(rows.streams)
                .bind(rows.revisions)
                .bind(rows.event_ids)
                .bind(rows.kinds)
                .bind(rows.data)
                .bind(rows.metadata);
            query.execute(&mut self.connection).await?;
            turn.calls += 1;
        }
        Ok(Turn { events: turn.calls * BATCH_LEN as u64, elapsed: start.elapsed(), ..turn })
    }

    pub(crate) async fn copy(&mut self, end: Instant) -> Result<Turn> {
        let (start, mut turn) = (Instant::now(), Turn::default());
        while Instant::now() < end {
            let rows = self.rows(BATCH_LEN)?;
            let mut text = String::new();
            for row in 0..BATCH_LEN {
                // Nothing in these rows needs escaping in COPY's text format.
                writeln!(
                    text,
                    "{}\t{}\t{}\t{}\t{}\t{}\t{}",
                    rows.positions[row],
                    rows.streams[row],
                    rows.revisions[row],
                    rows.event_ids[row],
                    rows.kinds[row],
                    rows.data[row],
                    rows.metadata[row],
                )?;
            }
            let mut copy = self.connection.copy_in_raw("COPY bare FROM STDIN").await?;
            copy.send(text.into_bytes()).await?;
            copy.finish().await?;
            turn.calls += 1;
        }
        Ok(Turn { events: turn.calls * BATCH_LEN as u64, elapsed: start.elapsed(), ..turn })
    }
}
