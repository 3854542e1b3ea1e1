//! Sending, editing and deleting messages, and reacting to them.

use events::{Category, ChannelId, MessageId, StreamName, UserId};

use super::origin::Origin;
use super::{CommandService, done};
use crate::bus::{Done, Outcome};
use crate::domain::channel::{Command, Reaction, SendMessage};
use crate::parse::{self, Emoji, MessageText};
use crate::rejection::{Code, Rejection};

/// The input of `sendMessage`.
pub(super) struct NewMessage {
    pub(super) channel: String,
    pub(super) text: String,
    pub(super) reply_to: Option<String>,
}

impl NewMessage {
    /// The text is read first: bad input comes before what isn't there.
    fn parse(&self, author: UserId) -> Result<(ChannelId, SendMessage), Rejection> {
        let text = MessageText::parse(&self.text)?;
        let channel = parse::thing(&self.channel)?;
        let reply_to = self.reply_to.as_deref().map(parse::message_or_nil);
        Ok((channel, SendMessage { author, text, reply_to }))
    }
}

impl CommandService {
    pub(super) async fn send_message(
        &self,
        origin: &Origin,
        author: UserId,
        new: NewMessage,
    ) -> Result<Done, Rejection> {
        let (channel, send) = self.parsed(origin, new.parse(author)).await?;
        let (stream, command) = (StreamName::channel(channel), Command::SendMessage(send));
        let settled = self.run_in_channel(origin, &stream, Vec::new(), command).await?;
        Ok(done(origin, &settled, Outcome::Message(MessageId(origin.id.0))))
    }

    pub(super) async fn edit_message(
        &self,
        origin: &Origin,
        user: UserId,
        message: &str,
        text: &str,
    ) -> Result<Done, Rejection> {
        let text = self.parsed(origin, MessageText::parse(text)).await?;
        let (message, stream) = self.message(origin, message).await?;
        let command = Command::EditMessage { user, message, text };
        let settled = self.run_in_channel(origin, &stream, Vec::new(), command).await?;
        Ok(done(origin, &settled, Outcome::Message(message)))
    }

    pub(super) async fn delete_message(
        &self,
        origin: &Origin,
        user: UserId,
        message: &str,
    ) -> Result<Done, Rejection> {
        let (message, stream) = self.message(origin, message).await?;
        let command = Command::DeleteMessage { user, message };
        let settled = self.run_in_channel(origin, &stream, Vec::new(), command).await?;
        Ok(done(origin, &settled, Outcome::Message(message)))
    }

    /// Carries out what is made of a reaction: adding it, or taking it back.
    pub(super) async fn react(
        &self,
        origin: &Origin,
        user: UserId,
        (message, emoji): (&str, &str),
        command: fn(Reaction) -> Command,
    ) -> Result<Done, Rejection> {
        let emoji = self.parsed(origin, Emoji::parse(emoji)).await?;
        let (message, stream) = self.message(origin, message).await?;
        let command = command(Reaction { user, message, emoji });
        let settled = self.run_in_channel(origin, &stream, Vec::new(), command).await?;
        Ok(done(origin, &settled, Outcome::Message(message)))
    }

    /// A message that is acted on, and the stream that its id leads to.
    async fn message(
        &self,
        origin: &Origin,
        message: &str,
    ) -> Result<(MessageId, StreamName), Rejection> {
        let message: MessageId = self.parsed(origin, parse::thing(message)).await?;
        let found = self.channel_of(message).await?.ok_or_else(no_message);
        Ok((message, self.parsed(origin, found).await?))
    }

    /// The stream that a message's id leads to. What else it may name, the decider will tell.
    async fn channel_of(&self, message: MessageId) -> Result<Option<StreamName>, Rejection> {
        let stream = self.claims.stream_of(message.0).await.map_err(|error| {
            tracing::warn!(%error, "the stream of a message can't be looked up");
            Rejection::new(Code::Unavailable, "A store can't be reached. Try again.")
        })?;
        Ok(stream.filter(|stream| stream.category() == Category::Channel))
    }
}

fn no_message() -> Rejection {
    Rejection::new(Code::NotFound, "There is no such message.")
}
