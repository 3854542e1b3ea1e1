//! An e-mail address: who holds it. At sign-up its stream is where the account is committed to;
//! what follows from that is [`Registration::of`], for whoever finishes it.

use events::email::{self, EmailReleased, EmailReserved};
use events::personal::{Kept, KeyRing, OpenError, Personal};
use events::{CommandId, EmailEvent, Fact, StreamName, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::domain::user::Register;
use crate::execution::aggregate::{Aggregate, Context, Decision, Touch, View};
use crate::parse::{EmailAddress, Username};
use crate::rejection::{Code, Rejection};

/// The aggregate.
#[derive(Debug)]
pub enum Email {}

/// Who holds an address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The holder, if it isn't free.
    pub holder: Option<UserId>,
    /// What the holder signed up with, where the address was reserved by a sign-up.
    pub registration: Option<Registration>,
}

/// What can be asked of an address.
#[derive(Debug, Clone)]
pub enum Command {
    /// Hold it, and commit to an account.
    SignUp(SignUp),
    /// Give it up.
    Release {
        /// Who holds it.
        user: UserId,
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

impl Aggregate for Email {
    type Event = EmailEvent;
    type Command = Command;
    type State = State;
    type Item = ();

    const SCHEMA: u16 = 1;

    fn needs(_: &Command) -> Vec<Uuid> {
        Vec::new()
    }

    fn touches(_: &EmailEvent) -> Option<Touch> {
        None
    }

    fn evolve(state: State, fact: &Fact<EmailEvent>) -> State {
        match &fact.event {
            EmailEvent::EmailReserved(reserved) => {
                State { holder: Some(reserved.user), registration: Registration::of(fact) }
            }
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
            Command::Release { user } => release(view.state, *user),
        }
    }
}

fn reserve(state: &State, sign_up: &SignUp) -> Decision<EmailEvent> {
    let user = sign_up.user;
    match state.holder {
        Some(holder) if holder == user => Decision::Accept(Vec::new()),
        Some(_) => Decision::Refuse(Rejection::new(
            Code::EmailTaken,
            "There is an account with this e-mail address.",
        )),
        None => {
            let registration = email::Registration {
                email: Personal::plain(user, sign_up.email.as_written()),
                username: Personal::plain(user, sign_up.username.as_str()),
                password: Personal::plain(user, sign_up.password.as_str()),
            };
            let reserved = EmailReserved { user, registration: Some(registration), change: None };
            Decision::Accept(vec![reserved.into()])
        }
    }
}

fn release(state: &State, user: UserId) -> Decision<EmailEvent> {
    if state.holder == Some(user) {
        Decision::Accept(vec![EmailReleased { user }.into()])
    } else {
        Decision::Accept(Vec::new())
    }
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
