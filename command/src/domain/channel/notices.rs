//! What the channel is told of its money. Nothing refuses it: it tells of what has happened.

use events::ChannelEvent;
use events::channel::NoticeSent;

use super::{Channel, Notice, SEQ_MAX};
use crate::execution::aggregate::{Decision, View};

/// It is told once. A channel that is gone, or full for good, is told nothing.
pub(super) fn notify(view: &View<'_, Channel>, notice: &Notice) -> Decision<ChannelEvent> {
    let state = view.state;
    let is_told = view.items.contains_key(&notice.message.0);
    if is_told || state.settings.is_none() || state.seq >= SEQ_MAX {
        return Decision::Accept(Vec::new());
    }
    let sent = NoticeSent {
        message: notice.message,
        seq: state.seq + 1,
        number: state.number + 1,
        text: notice.text.clone(),
        about: notice.about,
    };
    Decision::Accept(vec![sent.into()])
}
