//! Whatever is asked, in whatever order: two wallets that pay each other, and what is under way
//! between them. A model adds up what the events say.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const AMOUNTS: [i64; 8] = [1, 7, 30, 1_000, 100_000_000, 1 << 62, i64::MAX - 5, i64::MAX];

#[derive(Debug, Clone)]
enum Step {
    Deposit(Side, usize, usize),
    Withdraw(Side, usize, usize),
    Pay(Side, usize, usize),
    Refund(Side, usize, usize, Option<usize>),
    Approve(usize, usize),
    Decline(usize, usize),
    Expire(usize),
    Arrive(usize),
    Approvals(usize, i64),
    SetRole(usize, usize, bool),
    Close(Side),
    Wait(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Group,
    Personal,
}

fn step() -> impl Strategy<Value = Step> {
    let side = prop_oneof![Just(Side::Group), Just(Side::Personal)];
    let (who, which) = (0..3_usize, any::<usize>());
    let paying = (side.clone(), who.clone(), 0..AMOUNTS.len());
    let by = (who.clone(), which);
    prop_oneof![
        6 => (side.clone(), which, 0..AMOUNTS.len()).prop_map(|(s, r, a)| Step::Deposit(s, r, a)),
        2 => paying.clone().prop_map(|(s, w, a)| Step::Withdraw(s, w, a)),
        9 => paying.prop_map(|(s, w, a)| Step::Pay(s, w, a)),
        4 => (side.clone(), who.clone(), which, prop::option::of(0..AMOUNTS.len()))
            .prop_map(|(s, w, t, a)| Step::Refund(s, w, t, a)),
        5 => by.clone().prop_map(|(w, t)| Step::Approve(w, t)),
        2 => by.prop_map(|(w, t)| Step::Decline(w, t)),
        1 => which.prop_map(Step::Expire),
        9 => which.prop_map(Step::Arrive),
        3 => (who.clone(), 1..4_i64).prop_map(|(w, n)| Step::Approvals(w, n)),
        2 => (who.clone(), who, any::<bool>()).prop_map(|(b, w, up)| Step::SetRole(b, w, up)),
        1 => side.prop_map(Step::Close),
        1 => (0..100_u64).prop_map(Step::Wait),
    ]
}

struct World {
    users: [UserId; 3],
    group: Given<Wallet>,
    personal: Given<Wallet>,
    ledger: Ledger,
}

/// What the events say, added up without the aggregate.
#[derive(Default)]
struct Ledger {
    outside: i128,
    under_way: Vec<Terms>,
    bounced: Vec<Terms>,
    /// Of each transfer that arrived: its amount, and what of it is paid back.
    arrived: BTreeMap<TransferId, (Amount, i128)>,
    debits: BTreeMap<TransferId, u32>,
    waiting: Vec<TransferId>,
}

impl Ledger {
    fn tell(&mut self, event: &WalletEvent) {
        let units = |amount: Amount| i128::from(amount.minor_units());
        match event {
            WalletEvent::Deposited(event) => self.outside += units(event.amount),
            WalletEvent::Withdrawn(event) => self.outside -= units(event.amount),
            WalletEvent::TransferRequested(event) => self.waiting.push(event.terms.transfer),
            WalletEvent::TransferDebited(event) => {
                *self.debits.entry(event.terms.transfer).or_default() += 1;
                self.under_way.push(event.terms.clone());
            }
            WalletEvent::TransferCredited(event) => {
                self.under_way.retain(|terms| terms.transfer != event.terms.transfer);
                self.arrived.insert(event.terms.transfer, (event.terms.amount, 0));
            }
            WalletEvent::TransferBounced(event) => {
                self.under_way.retain(|terms| terms.transfer != event.terms.transfer);
                self.bounced.push(event.terms.clone());
            }
            WalletEvent::TransferRefunded(event) => {
                self.bounced.retain(|terms| terms.transfer != event.terms.transfer);
            }
            WalletEvent::RefundReserved(event) => {
                self.arrived.get_mut(&event.transfer).unwrap().1 += units(event.amount);
            }
            WalletEvent::RefundReleased(event) => {
                self.arrived.get_mut(&event.transfer).unwrap().1 -= units(event.amount);
            }
            _ => {}
        }
    }
}

impl World {
    fn new() -> Self {
        let users = users();
        let [minji, jun, sora] = users;
        let (group, personal) = (admins(&[minji, jun, sora], 1), personal(minji));
        Self { users, group, personal, ledger: Ledger::default() }
    }

    fn wallet(&mut self, side: Side) -> &mut Given<Wallet> {
        match side {
            Side::Group => &mut self.group,
            Side::Personal => &mut self.personal,
        }
    }

    fn payee_of(&self, side: Side) -> Payee {
        let other = match side {
            Side::Group => &self.personal,
            Side::Personal => &self.group,
        };
        other.state.as_payee(other.stream().entity().parse().unwrap(), Some(3))
    }

    /// Asks, twice, and adds up; a repeat of what was accepted changes nothing.
    fn ask(&mut self, side: Side, command: &Command) {
        let wallet = self.wallet(side);
        let decision = wallet.run(fresh::<CommandId>(), command);
        let Decision::Accept(events) = decision else { return };
        if !matches!(command, Command::Approve { .. } | Command::Decline { .. }) {
            let again = wallet.when(command);
            let changes = matches!(&again, Decision::Accept(events) if !events.is_empty());
            let is_vote = matches!(command, Command::SetApprovals { .. });
            assert!(!changes || is_vote, "{command:?} again: {again:?}");
        }
        for event in &events {
            self.ledger.tell(event);
        }
    }

    fn token(&self, side: Side, user: UserId) -> Warrant {
        let wallet = match side {
            Side::Group => &self.group,
            Side::Personal => &self.personal,
        };
        let pin = wallet.state.pin(user).map(|pin| pin.event);
        pin.map_or(Warrant::Void, |pin| Warrant::Token { pin })
    }

    fn take(&mut self, step: &Step) {
        let users = self.users;
        match *step {
            Step::Deposit(side, reference, amount) => {
                let reference = (reference % 5).to_string();
                self.ask(side, &deposit(AMOUNTS[amount], &reference));
            }
            Step::Withdraw(side, who, amount) => {
                let command = Command::Withdraw(Withdraw {
                    asker: asker(users[who]),
                    amount: positive(AMOUNTS[amount]),
                    reference: Reference::parse(&fresh::<CommandId>().to_string()).unwrap(),
                    warrant: self.token(side, users[who]),
                    day: today(),
                });
                self.ask(side, &command);
            }
            Step::Pay(side, who, amount) => {
                let command = Command::Transfer(Transfer {
                    transfer: fresh::<TransferId>(),
                    asker: asker(users[who]),
                    payee: self.payee_of(side),
                    amount: positive(AMOUNTS[amount]),
                    memo: Memo::empty(),
                    origin: Origin::Manual,
                    warrant: self.token(side, users[who]),
                    day: today(),
                });
                self.ask(side, &command);
            }
            Step::Refund(side, who, which, amount) => {
                let known: Vec<_> = self.ledger.arrived.keys().copied().collect();
                let of = pick(&known, which).unwrap_or_else(fresh::<TransferId>);
                let command = Command::Refund(Refund {
                    refund: fresh::<TransferId>(),
                    of,
                    asker: asker(users[who]),
                    payee: self.payee_of(side),
                    amount: amount.map(|amount| positive(AMOUNTS[amount])),
                    warrant: self.token(side, users[who]),
                });
                self.ask(side, &command);
            }
            ref other => self.take_other(other),
        }
    }

    fn take_other(&mut self, step: &Step) {
        let users = self.users;
        match *step {
            Step::Approve(who, which) => {
                let Some(transfer) = pick(&self.ledger.waiting, which) else { return };
                self.ask(Side::Group, &Command::Approve { asker: asker(users[who]), transfer });
            }
            Step::Decline(who, which) => {
                let Some(transfer) = pick(&self.ledger.waiting, which) else { return };
                self.ask(Side::Group, &Command::Decline { asker: asker(users[who]), transfer });
            }
            Step::Expire(which) => {
                let Some(transfer) = pick(&self.ledger.waiting, which) else { return };
                self.ask(Side::Group, &Command::Expire { transfer });
            }
            Step::Arrive(which) => self.arrive(which),
            Step::Approvals(who, number) => {
                let approvals = Approvals::parse(number).unwrap();
                let asker = asker(users[who]);
                self.ask(Side::Group, &Command::SetApprovals { asker, approvals });
            }
            Step::SetRole(by, who, up) => {
                let role = if up { WalletRole::Admin } else { WalletRole::Member };
                self.ask(Side::Group, &set_role(users[by], users[who], role));
                if self.group.state.is_admin(users[who]) {
                    self.ask(Side::Group, &set_pin(users[who], CurrentPin::LeftOut));
                }
            }
            Step::Close(side) => {
                // Whoever closes has looked what is under way.
                let ledger = &self.ledger;
                let idle = ledger.under_way.is_empty() && ledger.bounced.is_empty();
                let debits = self.wallet(side).state.last_debit().filter(|_| idle);
                self.ask(side, &Command::Close { asker: asker(users[0]), debits });
            }
            Step::Wait(hours) => {
                self.group.now = self.group.now.plus(Duration::from_hours(hours));
            }
            _ => {}
        }
    }

    /// One of those under way comes to its payee, or back to its payer.
    fn arrive(&mut self, which: usize) {
        let group: WalletId = self.group.stream().entity().parse().unwrap();
        let side = |wallet| if wallet == group { Side::Group } else { Side::Personal };
        if let Some(terms) = pick(&self.ledger.under_way, which) {
            self.ask(side(terms.to), &Command::Credit(terms));
        } else if let Some(terms) = pick(&self.ledger.bounced, which) {
            self.ask(side(terms.from), &Command::TakeBack(terms));
        }
    }

    fn check(&self) {
        let units = |amount: Amount| i128::from(amount.minor_units());
        let ledger = &self.ledger;
        let mut inside: i128 =
            ledger.under_way.iter().chain(&ledger.bounced).map(|terms| units(terms.amount)).sum();
        for wallet in [&self.group, &self.personal] {
            let state = &wallet.state;
            inside += units(state.balance());
            let held: i128 = state.holds.values().map(|hold| units(hold.terms.amount)).sum();
            assert_eq!(held, units(state.held));
            assert!(held <= units(state.balance()), "more is held than there is");
            assert!(!state.is_closed() || state.balance() == Amount::ZERO);
        }
        assert_eq!(inside, ledger.outside, "money came to be, or went away");
        assert!(ledger.debits.values().all(|debits| *debits == 1));
        for (amount, refunded) in ledger.arrived.values() {
            assert!((0..=units(*amount)).contains(refunded));
        }
    }
}

fn pick<T: Clone>(of: &[T], which: usize) -> Option<T> {
    (!of.is_empty()).then(|| of[which % of.len()].clone())
}

proptest! {
    #[test]
    fn no_won_comes_to_be_or_goes_away(steps in prop::collection::vec(step(), 1..60)) {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
            world.check();
        }
    }
}
