//! An account: its registration, profile, log-ins and their sessions, contacts, and its end. What
//! concerns one of them stands in a file of its own; here are what they share, and the door.

mod command;
mod contacts;
mod credentials;
mod evolve;
mod profile;
mod sessions;
mod wallets;

use std::time::Duration;

use events::money::Currency;
use events::personal::Kept;
use events::{Fact, SessionId, Timestamp, UserEvent, WalletId};
use imbl::Vector;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::{Allowance, WrongTries};
use crate::execution::aggregate::{Aggregate, Context, Decision, Touch, View};
use crate::rejection::{Code, Rejection};

pub use self::command::{
    ChangePassword, ChangeProfile, Command, Exchange, NewSession, OpenWallet, Register, Respelled,
};

/// Sessions that an account has at the same time; one more displaces the oldest.
pub const SESSIONS_LEN_MAX: usize = 100;
/// Ten wrong passwords within a quarter of an hour lock log-in.
pub const LOG_IN_ALLOWANCE: Allowance =
    Allowance { tries_max: 10, window: Duration::from_mins(15) };
/// Contacts that an account has at the same time.
pub const CONTACTS_LEN_MAX: u32 = 10_000;

/// The aggregate.
#[derive(Debug)]
pub enum User {}

/// An account as far as deciding needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// None until it is registered, and once it is deleted.
    pub account: Option<Account>,
    /// Once it is deleted: the address that it had, which is to be released.
    pub deleted: Option<Kept>,
    /// Live sessions, the oldest first; those that ran out go when another starts.
    sessions: Vector<Session>,
    wrong_tries: WrongTries,
    /// How many contacts there are; which, the items tell.
    contacts: u32,
    /// Open personal wallets, one a currency.
    #[serde(default, skip_serializing_if = "Vector::is_empty")]
    wallets: Vector<OwnWallet>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct OwnWallet {
    id: WalletId,
    currency: Currency,
}

/// Somebody who is a contact, or was one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    removed: bool,
}

/// What identifies and authenticates the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The address as written.
    pub email: Kept,
    /// The name that others see.
    pub username: Kept,
    /// Hash of the password; the event that it came with is its version.
    pub password: Kept,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Session {
    id: SessionId,
    refresh: Kept,
    expires_at: Timestamp,
}

impl State {
    /// Log-in is locked at `now`: for how long still.
    pub fn locked_for(&self, now: Timestamp) -> Option<Duration> {
        self.wrong_tries.locked_for(now, LOG_IN_ALLOWANCE)
    }

    /// The account, if it is there and this session of it is live at `now`.
    pub fn signed_in(&self, session: SessionId, now: Timestamp) -> Result<&Account, Rejection> {
        let live = self.session(session).filter(|session| session.expires_at > now);
        self.account.as_ref().filter(|_| live.is_some()).ok_or_else(signed_out)
    }

    /// Open personal wallets: they have to be closed before the account ends.
    pub fn wallets(&self) -> impl Iterator<Item = WalletId> {
        self.wallets.iter().map(|wallet| wallet.id)
    }

    fn session(&self, id: SessionId) -> Option<&Session> {
        self.sessions.iter().find(|session| session.id == id)
    }
}

impl Aggregate for User {
    type Event = UserEvent;
    type Command = Command;
    type State = State;
    type Item = Contact;

    const SCHEMA: u16 = 2;

    fn needs(command: &Command) -> Vec<Uuid> {
        match command {
            Command::AddContact { contact, .. } => contact.map(Uuid::from).into_iter().collect(),
            Command::RemoveContact { contact, .. } => vec![contact.0],
            _ => Vec::new(),
        }
    }

    fn touches(event: &UserEvent) -> Option<Touch> {
        evolve::touches(event)
    }

    fn evolve(state: State, fact: &Fact<UserEvent>) -> State {
        evolve::account(state, fact)
    }

    fn evolve_item(contact: Option<Contact>, fact: &Fact<UserEvent>) -> Option<Contact> {
        evolve::contact(contact, fact)
    }

    fn decide(
        view: &View<'_, Self>,
        context: &Context<'_>,
        command: &Command,
    ) -> Decision<UserEvent> {
        let state = view.state;
        let decided = match command {
            Command::Register(register) => profile::register(state, register),
            Command::ChangeProfile(change) => profile::change(state, context, change),
            Command::Exchange(exchange) => profile::exchange(state, exchange),
            Command::LogIn { verified, session } => {
                sessions::log_in(state, context, *verified, session)
            }
            Command::Refresh { session, presented, next, good_for } => {
                let tokens = sessions::Tokens { presented, next, good_for: *good_for };
                sessions::refresh(state, context, *session, &tokens)
            }
            Command::LogOut { session } => sessions::log_out(state, *session),
            Command::ChangePassword(change) => credentials::change_password(state, context, change),
            Command::Delete { session, verified, handled } => {
                credentials::delete(state, context, *session, *verified, handled)
            }
            Command::OpenWallet(open) => wallets::open(state, context, open),
            Command::CloseWallet { wallet } => Ok(wallets::close(state, *wallet)),
            Command::AddContact { session, contact } => {
                contacts::add(view, context, *session, *contact)
            }
            Command::RemoveContact { session, contact } => {
                contacts::remove(view, context, *session, *contact)
            }
        };
        decided.unwrap_or_else(Decision::Refuse)
    }
}

/// What a decision comes to; an error is a refusal.
type Decided = Result<Decision<UserEvent>, Rejection>;

// Refusals that several decisions share.

/// The same for an unknown address and a wrong password.
pub(crate) fn wrong_credentials() -> Rejection {
    Rejection::new(Code::WrongCredentials, "E-mail address and password don't belong together.")
}

/// A token or session that is no good.
pub(crate) fn signed_out() -> Rejection {
    Rejection::new(Code::Unauthenticated, "This session is over. Log in again.")
}

/// Log-in is locked.
pub(crate) fn locked(rest: Duration) -> Rejection {
    Rejection::new(Code::RateLimited, "Too many wrong passwords. Try again later.")
        .retry_after(rest)
}

#[cfg(test)]
mod tests;
