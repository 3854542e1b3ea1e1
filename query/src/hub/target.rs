//! What one subscriber follows: a channel, a wallet, or the inbox.

use std::sync::Arc;

use events::LogPosition;
use uuid::Uuid;

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
use crate::tables::wallet_feed::WalletFeedPage;

/// What is followed, and by whom.
pub(crate) enum Target {
    One(groups::Joining),
    Inbox(inbox::Joining),
}

/// Rows of the feed with what their pushes tell, and the position up to which these are all.
pub(crate) type History = (Vec<Arc<Event>>, LogPosition);

impl Target {
    pub(crate) fn queue(&self) -> &Arc<Queue> {
        match self {
            Self::One(joining) => &joining.queue,
            Self::Inbox(joining) => &joining.queue,
        }
    }

    /// The channel or wallet whose members alone are told. Of an inbox's some may be left since.
    pub(crate) fn members_of(&self) -> Option<Uuid> {
        match self {
            Self::One(joining) => Some(joining.entity),
            Self::Inbox(_) => None,
        }
    }

    /// Whether a push is told.
    pub(crate) fn tells(&self, push: &Push) -> bool {
        match self {
            Self::One(joining) => joining.follows != Follows::Typing,
            Self::Inbox(joining) => !comes_after_leaving(push, joining.viewer),
        }
    }

    /// What ends the subscription behind a push, if that does.
    pub(crate) fn ended_by(&self, push: &Push) -> Option<Pushed> {
        let Self::One(joining) = self else { return None };
        match push.consequence() {
            Consequence::Lost(stay) => {
                stay.is_of(joining.viewer, joining.since).then(|| lost(joining.follows))
            }
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
            Self::One(joining) => {
                let page = FeedPage { entity: joining.entity, after, to };
                history(loads, joining.follows, page, joining.counts).await
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

/// A page of a channel's or wallet's history.
pub(crate) async fn history(
    loads: &Loads,
    follows: Follows,
    page: FeedPage,
    counts: Counts,
) -> Result<History, Fault> {
    let rows = match follows {
        Follows::Events | Follows::Typing => loads.one(page).await?,
        Follows::Wallet => loads.one(WalletFeedPage(page)).await?,
    };
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
