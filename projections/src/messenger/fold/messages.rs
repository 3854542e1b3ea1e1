//! Streams of channels: messages, and the reactions to them.

use events::MessageId;
use events::channel::{
    MessageDeleted, MessageEdited, MessageSent, NoticeSent, ReactionAdded, ReactionRemoved,
};
use events::feed::FeedKind;
use uuid::Uuid;

use super::channel::ChannelContext;
use super::{Refused, integer};
use crate::messenger::changes::{NewMessage, Newest, Read};

const TALK: i16 = 1;
pub(super) const ENTER: i16 = 2;
pub(super) const LEAVE: i16 = 3;
const NOTICE: i16 = 4;

impl<'a> ChannelContext<'_, 'a> {
    pub(super) fn sent(self, event: &'a MessageSent) -> Result<(), Refused> {
        let (seq, number) = (integer(event.seq)?, integer(event.number)?);
        let (channel, author) = (self.channel, event.author.0);
        let member = self.changes.members.entry((channel, author)).or_default();
        member.read = Some(Read { seq, number });
        let mut message = self.message(event.message, seq, number, TALK, Some(author));
        message.text = Some(&event.text);
        message.reply_to = event.reply_to.map(|id| id.0);
        self.add(message, FeedKind::MessageSent);
        Ok(())
    }

    pub(super) fn notice_sent(self, event: &'a NoticeSent) -> Result<(), Refused> {
        let (seq, number) = (integer(event.seq)?, integer(event.number)?);
        let mut message = self.message(event.message, seq, number, NOTICE, None);
        message.text = Some(&event.text);
        self.add(message, FeedKind::MessageSent);
        Ok(())
    }

    pub(super) fn edited(self, event: &'a MessageEdited) -> Result<(), Refused> {
        let seq = integer(event.seq)?;
        self.changes.messages.edit(self.channel, seq, &event.text, self.us);
        self.feed(FeedKind::MessageEdited, Some(event.message.0));
        Ok(())
    }

    pub(super) fn message_deleted(self, event: &'a MessageDeleted) -> Result<(), Refused> {
        let seq = integer(event.seq)?;
        self.changes.messages.delete(self.channel, seq, self.us);
        self.feed(FeedKind::MessageDeleted, Some(event.message.0));
        Ok(())
    }

    pub(super) fn reaction_added(self, event: &'a ReactionAdded) -> Result<(), Refused> {
        let key = (self.channel, integer(event.seq)?, event.emoji.as_str(), event.user.0);
        self.changes.reactions.insert(key, Some(self.position));
        self.feed(FeedKind::ReactionsChanged, Some(event.message.0));
        Ok(())
    }

    pub(super) fn reaction_removed(self, event: &'a ReactionRemoved) -> Result<(), Refused> {
        let key = (self.channel, integer(event.seq)?, event.emoji.as_str(), event.user.0);
        self.changes.reactions.insert(key, None);
        self.feed(FeedKind::ReactionsChanged, Some(event.message.0));
        Ok(())
    }

    pub(super) fn message(
        &self,
        id: MessageId,
        seq: i32,
        number: i32,
        kind: i16,
        author: Option<Uuid>,
    ) -> NewMessage<'a> {
        NewMessage {
            channel: self.channel,
            seq,
            id: id.0,
            kind,
            author,
            text: None,
            reply_to: None,
            number,
            sent_us: self.us,
            edited_us: None,
            deleted_us: None,
        }
    }

    pub(super) fn add(self, message: NewMessage<'a>, kind: FeedKind) {
        let newest = Newest { seq: message.seq, number: message.number, position: self.position };
        let id = message.id;
        self.changes.channels.entry(self.channel).or_default().newest = Some(newest);
        self.changes.messages.add(message);
        self.feed(kind, Some(id));
    }
}
