//! All SQL of the tables `command.claims` and `command.things`.

use std::collections::BTreeMap;

use command::ports::{Claim, NewClaim, StoreError};
use events::hashing::InputHash;
use events::{CommandId, Revision, StreamName, Timestamp};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// A claim's row.
pub(super) struct Row {
    pub(super) id: Uuid,
    actor: String,
    input_hash: String,
    stream: String,
    from_revision: Option<i64>,
    attempt: i32,
    answer: Option<String>,
    at_us: i64,
}

impl TryFrom<Row> for Claim {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let answer = row.answer.map(|answer| serde_json::from_str(&answer)).transpose();
        Ok(Self {
            id: CommandId(row.id),
            actor: row.actor.parse().map_err(broken)?,
            input_hash: InputHash(row.input_hash),
            stream: parse(&row.stream)?,
            from_revision: row.from_revision.map(u64::try_from).transpose().map_err(broken)?,
            attempt: u32::try_from(row.attempt).map_err(broken)?,
            answer: answer.map_err(broken)?,
            at: Timestamp::from_micros(row.at_us),
        })
    }
}

/// Reads a stream's name.
pub(super) fn parse(stream: &str) -> Result<StreamName, StoreError> {
    stream.parse().map_err(broken)
}

fn broken(error: impl std::fmt::Display) -> StoreError {
    StoreError(format!("a claim that can't be read: {error}"))
}

fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn signed_revision(revision: Revision) -> i64 {
    i64::try_from(revision).unwrap_or(i64::MAX)
}

/// Claims what is free, and names its things; gives the ids that are the caller's.
pub(super) async fn insert(
    connection: &mut PgConnection,
    claims: &[&NewClaim],
) -> sqlx::Result<Vec<Uuid>> {
    fn column<T>(claims: &[&NewClaim], value: impl Fn(&NewClaim) -> T) -> Vec<T> {
        claims.iter().map(|claim| value(claim)).collect()
    }
    let things = claims.iter().flat_map(|claim| claim.things.iter().map(|id| (*id, claim.id.0)));
    let things: BTreeMap<Uuid, Uuid> = things.collect();
    let (things, owners): (Vec<Uuid>, Vec<Uuid>) = things.into_iter().unzip();
    let query = sqlx::query_scalar!(
        "WITH claimed AS (
            INSERT INTO command.claims
                (id, actor, input_hash, stream, from_revision, attempt, at_us)
            SELECT id, actor, input_hash, stream, from_revision, 1, at_us
            FROM UNNEST(
                $1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[]
            ) AS row (id, actor, input_hash, stream, from_revision, at_us)
            ON CONFLICT (id) DO NOTHING
            RETURNING id, stream
        ), named AS (
            INSERT INTO command.things (id, stream)
            SELECT thing.id, claimed.stream
            FROM UNNEST($7::uuid[], $8::uuid[]) AS thing (id, owner)
            JOIN claimed ON claimed.id = thing.owner
            ORDER BY thing.id
            ON CONFLICT (id) DO UPDATE SET stream = excluded.stream
        )
        SELECT id FROM claimed",
        &column(claims, |claim| claim.id.0),
        &column(claims, |claim| claim.actor.to_string()),
        &column(claims, |claim| claim.input_hash.0.clone()),
        &column(claims, |claim| claim.stream.to_string()),
        &column(claims, |claim| claim.from_revision.map(signed_revision)) as &[Option<i64>],
        &column(claims, |claim| claim.at.as_micros()),
        &things,
        &owners,
    );
    query.fetch_all(connection).await
}

/// Names things without a claim of their own, as far as they aren't named.
pub(super) async fn insert_things(
    connection: &mut PgConnection,
    things: &[(Uuid, StreamName)],
) -> sqlx::Result<()> {
    let (ids, streams): (Vec<Uuid>, Vec<&str>) =
        things.iter().map(|(id, stream)| (*id, stream.as_str())).unzip();
    let query = sqlx::query!(
        "INSERT INTO command.things (id, stream)
        SELECT id, stream FROM UNNEST($1::uuid[], $2::text[]) AS row (id, stream)
        ON CONFLICT (id) DO NOTHING",
        &ids,
        &streams as &[&str],
    );
    query.execute(connection).await.map(drop)
}

/// Claims by id, as far as they are there.
pub(super) async fn select(connection: &mut PgConnection, ids: &[Uuid]) -> sqlx::Result<Vec<Row>> {
    let query = sqlx::query_as!(
        Row,
        "SELECT id, actor, input_hash, stream, from_revision, attempt, answer::text, at_us
        FROM command.claims WHERE id = ANY($1)",
        ids,
    );
    query.fetch_all(connection).await
}

/// Adds one to the attempt of an unanswered claim that is still at `seen`.
pub(super) async fn raise_attempt(
    connection: &mut PgConnection,
    id: CommandId,
    seen: u32,
) -> sqlx::Result<Option<Row>> {
    let query = sqlx::query_as!(
        Row,
        "UPDATE command.claims SET attempt = attempt + 1
        WHERE id = $1 AND attempt = $2 AND answer IS NULL
        RETURNING id, actor, input_hash, stream, from_revision, attempt, answer::text, at_us",
        id.0,
        signed(seen),
    );
    query.fetch_optional(connection).await
}

/// Stores an answer; false if the claim is at another attempt or has one.
pub(super) async fn store_answer(
    connection: &mut PgConnection,
    id: CommandId,
    attempt: u32,
    answer: &Value,
) -> sqlx::Result<bool> {
    let query = sqlx::query!(
        "UPDATE command.claims SET answer = $3::text::json
        WHERE id = $1 AND attempt = $2 AND answer IS NULL",
        id.0,
        signed(attempt),
        answer.to_string(),
    );
    Ok(query.execute(connection).await?.rows_affected() == 1)
}

/// Deletes a claim; false if it is at another attempt or has an answer.
pub(super) async fn delete_unanswered(
    connection: &mut PgConnection,
    id: CommandId,
    attempt: u32,
) -> sqlx::Result<bool> {
    let query = sqlx::query!(
        "DELETE FROM command.claims WHERE id = $1 AND attempt = $2 AND answer IS NULL",
        id.0,
        signed(attempt),
    );
    Ok(query.execute(connection).await?.rows_affected() == 1)
}

/// Moves the revision up; false if the claim is at another attempt.
pub(super) async fn set_from(
    connection: &mut PgConnection,
    id: CommandId,
    attempt: u32,
    revision: Revision,
) -> sqlx::Result<bool> {
    let query = sqlx::query!(
        "UPDATE command.claims SET from_revision = GREATEST(from_revision, $3)
        WHERE id = $1 AND attempt = $2",
        id.0,
        signed(attempt),
        signed_revision(revision),
    );
    Ok(query.execute(connection).await?.rows_affected() == 1)
}

/// The stream of a named thing, or that of the claim with its id.
pub(super) async fn stream_of(
    connection: &mut PgConnection,
    thing: Uuid,
) -> sqlx::Result<Option<String>> {
    let query = sqlx::query_scalar!(
        r#"SELECT stream AS "stream!" FROM (
            SELECT 1 AS rank, stream FROM command.things WHERE id = $1
            UNION ALL SELECT 2, stream FROM command.claims WHERE id = $1
        ) AS named ORDER BY rank LIMIT 1"#,
        thing,
    );
    query.fetch_optional(connection).await
}

/// Deletes the oldest answered claims made before an instant; gives how many.
pub(super) async fn delete_answered(
    connection: &mut PgConnection,
    before: Timestamp,
    limit: i64,
) -> sqlx::Result<u64> {
    let query = sqlx::query!(
        "DELETE FROM command.claims WHERE id IN (
            SELECT id FROM command.claims
            WHERE answer IS NOT NULL AND at_us < $1 ORDER BY at_us LIMIT $2
        )",
        before.as_micros(),
        limit,
    );
    Ok(query.execute(connection).await?.rows_affected())
}
