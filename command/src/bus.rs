//! The room's public face: what can be asked for, and the bus that it is put on.

use async_trait::async_trait;
use events::{ChannelId, CommandId, LogPosition, MessageId, SessionId, UserId};
use zeroize::Zeroizing;

use crate::rejection::Rejection;

/// A password or token on its way in: never printed, wiped when dropped.
pub type Secret = Zeroizing<String>;

/// Who can see and join a channel, as asked for.
pub use events::channel::Visibility;

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
    /// Makes a channel whose creator is its admin.
    CreateChannel {
        name: String,
        description: Option<String>,
        visibility: Visibility,
        password: Option<Secret>,
    },
    /// Joins a channel.
    JoinChannel { channel: String, password: Option<Secret> },
    /// Leaves a channel.
    LeaveChannel { channel: String },
    /// Writes into a channel.
    SendMessage { channel: String, text: String, reply_to: Option<String> },
    /// Makes a message's text unreadable.
    DeleteMessage { message: String },
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
    /// The channel that was made, joined or left.
    Channel(ChannelId),
    /// The message that was sent or deleted.
    Message(MessageId),
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

/// Takes commands. In one process it runs them; on a node without the command role it forwards.
#[async_trait]
pub trait CommandBus: Send + Sync {
    /// Carries a command out, once however often it is sent.
    async fn submit(&self, request: Request) -> Result<Done, Rejection>;
}
