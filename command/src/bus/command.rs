//! What can be asked for.

use super::{RecurrenceInput, Role, Secret, Visibility, WalletRole};

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
    /// Pays from one wallet to another whenever that falls due.
    SchedulePayment {
        // One a line: they don't fit into one.
        from: String,
        to: String,
        amount: String,
        memo: Option<String>,
        recurrence: RecurrenceInput,
        spend_token: Secret,
    },
    /// Lets a scheduled payment stand still.
    PauseScheduledPayment { payment: String },
    /// Lets it go on.
    ResumeScheduledPayment { payment: String },
    /// Leaves its next occurrence out.
    SkipNextOccurrence { payment: String },
    /// Ends it before its time.
    CancelScheduledPayment { payment: String },
    /// Collects dues from a group wallet's members whenever they fall due.
    CreateDuesPlan { wallet: String, name: String, amount: String, recurrence: RecurrenceInput },
    /// Opens no more cycles of dues.
    EndDuesPlan { plan: String },
    /// Takes no more payments for a cycle.
    CloseDuesCycle { cycle: String },
    /// Pays the viewer's own part of a cycle, or some of it.
    PayDues { cycle: String, from: String, amount: String, spend_token: Secret },
    /// Waives what is left of a member's part.
    ExemptFromDues { cycle: String, user: String },
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
            Self::SchedulePayment { .. } => "schedulePayment",
            Self::PauseScheduledPayment { .. } => "pauseScheduledPayment",
            Self::ResumeScheduledPayment { .. } => "resumeScheduledPayment",
            Self::SkipNextOccurrence { .. } => "skipNextOccurrence",
            Self::CancelScheduledPayment { .. } => "cancelScheduledPayment",
            Self::CreateDuesPlan { .. } => "createDuesPlan",
            Self::EndDuesPlan { .. } => "endDuesPlan",
            Self::CloseDuesCycle { .. } => "closeDuesCycle",
            Self::PayDues { .. } => "payDues",
            Self::ExemptFromDues { .. } => "exemptFromDues",
        }
    }
}
