//! Transfers that wait for approvals: approving, declining, lapsing.

use events::TransferId;
use events::WalletEvent;
use events::wallet::{
    Origin, RefundReleased, Terms, TransferApproved, TransferDebited, TransferDeclined,
    TransferExpired,
};

use super::asking::Asker;
use super::item::{Approval, Item};
use super::spending::Spending;
use super::state::{Hold, State};
use super::{Decided, Wallet};
use crate::execution::aggregate::{Context, Decision, View};
use crate::rejection::{Code, Rejection};

/// With the last approval it is paid, whatever the limits are by now: it was checked against
/// them when it was asked for.
pub(super) fn approve(
    view: &View<'_, Wallet>,
    context: &Context<'_>,
    asker: Asker,
    transfer: TransferId,
) -> Decided {
    let (state, by) = (view.state, asker.user);
    let hold = waiting(view, context, asker, transfer)?;
    if hold.approved_by.contains(&by) {
        return Err(Rejection::new(Code::AlreadyApproved, "You have approved this already."));
    }
    let mut events = vec![TransferApproved { transfer, by }.into()];
    // Who is no admin any more doesn't count.
    let approvals = hold.approved_by.iter().filter(|user| state.is_admin(**user)).count() + 1;
    if approvals >= usize::from(hold.approvals_required) {
        events.push(pay(state, context, hold)?);
    }
    Ok(Decision::Accept(events))
}

fn pay(state: &State, context: &Context<'_>, hold: &Hold) -> Result<WalletEvent, Rejection> {
    Spending::starts(state, context)?;
    // What is held is part of the balance.
    let balance_after = state.balance.minus(hold.terms.amount).ok_or_else(Rejection::internal)?;
    let (terms, payee_revision) = (hold.terms.clone(), hold.payee_revision);
    // It has counted on the day of its request.
    let (day, channel) = (None, state.channel());
    Ok(TransferDebited { terms, balance_after, day, payee_revision, channel }.into())
}

/// Any admin may, whoever asked for it.
pub(super) fn decline(
    view: &View<'_, Wallet>,
    context: &Context<'_>,
    asker: Asker,
    transfer: TransferId,
) -> Decided {
    let hold = waiting(view, context, asker, transfer)?;
    let (origin, channel) = (hold.terms.origin, view.state.channel());
    let declined = TransferDeclined { transfer, by: Some(asker.user), origin, channel };
    Ok(Decision::Accept(ended(declined.into(), &hold.terms)))
}

/// Too early, or when it waits no more, nothing happens.
pub(super) fn expire(
    state: &State,
    context: &Context<'_>,
    transfer: TransferId,
) -> Decision<WalletEvent> {
    let lapsed = state.hold(transfer).filter(|hold| hold.expires_at <= context.now);
    let end = |hold: &Hold| {
        let (origin, channel) = (hold.terms.origin, state.channel());
        let expired = TransferExpired { transfer, origin, channel };
        ended(expired.into(), &hold.terms)
    };
    Decision::Accept(lapsed.map(end).unwrap_or_default())
}

/// A refund that doesn't come to be leaves as much to be refunded.
pub(super) fn ended(end: WalletEvent, terms: &Terms) -> Vec<WalletEvent> {
    let (refund, amount) = (terms.transfer, terms.amount);
    let released = match terms.origin {
        Origin::Refund { of, .. } => Some(RefundReleased { transfer: of, refund, amount }.into()),
        Origin::Manual | Origin::Scheduled { .. } | Origin::Dues(_) => None,
    };
    [end].into_iter().chain(released).collect()
}

/// The hold of a transfer on which an admin acts.
fn waiting<'a>(
    view: &View<'a, Wallet>,
    context: &Context<'_>,
    asker: Asker,
    transfer: TransferId,
) -> Result<&'a Hold, Rejection> {
    let Some(Item::Paid(paid)) = view.items.get(&transfer.0) else {
        return Err(Rejection::new(Code::NotFound, "There is no such transfer."));
    };
    view.state.admin(asker)?;
    view.state.open(context)?;
    if paid.approval == Approval::NotNeeded {
        let message = "This transfer never waited for approvals.";
        return Err(Rejection::new(Code::ApprovalNotNeeded, message));
    }
    // One that has waited too long may not have been ended yet.
    let hold = view.state.hold(transfer).filter(|hold| context.now < hold.expires_at);
    let settled = || Rejection::new(Code::TransferSettled, "This transfer waits no more.");
    hold.ok_or_else(settled)
}
