//! Real parts for tests: one PostgreSQL cluster for all test processes of a user, a fresh
//! database for each test, and private clusters for tests that kill their server.

mod cluster;
mod database;
mod private;
mod programs;
mod server;
mod watchdog;

pub use cluster::Cluster;
pub use database::{Database, Pool, recreate};
pub use private::PrivateCluster;
