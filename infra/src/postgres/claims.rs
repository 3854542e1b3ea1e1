//! Claims of command ids and named things: tables `command.claims` and `command.things`.

use std::collections::{BTreeMap, HashMap, HashSet};

use async_trait::async_trait;
use command::ports::{Claim, Claimed, Claims, NewClaim, StoreError};
use events::hashing::InputHash;
use events::{CommandId, Revision, StreamName, Timestamp};
use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::coalesce::Coalescer;
use super::pool::call;

/// A claim may be released between the two statements that look at it; then both run again.
const ROUNDS_MAX: usize = 5;
const PRUNE_ROWS_MAX: i64 = 5_000;

/// [`Claims`] on PostgreSQL; what many tasks claim at once is one statement.
#[derive(Debug)]
pub struct PostgresClaims {
    pool: PgPool,
    claims: Coalescer<Vec<NewClaim>, Vec<Claimed>>,
}

impl PostgresClaims {
    /// On a database whose schema is up to date.
    pub fn new(pool: PgPool) -> Self {
        let batches = pool.clone();
        let run = move |batch| claim_all(batches.clone(), batch);
        Self { pool, claims: Coalescer::new(Vec::len, run) }
    }
}

#[async_trait]
impl Claims for PostgresClaims {
    async fn claim(&self, claims: Vec<NewClaim>) -> Result<Vec<Claimed>, StoreError> {
        if claims.is_empty() {
            return Ok(Vec::new());
        }
        self.claims.ask(claims).await
    }

    async fn take_up(&self, id: CommandId, seen: u32) -> Result<Option<(Claim, bool)>, StoreError> {
        let raised = call!(&self.pool, |connection| raise_attempt(connection, id, seen))?;
        match raised {
            Some(row) => Ok(Some((row.try_into()?, true))),
            None => Ok(self.find(id).await?.map(|claim| (claim, false))),
        }
    }

    async fn settle(&self, id: CommandId, attempt: u32, answer: Value) -> Result<bool, StoreError> {
        Ok(call!(&self.pool, |connection| store_answer(connection, id, attempt, &answer))?)
    }

    async fn release(&self, id: CommandId, attempt: u32) -> Result<bool, StoreError> {
        Ok(call!(&self.pool, |connection| delete_unanswered(connection, id, attempt))?)
    }

    async fn advance(
        &self,
        id: CommandId,
        attempt: u32,
        revision: Revision,
    ) -> Result<bool, StoreError> {
        Ok(call!(&self.pool, |connection| set_from(connection, id, attempt, revision))?)
    }

    async fn find(&self, id: CommandId) -> Result<Option<Claim>, StoreError> {
        let rows = call!(&self.pool, |connection| select(connection, &[id.0]))?;
        rows.into_iter().next().map(Claim::try_from).transpose()
    }

    async fn stream_of(&self, thing: Uuid) -> Result<Option<StreamName>, StoreError> {
        let stream = call!(&self.pool, |connection| stream_of(connection, thing))?;
        stream.map(|stream| parse(&stream)).transpose()
    }

    async fn prune(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut pruned = 0;
        loop {
            let deleted = call!(&self.pool, |connection| delete_answered(connection, before))?;
            pruned += deleted;
            if deleted < PRUNE_ROWS_MAX.unsigned_abs() {
                return Ok(pruned);
            }
        }
    }
}

async fn claim_all(
    pool: PgPool,
    asked: Vec<Vec<NewClaim>>,
) -> Result<Vec<Vec<Claimed>>, StoreError> {
    let mut by_id = BTreeMap::new();
    for claim in asked.iter().flatten() {
        by_id.entry(claim.id.0).or_insert(claim);
    }
    // Sorted by id, so that nodes that claim the same ids don't wait for one another in a ring.
    let mut open: Vec<&NewClaim> = by_id.into_values().collect();
    let mut made: HashSet<Uuid> = HashSet::new();
    let mut there: HashMap<Uuid, Claim> = HashMap::new();
    for _ in 0..ROUNDS_MAX {
        made.extend(call!(&pool, |connection| insert(connection, &open))?);
        open.retain(|claim| !made.contains(&claim.id.0));
        if open.is_empty() {
            break;
        }
        let ids: Vec<Uuid> = open.iter().map(|claim| claim.id.0).collect();
        for row in call!(&pool, |connection| select(connection, &ids))? {
            there.insert(row.id, row.try_into()?);
        }
        open.retain(|claim| !there.contains_key(&claim.id.0));
        if open.is_empty() {
            break;
        }
    }
    let mut result = |claim: NewClaim| match there.get(&claim.id.0) {
        Some(existing) => Ok(Claimed::Existing(existing.clone())),
        // The first to ask has it; others of the batch find it claimed.
        None if made.remove(&claim.id.0) => {
            there.insert(claim.id.0, first_attempt(claim));
            Ok(Claimed::New)
        }
        None => Err(StoreError("a claim was made and released again and again".to_owned())),
    };
    asked.into_iter().map(|claims| claims.into_iter().map(&mut result).collect()).collect()
}

fn first_attempt(claim: NewClaim) -> Claim {
    let NewClaim { id, actor, input_hash, stream, from_revision, at, .. } = claim;
    Claim { id, actor, input_hash, stream, from_revision, attempt: 1, answer: None, at }
}

struct Row {
    id: Uuid,
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

fn parse(stream: &str) -> Result<StreamName, StoreError> {
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
async fn insert(connection: &mut PgConnection, claims: &[&NewClaim]) -> sqlx::Result<Vec<Uuid>> {
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

async fn select(connection: &mut PgConnection, ids: &[Uuid]) -> sqlx::Result<Vec<Row>> {
    let query = sqlx::query_as!(
        Row,
        "SELECT id, actor, input_hash, stream, from_revision, attempt, answer::text, at_us
        FROM command.claims WHERE id = ANY($1)",
        ids,
    );
    query.fetch_all(connection).await
}

async fn raise_attempt(
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

async fn store_answer(
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

async fn delete_unanswered(
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

async fn set_from(
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

async fn stream_of(connection: &mut PgConnection, thing: Uuid) -> sqlx::Result<Option<String>> {
    let query = sqlx::query_scalar!(
        r#"SELECT stream AS "stream!" FROM (
            SELECT 1 AS rank, stream FROM command.things WHERE id = $1
            UNION ALL SELECT 2, stream FROM command.claims WHERE id = $1
        ) AS named ORDER BY rank LIMIT 1"#,
        thing,
    );
    query.fetch_optional(connection).await
}

async fn delete_answered(connection: &mut PgConnection, before: Timestamp) -> sqlx::Result<u64> {
    let query = sqlx::query!(
        "DELETE FROM command.claims WHERE id IN (
            SELECT id FROM command.claims
            WHERE answer IS NOT NULL AND at_us < $1 ORDER BY at_us LIMIT $2
        )",
        before.as_micros(),
        PRUNE_ROWS_MAX,
    );
    Ok(query.execute(connection).await?.rows_affected())
}
