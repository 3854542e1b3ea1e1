//! Pushes what happens to those who follow it.
//!
//! One reader a feed (the messenger's and money's) follows it and loads the rows of each batch at
//! once. Subscribers of a channel or wallet who ask for the same are a group: a push is executed
//! and serialised once a group, and its bytes are shared; those who follow everything of theirs
//! are grouped likewise (see [`inbox`]). Whoever falls behind goes back to the feed, which is kept
//! for good: a group, a subscriber who resumes. A reader of ours who stalls is told so and let go.

pub(crate) mod backlog;
pub(crate) mod batch;
pub(crate) mod cache;
pub(crate) mod follow;
pub(crate) mod group;
pub(crate) mod groups;
pub(crate) mod inbox;
pub(crate) mod listen;
pub(crate) mod metrics;
pub(crate) mod money_batch;
pub(crate) mod money_reader;
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

use events::{EventLog, LogPosition};

use self::group::Follows;
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
    /// Of the messenger's feed.
    pub(crate) progress: Arc<Progress>,
    /// Of the money's feed.
    pub(crate) money: Arc<Progress>,
    pub(crate) sessions: Sessions,
    /// Who follows channels.
    pub(crate) groups: Arc<Groups>,
    /// Who follows wallets.
    pub(crate) wallet_groups: Arc<Groups>,
    pub(crate) inboxes: Arc<Inboxes>,
    pub(crate) typing: Arc<TypingDesk>,
}

impl Hub {
    /// Up to where both feeds are known here.
    pub(crate) fn both_passed(&self) -> Option<LogPosition> {
        Some(self.progress.passed()?.min(self.money.passed()?))
    }

    /// The groups that are told this.
    pub(crate) fn groups_of(&self, follows: Follows) -> &Arc<Groups> {
        match follows {
            Follows::Events | Follows::Typing => &self.groups,
            Follows::Wallet => &self.wallet_groups,
        }
    }
}
