//! A wallet's beginning, its limits, and an operator's hand on it.

use events::personal::Personal;
use events::wallet::{WalletFrozen, WalletKind, WalletLimitsChanged, WalletOpened, WalletUnfrozen};

use super::asking::{Asker, Open, Warrant};
use super::spending::check_warrant;
use super::state::Status;
use super::{Decided, State, closed, forbidden, no_wallet};
use crate::execution::aggregate::{Context, Decision};
use crate::parse::Limits;
use crate::rejection::Rejection;

#[expect(clippy::unnecessary_wraps, reason = "as every decision")]
pub(super) fn open(state: &State, open: &Open) -> Decided {
    if state.about.is_some() {
        return Ok(Decision::Accept(Vec::new()));
    }
    let kind = if open.channel.is_some() { WalletKind::Group } else { WalletKind::Personal };
    let opened = WalletOpened {
        kind,
        owner: open.owner,
        channel: open.channel,
        name: open.name.clone(),
        description: open.description.clone(),
        currency: open.currency,
        approvals_required: open.approvals_required,
        pin: Personal::plain(open.owner, open.pin.as_str()),
    };
    Ok(Decision::Accept(vec![opened.into()]))
}

/// Lower ones are one admin's to set; higher ones only where one admin may spend alone.
pub(super) fn set_limits(
    state: &State,
    context: &Context<'_>,
    asker: Asker,
    limits: Limits,
    warrant: Warrant,
) -> Decided {
    state.admin(asker)?;
    let (per_transfer, per_day) = (limits.per_transfer(), limits.per_day());
    let raises = per_transfer > state.per_transfer || per_day > state.per_day;
    if raises && state.approvals_required > 1 {
        let message = "A wallet that asks for more than one approval doesn't raise its limits.";
        return Err(forbidden(message));
    }
    check_warrant(state, asker, warrant)?;
    state.open(context)?;
    if (per_transfer, per_day) == (state.per_transfer, state.per_day) {
        return Ok(Decision::Accept(Vec::new()));
    }
    let changed = WalletLimitsChanged { per_transfer, per_day, by: asker.user };
    Ok(Decision::Accept(vec![changed.into()]))
}

pub(super) fn freeze(state: &State, context: &Context<'_>, reason: &str) -> Decided {
    let frozen = WalletFrozen { reason: reason.to_owned() };
    let is_news = status(state, context)? == Status::Open;
    Ok(Decision::Accept(is_news.then(|| frozen.into()).into_iter().collect()))
}

pub(super) fn unfreeze(state: &State, context: &Context<'_>, reason: &str) -> Decided {
    let unfrozen = WalletUnfrozen { reason: reason.to_owned() };
    let is_news = status(state, context)? == Status::Frozen;
    Ok(Decision::Accept(is_news.then(|| unfrozen.into()).into_iter().collect()))
}

/// What an operator finds.
fn status(state: &State, context: &Context<'_>) -> Result<Status, Rejection> {
    if state.about.is_none() {
        return Err(no_wallet());
    }
    match state.status {
        Status::Closed => Err(closed(context)),
        status => Ok(status),
    }
}
