//! Sessions that must be refused. Access tokens live for a quarter of an hour, so older endings
//! need not be remembered.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use events::{SessionId, Timestamp};
use tokio::sync::watch;

/// An access token is good for at most this long.
pub(crate) const REMEMBERED: Duration = Duration::from_mins(15);

/// What is remembered is looked through for what may be forgotten each time that it has grown by
/// so many.
const FORGET_EVERY: usize = 1_000;

/// The sessions that ended lately, and who wants to know.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    contents: Mutex<Contents>,
}

#[derive(Debug, Default)]
struct Contents {
    ended: HashMap<SessionId, Timestamp>,
    added: usize,
    watched: HashMap<SessionId, watch::Sender<bool>>,
}

impl Sessions {
    /// A session ended.
    pub(crate) fn end(&self, session: SessionId, at: Timestamp) {
        let mut contents = self.lock();
        contents.ended.insert(session, at);
        contents.added += 1;
        if let Some(watched) = contents.watched.remove(&session) {
            watched.send_replace(true);
        }
        if contents.added >= FORGET_EVERY {
            contents.added = 0;
            let now = Timestamp::now();
            contents.ended.retain(|_, at| now.since(*at) <= REMEMBERED * 2);
        }
    }

    /// Whether it ended, as far as this node knows.
    pub(crate) fn has_ended(&self, session: SessionId) -> bool {
        self.lock().ended.contains_key(&session)
    }

    /// Resolves when it ends.
    pub(crate) async fn until_end(&self, session: SessionId) {
        let watched = Watched { sessions: self, session, ended: self.watch(session) };
        let Some(mut ended) = watched.ended.clone() else { return };
        // The sender stays until the session ends or nobody watches it.
        let _ = ended.wait_for(|ended| *ended).await;
    }

    fn watch(&self, session: SessionId) -> Option<watch::Receiver<bool>> {
        let mut contents = self.lock();
        if contents.ended.contains_key(&session) {
            return None;
        }
        let watched = contents.watched.entry(session).or_insert_with(|| watch::Sender::new(false));
        Some(watched.subscribe())
    }

    fn lock(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes the entry of a session away when the last who watches it goes.
struct Watched<'a> {
    sessions: &'a Sessions,
    session: SessionId,
    ended: Option<watch::Receiver<bool>>,
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.ended = None;
        let mut contents = self.sessions.lock();
        let unwatched = contents.watched.get(&self.session);
        if unwatched.is_some_and(|watched| watched.receiver_count() == 0) {
            contents.watched.remove(&self.session);
        }
    }
}
