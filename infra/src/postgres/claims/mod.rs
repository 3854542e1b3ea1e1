//! Claims of command ids and named things.

mod sql;

use std::collections::{BTreeMap, HashMap, HashSet};

use async_trait::async_trait;
use command::ports::{Claim, Claimed, Claims, NewClaim, StoreError};
use events::{CommandId, Revision, StreamName, Timestamp};
use serde_json::Value;
use sqlx::PgPool;
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

impl PostgresClaims {
    /// Writes claims and names that the log tells of, as far as they aren't there.
    pub async fn restore(
        &self,
        claims: &[NewClaim],
        things: &[(Uuid, StreamName)],
    ) -> Result<(), StoreError> {
        let claims: Vec<&NewClaim> = claims.iter().collect();
        if !claims.is_empty() {
            call!(&self.pool, |connection| sql::insert(connection, &claims))?;
        }
        if !things.is_empty() {
            call!(&self.pool, |connection| sql::insert_things(connection, things))?;
        }
        Ok(())
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
        let raised = call!(&self.pool, |connection| sql::raise_attempt(connection, id, seen))?;
        match raised {
            Some(row) => Ok(Some((row.try_into()?, true))),
            None => Ok(self.find(id).await?.map(|claim| (claim, false))),
        }
    }

    async fn settle(&self, id: CommandId, attempt: u32, answer: Value) -> Result<bool, StoreError> {
        Ok(call!(&self.pool, |connection| sql::store_answer(connection, id, attempt, &answer))?)
    }

    async fn release(&self, id: CommandId, attempt: u32) -> Result<bool, StoreError> {
        Ok(call!(&self.pool, |connection| sql::delete_unanswered(connection, id, attempt))?)
    }

    async fn advance(
        &self,
        id: CommandId,
        attempt: u32,
        revision: Revision,
    ) -> Result<bool, StoreError> {
        Ok(call!(&self.pool, |connection| sql::set_from(connection, id, attempt, revision))?)
    }

    async fn find(&self, id: CommandId) -> Result<Option<Claim>, StoreError> {
        let rows = call!(&self.pool, |connection| sql::select(connection, &[id.0]))?;
        rows.into_iter().next().map(Claim::try_from).transpose()
    }

    async fn name(&self, things: Vec<(Uuid, StreamName)>) -> Result<(), StoreError> {
        self.restore(&[], &things).await
    }

    async fn stream_of(&self, thing: Uuid) -> Result<Option<StreamName>, StoreError> {
        let stream = call!(&self.pool, |connection| sql::stream_of(connection, thing))?;
        stream.map(|stream| sql::parse(&stream)).transpose()
    }

    async fn prune(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut pruned = 0;
        loop {
            let deleted = call!(&self.pool, |connection| sql::delete_answered(
                connection,
                before,
                PRUNE_ROWS_MAX
            ))?;
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
        made.extend(call!(&pool, |connection| sql::insert(connection, &open))?);
        open.retain(|claim| !made.contains(&claim.id.0));
        if open.is_empty() {
            break;
        }
        let ids: Vec<Uuid> = open.iter().map(|claim| claim.id.0).collect();
        for row in call!(&pool, |connection| sql::select(connection, &ids))? {
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
