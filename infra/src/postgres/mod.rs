//! PostgreSQL behind the ports: the event log, what execution keeps beside it, and the users'
//! keys. Every call ends in time, whether the server is gone or frozen.

mod coalesce;
mod migrations;
mod pool;

pub mod log;

mod claims;
mod memberships;
mod snapshots;
mod todos;
mod vault;

pub use claims::PostgresClaims;
pub use log::PostgresLog;
pub use migrations::{fingerprint, migrate, missing_migrations};
pub use pool::{connect, connect_lazy};
pub use snapshots::PostgresSnapshots;
pub use todos::PostgresTodos;
pub use vault::{DataKey, Vault, VaultError};
