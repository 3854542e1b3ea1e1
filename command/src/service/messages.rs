//! Sending and deleting messages.

use events::personal::KeyRing;
use events::{Category, ChannelId, MessageId, StreamName, UserId};

use super::origin::Origin;
use super::{CommandService, done, refused};
use crate::bus::{Done, Outcome};
use crate::domain::channel::{self, Channel};
use crate::parse::{self, MessageText};
use crate::rejection::{Code, Rejection};

/// The input of `sendMessage`.
pub(super) struct NewMessage {
    pub(super) channel: String,
    pub(super) text: String,
    pub(super) reply_to: Option<String>,
}

impl NewMessage {
    /// The text is read first: bad input comes before what isn't there.
    fn parse(&self, author: UserId) -> Result<(ChannelId, channel::SendMessage), Rejection> {
        let text = MessageText::parse(&self.text)?;
        let channel = parse::thing(&self.channel)?;
        let reply_to = self.reply_to.as_deref().map(parse::message_or_nil);
        Ok((channel, channel::SendMessage { author, text, reply_to }))
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
        let stream = StreamName::channel(channel);
        let command = channel::Command::SendMessage(send);
        let run = self.run_claimed::<Channel>(origin, &stream, Vec::new(), KeyRing::new(), command);
        let outcome = Outcome::Message(MessageId(origin.id.0));
        Ok(done(origin, run.await.map_err(refused)?, outcome))
    }

    pub(super) async fn delete_message(
        &self,
        origin: &Origin,
        user: UserId,
        message: &str,
    ) -> Result<Done, Rejection> {
        let message: MessageId = self.parsed(origin, parse::thing(message)).await?;
        let found = self.channel_of(message).await?.ok_or_else(no_message);
        let stream = self.parsed(origin, found).await?;
        let command = channel::Command::DeleteMessage { user, message };
        let run = self.run_claimed::<Channel>(origin, &stream, Vec::new(), KeyRing::new(), command);
        Ok(done(origin, run.await.map_err(refused)?, Outcome::Message(message)))
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
