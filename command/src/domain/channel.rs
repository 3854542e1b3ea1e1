//! A channel: its members and its messages. What concerns either stands in files of their own;
//! here are what they share, and the door.

mod command;
mod departures;
mod evolve;
mod members;
mod messages;
mod notices;
mod reactions;
mod settings;
mod wallets;

use std::time::Duration;

use events::channel::{Role, Visibility};
use events::{ChannelEvent, EventId, Fact, Timestamp, UserId, WalletId};
use imbl::{HashMap, OrdSet, Vector};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use self::messages::TextDigest;
use self::reactions::Reactions;
use crate::execution::aggregate::{Aggregate, Context, Decision, Touch, View};
use crate::rejection::{Code, Rejection};

pub use self::command::{
    Candidate, Command, Create, Notice, OpenWallet, Proof, Reaction, SendMessage, Update,
};
pub use self::reactions::{EMOJIS_LEN_MAX, REACTIONS_LEN_MAX};

/// Members of a channel.
pub const MEMBERS_LEN_MAX: usize = 10_000;
/// Group wallets of a channel that are open at the same time.
pub const WALLETS_LEN_MAX: usize = 100;
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

type Decided = Result<Decision<ChannelEvent>, Rejection>;

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
    /// Its open wallets, at most [`WALLETS_LEN_MAX`]; of a deleted channel, those that were.
    #[serde(default, skip_serializing_if = "OrdSet::is_empty")]
    wallets: OrdSet<WalletId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Settings {
    name: String,
    description: String,
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
    /// `seq` of the newest message that is one's own, the ENTER message included: up to there
    /// one has read whatever one's marker says.
    read: u32,
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
    /// Nobody has written a notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    author: Option<UserId>,
    seq: u32,
    deleted: bool,
    /// Of the text of a TALK that is not deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<TextDigest>,
    #[serde(default, skip_serializing_if = "Reactions::is_empty")]
    reactions: Reactions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Talk,
    Enter,
    Leave,
    Notice,
}

/// What somebody is to a channel who says how far they have read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// There is no such channel.
    NoChannel,
    /// No member of it.
    Stranger,
    /// A member.
    Member {
        /// Up to here one has read whatever one's marker says: one's own newest message, or
        /// one's coming in.
        read: u32,
        /// The channel's newest message; 0 if there is none.
        last: u32,
    },
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

    /// Its open wallets: whoever takes a member or all of it away has to see to them first. Of a
    /// deleted channel, those that were open.
    pub fn wallets(&self) -> impl Iterator<Item = WalletId> {
        self.wallets.iter().copied()
    }

    /// Whether somebody is in it: what coming into one of its wallets takes.
    pub fn has_member(&self, user: UserId) -> bool {
        self.members.contains_key(&user)
    }

    /// Whether somebody is all that is in it: their leaving is its end, and its wallets'.
    pub fn is_only_member(&self, user: UserId) -> bool {
        self.members.len() == 1 && self.has_member(user)
    }

    /// What somebody is to it who reads.
    pub fn standing(&self, user: UserId) -> Standing {
        match (&self.settings, self.members.get(&user)) {
            (None, _) => Standing::NoChannel,
            (Some(_), None) => Standing::Stranger,
            (Some(_), Some(member)) => Standing::Member { read: member.read, last: self.seq },
        }
    }

    fn settings(&self) -> Result<&Settings, Rejection> {
        self.settings.as_ref().ok_or_else(no_channel)
    }

    /// Who acts on the channel as a member.
    fn member(&self, user: UserId) -> Result<&Member, Rejection> {
        self.settings()?;
        self.members.get(&user).ok_or_else(no_member)
    }

    /// Who acts on the channel as an admin.
    fn admin(&self, user: UserId) -> Result<&Member, Rejection> {
        self.member(user).and_then(|member| match member.role {
            Role::Admin => Ok(member),
            Role::Member => Err(Rejection::new(Code::Forbidden, "Only admins may do this.")),
        })
    }

    fn is_admin(&self, user: UserId) -> bool {
        self.members.get(&user).is_some_and(|member| member.role == Role::Admin)
    }

    fn is_last_admin(&self, user: UserId) -> bool {
        let mut admins = self.members.values().filter(|member| member.role == Role::Admin);
        self.is_admin(user) && admins.nth(1).is_none()
    }
}

impl Aggregate for Channel {
    type Event = ChannelEvent;
    type Command = Command;
    type State = State;
    type Item = Message;

    const SCHEMA: u16 = 2;

    fn needs(command: &Command) -> Vec<Uuid> {
        command.messages()
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
        let state = view.state;
        let decided = match command {
            Command::Create(create) => settings::create(state, create),
            Command::Update(update) => settings::update(state, update),
            Command::Delete { by, handled } => settings::delete(state, *by, handled),
            Command::OpenWallet(open) => wallets::open(state, open),
            Command::CloseWallet { wallet } => Ok(wallets::close(state, *wallet)),
            Command::Join { user, password } => members::join(state, context, *user, *password),
            Command::AddMember { by, candidate } => members::add(state, context, *by, *candidate),
            Command::SetRole { by, user, role } => members::set_role(state, *by, *user, *role),
            Command::Leave { user, handled } => departures::leave(state, context, *user, handled),
            Command::RemoveMember { by, user, handled } => {
                departures::remove(state, context, *by, *user, handled)
            }
            Command::Depart { user } => Ok(departures::depart(state, context, *user)),
            Command::SendMessage(send) => messages::send(view, context, send),
            Command::Notify(notice) => Ok(notices::notify(view, notice)),
            Command::EditMessage { user, message, text } => {
                messages::edit(view, *user, *message, text)
            }
            Command::DeleteMessage { user, message } => messages::delete(view, *user, *message),
            Command::AddReaction(reaction) => reactions::add(view, reaction),
            Command::RemoveReaction(reaction) => reactions::remove(view, reaction),
        };
        decided.unwrap_or_else(Decision::Refuse)
    }
}

// Refusals that several decisions share, those of read markers included.

pub(super) fn no_channel() -> Rejection {
    Rejection::new(Code::NotFound, "There is no such channel.")
}

pub(super) fn no_member() -> Rejection {
    Rejection::new(Code::Forbidden, "Only members may do this.")
}

fn full(what: &str) -> Rejection {
    Rejection::new(Code::Forbidden, format!("This channel has no room for another {what}."))
}

#[cfg(test)]
mod tests;
