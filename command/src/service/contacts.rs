//! `addContact` and `removeContact`.

use events::codec;
use events::personal::KeyRing;
use events::{LogPosition, StreamName, UserEvent, UserId};

use super::derived::undecodable;
use super::origin::Origin;
use super::{CommandService, done, refused};
use crate::bus::{Done, Outcome, Viewer};
use crate::domain::email::Email;
use crate::domain::user::{self, User};
use crate::execution::Settled;
use crate::parse::{self, EmailAddress};
use crate::rejection::Rejection;

impl CommandService {
    pub(super) async fn add_contact(
        &self,
        origin: &Origin,
        viewer: Viewer,
        email: &str,
    ) -> Result<Done, Rejection> {
        let email = self.parsed(origin, EmailAddress::parse(email)).await?;
        let contact = self.holder_of(&email).await?;
        let command = user::Command::AddContact { session: viewer.session, contact };
        let settled = self.run_own(origin, viewer, command).await?;
        // The address of a first try may lead to somebody else by now.
        let contact = match contact {
            Some(contact) if !settled.repeated => contact,
            _ => self.contact_added_at(settled.position).await?,
        };
        Ok(done(origin, &settled, Outcome::User(contact)))
    }

    pub(super) async fn remove_contact(
        &self,
        origin: &Origin,
        viewer: Viewer,
        contact: &str,
    ) -> Result<Done, Rejection> {
        let contact = self.parsed(origin, parse::thing(contact)).await?;
        let command = user::Command::RemoveContact { session: viewer.session, contact };
        Ok(done(origin, &self.run_own(origin, viewer, command).await?, Outcome::Nothing))
    }

    /// Whose address it is, if it is that of an account.
    async fn holder_of(&self, email: &EmailAddress) -> Result<Option<UserId>, Rejection> {
        let stream = StreamName::email(&self.hash_key.email(email.normalised()));
        let held = self.execution.peek::<Email>(&stream, &[]).await?.state;
        let Some(holder) = held.holder else { return Ok(None) };
        let state = self.execution.peek::<User>(&StreamName::user(holder), &[]).await?.state;
        Ok(state.account.map(|_| holder))
    }

    async fn contact_added_at(&self, position: LogPosition) -> Result<UserId, Rejection> {
        let event = self.event_at(position).await?;
        let fact = codec::decode::<UserEvent>(&event).map_err(|error| undecodable(&error))?;
        match fact.event {
            UserEvent::ContactAdded(added) => Ok(added.contact),
            _ => Err(Rejection::internal()),
        }
    }

    async fn run_own(
        &self,
        origin: &Origin,
        viewer: Viewer,
        command: user::Command,
    ) -> Result<Settled, Rejection> {
        let (stream, ring) = (StreamName::user(viewer.user), KeyRing::new());
        let run = self.run_claimed::<User>(origin, &stream, Vec::new(), ring, command).await;
        run.map_err(refused)
    }
}
