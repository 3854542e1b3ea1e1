//! What events make of an account, and of its contacts.

use events::personal::{Kept, Personal};
use events::{Fact, UserEvent};

use super::{Account, Contact, LOG_IN_ALLOWANCE, OwnWallet, Session, State};
use crate::execution::aggregate::Touch;

pub(super) fn account(mut state: State, fact: &Fact<UserEvent>) -> State {
    let keep = |sealed: &Personal| Kept { sealed: sealed.clone(), event: fact.id };
    match &fact.event {
        UserEvent::UserRegistered(registered) => {
            state.account = Some(Account {
                email: keep(&registered.email),
                username: keep(&registered.username),
                password: keep(&registered.password),
            });
        }
        UserEvent::ProfileChanged(changed) => {
            if let Some(account) = &mut state.account {
                set(&mut account.email, changed.email.as_ref().map(keep));
                set(&mut account.username, changed.username.as_ref().map(keep));
            }
        }
        UserEvent::PasswordChanged(changed) => {
            if let Some(account) = &mut state.account {
                account.password = keep(&changed.password);
            }
        }
        UserEvent::SessionStarted(started) => {
            state.sessions.retain(|session| session.expires_at > fact.at);
            state.sessions.push_back(Session {
                id: started.session,
                refresh: keep(&started.refresh),
                expires_at: started.expires_at,
            });
        }
        UserEvent::SessionRefreshed(refreshed) => {
            let mut sessions = state.sessions.iter_mut();
            if let Some(session) = sessions.find(|session| session.id == refreshed.session) {
                session.refresh = keep(&refreshed.refresh);
                session.expires_at = refreshed.expires_at;
            }
        }
        UserEvent::SessionEnded(ended) => {
            state.sessions.retain(|session| session.id != ended.session);
        }
        UserEvent::LogInFailed(_) => {
            state.wrong_tries.count(fact.at, LOG_IN_ALLOWANCE);
        }
        UserEvent::ContactAdded(_) => state.contacts += 1,
        UserEvent::ContactRemoved(_) => state.contacts = state.contacts.saturating_sub(1),
        UserEvent::UserDeleted(_) => {
            let deleted = state.account.map(|account| account.email).or(state.deleted);
            state = State { deleted, ..State::default() };
        }
        UserEvent::PersonalWalletOpened(opened) => {
            let wallet = OwnWallet { id: opened.wallet, currency: opened.currency };
            state.wallets.push_back(wallet);
        }
        UserEvent::PersonalWalletClosed(closed) => {
            state.wallets.retain(|wallet| wallet.id != closed.wallet);
        }
        UserEvent::CommandSettled(_) => {}
    }
    state
}

fn set(field: &mut Kept, new: Option<Kept>) {
    if let Some(new) = new {
        *field = new;
    }
}

pub(super) fn touches(event: &UserEvent) -> Option<Touch> {
    match event {
        UserEvent::ContactAdded(added) => Some(Touch::Creates(added.contact.0)),
        UserEvent::ContactRemoved(removed) => Some(Touch::Changes(removed.contact.0)),
        _ => None,
    }
}

pub(super) fn contact(contact: Option<Contact>, fact: &Fact<UserEvent>) -> Option<Contact> {
    match &fact.event {
        UserEvent::ContactAdded(_) => Some(Contact { removed: false }),
        UserEvent::ContactRemoved(_) => Some(Contact { removed: true }),
        _ => contact,
    }
}
