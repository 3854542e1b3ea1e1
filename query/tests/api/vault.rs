//! Users' keys in memory.

use std::sync::Mutex;

use async_trait::async_trait;
use events::UserId;
use events::personal::{KeyRing, KeyState, Keys, KeysUnavailable, UserKey};

#[derive(Default)]
pub(crate) struct Vault(Mutex<KeyRing>);

#[async_trait]
impl Keys for Vault {
    async fn get(&self, users: &[UserId]) -> Result<KeyRing, KeysUnavailable> {
        let all = self.0.lock().unwrap();
        Ok(users.iter().filter_map(|user| Some((*user, all.get(user)?.clone()))).collect())
    }

    async fn get_or_create(&self, user: UserId) -> Result<KeyState, KeysUnavailable> {
        let mut all = self.0.lock().unwrap();
        let key = || KeyState::Live(UserKey::new([7; 32]));
        Ok(all.entry(user).or_insert_with(key).clone())
    }
}

#[async_trait]
impl command::ports::Vault for Vault {
    async fn destroy(&self, user: UserId) -> Result<(), KeysUnavailable> {
        self.0.lock().unwrap().insert(user, KeyState::Destroyed);
        Ok(())
    }
}
