//! Users' keys in memory.

use std::sync::Mutex;

use async_trait::async_trait;
use events::UserId;
use events::personal::{KeyRing, KeyState, Keys, KeysUnavailable, UserKey};

#[derive(Default)]
pub(crate) struct Vault(Mutex<KeyRing>);

impl Vault {
    pub(crate) fn create(&self, user: UserId) {
        let key = KeyState::Live(UserKey::new([7; 32]));
        self.0.lock().unwrap().entry(user).or_insert(key);
    }

    pub(crate) fn destroy(&self, user: UserId) {
        self.0.lock().unwrap().insert(user, KeyState::Destroyed);
    }

    pub(crate) fn lose(&self, user: UserId) {
        self.0.lock().unwrap().remove(&user);
    }

    pub(crate) fn ring(&self) -> KeyRing {
        self.0.lock().unwrap().clone()
    }
}

#[async_trait]
impl Keys for Vault {
    async fn get(&self, users: &[UserId]) -> Result<KeyRing, KeysUnavailable> {
        let all = self.0.lock().unwrap();
        Ok(users.iter().filter_map(|user| Some((*user, all.get(user)?.clone()))).collect())
    }

    async fn get_or_create(&self, user: UserId) -> Result<KeyState, KeysUnavailable> {
        self.create(user);
        Ok(self.0.lock().unwrap()[&user].clone())
    }
}
