//! The room's public face: what can be asked for, and the bus that it is put on.

mod command;

use std::net::IpAddr;

use async_trait::async_trait;
use events::{
    ChannelId, CommandId, LogPosition, MessageId, PaymentId, PlanId, SessionId, Timestamp,
    TransferId, UserId, WalletId,
};
use zeroize::Zeroizing;

use crate::rejection::Rejection;

pub use self::command::Command;

/// A password, PIN or token on its way in or out: never printed, wiped when dropped.
pub type Secret = Zeroizing<String>;

/// Who can see and join a channel, as asked for.
pub use events::channel::Visibility;

/// What a member of a channel may do, as asked for.
pub use events::channel::Role;

/// What a member of a wallet may do, as asked for.
pub use events::wallet::WalletRole;

/// When something falls due again and again, as asked for.
pub use crate::domain::recurrence::RecurrenceInput;
pub use events::recurrence::Frequency;

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
    /// The scheduled payment that was made or changed.
    ScheduledPayment(PaymentId),
    /// The plan of dues that was made or ended.
    DuesPlan(PlanId),
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
