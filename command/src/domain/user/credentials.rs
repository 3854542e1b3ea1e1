//! What takes the current password: another one, and the end of the account.

use events::personal::Personal;
use events::user::{PasswordChanged, SessionEnd, UserDeleted};
use events::{SessionId, WalletId};

use super::sessions::{check_password, ended, live};
use super::wallets::all_handled;
use super::{ChangePassword, Decided, SESSIONS_LEN_MAX, State};
use crate::domain::Verified;
use crate::execution::aggregate::{Context, Decision};

// All sessions end in one append, which the log bounds.
const _: () = assert!(SESSIONS_LEN_MAX < events::log::APPEND_EVENTS_MAX);

pub(super) fn change_password(
    state: &State,
    context: &Context<'_>,
    change: &ChangePassword,
) -> Decided {
    let account = state.signed_in(change.session, context.now)?;
    if let Some(not_let_in) = check_password(state, context.now, change.verified)? {
        return Ok(not_let_in);
    }
    let user = account.password.sealed.user();
    let changed = PasswordChanged { password: Personal::plain(user, change.password.as_str()) };
    let others = live(state, context.now).filter(|session| *session != change.session);
    let mut events = vec![changed.into()];
    events.extend(others.map(|session| ended(session, SessionEnd::PasswordChanged)));
    Ok(Decision::Accept(events))
}

pub(super) fn delete(
    state: &State,
    context: &Context<'_>,
    session: SessionId,
    verified: Verified,
    handled: &[WalletId],
) -> Decided {
    state.signed_in(session, context.now)?;
    if let Some(not_let_in) = check_password(state, context.now, verified)? {
        return Ok(not_let_in);
    }
    all_handled(state, handled)?;
    let sessions = live(state, context.now);
    let mut events: Vec<_> =
        sessions.map(|session| ended(session, SessionEnd::AccountDeleted)).collect();
    // Last, so that the command's position is that of the account's end.
    events.push(UserDeleted {}.into());
    Ok(Decision::Accept(events))
}
