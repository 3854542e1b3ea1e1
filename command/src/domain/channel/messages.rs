//! Writing messages, writing them anew, and deleting them.

use events::channel::{MessageDeleted, MessageEdited, MessageSent};
use events::{MessageId, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Channel, Decided, Kind, Message, SEQ_MAX, SendMessage, full};
use crate::execution::aggregate::{Context, Decision, View};
use crate::parse::MessageText;
use crate::rejection::{Code, Rejection};

/// What tells a message's text from another, in place of up to 32,000 bytes of it: the first 64
/// bits of its SHA-256. Who finds two texts for the same digest can't replace one by the other
/// in messages of their own, and no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct TextDigest(u64);

impl TextDigest {
    pub(super) fn of(text: &str) -> Self {
        let digest = Sha256::digest(text);
        Self(digest.iter().take(8).fold(0, |bits, byte| bits << 8 | u64::from(*byte)))
    }
}

pub(super) fn send(view: &View<'_, Channel>, context: &Context<'_>, new: &SendMessage) -> Decided {
    let state = view.state;
    state.member(new.author)?;
    if state.seq >= SEQ_MAX {
        return Err(full("message"));
    }
    if let Some(reply_to) = new.reply_to {
        view.items.get(&reply_to.0).ok_or_else(no_message)?.is_there()?;
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

/// The text that a message has already is no edit.
pub(super) fn edit(
    view: &View<'_, Channel>,
    user: UserId,
    id: MessageId,
    text: &MessageText,
) -> Decided {
    let message = seen_by(view, user, id)?;
    message.is_talk()?;
    if message.author != Some(user) {
        let message = "Only its author may edit a message.";
        return Err(Rejection::new(Code::Forbidden, message));
    }
    message.is_there()?;
    if message.text == Some(TextDigest::of(text.as_str())) {
        return Ok(Decision::Accept(Vec::new()));
    }
    let text = text.as_str().to_owned();
    Ok(Decision::Accept(vec![MessageEdited { message: id, seq: message.seq, text }.into()]))
}

pub(super) fn delete(view: &View<'_, Channel>, user: UserId, id: MessageId) -> Decided {
    let message = seen_by(view, user, id)?;
    message.is_talk()?;
    if message.author != Some(user) && !view.state.is_admin(user) {
        let message = "Only its author or an admin may delete a message.";
        return Err(Rejection::new(Code::Forbidden, message));
    }
    message.is_there()?;
    Ok(Decision::Accept(vec![MessageDeleted { message: id, seq: message.seq, by: user }.into()]))
}

/// The message, if the user may know of it: a stranger is not told whether there is one.
pub(super) fn seen_by<'a>(
    view: &View<'a, Channel>,
    user: UserId,
    id: MessageId,
) -> Result<&'a Message, Rejection> {
    view.state.member(user).map_err(|_| no_message())?;
    view.items.get(&id.0).ok_or_else(no_message)
}

impl Message {
    /// Written by a member, not said by the channel itself.
    fn is_talk(&self) -> Result<(), Rejection> {
        match self.kind {
            Kind::Talk => Ok(()),
            Kind::Enter | Kind::Leave | Kind::Notice => {
                let message = "What the channel says itself can be neither edited nor deleted.";
                Err(Rejection::new(Code::Forbidden, message))
            }
        }
    }

    /// Not deleted.
    pub(super) fn is_there(&self) -> Result<(), Rejection> {
        if self.deleted {
            return Err(Rejection::new(Code::MessageDeleted, "This message is deleted."));
        }
        Ok(())
    }
}

fn no_message() -> Rejection {
    Rejection::new(Code::NotFound, "There is no such message.")
}
