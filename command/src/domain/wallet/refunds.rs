//! Paying a transfer back, wholly or in part: a transfer in the other direction.

use events::WalletId;
use events::money::Amount;
use events::wallet::{Origin, RefundReserved, Terms};

use super::asking::{Payee, Refund};
use super::item::{Item, Received};
use super::spending::{Spending, check_warrant, is_known, takes};
use super::transfers::{Payment, has_room, is_free, is_repeat};
use super::{Decided, Wallet, this_wallet};
use crate::execution::aggregate::{Context, Decision, View};
use crate::parse::PositiveAmount;
use crate::rejection::{Code, Details, Rejection};

pub(super) fn refund(view: &View<'_, Wallet>, context: &Context<'_>, refund: &Refund) -> Decided {
    let (state, asker) = (view.state, refund.asker);
    state.admin(asker)?;
    let received = match view.items.get(&refund.of.0) {
        Some(Item::Received(received)) => Some(received),
        _ => None,
    };
    let terms = |to, amount| Terms {
        transfer: refund.refund,
        from: this_wallet(context),
        to,
        amount,
        memo: String::new(),
        by: asker.user,
        origin: Origin::Refund { of: refund.of, dues: received.and_then(Received::dues) },
    };
    let before = view.items.get(&refund.refund.0);
    if is_repeat(before, again(before, refund).map(|(to, amount)| terms(to, amount)).as_ref())? {
        return Ok(Decision::Accept(Vec::new()));
    }
    has_room(state)?;
    check_warrant(state, asker, refund.warrant)?;
    is_known(refund.payee)?;
    is_free(before)?;
    Spending::starts(state, context)?;
    let amount = refundable(received, refund)?;
    let (to, payee_revision) = takes(refund.payee, state)?;
    let payment = Payment { terms: terms(to, amount), payee_revision };
    // A refund obeys no limit.
    let begun = payment.begin(state, context, Spending { amount, day: None })?;
    let reserved = RefundReserved { transfer: refund.of, refund: refund.refund, amount };
    Ok(Decision::Accept(vec![begun, reserved.into()]))
}

/// What the refund would be if it were asked for again: what was left out then is known now.
fn again(before: Option<&Item>, refund: &Refund) -> Option<(WalletId, Amount)> {
    let Some(Item::Paid(paid)) = before else { return None };
    let to = match refund.payee {
        Payee::Unknown => paid.to,
        Payee::Closed { wallet } | Payee::Open { wallet, .. } => wallet,
    };
    Some((to, refund.amount.map_or(paid.amount, PositiveAmount::get)))
}

/// How much is paid back; refused where that isn't owed.
fn refundable(received: Option<&Received>, refund: &Refund) -> Result<Amount, Rejection> {
    let left = received.and_then(Received::refundable);
    let message = "Only a completed transfer that is no refund can be paid back.";
    let left = left.ok_or_else(|| Rejection::new(Code::TransferNotRefundable, message))?;
    let asked = refund.amount.map_or(left, PositiveAmount::get);
    if asked > left || left == Amount::ZERO {
        let refused = Rejection::new(Code::RefundTooLarge, "So much is not left to be refunded.");
        return Err(refused.with(Details::Refund { refundable: left }));
    }
    Ok(asked)
}
