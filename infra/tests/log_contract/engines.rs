//! The engines, each as a log that several nodes can open.

use std::sync::Arc;

use async_trait::async_trait;
use events::EventLog;
use events::memory::MemoryLog;
use infra::postgres::{self, PostgresLog};
use testkit::{Database, PrivateCluster};

const CONNECTIONS_MAX: u32 = 8;

/// A fresh log.
#[async_trait]
pub(crate) trait Engine: Sized + Send + Sync {
    async fn start() -> Self;

    /// The log as one more node sees it.
    async fn node(&self) -> Arc<dyn EventLog>;
}

/// An engine whose server can be taken away.
#[async_trait]
pub(crate) trait Outages: Engine {
    fn kill(&self);
    async fn restart(&self);
    fn freeze(&self);
    fn thaw(&self);
}

pub(crate) struct Memory(MemoryLog);

#[async_trait]
impl Engine for Memory {
    async fn start() -> Self {
        Self(MemoryLog::default())
    }

    async fn node(&self) -> Arc<dyn EventLog> {
        Arc::new(self.0.clone())
    }
}

async fn node(url: &str) -> Arc<dyn EventLog> {
    let pool = postgres::connect(url, CONNECTIONS_MAX).await.unwrap();
    Arc::new(PostgresLog::open(pool).await.unwrap())
}

pub(crate) struct Postgres(Database);

#[async_trait]
impl Engine for Postgres {
    async fn start() -> Self {
        let migrate = |pool| async move { postgres::migrate(&pool).await };
        Self(Database::with(&postgres::fingerprint(), migrate).await.unwrap())
    }

    async fn node(&self) -> Arc<dyn EventLog> {
        node(self.0.url()).await
    }
}

pub(crate) struct PrivatePostgres(PrivateCluster);

impl PrivatePostgres {
    pub(crate) async fn start() -> Self {
        let cluster = PrivateCluster::start().await.unwrap();
        let pool = postgres::connect(&cluster.url().unwrap(), 1).await.unwrap();
        postgres::migrate(&pool).await.unwrap();
        Self(cluster)
    }
}

#[async_trait]
impl Engine for PrivatePostgres {
    async fn start() -> Self {
        Self::start().await
    }

    async fn node(&self) -> Arc<dyn EventLog> {
        node(&self.0.url().unwrap()).await
    }
}

#[async_trait]
impl Outages for PrivatePostgres {
    fn kill(&self) {
        self.0.kill().unwrap();
    }

    async fn restart(&self) {
        self.0.restart().await.unwrap();
    }

    fn freeze(&self) {
        self.0.freeze().unwrap();
    }

    fn thaw(&self) {
        self.0.thaw().unwrap();
    }
}
