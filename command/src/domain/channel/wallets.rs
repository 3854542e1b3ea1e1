//! A channel's wallets, as far as the channel knows of them: which are open.

use events::channel::{GroupWalletClosed, GroupWalletOpened};
use events::personal::Personal;
use events::{ChannelEvent, WalletId};

use super::{Decided, OpenWallet, State, WALLETS_LEN_MAX, full};
use crate::execution::aggregate::Decision;
use crate::rejection::{Code, Rejection};

pub(super) fn open(state: &State, open: &OpenWallet) -> Decided {
    state.admin(open.by)?;
    if state.wallets.len() >= WALLETS_LEN_MAX {
        return Err(full("wallet"));
    }
    let opened = GroupWalletOpened {
        wallet: open.wallet,
        owner: open.by,
        name: open.name.as_str().to_owned(),
        description: open.description.as_str().to_owned(),
        currency: open.currency,
        approvals_required: open.approvals.get(),
        pin: Personal::plain(open.by, open.pin.as_str()),
    };
    Ok(Decision::Accept(vec![opened.into()]))
}

pub(super) fn close(state: &State, wallet: WalletId) -> Decision<ChannelEvent> {
    let is_open = !state.deleted && state.wallets.contains(&wallet);
    Decision::Accept(is_open.then(|| GroupWalletClosed { wallet }.into()).into_iter().collect())
}

/// A wallet may have turned up since they were seen to.
pub(super) fn all_handled(state: &State, handled: &[WalletId]) -> Result<(), Rejection> {
    if state.wallets.iter().all(|wallet| handled.contains(wallet)) {
        return Ok(());
    }
    let message = "A wallet was opened in this channel meanwhile. Try again.";
    Err(Rejection::new(Code::Conflict, message))
}
