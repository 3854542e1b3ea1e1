//! Accounts: the address reserved, the account registered under the user's own key.

use anyhow::Context;
use command::domain::email::Registration;
use command::parse::EmailAddress;
use events::email::{EmailReserved, Registration as Registered};
use events::hashing::HashKey;
use events::personal::{KeyRing, KeyState, Personal};
use events::user::{ContactAdded, UserRegistered};
use events::{
    Actor, Append, CommandId, EmailEvent, Expected, StreamName, Timestamp, UserEvent, UserId,
};
use futures::stream::{self, StreamExt, TryStreamExt};
use zeroize::Zeroizing;

use super::plan::Plan;
use super::words;
use super::writer::{Cause, Writer, event};
use crate::postgres::Vault;

/// Users whose keys are made at once.
const KEYS_LEN: usize = 500;
/// Accounts under way at the same time.
const ACCOUNTS_MAX: usize = 256;
/// Contacts of a user.
const CONTACTS_LEN_MAX: usize = 6;

/// What all accounts share.
pub(super) struct People<'a> {
    pub(super) plan: &'a Plan,
    pub(super) writer: &'a Writer,
    pub(super) vault: &'a Vault,
    pub(super) hash_key: &'a HashKey,
    /// Argon2id hash of the one password, in PHC form.
    pub(super) password: Zeroizing<String>,
}

struct Account {
    id: UserId,
    address: EmailAddress,
    stream: StreamName,
    email: String,
    name: String,
    at: Timestamp,
    contacts: Vec<UserId>,
}

impl People<'_> {
    /// Signs everybody up; `done` hears of each.
    pub(super) async fn write(&self, done: impl Fn(u64)) -> anyhow::Result<()> {
        let numbers: Vec<usize> = (0..self.plan.size.users).collect();
        for some in numbers.chunks(KEYS_LEN) {
            let users: Vec<UserId> = some.iter().map(|number| self.plan.user(*number)).collect();
            let ring = self.vault.create_missing(&users).await?;
            let accounts = stream::iter(some.iter().map(|number| self.sign_up(*number, &ring)));
            accounts.buffer_unordered(ACCOUNTS_MAX).try_for_each(async |()| Ok(())).await?;
            done(some.len() as u64);
        }
        Ok(())
    }

    /// The stream that tells when an earlier run began.
    pub(super) fn first_stream(plan: &Plan, hash_key: &HashKey) -> anyhow::Result<StreamName> {
        let address = EmailAddress::parse(&plan.email(0)).context("an address of ours")?;
        Ok(StreamName::email(&hash_key.email(address.normalised())))
    }

    async fn sign_up(&self, number: usize, ring: &KeyRing) -> anyhow::Result<()> {
        let account = self.account(number)?;
        if !matches!(ring.get(&account.id), Some(KeyState::Live(_))) {
            // Deleted since an earlier run: nothing of it can be written any more.
            return Ok(());
        }
        let first = |stream: &StreamName, events| Append {
            stream: stream.clone(),
            expected: Expected::NoStream,
            events,
        };
        let email = StreamName::email(&self.hash_key.email(account.address.normalised()));
        let reserved = self.reserved(&account, &email, ring)?;
        if !self.writer.append(first(&email, vec![reserved])).await? {
            return Ok(());
        }
        let events = self.registered(&account, ring)?;
        self.writer.append(first(&account.stream, events)).await.map(drop)
    }

    fn account(&self, number: usize) -> anyhow::Result<Account> {
        let (plan, mut dice) = (self.plan, self.plan.dice(b"person", number));
        let (id, email) = (plan.user(number), plan.email(number));
        let address = EmailAddress::parse(&email).context("an address of ours")?;
        let name = words::name(&mut dice);
        let mut contacts: Vec<usize> = (0..dice.below(CONTACTS_LEN_MAX + 1))
            .map(|_| dice.below(plan.size.users))
            .filter(|contact| *contact != number)
            .collect();
        contacts.sort_unstable();
        contacts.dedup();
        let contacts = contacts.into_iter().map(|contact| plan.user(contact)).collect();
        let (stream, at) = (StreamName::user(id), plan.signed_up_at(number));
        Ok(Account { id, address, stream, email, name, at, contacts })
    }

    fn reserved(
        &self,
        account: &Account,
        stream: &StreamName,
        ring: &KeyRing,
    ) -> anyhow::Result<events::NewEvent> {
        let Account { id: user, address, email, name, at, .. } = account;
        let registration = Registered {
            email: Personal::plain(*user, email),
            username: Personal::plain(*user, name),
            password: Personal::plain(*user, self.password.as_str()),
        };
        let (user, command) = (*user, CommandId(user.0));
        let reserved =
            EmailReserved { user, registration: Some(Box::new(registration)), change: None };
        let actor = Actor::Email(self.hash_key.email(address.normalised()));
        let cause = Cause { actor, command, correlation: command, at: *at };
        Ok(event(EmailEvent::from(reserved), stream, cause, ring)?)
    }

    fn registered(
        &self,
        account: &Account,
        ring: &KeyRing,
    ) -> anyhow::Result<Vec<events::NewEvent>> {
        let Account { id: user, stream, email, name, at, contacts, .. } = account;
        let sign_up = CommandId(user.0);
        let registered = UserRegistered {
            email: Personal::plain(*user, email),
            username: Personal::plain(*user, name),
            password: Personal::plain(*user, self.password.as_str()),
        };
        // As the process manager would: it finds the account there.
        let command = Registration::command_id(sign_up);
        let cause = Cause { actor: Actor::System, command, correlation: sign_up, at: *at };
        let mut events = vec![event(UserEvent::from(registered), stream, cause, ring)?];
        for contact in contacts {
            let command = sign_up.derived(&contact.to_string());
            let cause = Cause { actor: Actor::User(*user), command, correlation: command, at: *at };
            let added = UserEvent::from(ContactAdded { contact: *contact });
            events.push(event(added, stream, cause, ring)?);
        }
        Ok(events)
    }
}
