//! Pushes what happens to those who follow it.
//!
//! One reader a node follows the feed and loads the rows of each batch at once. Subscribers of a
//! channel who ask for the same are a group: a push is executed and serialised once a group, and
//! its bytes are shared; those who follow everything in their channels are grouped likewise (see
//! [`inbox`]). Whoever falls behind goes back to the feed, which is kept for good: a
//! group, a subscriber who resumes. A reader of ours who stalls is told so and let go.

pub(crate) mod backlog;
pub(crate) mod batch;
pub(crate) mod cache;
pub(crate) mod follow;
pub(crate) mod group;
pub(crate) mod groups;
pub(crate) mod inbox;
pub(crate) mod listen;
pub(crate) mod metrics;
pub(crate) mod operation;
pub(crate) mod progress;
pub(crate) mod push;
pub(crate) mod queue;
pub(crate) mod reader;
pub(crate) mod runner;
pub(crate) mod sessions;
pub(crate) mod target;
pub(crate) mod typing;
pub(crate) mod wake;

use std::sync::Arc;

use events::EventLog;

use self::groups::Groups;
use self::inbox::Inboxes;
use self::progress::Progress;
use self::sessions::Sessions;
use self::typing::TypingDesk;
use crate::loads::Loads;
use crate::schema::ApiSchema;

/// What the hub's tasks share.
pub(crate) struct Hub {
    pub(crate) schema: ApiSchema,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) loads: Loads,
    pub(crate) progress: Arc<Progress>,
    pub(crate) sessions: Sessions,
    pub(crate) groups: Arc<Groups>,
    pub(crate) inboxes: Arc<Inboxes>,
    pub(crate) typing: Arc<TypingDesk>,
}
