//! An account: its registration, its log-ins and their sessions.

mod evolve;

use std::time::Duration;

use events::personal::{Kept, Personal};
use events::user::{
    LogInFailed, SessionEnd, SessionEnded, SessionRefreshed, SessionStarted, UserRegistered,
};
use events::{Fact, SessionId, Timestamp, UserEvent, UserId};
use imbl::Vector;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::domain::{Allowance, Verdict, Verified, WrongTries};
use crate::execution::aggregate::{Aggregate, Context, Decision, Touch, View};
use crate::rejection::{Code, Rejection};
use crate::secrets::TokenHash;

/// Sessions that an account has at the same time; one more displaces the oldest.
pub const SESSIONS_LEN_MAX: usize = 100;
/// Ten wrong passwords within a quarter of an hour lock log-in.
pub const LOG_IN_ALLOWANCE: Allowance =
    Allowance { tries_max: 10, window: Duration::from_mins(15) };

/// The aggregate.
#[derive(Debug)]
pub enum User {}

/// An account as far as deciding needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// None until it is registered.
    pub account: Option<Account>,
    /// Live sessions, the oldest first; those that ran out go when another starts.
    sessions: Vector<Session>,
    wrong_tries: WrongTries,
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

    fn session(&self, id: SessionId) -> Option<&Session> {
        self.sessions.iter().find(|session| session.id == id)
    }
}

/// What can be asked of an account.
#[derive(Debug, Clone)]
pub enum Command {
    /// Be there. Commanded by the reservation of its address.
    Register(Register),
    /// Start a session.
    LogIn {
        /// What came of verifying the password.
        verified: Verified,
        /// The session to be.
        session: NewSession,
    },
    /// Replace a session's refresh token.
    Refresh {
        /// The session.
        session: SessionId,
        /// The token that was sent; one of ours, but perhaps used before.
        presented: TokenHash,
        /// The token that replaces it.
        next: TokenHash,
        /// How long that one is good for.
        good_for: Duration,
    },
    /// End a session. Any token that is ours will do, used or not.
    LogOut {
        /// The session.
        session: SessionId,
    },
}

/// An account to be.
#[derive(Debug, Clone)]
pub struct Register {
    /// Its id.
    pub user: UserId,
    /// The address as written.
    pub email: Zeroizing<String>,
    /// The name that others see.
    pub username: Zeroizing<String>,
    /// Argon2id hash of the password, in PHC form.
    pub password: Zeroizing<String>,
}

/// A session to be.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// Its refresh token.
    pub refresh: TokenHash,
    /// How long that one is good for.
    pub good_for: Duration,
}

impl Aggregate for User {
    type Event = UserEvent;
    type Command = Command;
    type State = State;
    type Item = ();

    const SCHEMA: u16 = 1;

    fn needs(_: &Command) -> Vec<Uuid> {
        Vec::new()
    }

    fn touches(_: &UserEvent) -> Option<Touch> {
        None
    }

    fn evolve(state: State, fact: &Fact<UserEvent>) -> State {
        evolve::account(state, fact)
    }

    fn evolve_item(_: Option<()>, _: &Fact<UserEvent>) -> Option<()> {
        None
    }

    fn decide(
        view: &View<'_, Self>,
        context: &Context<'_>,
        command: &Command,
    ) -> Decision<UserEvent> {
        let state = view.state;
        let decided = match command {
            Command::Register(register) => Ok(decide_register(state, register)),
            Command::LogIn { verified, session } => {
                decide_log_in(state, context, *verified, session)
            }
            Command::Refresh { session, presented, next, good_for } => state
                .session(*session)
                .ok_or_else(signed_out)
                .and_then(|session| decide_refresh(session, context, presented, next, *good_for)),
            Command::LogOut { session } => Ok(decide_log_out(state, *session)),
        };
        decided.unwrap_or_else(Decision::Refuse)
    }
}

// Refusals.

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

// Decisions.

fn decide_register(state: &State, register: &Register) -> Decision<UserEvent> {
    if state.account.is_some() {
        return Decision::Accept(Vec::new());
    }
    let personal = |text: &Zeroizing<String>| Personal::plain(register.user, text.as_str());
    let registered = UserRegistered {
        email: personal(&register.email),
        username: personal(&register.username),
        password: personal(&register.password),
    };
    Decision::Accept(vec![registered.into()])
}

fn decide_log_in(
    state: &State,
    context: &Context<'_>,
    verified: Verified,
    session: &NewSession,
) -> Result<Decision<UserEvent>, Rejection> {
    let account = state.account.as_ref().ok_or_else(wrong_credentials)?;
    // Locked is told before right or wrong, or else guessing could go on.
    if let Some(rest) = state.locked_for(context.now) {
        return Err(locked(rest));
    }
    if verified.against != account.password.event {
        return Ok(Decision::Stale);
    }
    if verified.verdict == Verdict::Wrong {
        return Ok(Decision::CountAndRefuse(LogInFailed {}.into(), wrong_credentials()));
    }
    if state.session(session.id).is_some() {
        return Ok(Decision::Accept(Vec::new()));
    }
    let live = state.sessions.iter().filter(|session| session.expires_at > context.now);
    let mut events = Vec::new();
    if let Some(displaced) = displaced(live) {
        let reason = SessionEnd::Displaced;
        events.push(SessionEnded { session: displaced, reason }.into());
    }
    let started = SessionStarted {
        session: session.id,
        refresh: Personal::plain(account.password.sealed.user(), session.refresh.as_str()),
        expires_at: context.now.plus(session.good_for),
    };
    events.push(started.into());
    Ok(Decision::Accept(events))
}

/// The session that has to go for another to come.
fn displaced<'a>(live: impl Iterator<Item = &'a Session> + Clone) -> Option<SessionId> {
    let full = live.clone().count() >= SESSIONS_LEN_MAX;
    live.map(|session| session.id).next().filter(|_| full)
}

fn decide_refresh(
    session: &Session,
    context: &Context<'_>,
    presented: &TokenHash,
    next: &TokenHash,
    good_for: Duration,
) -> Result<Decision<UserEvent>, Rejection> {
    let current =
        session.refresh.open(context.ring, context.stream).map_err(Rejection::unreadable)?;
    let current = current.ok_or_else(signed_out)?;
    if !presented.matches(&current) {
        // A token of ours that was replaced: whoever comes second, thief or owner, ends it.
        let ended = SessionEnded { session: session.id, reason: SessionEnd::RefreshReused };
        return Ok(Decision::CountAndRefuse(ended.into(), signed_out()));
    }
    if session.expires_at <= context.now {
        return Err(signed_out());
    }
    let refreshed = SessionRefreshed {
        session: session.id,
        refresh: Personal::plain(session.refresh.sealed.user(), next.as_str()),
        expires_at: context.now.plus(good_for),
    };
    Ok(Decision::Accept(vec![refreshed.into()]))
}

fn decide_log_out(state: &State, session: SessionId) -> Decision<UserEvent> {
    if state.session(session).is_none() {
        return Decision::Accept(Vec::new());
    }
    Decision::Accept(vec![SessionEnded { session, reason: SessionEnd::LoggedOut }.into()])
}

#[cfg(test)]
mod tests;
