//! What one subscriber follows: a channel, or the inbox.

use std::sync::Arc;

use events::{ChannelId, LogPosition};

use super::group::{Follows, errors, lost};
use super::inbox::group::comes_after_leaving;
use super::push::{Consequence, Event, Push};
use super::queue::{Pushed, Queue};
use super::{groups, inbox};
use crate::fault::Fault;
use crate::hub::batch::{Asking, Batch, Counts};
use crate::loads::Loads;
use crate::tables::feed::{FeedPage, FeedRows};
use crate::tables::stays::InboxPage;

/// What is followed, and by whom.
pub(crate) enum Target {
    Channel(groups::Joining),
    Inbox(inbox::Joining),
}

/// Rows of the feed with what their pushes tell, and the position up to which these are all.
pub(crate) type History = (Vec<Arc<Event>>, LogPosition);

impl Target {
    pub(crate) fn queue(&self) -> &Arc<Queue> {
        match self {
            Self::Channel(joining) => &joining.queue,
            Self::Inbox(joining) => &joining.queue,
        }
    }

    /// The channel whose members alone are told. Of an inbox's channels some may be left since.
    pub(crate) fn members_of(&self) -> Option<ChannelId> {
        match self {
            Self::Channel(joining) => Some(joining.channel),
            Self::Inbox(_) => None,
        }
    }

    /// Whether a push is told.
    pub(crate) fn tells(&self, push: &Push) -> bool {
        match self {
            Self::Channel(joining) => joining.follows == Follows::Events,
            Self::Inbox(joining) => !comes_after_leaving(push, joining.viewer),
        }
    }

    /// What ends the subscription behind a push, if that does.
    pub(crate) fn ended_by(&self, push: &Push) -> Option<Pushed> {
        let Self::Channel(joining) = self else { return None };
        match push.consequence() {
            Consequence::Lost(stay) => stay.is_of(joining.viewer, joining.joined_seq).then(lost),
            Consequence::Over => Some(Pushed::Complete),
            Consequence::Nothing => None,
        }
    }

    /// A page of history in (`after`, `to`].
    pub(crate) async fn history(
        &self,
        loads: &Loads,
        after: LogPosition,
        to: LogPosition,
    ) -> Result<History, Fault> {
        match self {
            Self::Channel(joining) => {
                history(loads, FeedPage { entity: joining.channel.0, after, to }, joining.counts)
                    .await
            }
            Self::Inbox(joining) => {
                let page = InboxPage { user: joining.viewer, after, to };
                let rows = loads.one(page).await?;
                loaded(loads, rows.unwrap_or_else(|| FeedRows::none(to)), joining.counts).await
            }
        }
    }

    /// The end of a subscription that can't go on.
    pub(crate) fn end(&self, fault: Fault) {
        self.queue().end(errors(fault));
    }
}

/// A page of a channel's history.
pub(crate) async fn history(
    loads: &Loads,
    page: FeedPage,
    counts: Counts,
) -> Result<History, Fault> {
    let rows = loads.one(page).await?;
    loaded(loads, rows.unwrap_or_else(|| FeedRows::none(page.to)), counts).await
}

/// Loads what the pushes of rows tell.
async fn loaded(loads: &Loads, found: FeedRows, counts: Counts) -> Result<History, Fault> {
    let FeedRows { rows, up_to } = found;
    let batch = Batch::load(Asking::Together(loads), loads.caches(), &rows, counts).await?;
    let batch = Arc::new(batch);
    let event = |row| Arc::new(Event { row, batch: batch.clone() });
    Ok((rows.into_iter().map(event).collect(), up_to))
}
