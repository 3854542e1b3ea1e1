//! Streams `channel-{id}`: a channel, its members and its messages.

mod notice;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codec::{Payload, category};
use crate::id::{MessageId, UserId, WalletId};
use crate::money::Currency;
use crate::personal::Personal;
use crate::settled::CommandSettled;

category! {
    /// What happens in a channel.
    ChannelEvent of Channel {
        /// The channel is there, its creator an admin.
        ChannelCreated = 1,
        /// It is gone; its members with it.
        ChannelDeleted = 1,
        /// A member came in.
        MemberJoined = 1,
        /// A member left or was removed.
        MemberLeft = 1,
        /// A try to join with a wrong password.
        ChannelPasswordFailed = 1,
        /// Its name or description is another.
        ChannelUpdated = 1,
        /// A member's role is another.
        RoleChanged = 1,
        /// A member wrote.
        MessageSent = 1,
        /// An author wrote a message anew.
        MessageEdited = 1,
        /// A message's text is gone.
        MessageDeleted = 1,
        /// The channel is told of its money.
        NoticeSent = 1,
        /// A member reacted to a message.
        ReactionAdded = 1,
        /// A member took a reaction back.
        ReactionRemoved = 1,
        /// A group wallet is to be opened.
        GroupWalletOpened = 1,
        /// A group wallet is closed.
        GroupWalletClosed = 1,
        /// A command changed nothing.
        CommandSettled = 1,
    }
}

pub use self::notice::{About, NoticeSent};

/// Who may find and join a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Anyone.
    Public,
    /// Anyone may find it; joining takes its password or an invitation.
    Private,
}

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Changes the channel, its members and their roles, and deletes others' messages.
    Admin,
    /// Writes, reads, adds members.
    Member,
}

/// The channel is there, its creator an admin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChannelCreated {
    /// Its name.
    pub name: String,
    /// Its description, perhaps empty.
    pub description: String,
    /// Who may join.
    pub visibility: Visibility,
    /// Argon2id hash of the password for joining, in PHC form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// The first member, an admin.
    pub creator: UserId,
}

/// The channel is gone; its members with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChannelDeleted {
    /// By whom.
    pub by: UserId,
}

/// A member came in. The ENTER message is this event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemberJoined {
    /// Who.
    pub user: UserId,
    /// By whom, if not by oneself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added_by: Option<UserId>,
    /// Id of the ENTER message.
    pub message: MessageId,
    /// Its place among the channel's messages, from 1.
    pub seq: u32,
    /// How many TALK and NOTICE messages there were up to here.
    pub number: u32,
}

/// A member left or was removed. The LEAVE message is this event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemberLeft {
    /// Who.
    pub user: UserId,
    /// By whom, if not by oneself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_by: Option<UserId>,
    /// Id of the LEAVE message.
    pub message: MessageId,
    /// Its place among the channel's messages, from 1.
    pub seq: u32,
    /// How many TALK and NOTICE messages there were up to here.
    pub number: u32,
}

/// A try to join with a wrong password; five within an hour lock that user out for that time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChannelPasswordFailed {
    /// Who tried.
    pub user: UserId,
}

/// A member wrote (TALK).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MessageSent {
    /// The message.
    pub message: MessageId,
    /// Its place among the channel's messages, from 1, without gaps.
    pub seq: u32,
    /// Its running number among TALK and NOTICE, from 1.
    pub number: u32,
    /// Who wrote it.
    pub author: UserId,
    /// The text as sent.
    pub text: String,
    /// The message of the same channel that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
}

/// The channel's name or description is another; what is left out stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChannelUpdated {
    /// The new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The new description, perhaps empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// By whom.
    pub by: UserId,
}

/// A member's role is another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleChanged {
    /// Whose.
    pub user: UserId,
    /// The new one.
    pub role: Role,
    /// By whom; nobody when the longest-standing member takes over from an account that ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UserId>,
}

/// An author wrote a message anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MessageEdited {
    /// The message.
    pub message: MessageId,
    /// Its place among the channel's messages.
    pub seq: u32,
    /// The new text as sent.
    pub text: String,
}

/// A member reacted to a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReactionAdded {
    /// The message.
    pub message: MessageId,
    /// Its place among the channel's messages.
    pub seq: u32,
    /// Who.
    pub user: UserId,
    /// One grapheme, at most 32 bytes.
    pub emoji: String,
}

/// A member took a reaction back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReactionRemoved {
    /// The message.
    pub message: MessageId,
    /// Its place among the channel's messages.
    pub seq: u32,
    /// Who.
    pub user: UserId,
    /// Which.
    pub emoji: String,
}

/// A message's text is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MessageDeleted {
    /// The message.
    pub message: MessageId,
    /// Its place among the channel's messages.
    pub seq: u32,
    /// By whom: its author or an admin.
    pub by: UserId,
}

/// A group wallet is to be opened: this commits to it, and carries all that its own stream needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GroupWalletOpened {
    /// The wallet.
    pub wallet: WalletId,
    /// Its first member, an admin of both.
    pub owner: UserId,
    /// Its name.
    pub name: String,
    /// Its description, perhaps empty.
    pub description: String,
    /// What its money is counted in.
    pub currency: Currency,
    /// Admins who must approve a spending, the requester included.
    pub approvals_required: u8,
    /// Argon2id hash of the owner's PIN, in PHC form.
    pub pin: Personal,
}

/// A group wallet is closed: it is no longer one of the channel's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GroupWalletClosed {
    /// The wallet.
    pub wallet: WalletId,
}

impl Payload for GroupWalletOpened {
    fn personal(&mut self) -> Vec<&mut Personal> {
        vec![&mut self.pin]
    }
}

impl Payload for GroupWalletClosed {}
impl Payload for ChannelCreated {}
impl Payload for ChannelDeleted {}
impl Payload for MemberJoined {}
impl Payload for MemberLeft {}
impl Payload for ChannelPasswordFailed {}
impl Payload for MessageSent {}
impl Payload for MessageDeleted {}
impl Payload for ChannelUpdated {}
impl Payload for RoleChanged {}
impl Payload for MessageEdited {}
impl Payload for ReactionAdded {}
impl Payload for ReactionRemoved {}
