//! What follows from a debit: the credit at the payee's, or a bounce there and the money back at
//! the payer's. Nothing refuses these.

use events::wallet::{BounceReason, Terms, TransferBounced, TransferCredited, TransferRefunded};

use super::item::{Item, Phase};
use super::waiting::ended;
use super::{Decided, Wallet, conflict, no_wallet};
use crate::execution::aggregate::{Decision, View};

/// Whether it came in or bounced, it does so once.
pub(super) fn credit(view: &View<'_, Wallet>, terms: &Terms) -> Decided {
    let state = view.state;
    if state.about.is_none() {
        return Err(no_wallet());
    }
    if view.items.contains_key(&terms.transfer.0) {
        return Ok(Decision::Accept(Vec::new()));
    }
    let (terms, channel) = (terms.clone(), state.channel());
    let bounced = |terms, reason| Decision::Accept(vec![TransferBounced { terms, reason }.into()]);
    if state.is_closed() {
        return Ok(bounced(terms, BounceReason::Closed));
    }
    let Some(balance_after) = state.balance.plus(terms.amount) else {
        return Ok(bounced(terms, BounceReason::Overflow));
    };
    Ok(Decision::Accept(vec![TransferCredited { terms, balance_after, channel }.into()]))
}

/// Even into a wallet that was closed meanwhile: the money is the payer's.
pub(super) fn take_back(view: &View<'_, Wallet>, terms: &Terms) -> Decided {
    match view.items.get(&terms.transfer.0) {
        Some(Item::Paid(paid)) if paid.phase == Phase::Debited => {}
        _ => return Ok(Decision::Accept(Vec::new())),
    }
    let channel = view.state.channel();
    let balance_after = view.state.balance.plus(terms.amount);
    // Only what came in since can be in its way. It is under way until there is room.
    let balance_after =
        balance_after.ok_or_else(|| conflict("This wallet can't hold that much."))?;
    let refunded = TransferRefunded { terms: terms.clone(), balance_after, channel };
    Ok(Decision::Accept(ended(refunded.into(), terms)))
}
