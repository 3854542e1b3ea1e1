//! What mutations of messages take.

use async_graphql::{ID, InputObject};
use command::Command;

/// A message to be sent.
#[derive(InputObject)]
pub(crate) struct SendMessageInput {
    /// Names the command and the message: a UUID of version 4 or 7. Made by the server when left
    /// out.
    command_id: Option<ID>,
    /// Where to.
    channel_id: ID,
    /// What to say, 1–8,000 characters; kept as sent.
    text: String,
    /// The message of the same channel that it answers.
    reply_to_id: Option<ID>,
}

impl SendMessageInput {
    pub(crate) fn command(self) -> (Option<ID>, Command) {
        let Self { command_id, channel_id, text, reply_to_id } = self;
        let reply_to = reply_to_id.map(|id| id.0);
        (command_id, Command::SendMessage { channel: channel_id.0, text, reply_to })
    }
}

/// What a message shall say.
#[derive(InputObject)]
pub(crate) struct EditMessageInput {
    /// Names the command: a UUID of version 4 or 7. Made by the server when left out.
    command_id: Option<ID>,
    /// Which message; one's own.
    message_id: ID,
    /// The new text, 1–8,000 characters; kept as sent.
    text: String,
}

impl EditMessageInput {
    pub(crate) fn command(self) -> (Option<ID>, Command) {
        let Self { command_id, message_id, text } = self;
        (command_id, Command::EditMessage { message: message_id.0, text })
    }
}

/// A reaction of the viewer's.
#[derive(InputObject)]
pub(crate) struct ReactionInput {
    /// Names the command: a UUID of version 4 or 7. Made by the server when left out.
    command_id: Option<ID>,
    /// To which message.
    message_id: ID,
    /// One grapheme, at most 32 bytes.
    emoji: String,
}

impl ReactionInput {
    pub(crate) fn added(self) -> (Option<ID>, Command) {
        let Self { command_id, message_id, emoji } = self;
        (command_id, Command::AddReaction { message: message_id.0, emoji })
    }

    pub(crate) fn removed(self) -> (Option<ID>, Command) {
        let Self { command_id, message_id, emoji } = self;
        (command_id, Command::RemoveReaction { message: message_id.0, emoji })
    }
}

/// How far the viewer has read.
#[derive(InputObject)]
pub(crate) struct MarkReadInput {
    /// Which channel.
    channel_id: ID,
    /// The highest message `seq` that was read; one beyond the end is the end, and one that was
    /// passed before changes nothing.
    up_to_seq: i32,
}

impl MarkReadInput {
    pub(crate) fn command(self) -> Command {
        let up_to_seq = i64::from(self.up_to_seq);
        Command::MarkRead { channel: self.channel_id.0, up_to_seq }
    }
}
