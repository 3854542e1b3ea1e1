//! Claims in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use events::{CommandId, Revision, StreamName, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use super::lock;
use crate::ports::{Claim, Claimed, Claims, NewClaim, StoreError};

#[derive(Debug, Default)]
struct Contents {
    claims: HashMap<CommandId, Claim>,
    things: HashMap<Uuid, StreamName>,
}

/// Claims in memory; clones share them.
#[derive(Debug, Clone, Default)]
pub struct MemoryClaims(Arc<Mutex<Contents>>);

impl MemoryClaims {
    /// [`Claims::claim`] for those who don't wait.
    pub fn claim_now(&self, claims: Vec<NewClaim>) -> Vec<Claimed> {
        let mut contents = lock(&self.0);
        claims.into_iter().map(|claim| contents.claim(claim)).collect()
    }

    /// [`Claims::take_up`] for those who don't wait.
    pub fn take_up_now(&self, id: CommandId, seen: u32) -> Option<(Claim, bool)> {
        let mut contents = lock(&self.0);
        let claim = contents.claims.get_mut(&id)?;
        let raised = claim.attempt == seen && claim.answer.is_none();
        claim.attempt += u32::from(raised);
        Some((claim.clone(), raised))
    }

    /// [`Claims::settle`] for those who don't wait.
    pub fn settle_now(&self, id: CommandId, attempt: u32, answer: Value) -> bool {
        lock(&self.0).held(id, attempt).map(|claim| claim.answer = Some(answer)).is_some()
    }

    /// [`Claims::release`] for those who don't wait.
    pub fn release_now(&self, id: CommandId, attempt: u32) -> bool {
        let mut contents = lock(&self.0);
        let held = contents.held(id, attempt).is_some();
        if held {
            contents.claims.remove(&id);
        }
        held
    }

    /// [`Claims::advance`] for those who don't wait.
    pub fn advance_now(&self, id: CommandId, attempt: u32, revision: Revision) -> bool {
        let advance =
            |claim: &mut Claim| claim.from_revision = claim.from_revision.max(Some(revision));
        lock(&self.0).held(id, attempt).map(advance).is_some()
    }

    /// [`Claims::name`] for those who don't wait.
    pub fn name_now(&self, things: Vec<(Uuid, StreamName)>) {
        let mut contents = lock(&self.0);
        for (thing, stream) in things {
            contents.things.entry(thing).or_insert(stream);
        }
    }

    /// [`Claims::find`] for those who don't wait.
    pub fn find_now(&self, id: CommandId) -> Option<Claim> {
        lock(&self.0).claims.get(&id).cloned()
    }
}

impl Contents {
    fn claim(&mut self, new: NewClaim) -> Claimed {
        if let Some(claim) = self.claims.get(&new.id) {
            return Claimed::Existing(claim.clone());
        }
        let NewClaim { id, actor, input_hash, stream, from_revision, things, at } = new;
        for thing in things {
            self.things.entry(thing).or_insert_with(|| stream.clone());
        }
        let (attempt, answer) = (1, None);
        let claim = Claim { id, actor, input_hash, stream, from_revision, attempt, answer, at };
        self.claims.insert(id, claim);
        Claimed::New
    }

    fn held(&mut self, id: CommandId, attempt: u32) -> Option<&mut Claim> {
        let claim = self.claims.get_mut(&id)?;
        (claim.attempt == attempt && claim.answer.is_none()).then_some(claim)
    }
}

#[async_trait]
impl Claims for MemoryClaims {
    async fn claim(&self, claims: Vec<NewClaim>) -> Result<Vec<Claimed>, StoreError> {
        Ok(self.claim_now(claims))
    }

    async fn take_up(&self, id: CommandId, seen: u32) -> Result<Option<(Claim, bool)>, StoreError> {
        Ok(self.take_up_now(id, seen))
    }

    async fn settle(&self, id: CommandId, attempt: u32, answer: Value) -> Result<bool, StoreError> {
        Ok(self.settle_now(id, attempt, answer))
    }

    async fn release(&self, id: CommandId, attempt: u32) -> Result<bool, StoreError> {
        Ok(self.release_now(id, attempt))
    }

    async fn advance(
        &self,
        id: CommandId,
        attempt: u32,
        revision: Revision,
    ) -> Result<bool, StoreError> {
        Ok(self.advance_now(id, attempt, revision))
    }

    async fn find(&self, id: CommandId) -> Result<Option<Claim>, StoreError> {
        Ok(self.find_now(id))
    }

    async fn name(&self, things: Vec<(Uuid, StreamName)>) -> Result<(), StoreError> {
        self.name_now(things);
        Ok(())
    }

    async fn stream_of(&self, thing: Uuid) -> Result<Option<StreamName>, StoreError> {
        let contents = lock(&self.0);
        let claimed = || contents.claims.get(&CommandId(thing)).map(|claim| claim.stream.clone());
        Ok(contents.things.get(&thing).cloned().or_else(claimed))
    }

    async fn prune(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut contents = lock(&self.0);
        let len = contents.claims.len();
        contents.claims.retain(|_, claim| claim.answer.is_none() || claim.at >= before);
        Ok((len - contents.claims.len()) as u64)
    }
}
