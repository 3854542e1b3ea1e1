//! Logging in and out, and refreshing a session.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use events::{Actor, CommandId, LogPosition, SessionId, StreamName, UserId};
use zeroize::Zeroizing;

use super::accounts::unreadable;
use super::{CommandService, VERIFICATIONS_MAX, lost_race, refused};
use crate::bus::{Done, Outcome, SessionGrant};
use crate::domain::email::Email;
use crate::domain::user::{self, NewSession, User};
use crate::domain::{Verdict, Verified};
use crate::execution::{Ask, Policy, Refused, Settled};
use crate::parse::{EmailAddress, PasswordTry};
use crate::rejection::Rejection;
use crate::secrets::RefreshToken;

/// Refused log-ins are answered a multiple of this time after they came.
const REFUSAL_STEP_MS: u64 = 100;

/// A password that shall start a session.
pub(super) struct Trial {
    pub(super) known: Known,
    pub(super) tried: PasswordTry,
}

/// What is known of a password beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// This command has set it.
    JustSet,
    /// Somebody tries it.
    Tried,
}

/// A session that has begun.
pub(super) struct Started {
    pub(super) grant: SessionGrant,
    pub(super) position: LogPosition,
}

impl CommandService {
    pub(super) async fn log_in(
        &self,
        trace_parent: Option<String>,
        client: Option<IpAddr>,
        email: &str,
        password: &str,
    ) -> Result<Done, Rejection> {
        let email = EmailAddress::parse(email)?;
        self.admit_sign_in(client)?;
        let (since, tried) = (Instant::now(), PasswordTry::new(password));
        let answer = self.log_in_with(trace_parent, &email, tried).await;
        if answer.is_err() {
            level(since).await;
        }
        answer
    }

    async fn log_in_with(
        &self,
        trace_parent: Option<String>,
        email: &EmailAddress,
        tried: PasswordTry,
    ) -> Result<Done, Rejection> {
        let hash = self.hash_key.email(email.normalised());
        let stream = StreamName::email(&hash);
        let held = self.execution.peek::<Email>(&stream, &[]).await?;
        let Some(user) = held.state.holder else {
            return Err(self.turn_away(&hash, tried).await);
        };
        if !self.is_open(user).await? {
            // The node that reserved the address died before it registered the account; or the
            // account is over, and the address not released yet.
            self.follow_up(&stream).await?;
            if !self.is_open(user).await? {
                return Err(self.turn_away(&hash, tried).await);
            }
        }
        let trial = Trial { known: Known::Tried, tried };
        let started = self.start_session(user, trial, trace_parent).await?;
        let outcome = Outcome::Session(started.grant);
        Ok(Done { id: CommandId::generate(), position: started.position, outcome })
    }

    async fn is_open(&self, user: UserId) -> Result<bool, Rejection> {
        let peek = self.execution.peek::<User>(&StreamName::user(user), &[]).await?;
        Ok(peek.state.account.is_some())
    }

    /// Nobody has this address: refused after the same work, and as often, as if somebody had.
    async fn turn_away(&self, hash: &events::hashing::EmailHash, tried: PasswordTry) -> Rejection {
        if let Some(rest) = self.strangers.locked_for(hash, self.now()) {
            return user::locked(rest);
        }
        match self.hasher.run(move |argon| argon.verify(&tried, None)).await {
            Ok(_) => {
                self.strangers.count(hash, self.now());
                user::wrong_credentials()
            }
            Err(overloaded) => overloaded,
        }
    }

    /// Starts a session if the password is the one.
    pub(super) async fn start_session(
        &self,
        user: UserId,
        trial: Trial,
        trace_parent: Option<String>,
    ) -> Result<Started, Rejection> {
        let stream = StreamName::user(user);
        let mut known = trial.known;
        for _ in 0..VERIFICATIONS_MAX {
            let state = self.execution.peek::<User>(&stream, &[]).await?.state;
            let account = state.account.as_ref().ok_or_else(user::wrong_credentials)?;
            if let Some(rest) = state.locked_for(self.now()) {
                return Err(user::locked(rest));
            }
            let ring = self.ring(user).await?;
            let phc = account.password.open(&ring, &stream).map_err(unreadable)?;
            let verdict = match known {
                Known::JustSet => Verdict::Right,
                Known::Tried => self.verify(trial.tried.clone(), phc).await?,
            };
            let token = RefreshToken::generate(&self.hash_key, user, SessionId::generate());
            let session = NewSession {
                id: token.session,
                refresh: token.hash(),
                good_for: self.refresh_good_for,
            };
            let verified = Verified { against: account.password.event, verdict };
            let command = user::Command::LogIn { verified, session };
            match self.run_for_user(user, ring, trace_parent.clone(), command).await {
                Ok(Settled { position, .. }) => {
                    return Ok(Started { grant: grant(&token), position });
                }
                Err(Refused::Rejection(rejection)) => return Err(rejection),
                Err(Refused::Stale) => known = Known::Tried,
            }
        }
        Err(lost_race())
    }

    /// Verifies a password off the async threads; no hash is wrong after the same time.
    pub(super) async fn verify(
        &self,
        tried: PasswordTry,
        phc: Option<Zeroizing<String>>,
    ) -> Result<Verdict, Rejection> {
        let phc = phc.map(|phc| phc.to_string());
        self.hasher.run(move |argon| argon.verify(&tried, phc.as_deref())).await
    }

    pub(super) async fn refresh_session(
        &self,
        trace_parent: Option<String>,
        token: &str,
    ) -> Result<Done, Rejection> {
        let token = RefreshToken::parse(&self.hash_key, token).ok_or_else(user::signed_out)?;
        let next = RefreshToken::generate(&self.hash_key, token.user, token.session);
        let command = user::Command::Refresh {
            session: token.session,
            presented: token.hash(),
            next: next.hash(),
            good_for: self.refresh_good_for,
        };
        let ring = self.ring(token.user).await?;
        let run = self.run_for_user(token.user, ring, trace_parent, command).await;
        let Settled { position, .. } = run.map_err(refused)?;
        let outcome = Outcome::Session(grant(&next));
        Ok(Done { id: CommandId::generate(), position, outcome })
    }

    pub(super) async fn log_out(
        &self,
        trace_parent: Option<String>,
        token: &str,
    ) -> Result<Done, Rejection> {
        let token = RefreshToken::parse(&self.hash_key, token).ok_or_else(user::signed_out)?;
        let command = user::Command::LogOut { session: token.session };
        let ring = events::personal::KeyRing::new();
        let run = self.run_for_user(token.user, ring, trace_parent, command).await;
        let Settled { position, .. } = run.map_err(refused)?;
        Ok(Done { id: CommandId::generate(), position, outcome: Outcome::Nothing })
    }

    /// Puts a command without a client's id to an account: each time it is a new one.
    async fn run_for_user(
        &self,
        user: UserId,
        ring: events::personal::KeyRing,
        trace_parent: Option<String>,
        command: user::Command,
    ) -> Result<Settled, Refused> {
        let id = CommandId::generate();
        let ask = Ask::<User> {
            id,
            correlation: id,
            actor: Actor::User(user),
            policy: Policy::Natural,
            ring,
            cause_at: None,
            trace_parent,
            fresh_id: CommandId::generate(),
            command,
        };
        self.execution.run(&StreamName::user(user), ask).await
    }
}

/// Waits until a whole number of steps has passed. A wrong password is written down and an
/// unknown address is not; the time until the refusal must not tell one from the other.
async fn level(since: Instant) {
    let step = Duration::from_millis(REFUSAL_STEP_MS);
    let mut at = since + step;
    while at < Instant::now() {
        at += step;
    }
    tokio::time::sleep_until(at.into()).await;
}

fn grant(token: &RefreshToken) -> SessionGrant {
    SessionGrant { user: token.user, session: token.session, refresh_token: token.text() }
}
