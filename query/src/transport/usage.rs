//! How much one user has open.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use events::UserId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What one user may have open.
#[derive(Debug, Clone, Copy)]
pub(super) struct PerUser {
    pub(super) sockets_max: usize,
    pub(super) operations_max: usize,
    /// Queries that run or wait for their turn.
    pub(super) queries_max: usize,
    /// Queries that run.
    pub(super) queries_at_once: usize,
}

/// Counts the sockets and operations of every user who has any.
#[derive(Debug)]
pub(super) struct Usage {
    limits: PerUser,
    users: Mutex<HashMap<UserId, Open>>,
}

#[derive(Debug, Default)]
struct Open {
    sockets: usize,
    operations: usize,
    queries: usize,
    turns: Option<Arc<Semaphore>>,
}

impl Open {
    fn is_nothing(&self) -> bool {
        self.sockets == 0 && self.operations == 0 && self.queries == 0
    }
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thing {
    Socket,
    Operation,
    Query,
}

/// A query's turn.
#[derive(Debug)]
pub(super) struct Turn {
    _turn: Option<OwnedSemaphorePermit>,
    _permit: Permit,
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
            Thing::Query => (&mut open.queries, self.limits.queries_max),
        };
        if *count >= max {
            if open.is_nothing() {
                users.remove(&user);
            }
            return None;
        }
        *count += 1;
        Some(Permit { usage: self.clone(), user, thing })
    }

    /// Waits until a query of this user's may run: whoever asks for much at once waits behind
    /// what is one's own, not others behind it. `None` if too many wait already.
    pub(super) async fn turn(self: &Arc<Self>, user: UserId) -> Option<Turn> {
        let permit = self.admit(user, Thing::Query)?;
        let turns = {
            let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
            let at_once = self.limits.queries_at_once;
            let turns = &mut users.entry(user).or_default().turns;
            turns.get_or_insert_with(|| Arc::new(Semaphore::new(at_once))).clone()
        };
        // It is never closed.
        Some(Turn { _turn: turns.acquire_owned().await.ok(), _permit: permit })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut users = self.usage.users.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(open) = users.get_mut(&self.user) else { return };
        match self.thing {
            Thing::Socket => open.sockets -= 1,
            Thing::Operation => open.operations -= 1,
            Thing::Query => open.queries -= 1,
        }
        if open.is_nothing() {
            users.remove(&self.user);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use uuid::Uuid;

    fn limits() -> PerUser {
        PerUser { sockets_max: 2, operations_max: 1, queries_max: 3, queries_at_once: 1 }
    }

    #[tokio::test]
    async fn queries_wait_behind_ones_own() {
        let usage = Arc::new(Usage::new(limits()));
        let (one, other) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let first = usage.turn(one).await.unwrap();
        let [second, third] = [usage.turn(one), usage.turn(one)].map(Box::pin);
        let (mut second, mut third) = (second, third);
        assert!(second.as_mut().now_or_never().is_none());
        assert!(third.as_mut().now_or_never().is_none());
        assert!(usage.turn(one).await.is_none());
        assert!(usage.turn(other).await.is_some());
        drop(first);
        drop(second.await.unwrap());
        drop(third);
        assert!(usage.users.lock().unwrap().is_empty());
    }

    #[test]
    fn admits_up_to_the_limit_and_forgets_who_has_nothing_open() {
        let usage = Arc::new(Usage::new(limits()));
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
