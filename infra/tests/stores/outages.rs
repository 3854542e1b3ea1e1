//! A database that is away or frozen is an error in time.

use std::time::{Duration, Instant};

use command::ports::{Claims, Schema, Snapshots, Todos};
use events::hashing::HashKey;
use events::personal::Keys;
use events::{CommandId, LogId, StreamName, UserId};
use infra::postgres::{self, DataKey, PostgresClaims, PostgresSnapshots, PostgresTodos, Vault};
use testkit::PrivateCluster;
use uuid::Uuid;

const ERROR_WITHIN: Duration = Duration::from_secs(5);
const SERVED_WITHIN: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_ends_in_time() {
    let cluster = PrivateCluster::start().await.unwrap();
    let pool = postgres::connect(&cluster.url().unwrap(), 4).await.unwrap();
    postgres::migrate(&pool).await.unwrap();
    let claims = PostgresClaims::new(pool.clone());
    let snapshots = PostgresSnapshots::new(pool.clone());
    let todos = PostgresTodos::new(pool.clone());
    let (data_key, hash_key) = (DataKey::new([1; 32]), HashKey::new([2; 32]));
    let vault = Vault::open(pool, data_key, &hash_key).await.unwrap();
    let stream = StreamName::user(UserId::generate());
    let of = Schema { log: LogId(Uuid::now_v7()), version: 1 };
    let keys = [Uuid::now_v7()];
    let calls = async || {
        tokio::join!(
            async { claims.find(CommandId::generate()).await.is_ok() },
            async { snapshots.items(&stream, of, &keys).await.is_ok() },
            async { snapshots.core(&stream, of).await.is_ok() },
            async { todos.checkpoint(of.log).await.is_ok() },
            async { vault.get_or_create(UserId::generate()).await.is_ok() },
        )
    };
    let served = (true, true, true, true, true);
    assert_eq!(calls().await, served);

    cluster.freeze().unwrap();
    let start = Instant::now();
    assert_eq!(calls().await, (false, false, false, false, false));
    assert!(start.elapsed() < ERROR_WITHIN, "frozen: {:?}", start.elapsed());
    cluster.thaw().unwrap();
    assert_eq!(calls().await, served, "after it was frozen");

    cluster.kill().unwrap();
    let start = Instant::now();
    // Backends outlive their postmaster by a moment, in which they still answer.
    while calls().await != (false, false, false, false, false) {
        assert!(start.elapsed() < ERROR_WITHIN, "a killed server answers");
    }
    assert!(start.elapsed() < ERROR_WITHIN, "killed: {:?}", start.elapsed());
    cluster.restart().await.unwrap();
    let start = Instant::now();
    while calls().await != served {
        assert!(start.elapsed() < SERVED_WITHIN, "not served again");
    }
}
