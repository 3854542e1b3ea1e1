//! What is known of wallets: balances, holds, admins.

use std::collections::{BTreeMap, BTreeSet};

use events::money::{Amount, Currency};
use events::wallet::{TransferRequested, WalletOpened, WalletRole};
use events::{LogPosition, TransferId, UserId, WalletId};

use super::Breaches;

/// A transfer that waits.
#[derive(Debug)]
struct Hold {
    amount: i64,
    approvals_required: u8,
    approved_by: Vec<UserId>,
}

/// A wallet as its events leave it.
#[derive(Debug)]
pub(super) struct Wallet {
    pub(super) currency: Currency,
    pub(super) balance: i64,
    held: i64,
    holds: BTreeMap<TransferId, Hold>,
    admins: BTreeSet<UserId>,
    approvals_required: u8,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Wallets(BTreeMap<WalletId, Wallet>);

/// An event of a wallet's, for breaches.
pub(super) struct At<'b> {
    pub(super) wallet: WalletId,
    pub(super) position: LogPosition,
    pub(super) breaches: &'b mut Breaches,
}

impl At<'_> {
    pub(super) fn breach(&mut self, invariant: u8, what: &str) {
        let what = format!("wallet {}: {what}", self.wallet);
        self.breaches.note(invariant, what, &[self.position]);
    }
}

impl Wallets {
    pub(super) fn balances(&self) -> impl Iterator<Item = (WalletId, i64)> {
        self.0.iter().map(|(id, wallet)| (*id, wallet.balance))
    }

    pub(super) fn open(&mut self, at: &mut At<'_>, opened: &WalletOpened) {
        let wallet = Wallet {
            currency: opened.currency,
            balance: 0,
            held: 0,
            holds: BTreeMap::new(),
            admins: [opened.owner].into(),
            approvals_required: opened.approvals_required,
        };
        if self.0.insert(at.wallet, wallet).is_some() {
            at.breach(2, "it was opened twice");
        }
    }

    /// The wallet, which has been opened.
    pub(super) fn of(&mut self, at: &mut At<'_>) -> Option<&mut Wallet> {
        let wallet = self.0.get_mut(&at.wallet);
        if wallet.is_none() {
            at.breach(2, "something happened to it before it was opened");
        }
        wallet
    }
}

impl Wallet {
    /// Moves its balance, which has to be as the event says then.
    pub(super) fn moves(&mut self, at: &mut At<'_>, by: i128, told: Amount) {
        let balance = i128::from(self.balance) + by;
        if balance != i128::from(told.minor_units()) {
            let told = told.minor_units();
            at.breach(2, &format!("its balance is {balance} by then, not {told} as is told"));
        }
        if balance < 0 {
            at.breach(2, &format!("its balance is {balance}"));
        }
        self.balance = i64::try_from(balance).unwrap_or(self.balance);
        self.look_at_available(at);
    }

    fn look_at_available(&self, at: &mut At<'_>) {
        if self.held > self.balance {
            let (balance, held) = (self.balance, self.held);
            at.breach(2, &format!("{held} are held of a balance of {balance}"));
        }
    }

    pub(super) fn hold(&mut self, at: &mut At<'_>, asked: &TransferRequested) {
        let (transfer, by) = (asked.terms.transfer, asked.terms.by);
        let amount = asked.terms.amount.minor_units();
        if !self.admins.contains(&by) {
            at.breach(4, &format!("transfer {transfer} was asked for by {by}, who is no admin"));
        }
        let approved_by = vec![by];
        let approvals_required = asked.approvals_required;
        let hold = Hold { amount, approvals_required, approved_by };
        if self.holds.insert(transfer, hold).is_some() {
            at.breach(4, &format!("transfer {transfer} is held twice"));
        }
        self.held = self.held.saturating_add(amount);
        self.look_at_available(at);
    }

    pub(super) fn approve(&mut self, at: &mut At<'_>, transfer: TransferId, by: UserId) {
        if !self.admins.contains(&by) {
            at.breach(4, &format!("transfer {transfer} was approved by {by}, who is no admin"));
        }
        match self.holds.get_mut(&transfer) {
            Some(hold) if hold.approved_by.contains(&by) => {
                at.breach(4, &format!("transfer {transfer} was approved twice by {by}"));
            }
            Some(hold) => hold.approved_by.push(by),
            None => at.breach(4, &format!("transfer {transfer} was approved and doesn't wait")),
        }
    }

    /// Its hold ends without being paid.
    pub(super) fn give_up(&mut self, at: &mut At<'_>, transfer: TransferId) {
        match self.holds.remove(&transfer) {
            Some(hold) => self.held = self.held.saturating_sub(hold.amount),
            None => at.breach(4, &format!("the hold of transfer {transfer} ended and isn't there")),
        }
    }

    /// Its hold, if it waited, ends by being paid.
    pub(super) fn pay(&mut self, at: &mut At<'_>, (transfer, by): (TransferId, UserId)) {
        let Some(hold) = self.holds.remove(&transfer) else {
            if self.approvals_required > 1 || !self.admins.contains(&by) {
                at.breach(4, &format!("transfer {transfer} was paid without who had to approve"));
            }
            return;
        };
        self.held = self.held.saturating_sub(hold.amount);
        let admins = hold.approved_by.iter().filter(|user| self.admins.contains(user)).count();
        if admins < usize::from(hold.approvals_required) {
            let required = hold.approvals_required;
            let what =
                format!("transfer {transfer} was paid with {admins} of {required} approvals");
            at.breach(4, &what);
        }
    }

    /// Whether it is empty, as it has to be to be closed.
    pub(super) fn close(&self, at: &mut At<'_>) {
        if self.balance != 0 || self.held != 0 {
            let (balance, held) = (self.balance, self.held);
            at.breach(2, &format!("it was closed with {balance} in it and {held} held"));
        }
    }

    pub(super) fn require(&mut self, approvals: u8) {
        self.approvals_required = approvals;
    }

    pub(super) fn set_role(&mut self, user: UserId, role: Option<WalletRole>) {
        if role == Some(WalletRole::Admin) {
            self.admins.insert(user);
        } else {
            self.admins.remove(&user);
        }
    }
}
