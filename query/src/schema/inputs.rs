//! What mutations take.

use async_graphql::{ID, InputObject};
use command::Command;
use command::bus::Secret;
use events::channel::Visibility;

use super::channel::ChannelVisibility;

/// An account to be made.
#[derive(InputObject)]
pub(crate) struct SignUpInput {
    /// Names the command: a UUID of version 4 or 7. Made by the server when left out.
    command_id: Option<ID>,
    /// The address to log in with.
    email: String,
    /// The name that others will see, 1–50 characters.
    username: String,
    /// 8–128 characters, not easily guessed.
    password: String,
}

impl SignUpInput {
    pub(crate) fn command(self) -> (Option<ID>, Command) {
        let Self { command_id, email, username, password } = self;
        (command_id, Command::SignUp { email, username, password: Secret::new(password) })
    }
}

/// Who logs in.
#[derive(InputObject)]
pub(crate) struct LogInInput {
    /// The account's address.
    email: String,
    /// The account's password.
    password: String,
}

impl LogInInput {
    pub(crate) fn command(self) -> Command {
        Command::LogIn { email: self.email, password: Secret::new(self.password) }
    }
}

/// A channel to be made.
#[derive(InputObject)]
pub(crate) struct CreateChannelInput {
    /// Names the command and the channel: a UUID of version 4 or 7. Made by the server when left
    /// out.
    command_id: Option<ID>,
    /// What it is called, 1–100 characters.
    name: String,
    /// What it is for, up to 1,000 characters.
    description: Option<String>,
    /// Who may find and join it.
    #[graphql(default_with = "Some(ChannelVisibility::Public)")]
    visibility: Option<ChannelVisibility>,
    /// For joining a private channel, 4–128 characters; without one, members add members.
    password: Option<String>,
}

impl CreateChannelInput {
    pub(crate) fn command(self) -> (Option<ID>, Command) {
        let Self { command_id, name, description, visibility, password } = self;
        let visibility = visibility.map_or(Visibility::Public, Visibility::from);
        let password = password.map(Secret::new);
        (command_id, Command::CreateChannel { name, description, visibility, password })
    }
}

/// A channel to be joined.
#[derive(InputObject)]
pub(crate) struct JoinChannelInput {
    /// Names the command: a UUID of version 4 or 7. Made by the server when left out.
    command_id: Option<ID>,
    /// Which channel.
    channel_id: ID,
    /// The password of a private channel.
    password: Option<String>,
}

impl JoinChannelInput {
    pub(crate) fn command(self) -> (Option<ID>, Command) {
        let password = self.password.map(Secret::new);
        (self.command_id, Command::JoinChannel { channel: self.channel_id.0, password })
    }
}

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
