//! What may be set of a node that carries out commands.

use std::time::Duration;

use jiff::tz::{Offset, TimeZone};

use super::rate::Rate;
use crate::execution::Limits;
use crate::secrets::HasherConfig;

/// How long a refresh token is good for, by default.
const REFRESH_GOOD_FOR_DAYS: u64 = 30;

/// The zone whose days limits count by, by default.
const TIME_ZONE: &str = "Asia/Seoul";

/// Who tells that money came in from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deposits {
    /// Users say so themselves, for trying things out.
    SelfService,
    /// Payment providers do; users are refused.
    Provider,
}

/// What may be set.
#[derive(Debug, Clone)]
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
    /// Who tells of deposits.
    pub deposits: Deposits,
    /// The zone whose days spending limits count by.
    pub time_zone: TimeZone,
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
            deposits: Deposits::Provider,
            // Korea has kept this offset since 1988, should the machine have no zones at all.
            time_zone: TimeZone::get(TIME_ZONE)
                .unwrap_or_else(|_| TimeZone::fixed(Offset::constant(9))),
        }
    }
}
