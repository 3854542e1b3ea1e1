//! What may be set of a node that carries out commands.

use std::time::Duration;

use super::rate::Rate;
use crate::execution::Limits;
use crate::secrets::HasherConfig;

/// How long a refresh token is good for, by default.
const REFRESH_GOOD_FOR_DAYS: u64 = 30;

/// What may be set.
#[derive(Debug, Clone, Copy)]
pub struct ServiceConfig {
    /// Cost and number of password hashes.
    pub hasher: HasherConfig,
    /// Bounds of the execution.
    pub limits: Limits,
    /// How long a refresh token is good for.
    pub refresh_good_for: Duration,
    /// Sign-ups and log-ins from one address.
    pub sign_ins_per_client: Rate,
    /// Commands of one user.
    pub commands_per_user: Rate,
}

impl Default for ServiceConfig {
    fn default() -> Self {
        Self {
            hasher: HasherConfig::default(),
            limits: Limits::default(),
            refresh_good_for: Duration::from_hours(REFRESH_GOOD_FOR_DAYS * 24),
            // A school or an office has one address, too.
            sign_ins_per_client: Rate { max: 300, window: Duration::from_mins(15) },
            commands_per_user: Rate { max: 50, window: Duration::from_secs(1) },
        }
    }
}
