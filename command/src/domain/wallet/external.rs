//! Money that comes in from outside, and goes out there. Its number makes it known for ever: the
//! same one again is the same payment.

use events::money::Amount;
use events::wallet::{Deposited, Withdrawn};

use super::asking::{Asker, Withdraw};
use super::item::{Item, deposit_key, withdrawal_key};
use super::spending::{Spending, check_warrant};
use super::{Decided, Wallet, forbidden, no_wallet};
use crate::execution::aggregate::{Context, Decision, View};
use crate::parse::{PositiveAmount, Reference, too_large};
use crate::rejection::{Code, Rejection};

pub(super) fn deposit(
    view: &View<'_, Wallet>,
    context: &Context<'_>,
    asker: Option<Asker>,
    amount: PositiveAmount,
    reference: &Reference,
) -> Decided {
    let state = view.state;
    match asker {
        Some(asker) => state.member(asker).map(|_| ())?,
        None if state.about.is_none() => return Err(no_wallet()),
        None => {}
    }
    let (amount, reference) = (amount.get(), reference.as_str());
    if is_repeat(view.items.get(&deposit_key(reference)), amount)? {
        return Ok(Decision::Accept(Vec::new()));
    }
    let balance_after = state.balance.plus(amount);
    let too_much = || too_large("This wallet can't hold that much.").at("amount");
    let balance_after = balance_after.ok_or_else(too_much)?;
    state.open(context)?;
    let (reference, by) = (reference.to_owned(), asker.map(|asker| asker.user));
    Ok(Decision::Accept(vec![Deposited { amount, balance_after, reference, by }.into()]))
}

pub(super) fn withdraw(
    view: &View<'_, Wallet>,
    context: &Context<'_>,
    withdraw: &Withdraw,
) -> Decided {
    let (state, asker) = (view.state, withdraw.asker);
    state.admin(asker)?;
    let (amount, reference) = (withdraw.amount.get(), withdraw.reference.as_str());
    if is_repeat(view.items.get(&withdrawal_key(reference)), amount)? {
        return Ok(Decision::Accept(Vec::new()));
    }
    if state.approvals_required > 1 {
        let message = "This wallet asks for more than one approval: pay a personal wallet first.";
        return Err(forbidden(message));
    }
    check_warrant(state, asker, withdraw.warrant)?;
    Spending::starts(state, context)?;
    let balance_after = Spending { amount, day: Some(withdraw.day) }.balance_after(state)?;
    let (reference, by, day) = (reference.to_owned(), asker.user, withdraw.day);
    Ok(Decision::Accept(vec![Withdrawn { amount, balance_after, reference, by, day }.into()]))
}

fn is_repeat(known: Option<&Item>, amount: Amount) -> Result<bool, Rejection> {
    match known {
        None => Ok(false),
        Some(Item::Reference { amount: before }) if *before == amount => Ok(true),
        Some(_) => {
            let message = "This reference was used for another amount.";
            Err(Rejection::new(Code::IdempotencyConflict, message).at("reference"))
        }
    }
}
