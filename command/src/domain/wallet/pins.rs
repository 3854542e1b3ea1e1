//! PINs of a wallet's admins: verified outside of the mailbox, decided on in it.

use std::time::Duration;

use events::personal::Personal;
use events::wallet::{PinAccepted, PinChanged, PinFailed};
use events::{Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::asking::{Asker, CurrentPin};
use super::{Decided, State, WalletEvent, closed};
use crate::domain::{Verdict, Verified};
use crate::execution::aggregate::{Context, Decision};
use crate::rejection::{Code, Details, Rejection};

/// Wrong PINs in a row that lock.
pub const PIN_TRIES_MAX: u8 = 5;
/// For how long the last of them locks.
pub const PIN_LOCK: Duration = Duration::from_mins(15);

/// Wrong PINs in a row, and when the last was tried.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WrongPins {
    count: u8,
    last: Timestamp,
}

impl WrongPins {
    /// One more. After a lock has ended, it is the first again.
    pub(super) fn count(&mut self, at: Timestamp) {
        let before = if self.count >= PIN_TRIES_MAX { 0 } else { self.count };
        *self = Self { count: before + 1, last: at };
    }

    pub(super) fn is_none(&self) -> bool {
        self.count == 0
    }

    pub(super) fn locked_until(self, now: Timestamp) -> Option<Timestamp> {
        let until = self.last.plus(PIN_LOCK);
        (self.count >= PIN_TRIES_MAX && now < until).then_some(until)
    }

    /// After one more that is wrong.
    fn left_after_another(mut self) -> u8 {
        self.count(self.last);
        PIN_TRIES_MAX - self.count
    }
}

/// A spend token may be given; only wrong tries before it have to be noted as over.
pub(super) fn authorize(
    state: &State,
    context: &Context<'_>,
    asker: Asker,
    verified: Option<Verified>,
) -> Decided {
    state.admin(asker)?;
    if state.pin(asker.user).is_none() {
        let message = "You have no PIN for this wallet yet: set one first.";
        return Err(Rejection::new(Code::Forbidden, message));
    }
    if let Some(turned_away) = check(state, context, asker.user, verified)? {
        return Ok(turned_away);
    }
    if state.is_closed() {
        return Err(closed(context));
    }
    let had_wrong = state.members.get(&asker.user).is_some_and(|one| !one.wrong_pins.is_none());
    let accepted = had_wrong.then(|| PinAccepted { user: asker.user }.into());
    Ok(Decision::Accept(accepted.into_iter().collect()))
}

pub(super) fn change(
    state: &State,
    context: &Context<'_>,
    asker: Asker,
    current: CurrentPin,
    pin: &str,
) -> Decided {
    state.admin(asker)?;
    let proof = match (state.pin(asker.user), current) {
        // What is sent without need is ignored.
        (None, _) => None,
        (Some(_), CurrentPin::LeftOut) => {
            let message = "You have a PIN for this wallet: it is needed.";
            return Err(Rejection::invalid("currentPin", message));
        }
        (Some(_), CurrentPin::Unverified) => Some(None),
        (Some(_), CurrentPin::Verified(verified)) => Some(Some(verified)),
    };
    if let Some(verified) = proof
        && let Some(turned_away) = check(state, context, asker.user, verified)?
    {
        return Ok(turned_away);
    }
    if state.is_closed() {
        return Err(closed(context));
    }
    let changed = PinChanged { user: asker.user, pin: Personal::plain(asker.user, pin) };
    Ok(Decision::Accept(vec![changed.into()]))
}

/// What a PIN comes to that is not the one, or can't be told to be; `None` if it is.
fn check(
    state: &State,
    context: &Context<'_>,
    user: UserId,
    verified: Option<Verified>,
) -> Result<Option<Decision<WalletEvent>>, Rejection> {
    // Locked is told before right or wrong, or else guessing could go on.
    if let Some(until) = state.pin_locked_until(user, context.now) {
        let message = "Too many wrong PINs. Try again later.";
        return Err(Rejection::new(Code::PinLocked, message).with(Details::Lock { until }));
    }
    let current = state.pin(user).map(|pin| pin.event);
    let Some(verified) = verified.filter(|verified| Some(verified.against) == current) else {
        return Ok(Some(Decision::Stale));
    };
    Ok(match verified.verdict {
        Verdict::Right => None,
        Verdict::Wrong => {
            let wrong = state.members.get(&user).map(|member| member.wrong_pins);
            let tries_left = wrong.unwrap_or_default().left_after_another();
            let refused = Rejection::new(Code::WrongPin, "This is not your PIN.");
            let refused = refused.with(Details::Tries { tries_left });
            Some(Decision::CountAndRefuse(PinFailed { user }.into(), refused))
        }
    })
}
