//! Streams of accounts.

use events::email;
use events::feed::FeedKind;
use events::personal::{KeyRing, Personal};
use events::user::{ProfileChanged, SessionEnded, UserRegistered};
use events::{EventId, Fact, UserEvent, UserId};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Refused, open};
use crate::decode::Item;
use crate::feed::FeedRow;
use crate::messenger::changes::{Address, Changes, Contact, EndedSession};

pub(super) struct UserContext<'c, 'a> {
    pub(super) changes: &'c mut Changes<'a>,
    pub(super) user: Uuid,
    pub(super) position: i64,
    pub(super) us: i64,
}

impl UserContext<'_, '_> {
    pub(super) fn fold(
        self,
        item: &Item,
        fact: &Fact<UserEvent>,
        ring: &KeyRing,
    ) -> Result<(), Refused> {
        match &fact.event {
            UserEvent::UserRegistered(event) => self.registered(item, fact.id, event, ring),
            UserEvent::ProfileChanged(event) => self.profile_changed(item, fact.id, event, ring),
            UserEvent::UserDeleted(_) => {
                self.deleted();
                Ok(())
            }
            UserEvent::ContactAdded(event) => {
                let contact = Contact { us: self.us, position: self.position };
                self.contact(event.contact, Some(contact));
                Ok(())
            }
            UserEvent::ContactRemoved(event) => {
                self.contact(event.contact, None);
                Ok(())
            }
            UserEvent::SessionEnded(event) => {
                self.session_ended(event);
                Ok(())
            }
            UserEvent::SessionStarted(_)
            | UserEvent::SessionRefreshed(_)
            | UserEvent::LogInFailed(_)
            | UserEvent::PasswordChanged(_)
            | UserEvent::PersonalWalletOpened(_)
            | UserEvent::PersonalWalletClosed(_)
            | UserEvent::CommandSettled(_) => Ok(()),
        }
    }

    fn registered(
        self,
        item: &Item,
        event: EventId,
        registered: &UserRegistered,
        ring: &KeyRing,
    ) -> Result<(), Refused> {
        let UserRegistered { email, username, .. } = registered;
        let names = Names::open(Some(username), Some(email), item, event, ring)?;
        self.changes.users.entry(self.user).or_default().created_us = Some(self.us);
        self.name(names);
        Ok(())
    }

    fn profile_changed(
        self,
        item: &Item,
        event: EventId,
        changed: &ProfileChanged,
        ring: &KeyRing,
    ) -> Result<(), Refused> {
        let ProfileChanged { email, username } = changed;
        let names = Names::open(username.as_ref(), email.as_ref(), item, event, ring)?;
        self.name(names);
        Ok(())
    }

    fn name(self, names: Names) {
        let change = self.changes.users.entry(self.user).or_default();
        if names.erased {
            change.end();
        } else if !change.gone {
            change.username = names.username.or(change.username.take());
            change.email = names.email.or(change.email.take());
        }
        self.feed(FeedKind::Changed, None);
    }

    fn deleted(self) {
        self.changes.users.entry(self.user).or_default().end();
        self.feed(FeedKind::Changed, None);
    }

    fn contact(self, contact: UserId, what: Option<Contact>) {
        self.changes.contacts.insert((self.user, contact.0), what);
        self.feed(FeedKind::Changed, None);
    }

    fn session_ended(self, event: &SessionEnded) {
        let (session, user, us) = (event.session.0, self.user, self.us);
        // Once ended, a session stays as it ended first.
        self.changes.ended_sessions.entry(session).or_insert(EndedSession { user, us });
        self.feed(FeedKind::SessionEnded, Some(session));
    }

    fn feed(self, kind: FeedKind, reference: Option<Uuid>) {
        let (entity, position, at_us) = (self.user, self.position, self.us);
        self.changes.feed.push(FeedRow { entity, position, kind, reference, at_us });
    }
}

/// Names in clear, those that an event tells; or that they were erased since.
struct Names {
    username: Option<Zeroizing<String>>,
    email: Option<Address>,
    erased: bool,
}

impl Names {
    fn open(
        username: Option<&Personal>,
        email: Option<&Personal>,
        item: &Item,
        event: EventId,
        ring: &KeyRing,
    ) -> Result<Self, Refused> {
        let open =
            |text: Option<&Personal>| text.map(|text| open(text, item, event, ring)).transpose();
        let (username, email) = (open(username)?, open(email)?);
        let erased = username == Some(None) || email == Some(None);
        let address = |written: Zeroizing<String>| Address {
            key: email::normalise(&written).map(Zeroizing::new),
            written,
        };
        Ok(Self { username: username.flatten(), email: email.flatten().map(address), erased })
    }
}
