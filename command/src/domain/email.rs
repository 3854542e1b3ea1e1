//! An e-mail address: who holds it. Its stream is where an account is committed to, and where a
//! change of address is; what follows from that are [`Registration`] and [`AddressChange`], for
//! whoever finishes it.

mod change;

use events::email::{self, EmailReleased, EmailReserved, ProfileChange};
use events::hashing::EmailHash;
use events::personal::{Kept, KeyRing, OpenError, Personal};
use events::{CommandId, EmailEvent, EventId, Fact, Revision, StreamName, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::domain::user::Register;
use crate::execution::aggregate::{Aggregate, Context, Decision, Touch, View};
use crate::parse::{EmailAddress, Username};
use crate::rejection::{Code, Rejection};

pub use self::change::AddressChange;

/// The aggregate.
#[derive(Debug)]
pub enum Email {}

/// Who holds an address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The holder, if it isn't free.
    pub holder: Option<UserId>,
    /// The reservation by which it is held.
    pub reservation: Option<Reservation>,
    /// What the holder signed up with, where the address was reserved by a sign-up.
    pub registration: Option<Registration>,
}

/// Which of an address's reservations one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// The event's id.
    pub event: EventId,
    /// Its place in the address's stream.
    pub revision: Revision,
}

impl Reservation {
    /// The id of the command that ends it.
    #[must_use]
    pub fn release_id(event: EventId) -> CommandId {
        CommandId(event.0).derived("release")
    }
}

/// What can be asked of an address.
#[derive(Debug, Clone)]
pub enum Command {
    /// Hold it, and commit to an account.
    SignUp(SignUp),
    /// Hold it, and commit to exchanging another one for it.
    Exchange(Exchange),
    /// Give it up.
    Release {
        /// The reservation that ends; a later one stays.
        reservation: EventId,
    },
}

/// The account to be made.
#[derive(Debug, Clone)]
pub struct SignUp {
    /// Its id.
    pub user: UserId,
    /// Its address.
    pub email: EmailAddress,
    /// Its name.
    pub username: Username,
    /// Argon2id hash of its password, in PHC form.
    pub password: Zeroizing<String>,
}

/// The address that an account is to have instead of its own.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// Whose.
    pub user: UserId,
    /// The address.
    pub email: EmailAddress,
    /// The name, if that changes too.
    pub username: Option<Username>,
    /// The address that it replaces.
    pub replaces: EmailHash,
    /// The event that came with that one.
    pub since: EventId,
}

impl Aggregate for Email {
    type Event = EmailEvent;
    type Command = Command;
    type State = State;
    type Item = ();

    const SCHEMA: u16 = 2;

    fn needs(_: &Command) -> Vec<Uuid> {
        Vec::new()
    }

    fn touches(_: &EmailEvent) -> Option<Touch> {
        None
    }

    fn evolve(state: State, fact: &Fact<EmailEvent>) -> State {
        match &fact.event {
            EmailEvent::EmailReserved(reserved) => State {
                holder: Some(reserved.user),
                reservation: Some(Reservation { event: fact.id, revision: fact.revision }),
                registration: Registration::of(fact),
            },
            EmailEvent::EmailReleased(_) => State::default(),
            EmailEvent::CommandSettled(_) => state,
        }
    }

    fn evolve_item(_: Option<()>, _: &Fact<EmailEvent>) -> Option<()> {
        None
    }

    fn decide(view: &View<'_, Self>, _: &Context<'_>, command: &Command) -> Decision<EmailEvent> {
        match command {
            Command::SignUp(sign_up) => reserve(view.state, sign_up),
            Command::Exchange(exchange) => reserve_instead(view.state, exchange),
            Command::Release { reservation } => release(view.state, *reservation),
        }
    }
}

fn taken() -> Decision<EmailEvent> {
    let message = "There is an account with this e-mail address.";
    Decision::Refuse(Rejection::new(Code::EmailTaken, message))
}

fn reserve(state: &State, sign_up: &SignUp) -> Decision<EmailEvent> {
    let user = sign_up.user;
    match state.holder {
        Some(holder) if holder == user => Decision::Accept(Vec::new()),
        Some(_) => taken(),
        None => {
            let registration = email::Registration {
                email: Personal::plain(user, sign_up.email.as_written()),
                username: Personal::plain(user, sign_up.username.as_str()),
                password: Personal::plain(user, sign_up.password.as_str()),
            };
            let reserved =
                EmailReserved { user, registration: Some(Box::new(registration)), change: None };
            Decision::Accept(vec![reserved.into()])
        }
    }
}

fn reserve_instead(state: &State, exchange: &Exchange) -> Decision<EmailEvent> {
    let user = exchange.user;
    match state.holder {
        // An earlier change to it or from it has to be finished first.
        Some(holder) if holder == user => {
            let message = "The address is being changed by another request. Try again.";
            Decision::Refuse(Rejection::new(Code::Conflict, message))
        }
        Some(_) => taken(),
        None => {
            let name = |name: &Username| Personal::plain(user, name.as_str());
            let change = ProfileChange {
                email: Personal::plain(user, exchange.email.as_written()),
                username: exchange.username.as_ref().map(name),
                replaces: exchange.replaces.clone(),
                since: exchange.since,
            };
            let reserved =
                EmailReserved { user, registration: None, change: Some(Box::new(change)) };
            Decision::Accept(vec![reserved.into()])
        }
    }
}

fn release(state: &State, reservation: EventId) -> Decision<EmailEvent> {
    let held = state.reservation.filter(|held| held.event == reservation);
    let released = state.holder.filter(|_| held.is_some());
    let released = released.map(|user| EmailReleased { user }.into());
    Decision::Accept(released.into_iter().collect())
}

/// What a reservation commits to: an account that has to be registered on its own stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// Whose.
    pub user: UserId,
    /// When it was committed to.
    pub at: Timestamp,
    email: Kept,
    username: Kept,
    password: Kept,
}

impl Registration {
    /// What follows from an event on the stream of an address, if anything.
    pub fn of(fact: &Fact<EmailEvent>) -> Option<Self> {
        let EmailEvent::EmailReserved(EmailReserved {
            user, registration: Some(registration), ..
        }) = &fact.event
        else {
            return None;
        };
        let keep = |sealed: &Personal| Kept { sealed: sealed.clone(), event: fact.id };
        Some(Self {
            user: *user,
            at: fact.at,
            email: keep(&registration.email),
            username: keep(&registration.username),
            password: keep(&registration.password),
        })
    }

    /// The id of the command that carries it out, from that of the sign-up.
    #[must_use]
    pub fn command_id(sign_up: CommandId) -> CommandId {
        sign_up.derived("register")
    }

    /// The command that carries it out; `None` where the user's key is destroyed. `stream` is
    /// that of the address.
    pub fn open(&self, ring: &KeyRing, stream: &StreamName) -> Result<Option<Register>, OpenError> {
        let email = self.email.open(ring, stream)?;
        let username = self.username.open(ring, stream)?;
        let password = self.password.open(ring, stream)?;
        let (Some(email), Some(username), Some(password)) = (email, username, password) else {
            return Ok(None);
        };
        Ok(Some(Register { user: self.user, email, username, password }))
    }
}

#[cfg(test)]
mod tests;
