//! A channel: its members and its messages. What concerns either stands in a file of its own;
//! here are what they share, and the door.

mod evolve;
mod members;
mod messages;

use std::time::Duration;

use events::channel::{Role, Visibility};
use events::{ChannelEvent, EventId, Fact, MessageId, Timestamp, UserId};
use imbl::{HashMap, Vector};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::domain::Verified;
use crate::execution::aggregate::{Aggregate, Context, Decision, Touch, View};
use crate::parse::{ChannelName, Description, MessageText};
use crate::rejection::{Code, Rejection};

/// Members of a channel.
pub const MEMBERS_LEN_MAX: usize = 10_000;
/// Wrong passwords of one user within [`TRIES_WINDOW_SECONDS`] that lock joining for that time.
pub const TRIES_PER_USER_MAX: usize = 5;
/// How long a wrong password counts.
pub const TRIES_WINDOW_SECONDS: u64 = 60 * 60;
/// Wrong passwords of all users within that time; beyond, joining is locked for everyone, since
/// only an attack with thousands of accounts gets there.
pub const TRIES_LEN_MAX: usize = 10_000;
/// The last place among the messages that a join or a message may take. `seq` is a GraphQL
/// `Int`; what is left above it is for the members to leave.
const SEQ_MAX: u32 = i32::MAX.unsigned_abs() - 10_000;
const _: () = assert!(MEMBERS_LEN_MAX <= 10_000);

/// Derives the id of a join's ENTER message from the command's.
pub const ENTER: &str = "enter";
/// Derives the id of a departure's LEAVE message from the command's.
pub const LEAVE: &str = "leave";

/// The aggregate.
#[derive(Debug)]
pub enum Channel {}

/// A channel without its messages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// None before it was created and after it was deleted.
    settings: Option<Settings>,
    /// It was there once.
    deleted: bool,
    members: HashMap<UserId, Member>,
    /// The newest message's place; 0 when there is none.
    seq: u32,
    /// How many TALK and NOTICE messages there are.
    number: u32,
    /// Wrong passwords within [`TRIES_WINDOW_SECONDS`], the oldest first.
    wrong_tries: Vector<WrongTry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Settings {
    visibility: Visibility,
    password: Option<PasswordHash>,
}

/// A channel's password; the event that it came with is its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordHash {
    /// Argon2id hash in PHC form.
    pub phc: String,
    /// Its version.
    pub event: EventId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Member {
    role: Role,
    /// `seq` of the ENTER message, 0 for the creator: lower is longer.
    since: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct WrongTry {
    user: UserId,
    at: Timestamp,
}

/// A message as far as deciding needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    kind: Kind,
    author: UserId,
    seq: u32,
    deleted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Talk,
    Enter,
    Leave,
}

/// What can be asked of a channel.
#[derive(Debug, Clone)]
pub enum Command {
    /// Be there.
    Create(Create),
    /// Take a member in.
    Join {
        /// Who comes.
        user: UserId,
        /// What was sent for a password.
        password: Proof,
    },
    /// Let a member go.
    Leave {
        /// Who goes.
        user: UserId,
    },
    /// Take a message.
    SendMessage(SendMessage),
    /// Make a message's text unreadable.
    DeleteMessage {
        /// Who asks.
        user: UserId,
        /// Which.
        message: MessageId,
    },
}

/// A channel to be.
#[derive(Debug, Clone)]
pub struct Create {
    /// Who makes it.
    pub creator: UserId,
    /// Its name.
    pub name: ChannelName,
    /// Its description.
    pub description: Description,
    /// Who may join.
    pub visibility: Visibility,
    /// Argon2id hash of its password, in PHC form.
    pub password: Option<Zeroizing<String>>,
}

/// A message to be; its id is the command's.
#[derive(Debug, Clone)]
pub struct SendMessage {
    /// Who writes.
    pub author: UserId,
    /// What.
    pub text: MessageText,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
}

/// What somebody who wants to join has sent for a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Nothing.
    LeftOut,
    /// Something, when there was nothing to verify it against.
    Unverified,
    /// Something that was verified.
    Verified(Verified),
}

impl State {
    /// What a password for joining has to be verified against, if joining takes one.
    pub fn password(&self) -> Option<&PasswordHash> {
        self.settings.as_ref()?.password.as_ref()
    }

    /// Joining by password is locked for the user at `now`: for how long still.
    pub fn locked_for(&self, user: UserId, now: Timestamp) -> Option<Duration> {
        let window = Duration::from_secs(TRIES_WINDOW_SECONDS);
        let left = |tried: &WrongTry| window.checked_sub(now.since(tried.at));
        let counting = self.wrong_tries.iter().filter(|tried| left(tried) > Some(Duration::ZERO));
        if counting.clone().count() >= TRIES_LEN_MAX {
            return counting.clone().next().and_then(left);
        }
        // Newest first: the fifth from there is the one that has to grow old.
        counting.rev().filter(|tried| tried.user == user).nth(TRIES_PER_USER_MAX - 1).and_then(left)
    }

    fn settings(&self) -> Result<&Settings, Rejection> {
        self.settings.as_ref().ok_or_else(no_channel)
    }

    fn is_admin(&self, user: UserId) -> bool {
        self.members.get(&user).is_some_and(|member| member.role == Role::Admin)
    }
}

impl Aggregate for Channel {
    type Event = ChannelEvent;
    type Command = Command;
    type State = State;
    type Item = Message;

    const SCHEMA: u16 = 1;

    fn needs(command: &Command) -> Vec<Uuid> {
        match command {
            Command::SendMessage(send) => send.reply_to.map(Uuid::from).into_iter().collect(),
            Command::DeleteMessage { message, .. } => vec![message.0],
            Command::Create(_) | Command::Join { .. } | Command::Leave { .. } => Vec::new(),
        }
    }

    fn touches(event: &ChannelEvent) -> Option<Touch> {
        evolve::touches(event)
    }

    fn evolve(state: State, fact: &Fact<ChannelEvent>) -> State {
        evolve::channel(state, fact)
    }

    fn evolve_item(message: Option<Message>, fact: &Fact<ChannelEvent>) -> Option<Message> {
        evolve::message(message, fact)
    }

    fn decide(
        view: &View<'_, Self>,
        context: &Context<'_>,
        command: &Command,
    ) -> Decision<ChannelEvent> {
        let decided = match command {
            Command::Create(create) => members::create(view.state, create),
            Command::Join { user, password } => {
                members::join(view.state, context, *user, *password)
            }
            Command::Leave { user } => members::leave(view.state, context, *user),
            Command::SendMessage(send) => messages::send(view, context, send),
            Command::DeleteMessage { user, message } => messages::delete(view, *user, *message),
        };
        decided.unwrap_or_else(Decision::Refuse)
    }
}

// Refusals that several decisions share.

fn no_channel() -> Rejection {
    Rejection::new(Code::NotFound, "There is no such channel.")
}

fn no_member() -> Rejection {
    Rejection::new(Code::Forbidden, "Only members may do this.")
}

fn full(what: &str) -> Rejection {
    Rejection::new(Code::Forbidden, format!("This channel has no room for another {what}."))
}

#[cfg(test)]
mod tests;
