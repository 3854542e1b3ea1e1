//! Signing up. It commits with the reservation of the address; the account follows from that,
//! here or, after a crash, by whoever calls [`CommandService::follow_up`].

use std::net::IpAddr;

use events::personal::{KeyRing, KeyState};
use events::{Actor, CommandId, StreamName, UserId};

use super::origin::Origin;
use super::sessions::{Known, Trial};
use super::{CommandService, keys_unavailable, refused};
use crate::bus::{Done, Outcome, Secret};
use crate::domain::email::{self, Email, Registration};
use crate::domain::user::{self, User};
use crate::execution::{Ask, Policy};
use crate::parse::{EmailAddress, Password, PasswordTry, Username};
use crate::process::Work;
use crate::rejection::{Code, Rejection};

/// The service's name is among the words that a guesser tries first.
pub(super) const SERVICE_NAME: &str = "moim";

/// The input of `signUp`.
pub(super) struct NewAccount {
    pub(super) email: String,
    pub(super) username: String,
    pub(super) password: Secret,
}

impl CommandService {
    pub(super) async fn sign_up(
        &self,
        id: Option<&str>,
        trace_parent: Option<String>,
        client: Option<IpAddr>,
        new: NewAccount,
    ) -> Result<Done, Rejection> {
        let email = EmailAddress::parse(&new.email)?;
        let hash = self.hash_key.email(email.normalised());
        let stream = StreamName::email(&hash);
        let input_hash = self.input_hash(&("signUp", email.normalised(), &new.username));
        let origin = Origin::new(id, Actor::Email(hash), input_hash, trace_parent)?;
        let username = self.parsed(&origin, Username::parse(&new.username)).await?;
        let tried = PasswordTry::new(&new.password);
        let known = match self.accept_password(&email, &username, new.password).await? {
            Ok(password) => {
                self.admit_sign_in(client)?;
                let password = self.hasher.run(move |argon| argon.hash(password.expose()));
                let password = password.await??;
                let user = UserId(origin.id.0);
                let sign_up = email::SignUp { user, email, username, password };
                self.reserve(&origin, &stream, sign_up).await?
            }
            Err(weak) => self.repeat_with_weak(&origin, &stream, weak).await?,
        };
        self.open_account(&origin, &stream, Trial { known, tried }).await
    }

    /// The password, or why it is none.
    async fn accept_password(
        &self,
        email: &EmailAddress,
        username: &Username,
        password: Secret,
    ) -> Result<Result<Password, Rejection>, Rejection> {
        let (address, name) = (email.as_written().to_owned(), username.as_str().to_owned());
        self.hasher
            .run(move |_| {
                let local = address.rsplit_once('@').map_or("", |(local, _)| local);
                let about = [address.as_str(), local, name.as_str(), SERVICE_NAME];
                Password::parse(&password, &about)
            })
            .await
    }

    /// Commits to the account. The key that its personal data is sealed under is there before.
    async fn reserve(
        &self,
        origin: &Origin,
        stream: &StreamName,
        sign_up: email::SignUp,
    ) -> Result<Known, Rejection> {
        let user = sign_up.user;
        let held = self.execution.peek::<Email>(stream, &[]).await?;
        let ring = match held.state.holder {
            // The address is somebody's: no key is made for an account that won't be.
            Some(holder) if holder != user => KeyRing::new(),
            _ => {
                let key = self
                    .keys
                    .get_or_create(user)
                    .await
                    .map_err(|error| keys_unavailable(&error))?;
                KeyRing::from([(user, key)])
            }
        };
        let command = email::Command::SignUp(sign_up);
        let run = self.run_claimed::<Email>(origin, stream, Vec::new(), ring, command).await;
        let settled = run.map_err(refused)?;
        Ok(if settled.repeated { Known::Tried } else { Known::JustSet })
    }

    /// A password that can't be set may still come with a repeat: it is then a wrong one.
    async fn repeat_with_weak(
        &self,
        origin: &Origin,
        stream: &StreamName,
        weak: Rejection,
    ) -> Result<Known, Rejection> {
        let refused = self.refuse_early(origin, weak).await;
        let held = self.execution.peek::<Email>(stream, &[]).await?;
        let is_repeat = held.state.holder == Some(UserId(origin.id.0));
        if refused.code == Code::InvalidInput && is_repeat {
            Ok(Known::Tried)
        } else {
            Err(refused)
        }
    }

    async fn open_account(
        &self,
        origin: &Origin,
        stream: &StreamName,
        trial: Trial,
    ) -> Result<Done, Rejection> {
        let user = UserId(origin.id.0);
        let held = self.execution.peek::<Email>(stream, &[]).await?;
        let registration = held.state.registration.filter(|registration| registration.user == user);
        // The account of an earlier sign-up may be gone again.
        let gone = || Rejection::new(Code::NotFound, "This account is no longer there.");
        self.register(stream, &registration.ok_or_else(gone)?).await?;
        let started = self.start_session(user, trial, origin.trace_parent.clone()).await?;
        let outcome = Outcome::Session(started.grant);
        Ok(Done { id: origin.id, position: started.position, outcome })
    }

    /// Finishes what an event has called for; nothing if that is done. The process manager calls
    /// it for what the node may have left that did it.
    pub async fn finish(&self, work: Work) -> Result<(), Rejection> {
        match work {
            Work::Registration(stream) => self.follow_up(&stream).await,
            Work::AddressChange(change) => self.finish_change(&change).await.map(drop),
            Work::Deletion(deletion) => self.finish_deletion(&deletion).await.map(drop),
            Work::Departure(departure) => self.depart(&departure).await.map(drop),
            Work::Leaving(leaving) => self.finish_leaving(&leaving).await.map(drop),
            Work::Opening(opening) => self.finish_opening(&opening).await.map(drop),
            Work::Closing(closing) => self.finish_closing(&closing).await.map(drop),
            Work::Debit(debit) => self.finish_debit(&debit).await.map(drop),
            Work::Hold(hold) => self.finish_hold(&hold).await,
            Work::Due(due) => self.finish_due(due).await,
            Work::Notice(notice) => self.finish_notice(&notice).await,
        }
    }

    /// Finishes what a sign-up commits to on the stream of an address; nothing if that is done.
    pub async fn follow_up(&self, stream: &StreamName) -> Result<(), Rejection> {
        let held = self.execution.peek::<Email>(stream, &[]).await?;
        match held.state.registration {
            Some(registration) => self.register(stream, &registration).await,
            None => Ok(()),
        }
    }

    /// Registers the account, unless it is there or its key is destroyed.
    async fn register(
        &self,
        stream: &StreamName,
        registration: &Registration,
    ) -> Result<(), Rejection> {
        let user = registration.user;
        let ring = self.ring(user).await?;
        let register = registration.open(&ring, stream).map_err(unreadable)?;
        let (Some(register), Some(KeyState::Live(_))) = (register, ring.get(&user)) else {
            return Ok(());
        };
        let sign_up = CommandId(user.0);
        let ask = Ask::<User> {
            id: Registration::command_id(sign_up),
            correlation: sign_up,
            actor: Actor::System,
            policy: Policy::Natural,
            ring,
            cause_at: Some(registration.at),
            trace_parent: None,
            fresh_id: CommandId::generate(),
            command: user::Command::Register(register),
        };
        self.execution.run(&StreamName::user(user), ask).await.map_err(refused)?;
        Ok(())
    }
}

/// A sealed text can't be opened, although its event is there.
pub(super) fn unreadable(error: events::personal::OpenError) -> Rejection {
    tracing::error!(%error, "a sealed text of an account can't be opened");
    Rejection::unreadable(error)
}
