//! Whether this node can do its work, and if not, why.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// What has to be so for a node to be ready, by name; shared by those who know and `/readyz`.
#[derive(Debug, Default)]
pub struct Health {
    reasons: Mutex<BTreeMap<&'static str, String>>,
}

/// What `/readyz` answers.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// Whether the node can do its work.
    pub ready: bool,
    /// What is not as it has to be, and why.
    pub reasons: BTreeMap<&'static str, String>,
}

impl Health {
    /// Says that something is not as it has to be. The first time and every change is logged.
    pub fn fail(&self, what: &'static str, why: impl Into<String>) {
        let why = why.into();
        let before = self.lock().insert(what, why.clone());
        if before.as_ref() != Some(&why) {
            tracing::warn!(what, why, "not ready");
        }
    }

    /// Says that it is as it has to be.
    pub fn mend(&self, what: &'static str) {
        if self.lock().remove(what).is_some() {
            tracing::info!(what, "ready again");
        }
    }

    /// Whether that is not as it has to be.
    pub fn fails(&self, what: &'static str) -> bool {
        self.lock().contains_key(what)
    }

    /// Whether the node can do its work.
    pub fn readiness(&self) -> Readiness {
        let reasons = self.lock().clone();
        Readiness { ready: reasons.is_empty(), reasons }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<&'static str, String>> {
        // The map is whole whatever a panicking thread was doing.
        self.reasons.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_ready_when_nothing_is_amiss() {
        let health = Health::default();
        assert!(health.readiness().ready);
        health.fail("database", "can't be reached");
        health.fail("projection", "lags");
        health.mend("projection");
        let reasons = BTreeMap::from([("database", "can't be reached".to_owned())]);
        assert_eq!(health.readiness(), Readiness { ready: false, reasons });
        health.mend("database");
        assert!(health.readiness().ready);
    }
}
