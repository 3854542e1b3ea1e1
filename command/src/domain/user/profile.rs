//! Who the user is: name and address, as registered and as changed since.

use events::UserId;
use events::personal::{Kept, Personal};
use events::user::{ProfileChanged, UserRegistered};
use zeroize::Zeroizing;

use super::{ChangeProfile, Decided, Exchange, Register, State, signed_out};
use crate::execution::aggregate::{Context, Decision};
use crate::rejection::{Code, Rejection};

#[expect(clippy::unnecessary_wraps, reason = "as every decision")]
pub(super) fn register(state: &State, register: &Register) -> Decided {
    if state.account.is_some() || state.deleted.is_some() {
        return Ok(Decision::Accept(Vec::new()));
    }
    let personal = |text: &Zeroizing<String>| Personal::plain(register.user, text.as_str());
    let registered = UserRegistered {
        email: personal(&register.email),
        username: personal(&register.username),
        password: personal(&register.password),
    };
    Ok(Decision::Accept(vec![registered.into()]))
}

pub(super) fn change(state: &State, context: &Context<'_>, change: &ChangeProfile) -> Decided {
    let account = state.signed_in(change.session, context.now)?;
    let user = account.email.sealed.user();
    let email = match &change.email {
        Some(respelled) if respelled.against != account.email.event => return Ok(Decision::Stale),
        Some(respelled) => unless_same(&account.email, context, user, &respelled.text)?,
        None => None,
    };
    let username = match &change.username {
        Some(name) => unless_same(&account.username, context, user, name.as_str())?,
        None => None,
    };
    let changed = email.is_some() || username.is_some();
    let changed = changed.then(|| ProfileChanged { email, username }.into());
    Ok(Decision::Accept(changed.into_iter().collect()))
}

fn unless_same(
    current: &Kept,
    context: &Context<'_>,
    user: UserId,
    text: &str,
) -> Result<Option<Personal>, Rejection> {
    let opened = current.open(context.ring, context.stream).map_err(Rejection::unreadable)?;
    let same = opened.is_some_and(|current| current.as_str() == text);
    Ok((!same).then(|| Personal::plain(user, text)))
}

/// Void if the address is another by now: then nothing may bring that one back.
pub(super) fn exchange(state: &State, exchange: &Exchange) -> Decided {
    let account = state.account.as_ref().ok_or_else(signed_out)?;
    if account.email.event != exchange.since {
        let message = "The address was changed by another request meanwhile. Try again.";
        return Err(Rejection::new(Code::Conflict, message));
    }
    let personal = |text: &Zeroizing<String>| Personal::plain(exchange.user, text.as_str());
    let email = Some(personal(&exchange.email));
    let username = exchange.username.as_ref().map(personal);
    Ok(Decision::Accept(vec![ProfileChanged { email, username }.into()]))
}
