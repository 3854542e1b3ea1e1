//! Random but valid histories of wallets: members, deposits, transfers with and without
//! approvals, bounces and refunds; scheduled payments; dues.

use std::collections::BTreeMap;

use super::schedules::Schedules;
use super::*;
use events::wallet::{
    BounceReason, TransferApproved, TransferBounced, TransferDeclined, TransferExpired,
    TransferRefunded, WalletLimitsChanged, WalletMemberJoined, WalletMemberLeft, WalletRole,
    WalletRoleChanged,
};

/// What there is so far.
#[derive(Default)]
pub(super) struct Story {
    balances: BTreeMap<WalletId, i64>,
    members: BTreeMap<WalletId, Vec<UserId>>,
    /// Debited, not yet with the payee.
    open: Vec<Terms>,
    bounced: Vec<Terms>,
    waiting: Vec<Terms>,
    completed: Vec<Terms>,
    schedules: Schedules,
}

impl Story {
    /// Appends events; what a choice means depends on what was before.
    pub(super) fn tell(&mut self, world: &World, script: &[u32]) {
        for &choice in script {
            let (what, pick) = (choice % 26, (choice / 26) as usize);
            if self.balances.len() < 2 || what == 0 {
                self.open(world);
                continue;
            }
            let wallet = *self.balances.keys().nth(pick % self.balances.len()).unwrap();
            match what {
                1 | 2 => self.deposit(world, wallet, pick),
                3 => self.change(world, wallet, pick),
                4..=7 => self.debit(world, wallet, pick),
                8..=10 => self.settle(world, pick),
                11 => self.take_back(world),
                12..=14 => self.request(world, wallet, pick),
                15..=17 => self.decide(world, pick),
                20..=22 => {
                    let terms = self.terms(wallet, 100, Origin::Manual);
                    self.schedules.pay(world, &terms, pick);
                }
                23..=25 => self.schedules.collect(world, wallet, pick),
                _ => self.refund(world, pick),
            }
        }
    }

    fn open(&mut self, world: &World) {
        let (id, owner) = (WalletId::generate(), UserId::generate());
        world.vault.create(owner);
        let channel = self.balances.len().is_multiple_of(2).then(ChannelId::generate);
        append(world, id, opened(owner, channel));
        self.balances.insert(id, 0);
        self.members.insert(id, vec![owner]);
    }

    fn deposit(&mut self, world: &World, wallet: WalletId, pick: usize) {
        let by = self.members[&wallet][0];
        let balance = self.balances.get_mut(&wallet).unwrap();
        let won = pick as i64 % 5_000 + 1_000;
        *balance += won;
        append(world, wallet, deposited(won, *balance, by));
    }

    fn change(&mut self, world: &World, wallet: WalletId, pick: usize) {
        let members = self.members.get_mut(&wallet).unwrap();
        let by = members[0];
        match pick % 4 {
            0 if members.len() > 1 => {
                let user = members.pop().unwrap();
                let left = WalletMemberLeft { user, removed_by: None, channel_revision: None };
                append(world, wallet, left);
            }
            1 if members.len() > 1 => {
                let (user, role) = (members[1], WalletRole::Admin);
                append(world, wallet, WalletRoleChanged { user, role, by: Some(by) });
            }
            0 => {
                // Who lost the channel, a member or not.
                let user = UserId::generate();
                let left = WalletMemberLeft { user, removed_by: None, channel_revision: Some(1) };
                append(world, wallet, left);
            }
            2 => {
                let (per_transfer, per_day) = (amount(pick as i64), amount(pick as i64 * 2));
                append(world, wallet, WalletLimitsChanged { per_transfer, per_day, by });
            }
            _ => {
                let user = UserId::generate();
                members.push(user);
                append(world, wallet, WalletMemberJoined { user, channel_revision: 1 });
            }
        }
    }

    /// To the wallet's neighbour.
    fn terms(&self, from: WalletId, won: i64, origin: Origin) -> Terms {
        let mut others = self.balances.keys().cycle().skip_while(|id| **id != from);
        let to = *others.nth(1).unwrap();
        let (transfer, by) = (TransferId::generate(), self.members[&from][0]);
        Terms { transfer, from, to, amount: amount(won), memo: String::new(), by, origin }
    }

    fn take(&mut self, world: &World, terms: Terms, day: Option<Day>) {
        let balance = self.balances.get_mut(&terms.from).unwrap();
        *balance -= terms.amount.minor_units();
        append(world, terms.from, TransferDebited { day, ..debited(&terms, *balance) });
        self.open.push(terms);
    }

    fn debit(&mut self, world: &World, wallet: WalletId, pick: usize) {
        let won = (pick as i64 % 900 + 1).min(self.balances[&wallet]);
        if won > 0 {
            let today = day(["2026-03-01", "2026-03-02"][pick % 2]);
            self.take(world, self.terms(wallet, won, Origin::Manual), Some(today));
        }
    }

    fn settle(&mut self, world: &World, pick: usize) {
        if self.open.is_empty() {
            return;
        }
        let terms = self.open.remove(pick % self.open.len());
        if pick.is_multiple_of(5) {
            let reason = BounceReason::Overflow;
            append(world, terms.to, TransferBounced { terms: terms.clone(), reason });
            self.bounced.push(terms);
            return;
        }
        let balance = self.balances.get_mut(&terms.to).unwrap();
        *balance += terms.amount.minor_units();
        let credited = TransferCredited {
            terms: terms.clone(),
            balance_after: amount(*balance),
            channel: None,
        };
        append(world, terms.to, credited);
        self.completed.push(terms);
    }

    fn take_back(&mut self, world: &World) {
        let Some(terms) = self.bounced.pop() else { return };
        let balance = self.balances.get_mut(&terms.from).unwrap();
        *balance += terms.amount.minor_units();
        let balance_after = amount(*balance);
        append(world, terms.from, TransferRefunded { terms, balance_after, channel: None });
    }

    fn request(&mut self, world: &World, wallet: WalletId, pick: usize) {
        let terms = self.terms(wallet, pick as i64 % 100 + 1, Origin::Manual);
        append(world, wallet, requested(&terms));
        self.waiting.push(terms);
    }

    fn decide(&mut self, world: &World, pick: usize) {
        if self.waiting.is_empty() {
            return;
        }
        let terms = self.waiting.remove(pick % self.waiting.len());
        let (transfer, origin) = (terms.transfer, terms.origin);
        match pick % 3 {
            0 if self.balances[&terms.from] >= terms.amount.minor_units() => {
                let by = UserId::generate();
                append(world, terms.from, TransferApproved { transfer, by });
                self.take(world, terms, None);
            }
            1 => {
                let expired = TransferExpired { transfer, origin, channel: None };
                append(world, terms.from, expired);
            }
            _ => {
                let declined = TransferDeclined { transfer, by: None, origin, channel: None };
                append(world, terms.from, declined);
            }
        }
    }

    fn refund(&mut self, world: &World, pick: usize) {
        if self.completed.is_empty() {
            return;
        }
        let of = self.completed.remove(pick % self.completed.len());
        let won = of.amount.minor_units().min(self.balances[&of.to]);
        if won > 0 {
            let origin = Origin::Refund { of: of.transfer, dues: None };
            let back = Terms { to: of.from, ..self.terms(of.to, won, origin) };
            self.take(world, back, None);
        }
    }
}
