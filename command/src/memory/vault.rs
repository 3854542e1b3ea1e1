//! Users' keys in memory.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use events::UserId;
use events::personal::{KeyRing, KeyState, Keys, KeysUnavailable, UserKey};

use super::lock;
use crate::ports::Vault;

/// Users' keys in memory; clones share them. Each is a random one.
#[derive(Debug, Clone, Default)]
pub struct MemoryVault(Arc<Mutex<KeyRing>>);

impl MemoryVault {
    /// How many keys there are, destroyed ones included.
    pub fn len(&self) -> usize {
        lock(&self.0).len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// [`Vault::destroy`] for those who don't wait.
    pub fn destroy_now(&self, user: UserId) {
        lock(&self.0).insert(user, KeyState::Destroyed);
    }
}

#[async_trait]
impl Keys for MemoryVault {
    async fn get(&self, users: &[UserId]) -> Result<KeyRing, KeysUnavailable> {
        let keys = lock(&self.0);
        Ok(users.iter().filter_map(|user| Some((*user, keys.get(user)?.clone()))).collect())
    }

    async fn get_or_create(&self, user: UserId) -> Result<KeyState, KeysUnavailable> {
        let new = || KeyState::Live(UserKey::new(rand::random()));
        Ok(lock(&self.0).entry(user).or_insert_with(new).clone())
    }
}

#[async_trait]
impl Vault for MemoryVault {
    async fn destroy(&self, user: UserId) -> Result<(), KeysUnavailable> {
        self.destroy_now(user);
        Ok(())
    }
}
