//! Writing and deleting messages.

use events::channel::{MessageDeleted, MessageSent};
use events::{ChannelEvent, MessageId, UserId};

use super::{Channel, Kind, SEQ_MAX, SendMessage, full, no_channel, no_member};
use crate::execution::aggregate::{Context, Decision, View};
use crate::rejection::{Code, Rejection};

type Decided = Result<Decision<ChannelEvent>, Rejection>;

fn no_message() -> Rejection {
    Rejection::new(Code::NotFound, "There is no such message.")
}

fn message_deleted() -> Rejection {
    Rejection::new(Code::MessageDeleted, "This message is deleted.")
}

pub(super) fn send(view: &View<'_, Channel>, context: &Context<'_>, new: &SendMessage) -> Decided {
    let state = view.state;
    if state.settings.is_none() {
        return Err(no_channel());
    }
    if !state.members.contains_key(&new.author) {
        return Err(no_member());
    }
    if state.seq >= SEQ_MAX {
        return Err(full("message"));
    }
    if let Some(reply_to) = new.reply_to {
        let answered = view.items.get(&reply_to.0).ok_or_else(no_message)?;
        if answered.deleted {
            return Err(message_deleted());
        }
    }
    let sent = MessageSent {
        message: MessageId(context.id.0),
        seq: state.seq + 1,
        number: state.number + 1,
        author: new.author,
        text: new.text.as_str().to_owned(),
        reply_to: new.reply_to,
    };
    Ok(Decision::Accept(vec![sent.into()]))
}

pub(super) fn delete(view: &View<'_, Channel>, user: UserId, id: MessageId) -> Decided {
    let state = view.state;
    // A stranger is not told whether there is such a message.
    if state.settings.is_none() || !state.members.contains_key(&user) {
        return Err(no_message());
    }
    let message = view.items.get(&id.0).ok_or_else(no_message)?;
    if message.kind != Kind::Talk {
        let message = "What the channel says itself can't be deleted.";
        return Err(Rejection::new(Code::Forbidden, message));
    }
    if message.author != user && !state.is_admin(user) {
        let message = "Only its author or an admin may delete a message.";
        return Err(Rejection::new(Code::Forbidden, message));
    }
    if message.deleted {
        return Err(message_deleted());
    }
    Ok(Decision::Accept(vec![MessageDeleted { message: id, seq: message.seq, by: user }.into()]))
}
