//! What mutations of channels take.

use async_graphql::{ID, InputObject};
use command::Command;
use command::bus::{Role, Secret};
use events::channel::Visibility;

use crate::schema::channel::{ChannelRole, ChannelVisibility};

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

/// What a channel shall be called; what is left out stays.
#[derive(InputObject)]
pub(crate) struct UpdateChannelInput {
    /// Names the command: a UUID of version 4 or 7. Made by the server when left out.
    command_id: Option<ID>,
    /// Which channel.
    channel_id: ID,
    /// The new name, 1–100 characters.
    name: Option<String>,
    /// What it is for, up to 1,000 characters.
    description: Option<String>,
}

impl UpdateChannelInput {
    pub(crate) fn command(self) -> (Option<ID>, Command) {
        let Self { command_id, channel_id, name, description } = self;
        (command_id, Command::UpdateChannel { channel: channel_id.0, name, description })
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

/// Somebody who shall be in a channel, or shall not.
#[derive(InputObject)]
#[expect(clippy::struct_field_names, reason = "clients name them so")]
pub(crate) struct ChannelMemberInput {
    /// Names the command: a UUID of version 4 or 7. Made by the server when left out.
    command_id: Option<ID>,
    /// Which channel.
    channel_id: ID,
    /// Who.
    user_id: ID,
}

impl ChannelMemberInput {
    pub(crate) fn added(self) -> (Option<ID>, Command) {
        let (channel, user) = (self.channel_id.0, self.user_id.0);
        (self.command_id, Command::AddChannelMember { channel, user })
    }

    pub(crate) fn removed(self) -> (Option<ID>, Command) {
        let (channel, user) = (self.channel_id.0, self.user_id.0);
        (self.command_id, Command::RemoveChannelMember { channel, user })
    }
}

/// What a member of a channel shall be allowed to do.
#[derive(InputObject)]
pub(crate) struct SetChannelRoleInput {
    /// Names the command: a UUID of version 4 or 7. Made by the server when left out.
    command_id: Option<ID>,
    /// Which channel.
    channel_id: ID,
    /// Which member.
    user_id: ID,
    /// The new role.
    role: ChannelRole,
}

impl SetChannelRoleInput {
    pub(crate) fn command(self) -> (Option<ID>, Command) {
        let (channel, user) = (self.channel_id.0, self.user_id.0);
        let role = match self.role {
            ChannelRole::Admin => Role::Admin,
            ChannelRole::Member => Role::Member,
        };
        (self.command_id, Command::SetChannelRole { channel, user, role })
    }
}
