//! Log-ins, and the sessions that they start.

use std::time::Duration;

use events::personal::Personal;
use events::user::{LogInFailed, SessionEnd, SessionEnded, SessionRefreshed, SessionStarted};
use events::{SessionId, Timestamp, UserEvent};

use super::{
    Decided, NewSession, SESSIONS_LEN_MAX, Session, State, locked, signed_out, wrong_credentials,
};
use crate::domain::{Verdict, Verified};
use crate::execution::aggregate::{Context, Decision};
use crate::rejection::Rejection;
use crate::secrets::TokenHash;

pub(super) fn log_in(
    state: &State,
    context: &Context<'_>,
    verified: Verified,
    session: &NewSession,
) -> Decided {
    let account = state.account.as_ref().ok_or_else(wrong_credentials)?;
    if let Some(not_let_in) = check_password(state, context.now, verified)? {
        return Ok(not_let_in);
    }
    if state.session(session.id).is_some() {
        return Ok(Decision::Accept(Vec::new()));
    }
    let live = live(state, context.now);
    let mut events = Vec::new();
    if let Some(displaced) = displaced(live) {
        events.push(ended(displaced, SessionEnd::Displaced));
    }
    let started = SessionStarted {
        session: session.id,
        refresh: Personal::plain(account.password.sealed.user(), session.refresh.as_str()),
        expires_at: context.now.plus(session.good_for),
    };
    events.push(started.into());
    Ok(Decision::Accept(events))
}

/// What a password comes to that is not the one, or can't be told to be; `None` if it is.
pub(super) fn check_password(
    state: &State,
    now: Timestamp,
    verified: Verified,
) -> Result<Option<Decision<UserEvent>>, Rejection> {
    // Locked is told before right or wrong, or else guessing could go on.
    if let Some(rest) = state.locked_for(now) {
        return Err(locked(rest));
    }
    let current = state.account.as_ref().map(|account| account.password.event);
    if current != Some(verified.against) {
        return Ok(Some(Decision::Stale));
    }
    Ok(match verified.verdict {
        Verdict::Right => None,
        Verdict::Wrong => {
            Some(Decision::CountAndRefuse(LogInFailed {}.into(), wrong_credentials()))
        }
    })
}

/// Those that didn't run out, the oldest first.
pub(super) fn live(
    state: &State,
    now: Timestamp,
) -> impl Iterator<Item = SessionId> + Clone + use<'_> {
    let live = state.sessions.iter().filter(move |session| session.expires_at > now);
    live.map(|session| session.id)
}

pub(super) fn ended(session: SessionId, reason: SessionEnd) -> UserEvent {
    SessionEnded { session, reason }.into()
}

/// The session that has to go for another to come.
fn displaced(mut live: impl Iterator<Item = SessionId> + Clone) -> Option<SessionId> {
    let full = live.clone().count() >= SESSIONS_LEN_MAX;
    live.next().filter(|_| full)
}

/// The token that was sent, and the one that replaces it.
pub(super) struct Tokens<'a> {
    pub(super) presented: &'a TokenHash,
    pub(super) next: &'a TokenHash,
    pub(super) good_for: Duration,
}

pub(super) fn refresh(
    state: &State,
    context: &Context<'_>,
    session: SessionId,
    tokens: &Tokens<'_>,
) -> Decided {
    let session = state.session(session).ok_or_else(signed_out)?;
    let Session { id, refresh, expires_at } = session;
    let current = refresh.open(context.ring, context.stream).map_err(Rejection::unreadable)?;
    let current = current.ok_or_else(signed_out)?;
    if !tokens.presented.matches(&current) {
        // A token of ours that was replaced: whoever comes second, thief or owner, ends it.
        let ended = ended(*id, SessionEnd::RefreshReused);
        return Ok(Decision::CountAndRefuse(ended, signed_out()));
    }
    if *expires_at <= context.now {
        return Err(signed_out());
    }
    let refreshed = SessionRefreshed {
        session: *id,
        refresh: Personal::plain(refresh.sealed.user(), tokens.next.as_str()),
        expires_at: context.now.plus(tokens.good_for),
    };
    Ok(Decision::Accept(vec![refreshed.into()]))
}

#[expect(clippy::unnecessary_wraps, reason = "as every decision")]
pub(super) fn log_out(state: &State, session: SessionId) -> Decided {
    let known = state.session(session).is_some();
    let ended = known.then(|| ended(session, SessionEnd::LoggedOut));
    Ok(Decision::Accept(ended.into_iter().collect()))
}
