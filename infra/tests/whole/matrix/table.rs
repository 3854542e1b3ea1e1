//! The table.

use serde_json::{Value, json};

use super::scene::Scene;
use crate::server::password;

/// A mutation, and what comes of it.
pub(super) struct Row {
    /// What is tried.
    pub(super) name: &'static str,
    pub(super) mutation: &'static str,
    /// The type of its input; none if it has arguments.
    pub(super) input: Option<&'static str>,
    /// What is asked of its answer.
    pub(super) selection: &'static str,
    pub(super) data: fn(&Scene) -> Value,
    /// By whom: anonymous, stranger, member, admin, ended session, deleted user.
    pub(super) expected: [&'static str; 6],
}

const OK: &str = "OK";
const WHO: &str = "UNAUTHENTICATED";
const NO: &str = "FORBIDDEN";
const NONE: &str = "NOT_FOUND";
const IN: &str = "ALREADY_MEMBER";
const LAST: &str = "LAST_ADMIN";
const WRONG: &str = "WRONG_CREDENTIALS";

const SESSION: &str = "{ accessToken }";
const POSITION: &str = "{ position }";
const SCALAR: &str = "";

macro_rules! rows {
    ($($name:literal $mutation:ident ($($input:ident)?) $selection:ident $data:expr =>
        $($expected:ident)*;)*) => {
        &[$(Row {
            name: $name,
            mutation: stringify!($mutation),
            input: rows!(@input $($input)?),
            selection: $selection,
            data: $data,
            expected: [$($expected),*],
        }),*]
    };
    (@input) => { None };
    (@input $input:ident) => { Some(stringify!($input)) };
}

/// Of who signs up, with a deleted account's address, too: its password does not open the new one.
const ANOTHER: &str = "another bridge over the river";

/// Everything that can be done.
pub(super) const TABLE: &[Row] = rows! {
    "signing up" signUp(SignUpInput) SESSION
        |it| json!({ "email": it.free_email(), "username": "N", "password": ANOTHER })
        => OK OK OK OK OK OK;
    "logging in" logIn(LogInInput) SESSION
        |it| json!({ "email": it.email(), "password": password() })
        => WRONG OK OK OK OK WRONG;
    "refreshing one's session" refreshSession() SESSION
        |it| json!({ "refreshToken": it.refresh_token() })
        => WHO OK OK OK WHO WHO;
    "logging out" logOut() SCALAR
        |it| json!({ "refreshToken": it.refresh_token() })
        => WHO OK OK OK WHO WHO;
    "changing one's name" updateProfile(UpdateProfileInput) POSITION
        |_| json!({ "username": "another" })
        => WHO OK OK OK WHO WHO;
    "changing one's password" changePassword(ChangePasswordInput) POSITION
        |_| json!({ "currentPassword": password(), "newPassword": "another walk by a lake" })
        => WHO OK OK OK WHO WHO;
    "deleting one's account" deleteAccount() POSITION
        |_| json!({ "password": password() })
        => WHO OK OK OK WHO WHO;
    "taking up a contact" addContact() POSITION
        |it| json!({ "email": it.outsider.email })
        => WHO OK OK OK WHO WHO;
    "taking out a contact" removeContact() POSITION
        |it| json!({ "userId": it.contact })
        => WHO OK OK OK WHO WHO;

    "making a channel" createChannel(CreateChannelInput) POSITION
        |_| json!({ "name": "new" })
        => WHO OK OK OK WHO WHO;
    "renaming a channel" updateChannel(UpdateChannelInput) POSITION
        |it| json!({ "channelId": it.channel, "name": "renamed" })
        => WHO NO NO OK WHO WHO;
    "deleting a channel" deleteChannel() POSITION
        |it| json!({ "channelId": it.channel })
        => WHO NO NO OK WHO WHO;
    "joining a channel" joinChannel(JoinChannelInput) POSITION
        |it| json!({ "channelId": it.channel })
        => WHO OK IN IN WHO WHO;
    "leaving a channel" leaveChannel() POSITION
        |it| json!({ "channelId": it.channel })
        => WHO NO OK LAST WHO WHO;
    "adding a member" addChannelMember(ChannelMemberInput) POSITION
        |it| json!({ "channelId": it.channel, "userId": it.outsider.id })
        => WHO NO OK OK WHO WHO;
    "removing a member" removeChannelMember(ChannelMemberInput) POSITION
        |it| json!({ "channelId": it.channel, "userId": it.other })
        => WHO NO NO OK WHO WHO;
    "making somebody admin" setChannelRole(SetChannelRoleInput) POSITION
        |it| json!({ "channelId": it.channel, "userId": it.other, "role": "ADMIN" })
        => WHO NO NO OK WHO WHO;

    "writing" sendMessage(SendMessageInput) POSITION
        |it| json!({ "channelId": it.channel, "text": "said", "replyToId": it.others })
        => WHO NO OK OK WHO WHO;
    "editing one's message" editMessage(EditMessageInput) POSITION
        |it| json!({ "messageId": it.own, "text": "said better" })
        => WHO NONE OK OK WHO WHO;
    "editing another's message" editMessage(EditMessageInput) POSITION
        |it| json!({ "messageId": it.others, "text": "said otherwise" })
        => WHO NONE NO NO WHO WHO;
    "deleting one's message" deleteMessage() POSITION
        |it| json!({ "messageId": it.own })
        => WHO NONE OK OK WHO WHO;
    "deleting another's message" deleteMessage() POSITION
        |it| json!({ "messageId": it.others })
        => WHO NONE NO OK WHO WHO;
    "reacting" addReaction(ReactionInput) POSITION
        |it| json!({ "messageId": it.others, "emoji": "🎉" })
        => WHO NONE OK OK WHO WHO;
    "taking a reaction back" removeReaction(ReactionInput) POSITION
        |it| json!({ "messageId": it.others, "emoji": "🎉" })
        => WHO NONE OK OK WHO WHO;
    "saying how far one has read" markRead(MarkReadInput) POSITION
        |it| json!({ "channelId": it.channel, "upToSeq": 1 })
        => WHO NO OK OK WHO WHO;
    "typing" setTyping() SCALAR
        |it| json!({ "channelId": it.channel })
        => WHO NO OK OK WHO WHO;
};
