//! Log-ins with addresses that nobody has. They are counted like those of accounts, or else the
//! eleventh wrong password would tell which addresses have one. In memory of this node: what is
//! forgotten gives nothing away but to who tries on all nodes, or fills the memory first.

use std::time::Duration;

use events::Timestamp;
use events::hashing::EmailHash;
use moka::sync::Cache;

use crate::domain::WrongTries;
use crate::domain::user::LOG_IN_ALLOWANCE;

/// Addresses remembered.
const ADDRESSES_LEN_MAX: u64 = 100_000;

/// Wrong tries by address.
pub(super) struct Strangers {
    tries: Cache<EmailHash, WrongTries>,
}

impl Strangers {
    pub(super) fn new() -> Self {
        let tries = Cache::builder()
            .max_capacity(ADDRESSES_LEN_MAX)
            .time_to_live(LOG_IN_ALLOWANCE.window)
            .build();
        Self { tries }
    }

    pub(super) fn locked_for(&self, address: &EmailHash, now: Timestamp) -> Option<Duration> {
        self.tries.get(address)?.locked_for(now, LOG_IN_ALLOWANCE)
    }

    pub(super) fn count(&self, address: &EmailHash, at: Timestamp) {
        self.tries.entry_by_ref(address).and_upsert_with(|entry| {
            let mut tries = entry.map(moka::Entry::into_value).unwrap_or_default();
            tries.count(at, LOG_IN_ALLOWANCE);
            tries
        });
    }
}
