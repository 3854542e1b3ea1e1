//! Users' own keys, wrapped by the data key: tables `vault.user_keys` and `vault.key_checks`.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use events::hashing::HashKey;
use events::personal::{KeyRing, KeyState, Keys, KeysUnavailable, UserKey};
use events::{Timestamp, UserId};
use moka::sync::Cache;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::pool::{CallError, call};

/// A key that was destroyed on another node is used for no longer than this.
const CACHE_AGE_MAX: Duration = Duration::from_mins(1);
const CACHE_KEYS_MAX: u64 = 50_000;
const NONCE_LEN: usize = 24;

/// The key that wraps users' keys.
#[derive(Clone)]
pub struct DataKey(Zeroizing<[u8; 32]>);

impl DataKey {
    /// From 32 secret bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Tells this key from another without giving it away.
    fn check_value(&self) -> String {
        HashKey::new(*self.0).check_value()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(*self.0))
    }

    /// Nonce, ciphertext and tag. The user's id is associated data: no key passes for another's.
    fn wrap(&self, user: UserId, key: &UserKey) -> Vec<u8> {
        let nonce: [u8; NONCE_LEN] = rand::random();
        let payload = Payload { msg: key.expose(), aad: user.0.as_bytes() };
        // The cipher refuses only texts beyond 256 GiB.
        let Ok(sealed) = self.cipher().encrypt(&XNonce::from(nonce), payload) else {
            unreachable!("a key has 32 bytes")
        };
        [nonce.as_slice(), &sealed].concat()
    }

    fn unwrap(&self, user: UserId, wrapped: &[u8]) -> Option<UserKey> {
        let (nonce, sealed) = wrapped.split_first_chunk::<NONCE_LEN>()?;
        let payload = Payload { msg: sealed, aad: user.0.as_bytes() };
        let key = self.cipher().decrypt(&XNonce::from(*nonce), payload).ok()?;
        Some(UserKey::new(Zeroizing::new(key).as_slice().try_into().ok()?))
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(…)")
    }
}

/// Why the vault can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The node's secret is not the one that the data was written with.
    #[error("the {0} is not the one that this database was written with")]
    OtherKey(&'static str),
    /// The database can't be reached.
    #[error("the vault can't be reached: {0}")]
    Unavailable(String),
}

impl From<CallError> for VaultError {
    fn from(error: CallError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<CallError> for KeysUnavailable {
    fn from(error: CallError) -> Self {
        Self(error.to_string())
    }
}

/// [`Keys`] on PostgreSQL.
#[derive(Debug)]
pub struct Vault {
    pool: PgPool,
    data_key: DataKey,
    cache: Cache<UserId, KeyState>,
}

impl Vault {
    /// The vault of a database whose schema is up to date. The first node's secrets are kept
    /// in mind (as check values); a node with others is refused.
    pub async fn open(
        pool: PgPool,
        data_key: DataKey,
        hash_key: &HashKey,
    ) -> Result<Self, VaultError> {
        let checks = [("data key", data_key.check_value()), ("hash key", hash_key.check_value())];
        for (name, value) in checks {
            let there = call!(&pool, |connection| keep_check(connection, name, &value))?;
            if there != value {
                return Err(VaultError::OtherKey(name));
            }
        }
        let cache = Cache::builder().max_capacity(CACHE_KEYS_MAX).time_to_live(CACHE_AGE_MAX);
        Ok(Self { pool, data_key, cache: cache.build() })
    }

    /// The keys of users, made now where there are none. They are committed when this returns.
    pub async fn create_missing(&self, users: &[UserId]) -> Result<KeyRing, KeysUnavailable> {
        let wrap = |user: &UserId| self.data_key.wrap(*user, &UserKey::new(rand::random()));
        let (ids, wrapped): (Vec<Uuid>, Vec<Vec<u8>>) =
            users.iter().map(|user| (user.0, wrap(user))).unzip();
        let now = Timestamp::now();
        call!(&self.pool, |connection| insert(connection, &ids, &wrapped, now))?;
        // Whoever was first: the rows that are there now are committed, and count.
        self.get(users).await
    }

    fn state(&self, user: UserId, wrapped: Option<&[u8]>) -> Result<KeyState, KeysUnavailable> {
        let state = match wrapped {
            None => KeyState::Destroyed,
            Some(wrapped) => {
                let broken = || KeysUnavailable(format!("the key of {user} can't be unwrapped"));
                KeyState::Live(self.data_key.unwrap(user, wrapped).ok_or_else(broken)?)
            }
        };
        self.cache.insert(user, state.clone());
        Ok(state)
    }
}

#[async_trait]
impl Keys for Vault {
    async fn get(&self, users: &[UserId]) -> Result<KeyRing, KeysUnavailable> {
        let mut ring = KeyRing::new();
        let mut missing: Vec<Uuid> = Vec::new();
        for user in users {
            match self.cache.get(user) {
                Some(state) => drop(ring.insert(*user, state)),
                None => missing.push(user.0),
            }
        }
        if !missing.is_empty() {
            for row in call!(&self.pool, |connection| select(connection, &missing))? {
                let user = UserId(row.user_id);
                ring.insert(user, self.state(user, row.wrapped.as_deref())?);
            }
        }
        Ok(ring)
    }

    async fn get_or_create(&self, user: UserId) -> Result<KeyState, KeysUnavailable> {
        if let Some(state) = self.get(&[user]).await?.remove(&user) {
            return Ok(state);
        }
        let there = self.create_missing(&[user]).await?.remove(&user);
        there.ok_or_else(|| KeysUnavailable(format!("the key of {user} is gone again")))
    }
}

#[async_trait]
impl command::ports::Vault for Vault {
    /// Other nodes may use what they have of the key for another minute.
    async fn destroy(&self, user: UserId) -> Result<(), KeysUnavailable> {
        call!(&self.pool, |connection| bury(connection, user, Timestamp::now()))?;
        self.cache.insert(user, KeyState::Destroyed);
        Ok(())
    }
}

struct Row {
    user_id: Uuid,
    wrapped: Option<Vec<u8>>,
}

async fn select(connection: &mut PgConnection, users: &[Uuid]) -> sqlx::Result<Vec<Row>> {
    let query = sqlx::query_as!(
        Row,
        "SELECT user_id, wrapped FROM vault.user_keys WHERE user_id = ANY($1)",
        users,
    );
    query.fetch_all(connection).await
}

async fn insert(
    connection: &mut PgConnection,
    users: &[Uuid],
    wrapped: &[Vec<u8>],
    now: Timestamp,
) -> sqlx::Result<()> {
    let query = sqlx::query!(
        "INSERT INTO vault.user_keys (user_id, wrapped, created_us)
        SELECT user_id, wrapped, $3
        FROM UNNEST($1::uuid[], $2::bytea[]) AS row (user_id, wrapped)
        ORDER BY user_id
        ON CONFLICT (user_id) DO NOTHING",
        users,
        wrapped,
        now.as_micros(),
    );
    query.execute(connection).await.map(drop)
}

async fn bury(connection: &mut PgConnection, user: UserId, now: Timestamp) -> sqlx::Result<()> {
    let query = sqlx::query!(
        "INSERT INTO vault.user_keys AS there (user_id, created_us, destroyed_us)
        VALUES ($1, $2, $2)
        ON CONFLICT (user_id) DO UPDATE SET wrapped = NULL,
            destroyed_us = COALESCE(there.destroyed_us, excluded.destroyed_us)",
        user.0,
        now.as_micros(),
    );
    query.execute(connection).await.map(drop)
}

/// Keeps a check value if there is none of that name; gives the one that is there.
async fn keep_check(
    connection: &mut PgConnection,
    name: &str,
    value: &str,
) -> sqlx::Result<String> {
    let first = sqlx::query!(
        "INSERT INTO vault.key_checks (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
        name,
        value,
    );
    first.execute(&mut *connection).await?;
    let query = sqlx::query_scalar!("SELECT value FROM vault.key_checks WHERE name = $1", name);
    query.fetch_one(connection).await
}
