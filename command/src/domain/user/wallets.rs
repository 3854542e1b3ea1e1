//! A user's own wallets, as far as the account knows of them: which are open, one a currency.

use events::personal::Personal;
use events::user::{PersonalWalletClosed, PersonalWalletOpened};
use events::{UserEvent, WalletId};

use super::{Decided, OpenWallet, State};
use crate::execution::aggregate::{Context, Decision};
use crate::rejection::{Code, Rejection};

pub(super) fn open(state: &State, context: &Context<'_>, open: &OpenWallet) -> Decided {
    let account = state.signed_in(open.session, context.now)?;
    if state.wallets.iter().any(|wallet| wallet.currency == open.currency) {
        let message = "You have an open wallet in this currency.";
        return Err(Rejection::new(Code::WalletExists, message));
    }
    let owner = account.email.sealed.user();
    let opened = PersonalWalletOpened {
        wallet: open.wallet,
        name: open.name.as_str().to_owned(),
        currency: open.currency,
        pin: Personal::plain(owner, open.pin.as_str()),
    };
    Ok(Decision::Accept(vec![opened.into()]))
}

pub(super) fn close(state: &State, wallet: WalletId) -> Decision<UserEvent> {
    let is_open = state.wallets().any(|open| open == wallet);
    Decision::Accept(is_open.then(|| PersonalWalletClosed { wallet }.into()).into_iter().collect())
}

/// A wallet may have turned up since they were seen to.
pub(super) fn all_handled(state: &State, handled: &[WalletId]) -> Result<(), Rejection> {
    if state.wallets().all(|wallet| handled.contains(&wallet)) {
        return Ok(());
    }
    let message = "A wallet was opened meanwhile. Try again.";
    Err(Rejection::new(Code::Conflict, message))
}
