//! What events make of an account.

use events::personal::{Kept, Personal};
use events::{Fact, UserEvent};

use super::{Account, LOG_IN_ALLOWANCE, Session, State};

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
        UserEvent::ProfileChanged(_)
        | UserEvent::PasswordChanged(_)
        | UserEvent::ContactAdded(_)
        | UserEvent::ContactRemoved(_)
        | UserEvent::UserDeleted(_)
        | UserEvent::CommandSettled(_) => {}
    }
    state
}
