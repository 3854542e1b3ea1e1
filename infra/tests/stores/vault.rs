//! Users' keys.

use command::ports::Vault as _;
use events::UserId;
use events::hashing::HashKey;
use events::personal::{KeyRing, KeyState, Keys};
use infra::postgres::{DataKey, Vault, VaultError};
use testkit::{Database, Pool};

async fn vault(pool: &Pool, secrets: (u8, u8)) -> Result<Vault, VaultError> {
    let (data_key, hash_key) = (DataKey::new([secrets.0; 32]), HashKey::new([secrets.1; 32]));
    Vault::open(pool.clone(), data_key, &hash_key).await
}

async fn two_nodes() -> (Database, Vault, Vault) {
    let database = crate::database().await;
    let first = vault(database.pool(), (1, 2)).await.unwrap();
    let second = vault(database.pool(), (1, 2)).await.unwrap();
    (database, first, second)
}

#[tokio::test]
async fn every_node_gives_the_same_key() {
    let (_database, first, second) = two_nodes().await;
    let (user, other) = (UserId::generate(), UserId::generate());
    assert_eq!(first.get(&[user]).await.unwrap(), KeyRing::new(), "no row is no key");
    let (key, same) = tokio::join!(first.get_or_create(user), second.get_or_create(user));
    let key = key.unwrap();
    assert!(matches!(key, KeyState::Live(_)));
    assert_eq!(same.unwrap(), key);
    let others = second.get_or_create(other).await.unwrap();
    assert_ne!(others, key);
    let ring = KeyRing::from([(user, key), (other, others)]);
    assert_eq!(first.get(&[user, other]).await.unwrap(), ring);
}

#[tokio::test]
async fn a_destroyed_key_leaves_a_tombstone_for_good() {
    let (database, first, _) = two_nodes().await;
    let (user, keyless) = (UserId::generate(), UserId::generate());
    first.get_or_create(user).await.unwrap();
    for user in [user, keyless] {
        first.destroy(user).await.unwrap();
        first.destroy(user).await.unwrap();
        let later = vault(database.pool(), (1, 2)).await.unwrap();
        for vault in [&first, &later] {
            assert_eq!(vault.get_or_create(user).await.unwrap(), KeyState::Destroyed);
        }
    }
}

#[tokio::test]
async fn a_node_with_other_secrets_is_refused() {
    let (database, ..) = two_nodes().await;
    for secrets in [(9, 2), (1, 9)] {
        let outcome = vault(database.pool(), secrets).await;
        assert!(matches!(outcome, Err(VaultError::OtherKey(_))), "{outcome:?}");
    }
    vault(database.pool(), (1, 2)).await.unwrap();
}

#[tokio::test]
async fn a_row_of_another_user_is_no_key() {
    let (database, first, second) = two_nodes().await;
    let (user, thief) = (UserId::generate(), UserId::generate());
    first.get_or_create(user).await.unwrap();
    first.get_or_create(thief).await.unwrap();
    let swap = "UPDATE vault.user_keys AS mine SET wrapped = other.wrapped
        FROM vault.user_keys AS other WHERE mine.user_id <> other.user_id";
    sqlx::query(swap).execute(database.pool()).await.unwrap();
    assert!(second.get(&[thief]).await.is_err(), "a key was unwrapped for somebody else");
}
