//! What every spending is checked against: the right to it, what is available, the limits.

use events::money::{Amount, Day};
use events::{Revision, WalletId};

use super::asking::{Asker, Payee, Warrant};
use super::state::{State, Status};
use super::{closed, is_closed, this_wallet};
use crate::execution::aggregate::Context;
use crate::rejection::{Code, Details, Rejection};

/// Whether an admin spends by the PIN that is theirs now.
pub(super) fn check_warrant(
    state: &State,
    asker: Asker,
    warrant: Warrant,
) -> Result<(), Rejection> {
    let is_good = match warrant {
        Warrant::Standing => true,
        Warrant::Void => false,
        Warrant::Token { pin } => state.pin(asker.user).is_some_and(|kept| kept.event == pin),
    };
    let message = "This spend token is no good: ask for a new one.";
    is_good.then_some(()).ok_or_else(|| Rejection::new(Code::SpendTokenInvalid, message))
}

/// Money that is to leave the wallet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spending {
    pub(super) amount: Amount,
    /// The day that it counts on; nothing if it obeys no limit.
    pub(super) day: Option<Day>,
}

impl Spending {
    /// Whether anything may leave the wallet.
    pub(super) fn starts(state: &State, context: &Context<'_>) -> Result<(), Rejection> {
        match state.status {
            Status::Open => Ok(()),
            Status::Closed => Err(closed(context)),
            Status::Frozen => Err(frozen(context)),
        }
    }

    /// What is in the wallet when this has left. What is held for others stays.
    pub(super) fn balance_after(self, state: &State) -> Result<Amount, Rejection> {
        let available = state.available();
        if self.amount > available {
            let refused = Rejection::new(Code::InsufficientFunds, "There isn't enough money.");
            return Err(refused.with(Details::Funds { available }));
        }
        self.keeps_limits(state)?;
        // What is available is part of the balance.
        state.balance.minus(self.amount).ok_or_else(Rejection::internal)
    }

    fn keeps_limits(self, state: &State) -> Result<(), Rejection> {
        let Some(day) = self.day else { return Ok(()) };
        let remaining = state.remaining_on(day);
        let exceeded = |message, limit| {
            let details = Details::Limit { limit, remaining };
            Err(Rejection::new(Code::LimitExceeded, message).with(details))
        };
        if self.amount > state.per_transfer {
            return exceeded("This is more than may be spent at once.", state.per_transfer);
        }
        if self.amount > remaining {
            return exceeded("This is more than may still be spent today.", state.per_day);
        }
        Ok(())
    }
}

pub(super) fn frozen(context: &Context<'_>) -> Rejection {
    let details = Details::Wallet { wallet_id: this_wallet(context) };
    Rejection::new(Code::WalletFrozen, "Spending from this wallet is stopped.").with(details)
}

/// Whether there is such a payee; it is told before the wallet's state.
pub(super) fn is_known(payee: Payee) -> Result<(), Rejection> {
    if payee == Payee::Unknown { Err(no_payee()) } else { Ok(()) }
}

fn no_payee() -> Rejection {
    Rejection::new(Code::NotFound, "There is no such payee.")
}

/// The payee that can take the wallet's money, and its revision.
pub(super) fn takes(payee: Payee, state: &State) -> Result<(WalletId, Revision), Rejection> {
    match payee {
        Payee::Unknown => Err(no_payee()),
        Payee::Closed { wallet } => Err(is_closed(wallet)),
        Payee::Open { wallet, currency, revision } if state.currency() == Some(currency) => {
            Ok((wallet, revision))
        }
        Payee::Open { .. } => {
            let message = "The two wallets count in different currencies.";
            Err(Rejection::new(Code::CurrencyMismatch, message))
        }
    }
}
