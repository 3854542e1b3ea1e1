//! The room's public face: what can be asked for, and the bus that it is put on.

use std::net::IpAddr;

use async_trait::async_trait;
use events::{
    ChannelId, CommandId, LogPosition, MessageId, SessionId, Timestamp, TransferId, UserId,
    WalletId,
};
use zeroize::Zeroizing;

use crate::rejection::Rejection;

/// A password, PIN or token on its way in or out: never printed, wiped when dropped.
pub type Secret = Zeroizing<String>;

/// Who can see and join a channel, as asked for.
pub use events::channel::Visibility;

/// What a member of a channel may do, as asked for.
pub use events::channel::Role;

/// What a member of a wallet may do, as asked for.
pub use events::wallet::WalletRole;

/// One command with raw input: the bus parses it and refuses what is no good.
#[derive(Debug)]
#[expect(missing_docs, reason = "fields are the input fields of the contract's mutations")]
pub enum Command {
    /// Makes an account and starts a session.
    SignUp { email: String, username: String, password: Secret },
    /// Starts a session.
    LogIn { email: String, password: Secret },
    /// Replaces a refresh token; a second use ends the session.
    RefreshSession { refresh_token: Secret },
    /// Ends the session that the token belongs to.
    LogOut { refresh_token: Secret },
    /// Changes the viewer's name or address; what is left out stays.
    UpdateProfile { email: Option<String>, username: Option<String> },
    /// Changes the viewer's password, and ends the other sessions.
    ChangePassword { current: Secret, new: Secret },
    /// Ends the viewer's account for good.
    DeleteAccount { password: Secret },
    /// Takes a person up among the viewer's contacts.
    AddContact { email: String },
    /// Takes one out.
    RemoveContact { user: String },
    /// Makes a channel whose creator is its admin.
    CreateChannel {
        name: String,
        description: Option<String>,
        visibility: Visibility,
        password: Option<Secret>,
    },
    /// Changes a channel's name or description; what is left out stays.
    UpdateChannel { channel: String, name: Option<String>, description: Option<String> },
    /// Deletes a channel.
    DeleteChannel { channel: String },
    /// Joins a channel.
    JoinChannel { channel: String, password: Option<Secret> },
    /// Leaves a channel.
    LeaveChannel { channel: String },
    /// Takes somebody in.
    AddChannelMember { channel: String, user: String },
    /// Puts somebody out.
    RemoveChannelMember { channel: String, user: String },
    /// Changes what a member may do.
    SetChannelRole { channel: String, user: String, role: Role },
    /// Writes into a channel.
    SendMessage { channel: String, text: String, reply_to: Option<String> },
    /// Writes a message anew.
    EditMessage { message: String, text: String },
    /// Makes a message's text unreadable.
    DeleteMessage { message: String },
    /// Reacts to a message.
    AddReaction { message: String, emoji: String },
    /// Takes a reaction back.
    RemoveReaction { message: String, emoji: String },
    /// Says how far the viewer has read a channel. Without an id it may be merged with later
    /// ones of the same viewer and channel.
    MarkRead { channel: String, up_to_seq: i64 },
    /// Opens the viewer's own wallet in a currency, KRW when left out.
    OpenWallet { pin: Secret, name: Option<String>, currency: Option<String> },
    /// Opens a wallet of a channel's; one approval is asked for when the number is left out.
    OpenGroupWallet {
        channel: String,
        name: String,
        description: Option<String>,
        pin: Secret,
        currency: Option<String>,
        approvals_required: Option<i64>,
    },
    /// Joins a wallet of a channel that the viewer is in.
    JoinWallet { wallet: String },
    /// Leaves a wallet.
    LeaveWallet { wallet: String },
    /// Puts somebody out of a wallet.
    RemoveWalletMember { wallet: String, user: String },
    /// Changes what a member of a wallet may do.
    SetWalletRole { wallet: String, user: String, role: WalletRole },
    /// Asks for more approvals, or votes for fewer.
    SetApprovalsRequired { wallet: String, approvals_required: i64 },
    /// Changes what may be spent. Amounts are raw, here and below: [`parse`](crate::parse) reads
    /// them.
    SetWalletLimits { wallet: String, per_transfer: String, per_day: String, spend_token: Secret },
    /// Closes an empty wallet.
    CloseWallet { wallet: String },
    /// Changes the viewer's PIN of a wallet, or sets the first.
    ChangePin { wallet: String, current: Option<Secret>, new: Secret },
    /// Verifies the viewer's PIN for a token to spend with.
    AuthorizeSpending { wallet: String, pin: Secret },
    /// Pays in from outside.
    Deposit { wallet: String, amount: String, reference: String },
    /// Pays out to outside.
    Withdraw { wallet: String, amount: String, reference: String, spend_token: Secret },
    /// Pays from one wallet to another.
    Transfer {
        // One a line: they don't fit into one.
        from: String,
        to: String,
        amount: String,
        memo: Option<String>,
        spend_token: Secret,
    },
    /// Approves a transfer that waits.
    ApproveTransfer { transfer: String },
    /// Declines a transfer that waits.
    DeclineTransfer { transfer: String },
    /// Pays a transfer back, all that is left of it when no amount is named.
    RefundTransfer { transfer: String, amount: Option<String>, spend_token: Secret },
}

impl Command {
    /// The mutation's name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SignUp { .. } => "signUp",
            Self::LogIn { .. } => "logIn",
            Self::RefreshSession { .. } => "refreshSession",
            Self::LogOut { .. } => "logOut",
            Self::UpdateProfile { .. } => "updateProfile",
            Self::ChangePassword { .. } => "changePassword",
            Self::DeleteAccount { .. } => "deleteAccount",
            Self::AddContact { .. } => "addContact",
            Self::RemoveContact { .. } => "removeContact",
            Self::CreateChannel { .. } => "createChannel",
            Self::UpdateChannel { .. } => "updateChannel",
            Self::DeleteChannel { .. } => "deleteChannel",
            Self::JoinChannel { .. } => "joinChannel",
            Self::LeaveChannel { .. } => "leaveChannel",
            Self::AddChannelMember { .. } => "addChannelMember",
            Self::RemoveChannelMember { .. } => "removeChannelMember",
            Self::SetChannelRole { .. } => "setChannelRole",
            Self::SendMessage { .. } => "sendMessage",
            Self::EditMessage { .. } => "editMessage",
            Self::DeleteMessage { .. } => "deleteMessage",
            Self::AddReaction { .. } => "addReaction",
            Self::RemoveReaction { .. } => "removeReaction",
            Self::MarkRead { .. } => "markRead",
            Self::OpenWallet { .. } => "openWallet",
            Self::OpenGroupWallet { .. } => "openGroupWallet",
            Self::JoinWallet { .. } => "joinWallet",
            Self::LeaveWallet { .. } => "leaveWallet",
            Self::RemoveWalletMember { .. } => "removeWalletMember",
            Self::SetWalletRole { .. } => "setWalletRole",
            Self::SetApprovalsRequired { .. } => "setApprovalsRequired",
            Self::SetWalletLimits { .. } => "setWalletLimits",
            Self::CloseWallet { .. } => "closeWallet",
            Self::ChangePin { .. } => "changePin",
            Self::AuthorizeSpending { .. } => "authorizeSpending",
            Self::Deposit { .. } => "deposit",
            Self::Withdraw { .. } => "withdraw",
            Self::Transfer { .. } => "transfer",
            Self::ApproveTransfer { .. } => "approveTransfer",
            Self::DeclineTransfer { .. } => "declineTransfer",
            Self::RefundTransfer { .. } => "refundTransfer",
        }
    }
}

/// A command on its way: who asks, under which id.
#[derive(Debug)]
pub struct Request {
    /// The client's id for it, unparsed; `None` gets one from the server.
    pub id: Option<String>,
    /// The signed-in user, if any.
    pub viewer: Option<Viewer>,
    /// What is asked for.
    pub command: Command,
    /// W3C trace context.
    pub trace_parent: Option<String>,
    /// Where the request came from, as far as that is known: log-ins are limited by it.
    pub client: Option<IpAddr>,
}

/// A signed-in user, by a verified access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Viewer {
    /// Who.
    pub user: UserId,
    /// By which session.
    pub session: SessionId,
}

/// A command that was carried out, now or by an earlier try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The id that it ran under.
    pub id: CommandId,
    /// Position of its last event; without events, of the last one that was folded.
    pub position: LogPosition,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A session with its secret.
    Session(SessionGrant),
    /// The user who was changed or taken up as a contact.
    User(UserId),
    /// The channel that was made, joined or left.
    Channel(ChannelId),
    /// The message that was sent or deleted.
    Message(MessageId),
    /// The wallet that was opened, changed, joined or left, or that money came into or left.
    Wallet(WalletId),
    /// The transfer that was asked for, approved or declined; the new one for a refund.
    Transfer(TransferId),
    /// A token to spend with.
    SpendAuthorization(SpendGrant),
    /// Nothing that needs a name.
    Nothing,
}

/// A session's secret, given once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionGrant {
    /// Whose.
    pub user: UserId,
    /// The session.
    pub session: SessionId,
    /// Good for one use.
    pub refresh_token: Secret,
}

/// A token to spend with, given for a right PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpendGrant {
    /// As `spendToken` of what spends.
    pub token: Secret,
    /// When it is no longer good.
    pub expires_at: Timestamp,
}

/// Takes commands. In one process it runs them; on a node without the command role it forwards.
#[async_trait]
pub trait CommandBus: Send + Sync {
    /// Carries a command out, once however often it is sent.
    async fn submit(&self, request: Request) -> Result<Done, Rejection>;
}
