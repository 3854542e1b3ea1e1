//! How much one user has open.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use events::UserId;

/// What one user may have open.
#[derive(Debug, Clone, Copy)]
pub(super) struct PerUser {
    pub(super) sockets_max: usize,
    pub(super) operations_max: usize,
}

/// Counts the sockets and operations of every user who has any.
#[derive(Debug)]
pub(super) struct Usage {
    limits: PerUser,
    users: Mutex<HashMap<UserId, Open>>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Open {
    sockets: usize,
    operations: usize,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thing {
    Socket,
    Operation,
}

/// Counts one thing for as long as it is kept.
#[derive(Debug)]
pub(super) struct Permit {
    usage: Arc<Usage>,
    user: UserId,
    thing: Thing,
}

impl Usage {
    pub(super) fn new(limits: PerUser) -> Self {
        Self { limits, users: Mutex::default() }
    }

    /// `None` if the user has as many as may be.
    pub(super) fn admit(self: &Arc<Self>, user: UserId, thing: Thing) -> Option<Permit> {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        let open = users.entry(user).or_default();
        let (count, max) = match thing {
            Thing::Socket => (&mut open.sockets, self.limits.sockets_max),
            Thing::Operation => (&mut open.operations, self.limits.operations_max),
        };
        if *count >= max {
            if *open == Open::default() {
                users.remove(&user);
            }
            return None;
        }
        *count += 1;
        Some(Permit { usage: self.clone(), user, thing })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut users = self.usage.users.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(open) = users.get_mut(&self.user) else { return };
        match self.thing {
            Thing::Socket => open.sockets -= 1,
            Thing::Operation => open.operations -= 1,
        }
        if *open == Open::default() {
            users.remove(&self.user);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn admits_up_to_the_limit_and_forgets_who_has_nothing_open() {
        let usage = Arc::new(Usage::new(PerUser { sockets_max: 2, operations_max: 1 }));
        let user = UserId(Uuid::from_u128(1));
        let first = usage.admit(user, Thing::Socket);
        let second = usage.admit(user, Thing::Socket);
        assert!(first.is_some() && second.is_some());
        assert!(usage.admit(user, Thing::Socket).is_none());
        assert!(usage.admit(UserId(Uuid::from_u128(2)), Thing::Socket).is_some());
        let operation = usage.admit(user, Thing::Operation);
        assert!(usage.admit(user, Thing::Operation).is_none());
        drop(first);
        assert!(usage.admit(user, Thing::Socket).is_some());
        drop((second, operation));
        assert!(usage.users.lock().unwrap().is_empty());
    }
}
