//! `updateProfile`: a name, the same address in another spelling, or another address.

use events::LogPosition;
use events::StreamName;
use events::hashing::EmailHash;
use events::personal::KeyRing;
use zeroize::Zeroizing;

use super::addresses::overtaken;
use super::derived::undecodable;
use super::origin::Origin;
use super::{CommandService, VERIFICATIONS_MAX, lost_race};
use crate::bus::{Done, Outcome, Viewer};
use crate::domain::email::{self, AddressChange, Email};
use crate::domain::user::{self, ChangeProfile, Respelled, User};
use crate::execution::Refused;
use crate::parse::{EmailAddress, Username};
use crate::rejection::{Code, Rejection};

/// The input of `updateProfile`.
pub(super) struct NewProfile {
    pub(super) email: Option<String>,
    pub(super) username: Option<String>,
}

struct ParsedProfile {
    email: Option<EmailAddress>,
    username: Option<Username>,
}

impl NewProfile {
    fn parse(&self) -> Result<ParsedProfile, Rejection> {
        let email = self.email.as_deref().map(EmailAddress::parse).transpose()?;
        let username = self.username.as_deref().map(Username::parse).transpose()?;
        Ok(ParsedProfile { email, username })
    }
}

/// An exchange of addresses, put to the stream of the new one.
struct Move {
    to: StreamName,
    from: StreamName,
    exchange: email::Exchange,
}

impl CommandService {
    pub(super) async fn update_profile(
        &self,
        origin: &Origin,
        viewer: Viewer,
        new: NewProfile,
    ) -> Result<Done, Rejection> {
        let parsed = self.parsed(origin, new.parse()).await?;
        for _ in 0..VERIFICATIONS_MAX {
            match self.try_to_update(origin, viewer, &parsed).await {
                Ok(position) => {
                    let outcome = Outcome::User(viewer.user);
                    return Ok(Done { id: origin.id, position, outcome });
                }
                Err(Refused::Rejection(rejection)) => return Err(rejection),
                Err(Refused::Stale) => {}
            }
        }
        Err(lost_race())
    }

    async fn try_to_update(
        &self,
        origin: &Origin,
        viewer: Viewer,
        new: &ParsedProfile,
    ) -> Result<LogPosition, Refused> {
        let own = StreamName::user(viewer.user);
        let state = self.execution.peek::<User>(&own, &[]).await?.state;
        let account = state.signed_in(viewer.session, self.now())?;
        let ring = self.ring(viewer.user).await?;
        let replaces = self.address_of(account, &ring, &own)?;
        if let Some(email) = &new.email
            && let Some(to) = self.other_address(origin, &own, &replaces, email).await?
        {
            let exchange = email::Exchange {
                user: viewer.user,
                email: email.clone(),
                username: new.username.clone(),
                replaces: replaces.clone(),
                since: account.email.event,
            };
            let from = StreamName::email(&replaces);
            return self.move_address(origin, ring, Move { to, from, exchange }).await;
        }
        let respelled = |email: &EmailAddress| Respelled {
            text: Zeroizing::new(email.as_written().to_owned()),
            against: account.email.event,
        };
        let change = ChangeProfile {
            session: viewer.session,
            email: new.email.as_ref().map(respelled),
            username: new.username.clone(),
        };
        let command = user::Command::ChangeProfile(change);
        let run = self.run_claimed::<User>(origin, &own, Vec::new(), ring, command).await;
        Ok(run?.position)
    }

    /// The stream of the address if it is another one than the account's. A repeat goes where
    /// the first try went, whichever address the account has by now.
    async fn other_address(
        &self,
        origin: &Origin,
        own: &StreamName,
        current: &EmailHash,
        email: &EmailAddress,
    ) -> Result<Option<StreamName>, Rejection> {
        let hash = self.hash_key.email(email.normalised());
        let stream = StreamName::email(&hash);
        let is_other = match self.first_try(origin).await? {
            Some(claim) => claim.stream != *own,
            None => hash != *current,
        };
        Ok(is_other.then_some(stream))
    }

    async fn move_address(
        &self,
        origin: &Origin,
        ring: KeyRing,
        Move { to, from, exchange }: Move,
    ) -> Result<LogPosition, Refused> {
        // What an earlier change has left unfinished comes first: it may hold this very address.
        self.finish_held(&from).await?;
        let command = email::Command::Exchange(exchange);
        let run = self.run_claimed::<Email>(origin, &to, Vec::new(), ring, command).await;
        let settled = match run {
            Err(Refused::Rejection(rejection)) if rejection.code == Code::Conflict => {
                self.finish_held(&to).await?;
                return Err(Refused::Stale);
            }
            run => run?,
        };
        let reserved = self.event_at(settled.position).await?;
        let change = AddressChange::of(&reserved).map_err(|error| undecodable(&error))?;
        let change = change.ok_or_else(Rejection::internal)?;
        Ok(self.finish_change(&change).await?.ok_or_else(overtaken)?)
    }
}
