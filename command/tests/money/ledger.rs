//! What must be true of any log of money, looked at after every event.

use std::collections::{BTreeMap, BTreeSet};

use events::wallet::{Origin, Terms, WalletRole};
use events::{TransferId, UserId, WalletEvent, WalletId};

#[derive(Debug, Default)]
struct Account {
    balance: i64,
    is_closed: bool,
    is_frozen: bool,
    admins: BTreeSet<UserId>,
    limits: Option<(i64, i64)>,
    spent: BTreeMap<String, i64>,
}

#[derive(Debug)]
struct Hold {
    terms: Terms,
    required: usize,
    approved: BTreeSet<UserId>,
    day: Option<String>,
    is_over: bool,
}

#[derive(Debug)]
struct Debit {
    terms: Terms,
    is_credited: bool,
    is_bounced: bool,
    is_refunded: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    accounts: BTreeMap<WalletId, Account>,
    holds: BTreeMap<TransferId, Hold>,
    debits: BTreeMap<TransferId, Debit>,
    refunds: BTreeMap<TransferId, i64>,
    external: i64,
    under_way: i64,
}

impl Ledger {
    fn account(&mut self, wallet: WalletId) -> &mut Account {
        self.accounts.entry(wallet).or_default()
    }

    /// How many debits there are.
    pub(crate) fn debits_len(&self) -> u64 {
        self.debits.len().try_into().unwrap()
    }

    /// Everything that was begun has come to its end.
    pub(crate) fn is_at_rest(&self) {
        assert_eq!(self.under_way, 0, "money is under way");
        let waits = self.holds.values().filter(|hold| !hold.is_over).count();
        assert_eq!(waits, 0, "transfers wait");
        for debit in self.debits.values() {
            let is_done = debit.is_credited || debit.is_bounced && debit.is_refunded;
            assert!(is_done, "is left open: {debit:?}");
        }
    }

    pub(crate) fn add(&mut self, wallet: WalletId, event: &WalletEvent) {
        self.fold(wallet, event);
        let held = |hold: &&Hold| hold.terms.from == wallet && !hold.is_over;
        let held: i64 = self.holds.values().filter(held).map(|hold| of(&hold.terms)).sum();
        let balance = self.account(wallet).balance;
        assert!(balance >= 0 && balance >= held, "below zero: {balance}, held {held}");
        let all: i64 = self.accounts.values().map(|account| account.balance).sum();
        assert_eq!(self.external + all + self.under_way, 0, "money came up or was lost");
        for (refunded, sum) in &self.refunds {
            assert!(*sum <= of(&self.debits[refunded].terms), "refunded too much of {refunded}");
        }
    }

    fn fold(&mut self, wallet: WalletId, event: &WalletEvent) {
        match event {
            WalletEvent::WalletOpened(it) => {
                self.account(wallet).admins.insert(it.owner);
            }
            WalletEvent::WalletRoleChanged(it) => {
                let admins = &mut self.account(wallet).admins;
                if it.role == WalletRole::Admin {
                    admins.insert(it.user);
                } else {
                    admins.remove(&it.user);
                }
            }
            WalletEvent::WalletClosed(_) => {
                let debits = self.debits.values();
                let open = debits.filter(|debit| debit.terms.from == wallet && !debit.is_over());
                assert_eq!(open.count(), 0, "closed while money was under way from it");
                let account = self.account(wallet);
                assert_eq!(account.balance, 0, "closed with money");
                account.is_closed = true;
            }
            WalletEvent::WalletFrozen(_) => self.account(wallet).is_frozen = true,
            WalletEvent::WalletUnfrozen(_) => self.account(wallet).is_frozen = false,
            WalletEvent::WalletLimitsChanged(it) => {
                let limits = (it.per_transfer.minor_units(), it.per_day.minor_units());
                self.account(wallet).limits = Some(limits);
            }
            WalletEvent::Deposited(it) => {
                self.external -= it.amount.minor_units();
                self.comes(wallet, it.amount.minor_units(), it.balance_after.minor_units());
            }
            WalletEvent::Withdrawn(it) => {
                self.external += it.amount.minor_units();
                self.counts(wallet, it.amount.minor_units(), &it.day.to_string());
                self.leaves(wallet, it.amount.minor_units(), it.balance_after.minor_units());
            }
            event => self.fold_transfer(wallet, event),
        }
    }

    fn fold_transfer(&mut self, wallet: WalletId, event: &WalletEvent) {
        match event {
            WalletEvent::TransferRequested(it) => {
                let day = it.day.map(|day| day.to_string());
                if let Some(day) = &day {
                    self.counts(wallet, of(&it.terms), day);
                }
                self.reserves(&it.terms);
                let hold = Hold {
                    terms: it.terms.clone(),
                    required: it.approvals_required.into(),
                    approved: BTreeSet::from([it.terms.by]),
                    day,
                    is_over: false,
                };
                assert!(self.account(wallet).admins.contains(&it.terms.by), "asked by no admin");
                assert!(self.holds.insert(it.terms.transfer, hold).is_none(), "held twice");
            }
            WalletEvent::TransferApproved(it) => {
                assert!(self.account(wallet).admins.contains(&it.by), "approved by no admin");
                let hold = self.holds.get_mut(&it.transfer).unwrap();
                assert!(!hold.is_over, "approved after its end");
                assert!(hold.approved.insert(it.by), "approved twice by one");
            }
            WalletEvent::TransferDeclined(it) => self.ends(it.transfer),
            WalletEvent::TransferExpired(it) => self.ends(it.transfer),
            WalletEvent::TransferDebited(it) => {
                let id = it.terms.transfer;
                if let Some(hold) = self.holds.get_mut(&id) {
                    assert!(!hold.is_over, "paid after its hold was over");
                    assert!(hold.approved.len() >= hold.required, "too few approvals");
                    assert_eq!(hold.terms, it.terms);
                    hold.is_over = true;
                } else {
                    if let Some(day) = it.day {
                        self.counts(wallet, of(&it.terms), &day.to_string());
                    }
                    self.reserves(&it.terms);
                }
                self.leaves(wallet, of(&it.terms), it.balance_after.minor_units());
                self.under_way += of(&it.terms);
                let debit = Debit::new(&it.terms);
                assert!(self.debits.insert(id, debit).is_none(), "debited twice");
            }
            WalletEvent::TransferCredited(it) => {
                let debit = self.debits.get_mut(&it.terms.transfer).unwrap();
                assert_eq!((&debit.terms, debit.terms.to), (&it.terms, wallet));
                assert!(!debit.is_credited && !debit.is_bounced, "credited twice, or bounced");
                debit.is_credited = true;
                self.under_way -= of(&it.terms);
                self.comes(wallet, of(&it.terms), it.balance_after.minor_units());
            }
            WalletEvent::TransferBounced(it) => {
                let debit = self.debits.get_mut(&it.terms.transfer).unwrap();
                assert!(!debit.is_credited && !debit.is_bounced, "bounced twice, or credited");
                debit.is_bounced = true;
            }
            WalletEvent::TransferRefunded(it) => {
                let debit = self.debits.get_mut(&it.terms.transfer).unwrap();
                assert!(debit.is_bounced && !debit.is_refunded, "given back twice, or no bounce");
                debit.is_refunded = true;
                self.under_way -= of(&it.terms);
                self.releases(&it.terms);
                self.comes(wallet, of(&it.terms), it.balance_after.minor_units());
            }
            _ => {}
        }
    }

    fn reserves(&mut self, terms: &Terms) {
        if let Origin::Refund { of: refunded, .. } = terms.origin {
            assert!(self.debits[&refunded].is_credited, "a refund of what didn't arrive");
            *self.refunds.entry(refunded).or_default() += of(terms);
        }
    }

    fn releases(&mut self, terms: &Terms) {
        if let Origin::Refund { of: refunded, .. } = terms.origin {
            *self.refunds.get_mut(&refunded).unwrap() -= of(terms);
        }
    }

    fn ends(&mut self, transfer: TransferId) {
        let hold = self.holds.get_mut(&transfer).unwrap();
        assert!(!hold.is_over, "a hold ended twice");
        hold.is_over = true;
        let (terms, day) = (hold.terms.clone(), hold.day.clone());
        self.releases(&terms);
        if let Some(day) = day {
            *self.account(terms.from).spent.get_mut(&day).unwrap() -= of(&terms);
        }
    }

    fn counts(&mut self, wallet: WalletId, sum: i64, day: &str) {
        let account = self.account(wallet);
        let spent = account.spent.entry(day.to_owned()).or_default();
        *spent += sum;
        if let Some((once, a_day)) = account.limits {
            assert!(sum <= once && *spent <= a_day, "beyond the limits");
        }
    }

    fn comes(&mut self, wallet: WalletId, sum: i64, after: i64) {
        let account = self.account(wallet);
        // What bounced comes back to whoever could close meanwhile: nobody can.
        assert!(!account.is_closed, "money came into a closed wallet");
        account.balance += sum;
        assert_eq!(account.balance, after, "balanceAfter");
    }

    fn leaves(&mut self, wallet: WalletId, sum: i64, after: i64) {
        let account = self.account(wallet);
        assert!(!account.is_closed && !account.is_frozen, "money left a closed or frozen wallet");
        account.balance -= sum;
        assert_eq!(account.balance, after, "balanceAfter");
    }
}

impl Debit {
    fn new(terms: &Terms) -> Self {
        let terms = terms.clone();
        Self { terms, is_credited: false, is_bounced: false, is_refunded: false }
    }

    fn is_over(&self) -> bool {
        self.is_credited || self.is_refunded
    }
}

fn of(terms: &Terms) -> i64 {
    terms.amount.minor_units()
}
