//! Streams `wallet-{id}`: a wallet, its members, and every won that moves in it.
//!
//! A transfer is a debit in the payer's stream, which commits to it, then a credit in the payee's;
//! or, where the payee can't take it, a bounce there and a refund in the payer's.

mod transfer;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codec::{Payload, category};
use crate::id::{ChannelId, UserId};
use crate::log::Revision;
use crate::money::{Amount, Currency, Day};
use crate::personal::Personal;
use crate::settled::CommandSettled;

pub use self::transfer::{
    BounceReason, DuesShare, Origin, RefundReleased, RefundReserved, Terms, TransferApproved,
    TransferBounced, TransferCredited, TransferDebited, TransferDeclined, TransferExpired,
    TransferRefunded, TransferRequested,
};

category! {
    /// What happens to a wallet.
    WalletEvent of Wallet {
        /// It is there, its owner an admin.
        WalletOpened = 1,
        /// It takes and gives no more.
        WalletClosed = 1,
        /// An operator stopped all spending.
        WalletFrozen = 1,
        /// An operator let it go on.
        WalletUnfrozen = 1,
        /// A member came in.
        WalletMemberJoined = 1,
        /// A member left or was removed.
        WalletMemberLeft = 1,
        /// A member's role is another.
        WalletRoleChanged = 1,
        /// An admin's PIN is another, or their first.
        PinChanged = 1,
        /// A wrong PIN.
        PinFailed = 1,
        /// A right PIN after wrong ones.
        PinAccepted = 1,
        /// How many admins have to approve is another number.
        ApprovalsRequiredChanged = 1,
        /// An admin wants fewer approvals.
        ApprovalsLoweringVoted = 1,
        /// An admin takes that back.
        ApprovalsVoteWithdrawn = 1,
        /// What may be spent is another sum.
        WalletLimitsChanged = 1,
        /// Money came in from the external account.
        Deposited = 1,
        /// Money went out to the external account.
        Withdrawn = 1,
        /// A transfer waits for approvals; its amount is held.
        TransferRequested = 1,
        /// An admin approved a transfer that waits.
        TransferApproved = 1,
        /// An admin declined a transfer that waited; the hold has ended.
        TransferDeclined = 1,
        /// A transfer waited too long; the hold has ended.
        TransferExpired = 1,
        /// Payer: the transfer's amount is taken.
        TransferDebited = 1,
        /// Payee: the transfer's amount is here.
        TransferCredited = 1,
        /// Payee: the transfer's amount can't be taken.
        TransferBounced = 1,
        /// Payer: the amount of a transfer that bounced is back.
        TransferRefunded = 1,
        /// Payee: a refund counts in what of a transfer is paid back.
        RefundReserved = 1,
        /// Payee: a refund counts no more.
        RefundReleased = 1,
        /// A command changed nothing.
        CommandSettled = 1,
    }
}

/// Whose a wallet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WalletKind {
    /// One person's.
    Personal,
    /// A channel's.
    Group,
}

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WalletRole {
    /// Spends, approves, manages members.
    Admin,
    /// Looks and pays in.
    Member,
}

/// It is there, its owner an admin. Its parent's stream (the user's or the channel's) has
/// committed to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WalletOpened {
    /// Whose it is.
    pub kind: WalletKind,
    /// Its first member, an admin.
    pub owner: UserId,
    /// The channel of a group wallet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
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

/// It takes and gives no more. Its balance is zero and nothing is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WalletClosed {
    /// By whom; nobody when it ends with its channel or its owner's account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UserId>,
}

/// An operator stopped all spending; credits still arrive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WalletFrozen {
    /// Why, as the operator wrote it.
    pub reason: String,
}

/// An operator let it go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WalletUnfrozen {
    /// Why, as the operator wrote it.
    pub reason: String,
}

/// A member came in, as `MEMBER`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WalletMemberJoined {
    /// Who.
    pub user: UserId,
    /// Revision of the channel at which that user was seen to be in it.
    pub channel_revision: Revision,
}

/// A member left or was removed, here or from the channel. Of who lost the channel it may be told
/// though they are no member: so it is known that they may not come in by an older look at the
/// channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WalletMemberLeft {
    /// Who.
    pub user: UserId,
    /// By whom, if not by oneself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_by: Option<UserId>,
    /// Who loses the channel: its revision when that was asked for. Who was seen in the channel
    /// up to there may not come in again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_revision: Option<Revision>,
}

/// A member's role is another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WalletRoleChanged {
    /// Whose.
    pub user: UserId,
    /// The new one.
    pub role: WalletRole,
    /// By whom; nobody when the longest-standing member takes over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UserId>,
}

/// An admin's PIN is another, or their first. Spend tokens that were given for the one before
/// are void.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PinChanged {
    /// Whose.
    pub user: UserId,
    /// Argon2id hash in PHC form.
    pub pin: Personal,
}

/// A wrong PIN; the fifth in a row locks it for 15 minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PinFailed {
    /// Whose.
    pub user: UserId,
}

/// A right PIN after wrong ones, which don't count any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PinAccepted {
    /// Whose.
    pub user: UserId,
}

/// How many admins have to approve is another number. Votes for lowering have ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApprovalsRequiredChanged {
    /// The new number, from 1.
    pub approvals_required: u8,
    /// By whom: who raised it, or gave the last vote for lowering it.
    pub by: UserId,
}

/// An admin wants fewer approvals. It replaces that admin's vote before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApprovalsLoweringVoted {
    /// The number that is wanted, from 1.
    pub approvals_required: u8,
    /// Who.
    pub by: UserId,
}

/// An admin doesn't want fewer approvals any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApprovalsVoteWithdrawn {
    /// Who.
    pub by: UserId,
}

/// What may be spent is another sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WalletLimitsChanged {
    /// The most that one transfer may take.
    pub per_transfer: Amount,
    /// The most that all of a day may take.
    pub per_day: Amount,
    /// By whom.
    pub by: UserId,
}

/// Money came in from the external account: this is both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Deposited {
    /// How much.
    pub amount: Amount,
    /// What is in the wallet then.
    pub balance_after: Amount,
    /// The payment's own number, unique among the wallet's deposits.
    pub reference: String,
    /// Who asked; nobody when a payment provider told of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UserId>,
}

/// Money went out to the external account: this is both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Withdrawn {
    /// How much.
    pub amount: Amount,
    /// What is in the wallet then.
    pub balance_after: Amount,
    /// The payment's own number, unique among the wallet's withdrawals.
    pub reference: String,
    /// Who asked.
    pub by: UserId,
    /// The day that it counts on.
    pub day: Day,
}

impl Payload for WalletOpened {
    fn personal(&mut self) -> Vec<&mut Personal> {
        vec![&mut self.pin]
    }
}

impl Payload for PinChanged {
    fn personal(&mut self) -> Vec<&mut Personal> {
        vec![&mut self.pin]
    }
}

impl Payload for WalletClosed {}
impl Payload for WalletFrozen {}
impl Payload for WalletUnfrozen {}
impl Payload for WalletMemberJoined {}
impl Payload for WalletMemberLeft {}
impl Payload for WalletRoleChanged {}
impl Payload for PinFailed {}
impl Payload for PinAccepted {}
impl Payload for ApprovalsRequiredChanged {}
impl Payload for ApprovalsLoweringVoted {}
impl Payload for ApprovalsVoteWithdrawn {}
impl Payload for WalletLimitsChanged {}
impl Payload for Deposited {}
impl Payload for Withdrawn {}
