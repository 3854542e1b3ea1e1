//! Paying another wallet: a debit, which commits to the transfer, or a hold that waits.

use events::wallet::{Terms, TransferDebited, TransferRequested};
use events::{Revision, WalletEvent};

use super::asking::{Payee, Transfer};
use super::item::{Item, Paid};
use super::spending::{Spending, check_warrant, is_known, takes};
use super::{Decided, HOLD_TTL, HOLDS_LEN_MAX, State, Wallet, forbidden, this_wallet};
use crate::execution::aggregate::{Context, Decision, View};
use crate::rejection::{Code, Rejection};

pub(super) fn transfer(
    view: &View<'_, Wallet>,
    context: &Context<'_>,
    transfer: &Transfer,
) -> Decided {
    let (state, from) = (view.state, this_wallet(context));
    let to = match transfer.payee {
        Payee::Unknown => None,
        Payee::Closed { wallet } | Payee::Open { wallet, .. } => Some(wallet),
    };
    if to == Some(from) {
        return Err(to_itself());
    }
    state.admin(transfer.asker)?;
    let terms = |to| Terms {
        transfer: transfer.transfer,
        from,
        to,
        amount: transfer.amount.get(),
        memo: transfer.memo.as_str().to_owned(),
        by: transfer.asker.user,
        origin: transfer.origin,
    };
    let before = view.items.get(&transfer.transfer.0);
    if is_repeat(before, to.map(terms).as_ref())? {
        return Ok(Decision::Accept(Vec::new()));
    }
    has_room(state)?;
    check_warrant(state, transfer.asker, transfer.warrant)?;
    is_known(transfer.payee)?;
    is_free(before)?;
    Spending::starts(state, context)?;
    let (to, payee_revision) = takes(transfer.payee, state)?;
    let payment = Payment { terms: terms(to), payee_revision };
    let spending = Spending { amount: payment.terms.amount, day: Some(transfer.day) };
    payment.begin(state, context, spending).map(|event| Decision::Accept(vec![event]))
}

pub(super) fn to_itself() -> Rejection {
    let message = "A wallet doesn't pay itself.";
    Rejection::new(Code::SameWallet, message).at("toWalletId")
}

/// Whether the transfer has been asked for before. Another one under its id is refused, which
/// only a derived id can come to.
pub(super) fn is_repeat(before: Option<&Item>, terms: Option<&Terms>) -> Result<bool, Rejection> {
    let conflict = || {
        let message = "There is another transfer under this id.";
        Rejection::new(Code::IdempotencyConflict, message)
    };
    match (before, terms) {
        // What came in under it is somebody else's: that is told after the right to spend.
        (None | Some(Item::Received(_)), _) => Ok(false),
        (Some(Item::Paid(paid)), Some(terms)) if paid.is(terms) => Ok(true),
        (Some(Item::Paid(Paid { by, .. })), Some(terms)) if *by != terms.by => Err(taken()),
        (Some(_), _) => Err(conflict()),
    }
}

/// A transfer that came in has the id.
pub(super) fn is_free(before: Option<&Item>) -> Result<(), Rejection> {
    if before.is_some() { Err(taken()) } else { Ok(()) }
}

fn taken() -> Rejection {
    Rejection::new(Code::IdTaken, "This id is taken.")
}

/// Beyond that many, nothing more can wait.
pub(super) fn has_room(state: &State) -> Result<(), Rejection> {
    if state.approvals_required > 1 && state.holds.len() >= HOLDS_LEN_MAX {
        return Err(forbidden("Too many transfers of this wallet wait already."));
    }
    Ok(())
}

/// A payment to a payee who was seen to take it.
pub(super) struct Payment {
    pub(super) terms: Terms,
    pub(super) payee_revision: Revision,
}

impl Payment {
    /// Its debit; or its hold, where others have to approve.
    pub(super) fn begin(
        self,
        state: &State,
        context: &Context<'_>,
        spending: Spending,
    ) -> Result<WalletEvent, Rejection> {
        let Self { terms, payee_revision } = self;
        let (balance_after, day) = (spending.balance_after(state)?, spending.day);
        let channel = state.channel();
        if state.approvals_required <= 1 {
            let debited = TransferDebited { terms, balance_after, day, payee_revision, channel };
            return Ok(debited.into());
        }
        let requested = TransferRequested {
            terms,
            approvals_required: state.approvals_required,
            expires_at: context.now.plus(HOLD_TTL),
            day,
            payee_revision,
            channel,
        };
        Ok(requested.into())
    }
}
