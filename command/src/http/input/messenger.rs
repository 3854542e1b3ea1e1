//! Accounts, channels and messages.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Input, Kind, secret};
use crate::bus::{self, Command};

inputs! {
    "Makes an account and starts a session. Needs no token." "signUp" SignUp {
        /// The address to log in with.
        email: String,
        /// The name that others will see, 1–50 characters.
        #[schemars(length(min = 1))]
        username: String,
        /// 8–128 characters, not easily guessed.
        #[schemars(length(min = 8, max = 128))]
        password: String,
    } => Command::SignUp { email, username, password: secret(password) };

    "Changes one's own name or address; what is left out stays." "updateProfile" UpdateProfile {
        /// The new address.
        email: Option<String>,
        /// The new name, 1–50 characters.
        username: Option<String>,
    } => Command::UpdateProfile { email, username };

    "Changes one's own password, and ends the other sessions." "changePassword" ChangePassword {
        /// The password as it is.
        current_password: String,
        /// The new one: 8–128 characters, not easily guessed.
        #[schemars(length(min = 8, max = 128))]
        new_password: String,
    } => Command::ChangePassword { current: secret(current_password), new: secret(new_password) };

    "Ends one's own account for good." "deleteAccount" DeleteAccount {
        /// The account's password.
        password: String,
    } => Command::DeleteAccount { password: secret(password) };

    "Takes a person up among one's contacts." "addContact" AddContact {
        /// That person's address.
        email: String,
    } => Command::AddContact { email };

    "Takes a person out of one's contacts." "removeContact" RemoveContact {
        /// Who.
        user_id: String,
    } => Command::RemoveContact { user: user_id };

    "Makes a channel, whose id is the command's." "createChannel" CreateChannel {
        /// What it is called, 1–100 characters.
        #[schemars(length(min = 1))]
        name: String,
        /// What it is for, up to 1,000 characters.
        #[schemars(length(max = 1_000))]
        description: Option<String>,
        /// Who may find and join it. `PUBLIC` when left out.
        visibility: Option<Visibility>,
        /// For joining a private channel, 4–128 characters.
        #[schemars(length(min = 4, max = 128))]
        password: Option<String>,
    } => Command::CreateChannel {
        name,
        description,
        visibility: visibility.map_or(bus::Visibility::Public, Visibility::of),
        password: password.map(secret),
    };

    "Changes a channel's name or description; what is left out stays."
    "updateChannel" UpdateChannel {
        /// Which channel.
        channel_id: String,
        /// The new name, 1–100 characters.
        name: Option<String>,
        /// The new description, up to 1,000 characters.
        #[schemars(length(max = 1_000))]
        description: Option<String>,
    } => Command::UpdateChannel { channel: channel_id, name, description };

    "Deletes a channel." "deleteChannel" DeleteChannel {
        /// Which channel.
        channel_id: String,
    } => Command::DeleteChannel { channel: channel_id };

    "Joins a channel." "joinChannel" JoinChannel {
        /// Which channel.
        channel_id: String,
        /// The password of a private channel.
        password: Option<String>,
    } => Command::JoinChannel { channel: channel_id, password: password.map(secret) };

    "Leaves a channel; the only member's leaving deletes it." "leaveChannel" LeaveChannel {
        /// Which channel.
        channel_id: String,
    } => Command::LeaveChannel { channel: channel_id };

    "Takes somebody into a channel." "addChannelMember" AddChannelMember {
        /// Which channel.
        channel_id: String,
        /// Whom.
        user_id: String,
    } => Command::AddChannelMember { channel: channel_id, user: user_id };

    "Puts somebody out of a channel." "removeChannelMember" RemoveChannelMember {
        /// Which channel.
        channel_id: String,
        /// Whom.
        user_id: String,
    } => Command::RemoveChannelMember { channel: channel_id, user: user_id };

    "Changes what a member may do." "setChannelRole" SetChannelRole {
        /// Which channel.
        channel_id: String,
        /// Whose role.
        user_id: String,
        /// The new one.
        role: Role,
    } => Command::SetChannelRole { channel: channel_id, user: user_id, role: role.of() };

    "Writes into a channel. The message's id is the command's." "sendMessage" SendMessage {
        /// Where to.
        channel_id: String,
        /// What to say, 1–8,000 characters; kept as sent.
        #[schemars(length(min = 1, max = 8_000))]
        text: String,
        /// The message of the same channel that it answers.
        reply_to_id: Option<String>,
    } => Command::SendMessage { channel: channel_id, text, reply_to: reply_to_id };

    "Writes one's own message anew." "editMessage" EditMessage {
        /// Which message.
        message_id: String,
        /// What to say instead, 1–8,000 characters.
        #[schemars(length(min = 1, max = 8_000))]
        text: String,
    } => Command::EditMessage { message: message_id, text };

    "Makes a message's text unreadable." "deleteMessage" DeleteMessage {
        /// Which message.
        message_id: String,
    } => Command::DeleteMessage { message: message_id };

    "Reacts to a message." "addReaction" AddReaction {
        /// Which message.
        message_id: String,
        /// One grapheme, at most 32 bytes.
        #[schemars(length(min = 1))]
        emoji: String,
    } => Command::AddReaction { message: message_id, emoji };

    "Takes a reaction back." "removeReaction" RemoveReaction {
        /// Which message.
        message_id: String,
        /// Which reaction.
        #[schemars(length(min = 1))]
        emoji: String,
    } => Command::RemoveReaction { message: message_id, emoji };

    "Says how far one has read a channel. Backwards is ignored." "markRead" MarkRead {
        /// Which channel.
        channel_id: String,
        /// The `seq` of the newest message that was read; beyond the end is the end.
        up_to_seq: i32,
    } => Command::MarkRead { channel: channel_id, up_to_seq: up_to_seq.into() };
}

/// Who may find and join a channel.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Visibility {
    /// Anyone.
    Public,
    /// Anyone may find it; joining takes its password or an invitation.
    Private,
}

impl Visibility {
    fn of(self) -> bus::Visibility {
        match self {
            Self::Public => bus::Visibility::Public,
            Self::Private => bus::Visibility::Private,
        }
    }
}

/// What a member may do.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Role {
    /// Changes the channel, its members and their roles, and deletes others' messages.
    Admin,
    /// Writes, reads, adds members.
    Member,
}

impl Role {
    fn of(self) -> bus::Role {
        match self {
            Self::Admin => bus::Role::Admin,
            Self::Member => bus::Role::Member,
        }
    }
}
