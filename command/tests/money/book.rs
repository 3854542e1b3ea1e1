//! What should happen, written from the contract and sharing nothing with the deciders: plain
//! maps that say of each command whether it is accepted, or which code it is refused with.

use std::collections::BTreeMap;

use events::CommandId;

use crate::deeds::{USERS, WALLETS};

/// What is asked for, with everything resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ask {
    Deposit { wallet: usize, sum: i64, reference: String },
    Withdraw { wallet: usize, sum: i64, reference: String },
    Transfer { from: usize, to: usize, sum: i64 },
    Approve { transfer: CommandId },
    Decline { transfer: CommandId },
    Refund { transfer: CommandId, sum: Option<i64> },
    Close { wallet: usize },
    Limits { wallet: usize, once: i64, day: i64 },
}

#[derive(Debug, Clone)]
pub(crate) struct Act {
    pub(crate) id: CommandId,
    pub(crate) who: usize,
    pub(crate) ask: Ask,
    pub(crate) has_token: bool,
    /// Whether the payee was open when this was sent: it may be found closed later only.
    pub(crate) finds_payee: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Open,
    Frozen,
    Closed,
}

#[derive(Debug, Clone)]
pub(crate) struct Wallet {
    pub(crate) status: Status,
    pub(crate) balance: i64,
    pub(crate) required: usize,
    pub(crate) admins: Vec<usize>,
    pub(crate) members: Vec<usize>,
    pub(crate) once: i64,
    pub(crate) day: i64,
    pub(crate) spent: BTreeMap<i64, i64>,
    pub(crate) deposits: BTreeMap<String, i64>,
    pub(crate) withdrawals: BTreeMap<String, i64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Phase {
    Waiting { approved: Vec<usize>, since: i64 },
    UnderWay,
    Arrived,
    CameBack,
    Ended,
}

#[derive(Debug, Clone)]
pub(crate) struct Transfer {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) sum: i64,
    pub(crate) phase: Phase,
    pub(crate) waited: bool,
    pub(crate) day: Option<i64>,
    pub(crate) refund_of: Option<CommandId>,
    pub(crate) refunded: i64,
}

#[derive(Debug, Clone)]
pub(crate) struct Book {
    pub(crate) wallets: Vec<Wallet>,
    pub(crate) transfers: BTreeMap<CommandId, Transfer>,
    /// In the order in which they were made.
    pub(crate) order: Vec<CommandId>,
}

const MOST_AT_ONCE: i64 = 100_000_000;
const MOST_A_DAY: i64 = 1_000_000_000;
pub(crate) const WAITS_FOR: i64 = 72 * 3_600 * 1_000_000;

/// The day in Seoul.
pub(crate) fn day(now: i64) -> i64 {
    (now + 9 * 3_600 * 1_000_000).div_euclid(86_400 * 1_000_000)
}

impl Book {
    pub(crate) fn new() -> Self {
        let wallet = |number: usize| {
            let (admins, members, required) = match number {
                USERS => (vec![0, 1, 2], vec![0, 1, 2, 3], 2),
                number if number > USERS => (vec![3], vec![3], 1),
                own => (vec![own], vec![own], 1),
            };
            let [deposits, withdrawals] = [(); 2].map(|()| BTreeMap::new());
            Wallet {
                status: Status::Open,
                balance: 0,
                required,
                admins,
                members,
                once: MOST_AT_ONCE,
                day: MOST_A_DAY,
                spent: BTreeMap::new(),
                deposits,
                withdrawals,
            }
        };
        let wallets = (0..WALLETS).map(wallet).collect();
        Self { wallets, transfers: BTreeMap::new(), order: Vec::new() }
    }

    pub(crate) fn waiting(&self) -> Vec<CommandId> {
        let waits = |id: &&CommandId| matches!(self.transfers[id].phase, Phase::Waiting { .. });
        self.order.iter().filter(waits).copied().collect()
    }

    pub(crate) fn available(&self, wallet: usize) -> i64 {
        let waits = |of: &&Transfer| of.from == wallet && matches!(of.phase, Phase::Waiting { .. });
        let held: i64 = self.transfers.values().filter(waits).map(|of| of.sum).sum();
        self.wallets[wallet].balance - held
    }

    /// Does what [`judge`](Self::judge) allows.
    pub(crate) fn apply(&mut self, act: &Act, now: i64) {
        match &act.ask {
            Ask::Deposit { wallet, sum, reference } => {
                self.wallets[*wallet].balance += sum;
                self.wallets[*wallet].deposits.insert(reference.clone(), *sum);
            }
            Ask::Withdraw { wallet, sum, reference } => {
                let of = &mut self.wallets[*wallet];
                of.balance -= sum;
                of.withdrawals.insert(reference.clone(), *sum);
                *of.spent.entry(day(now)).or_default() += sum;
            }
            Ask::Transfer { from, to, sum } => {
                *self.wallets[*from].spent.entry(day(now)).or_default() += sum;
                self.begin(act, (*from, *to, *sum), None, now);
            }
            Ask::Refund { transfer, sum } => {
                let of = self.transfers.get_mut(transfer).unwrap();
                let sum = sum.unwrap_or(of.sum - of.refunded);
                of.refunded += sum;
                let way = (of.to, of.from, sum);
                self.begin(act, way, Some(*transfer), now);
            }
            Ask::Approve { transfer } => {
                let of = self.transfers.get_mut(transfer).unwrap();
                let Phase::Waiting { approved, .. } = &mut of.phase else { panic!() };
                approved.push(act.who);
                if approved.len() >= self.wallets[of.from].required {
                    of.phase = Phase::UnderWay;
                    self.wallets[of.from].balance -= of.sum;
                }
            }
            Ask::Decline { transfer } => self.end(*transfer),
            Ask::Close { wallet } => self.wallets[*wallet].status = Status::Closed,
            Ask::Limits { wallet, once, day } => {
                (self.wallets[*wallet].once, self.wallets[*wallet].day) = (*once, *day);
            }
        }
    }

    fn begin(
        &mut self,
        act: &Act,
        (from, to, sum): (usize, usize, i64),
        refund_of: Option<CommandId>,
        now: i64,
    ) {
        let waited = self.wallets[from].required > 1;
        let phase = if waited {
            Phase::Waiting { approved: vec![act.who], since: now }
        } else {
            self.wallets[from].balance -= sum;
            Phase::UnderWay
        };
        let day = refund_of.is_none().then(|| day(now));
        let transfer = Transfer { from, to, sum, phase, waited, day, refund_of, refunded: 0 };
        assert!(self.transfers.insert(act.id, transfer).is_none(), "asked for twice");
        self.order.push(act.id);
    }

    /// It doesn't come to be: what it counted against is given back.
    fn end(&mut self, id: CommandId) {
        let of = self.transfers.get_mut(&id).unwrap();
        of.phase = Phase::Ended;
        let (from, sum, day, refund_of) = (of.from, of.sum, of.day, of.refund_of);
        if let Some(day) = day {
            *self.wallets[from].spent.get_mut(&day).unwrap() -= sum;
        }
        if let Some(refunded) = refund_of {
            self.transfers.get_mut(&refunded).unwrap().refunded -= sum;
        }
    }

    pub(crate) fn lapse(&mut self, id: CommandId, now: i64) {
        let Phase::Waiting { since, .. } = self.transfers[&id].phase else {
            panic!("{id} lapsed, but did not wait");
        };
        assert!(now >= since + WAITS_FOR, "{id} lapsed too early");
        self.end(id);
    }

    pub(crate) fn arrive(&mut self, id: CommandId) {
        let of = self.transfers.get_mut(&id).unwrap();
        assert_eq!(of.phase, Phase::UnderWay, "{id} arrived");
        assert_ne!(self.wallets[of.to].status, Status::Closed, "{id} arrived at a closed wallet");
        of.phase = Phase::Arrived;
        self.wallets[of.to].balance += of.sum;
    }

    pub(crate) fn bounce(&mut self, id: CommandId) {
        let of = &self.transfers[&id];
        assert_eq!(of.phase, Phase::UnderWay, "{id} bounced");
        assert_eq!(self.wallets[of.to].status, Status::Closed, "{id} bounced off an open wallet");
    }

    pub(crate) fn come_back(&mut self, id: CommandId) {
        self.bounce(id);
        let of = self.transfers.get_mut(&id).unwrap();
        of.phase = Phase::CameBack;
        self.wallets[of.from].balance += of.sum;
        if let Some(refunded) = of.refund_of {
            let sum = of.sum;
            self.transfers.get_mut(&refunded).unwrap().refunded -= sum;
        }
    }
}
