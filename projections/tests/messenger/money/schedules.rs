//! Random but valid histories of scheduled payments and of dues.

use std::collections::BTreeSet;

use super::*;
use events::dues::{
    DuesAssessed, DuesCycleClosed, DuesCycleOpened, DuesCycleReopened, DuesExempted, DuesPaid,
    DuesPaymentReleased, DuesPaymentReserved, DuesPlanCreated, DuesPlanEnded, DuesRefunded, Sums,
    cycle_of,
};
use events::payment::{
    Ahead, OccurrenceFailed, OccurrenceRetrying, OccurrenceStarted, OccurrenceSucceeded,
    OccurrenceWaiting, OccurrencesSkipped, PaymentCancelled, PaymentCompleted, PaymentPaused,
    PaymentResumed, PaymentScheduled, transfer_of,
};
use events::recurrence::{Due, Frequency, Recurrence};
use events::{CycleId, DuesEvent, PaymentEvent, PaymentId, PlanId};

pub(super) fn pay(world: &World, id: PaymentId, event: impl Into<PaymentEvent>) -> LogPosition {
    world.append(&StreamName::payment(id), event.into())
}

pub(super) fn collect(world: &World, id: PlanId, event: impl Into<DuesEvent>) -> LogPosition {
    world.append(&StreamName::dues(id), event.into())
}

pub(super) fn recurrence(frequency: Frequency) -> Recurrence {
    Recurrence {
        frequency,
        start_at: "2026-01-31T09:00:00".parse().unwrap(),
        time_zone: "Asia/Seoul".into(),
        end_at: None,
        count: Some(12),
    }
}

/// Not a month's calendar, but times that grow.
pub(super) fn due(number: u32) -> Due {
    let due_at = Timestamp::from_micros(1_800_000_000_000_000 + i64::from(number) * 1_000_000);
    Due { number, due_at }
}

pub(super) fn ahead(next: u32) -> Ahead {
    Ahead { next: Some(due(next)), wake_at: Some(due(next).due_at) }
}

pub(super) fn scheduled(terms: &Terms) -> PaymentScheduled {
    PaymentScheduled {
        from: terms.from,
        to: terms.to,
        amount: terms.amount,
        memo: terms.memo.clone(),
        recurrence: recurrence(Frequency::Monthly),
        created_by: terms.by,
        ahead: ahead(1),
    }
}

pub(super) fn started(
    id: PaymentId,
    terms: &Terms,
    number: u32,
    attempt: u32,
) -> OccurrenceStarted {
    let transfer = transfer_of(id, number);
    let terms = Terms { transfer, ..terms.clone() };
    OccurrenceStarted {
        number,
        attempt,
        due_at: due(number).due_at,
        terms,
        ahead: ahead(number + 1),
    }
}

pub(super) fn retrying(number: u32, attempt: u32) -> OccurrenceRetrying {
    let (code, retry_at) = ("INSUFFICIENT_FUNDS".to_owned(), due(number).due_at);
    OccurrenceRetrying { number, attempt, code, retry_at, ahead: ahead(number + 1) }
}

struct Payment {
    id: PaymentId,
    terms: Terms,
    next: u32,
    /// Number and attempt of what was started and has no outcome.
    open: Option<(u32, u32)>,
}

struct Plan {
    id: PlanId,
    cycle: CycleId,
    number: u32,
    ended: bool,
    users: Vec<UserId>,
    paid: Vec<i64>,
    exempt: BTreeSet<usize>,
    sums: Sums,
}

/// What there is so far.
#[derive(Default)]
pub(super) struct Schedules {
    payments: Vec<Payment>,
    plans: Vec<Plan>,
}

impl Schedules {
    pub(super) fn pay(&mut self, world: &World, terms: &Terms, pick: usize) {
        if self.payments.len() < 3 || pick.is_multiple_of(10) {
            let (id, terms) = (PaymentId::generate(), terms.clone());
            pay(world, id, scheduled(&terms));
            self.payments.push(Payment { id, terms, next: 1, open: None });
            return;
        }
        let count = self.payments.len();
        self.payments[pick % count].go_on(world, pick / count);
    }

    pub(super) fn collect(&mut self, world: &World, wallet: WalletId, pick: usize) {
        if self.plans.len() < 3 || pick.is_multiple_of(10) {
            self.plans.push(Plan::begin(world, wallet, pick % 5 + 1));
            return;
        }
        let count = self.plans.len();
        self.plans[pick % count].go_on(world, pick / count);
    }
}

impl Payment {
    fn go_on(&mut self, world: &World, pick: usize) {
        let (id, now) = (self.id, ahead(self.next));
        match (self.open, pick % 8) {
            (Some((number, attempt)), 0) => {
                pay(world, id, retrying(number, attempt));
                pay(world, id, started(id, &self.terms, number, attempt + 1));
                self.open = Some((number, attempt + 1));
            }
            (Some((number, _)), 1) => {
                let transfer = transfer_of(id, number);
                pay(world, id, OccurrenceWaiting { number, transfer, ahead: now });
            }
            (Some((number, _)), 2) => {
                let code = "WALLET_CLOSED".to_owned();
                pay(world, id, OccurrenceFailed { number, code, transfer: None, ahead: now });
                self.open = None;
            }
            (Some((number, _)), _) => {
                let transfer = transfer_of(id, number);
                pay(world, id, OccurrenceSucceeded { number, transfer, ahead: now });
                self.open = None;
            }
            (None, 0) => {
                let by = self.terms.by;
                pay(world, id, PaymentPaused { by, ahead: now });
                pay(world, id, PaymentResumed { by, ahead: now });
            }
            (None, 1) => {
                let skipped = vec![due(self.next), due(self.next + 1)];
                self.next += 2;
                pay(world, id, OccurrencesSkipped { skipped, by: None, ahead: ahead(self.next) });
            }
            (None, 2) => drop(pay(world, id, PaymentCancelled { by: self.terms.by, ahead: now })),
            (None, 3) => drop(pay(world, id, PaymentCompleted { ahead: Ahead::default() })),
            (None, _) => {
                pay(world, id, started(id, &self.terms, self.next, 1));
                self.open = Some((self.next, 1));
                self.next += 1;
            }
        }
    }
}

const PART: i64 = 1_000;

pub(super) fn created(wallet: WalletId) -> DuesPlanCreated {
    DuesPlanCreated {
        wallet,
        name: "월 회비".into(),
        amount: amount(PART),
        recurrence: recurrence(Frequency::Monthly),
        created_by: UserId::generate(),
    }
}

pub(super) fn sums(collected: i64, reserved: i64, outstanding: i64) -> Sums {
    let (collected, reserved) = (amount(collected), amount(reserved));
    Sums { collected, reserved, outstanding: amount(outstanding) }
}

impl Plan {
    fn begin(world: &World, wallet: WalletId, members: usize) -> Self {
        let id = PlanId::generate();
        collect(world, id, created(wallet));
        let users = (0..members).map(|_| UserId::generate()).collect();
        let mut plan = Self {
            id,
            cycle: cycle_of(id, 0),
            number: 0,
            ended: false,
            users,
            paid: Vec::new(),
            exempt: BTreeSet::new(),
            sums: Sums::default(),
        };
        plan.open(world);
        plan
    }

    fn open(&mut self, world: &World) {
        self.number += 1;
        self.cycle = cycle_of(self.id, self.number);
        self.paid = vec![0; self.users.len()];
        self.exempt.clear();
        self.sums = sums(0, 0, PART * self.users.len() as i64);
        let (cycle, number, sums) = (self.cycle, self.number, self.sums);
        let (due_at, members) = (due(number).due_at, self.users.len() as u32);
        collect(world, self.id, DuesCycleOpened { cycle, number, due_at, members, sums });
        let users = self.users.clone();
        collect(world, self.id, DuesAssessed { cycle, amount: amount(PART), users });
    }

    fn go_on(&mut self, world: &World, pick: usize) {
        let (id, cycle, nth) = (self.id, self.cycle, pick / 8 % self.users.len());
        match pick % 8 {
            0 | 1 if self.ended => {}
            0 => self.open(world),
            1 => {
                self.ended = true;
                collect(world, id, DuesPlanEnded { by: None });
            }
            2 => {
                collect(world, id, DuesCycleClosed { cycle, by: None });
                collect(world, id, DuesCycleReopened { cycle });
            }
            3 => self.exempt(world, nth),
            4 => self.refund(world, nth),
            _ => self.pay(world, nth, pick),
        }
    }

    fn move_sums(&mut self, collected: i64, reserved: i64, outstanding: i64) -> Sums {
        let of = |sum: Amount, by: i64| sum.minor_units() + by;
        let Sums { collected: paid, reserved: under_way, outstanding: left } = self.sums;
        self.sums = sums(of(paid, collected), of(under_way, reserved), of(left, outstanding));
        self.sums
    }

    fn exempt(&mut self, world: &World, nth: usize) {
        if !self.exempt.insert(nth) {
            return;
        }
        let sums = self.move_sums(0, 0, self.paid[nth] - PART);
        let (cycle, user, by) = (self.cycle, self.users[nth], UserId::generate());
        collect(world, self.id, DuesExempted { cycle, user, by, sums });
    }

    fn pay(&mut self, world: &World, nth: usize, pick: usize) {
        let won = (pick as i64 % 7 + 1) * 100;
        if self.exempt.contains(&nth) || self.paid[nth] + won > PART {
            return;
        }
        let (cycle, user, transfer) = (self.cycle, self.users[nth], TransferId::generate());
        let terms = Terms {
            transfer,
            from: WalletId::generate(),
            to: WalletId::generate(),
            amount: amount(won),
            memo: String::new(),
            by: user,
            origin: Origin::Manual,
        };
        let sums = self.move_sums(0, won, -won);
        collect(world, self.id, DuesPaymentReserved { cycle, user, terms, sums });
        if pick.is_multiple_of(5) {
            let (sums, code) = (self.move_sums(0, -won, won), "LIMIT_EXCEEDED".to_owned());
            let amount = amount(won);
            let released = DuesPaymentReleased { cycle, user, transfer, amount, code, sums };
            collect(world, self.id, released);
            return;
        }
        self.paid[nth] += won;
        let (sums, paid) = (self.move_sums(won, -won, 0), amount(self.paid[nth]));
        let amount = amount(won);
        collect(world, self.id, DuesPaid { cycle, user, transfer, amount, paid, sums });
    }

    fn refund(&mut self, world: &World, nth: usize) {
        let won = self.paid[nth].min(100);
        if won == 0 {
            return;
        }
        self.paid[nth] -= won;
        let owed = if self.exempt.contains(&nth) { 0 } else { won };
        let (sums, paid) = (self.move_sums(-won, 0, owed), amount(self.paid[nth]));
        let (cycle, user, amount) = (self.cycle, self.users[nth], amount(won));
        let (transfer, of) = (TransferId::generate(), TransferId::generate());
        collect(world, self.id, DuesRefunded { cycle, user, transfer, of, amount, paid, sums });
    }
}
