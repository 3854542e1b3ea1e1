use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::payments::payment;
use super::*;

const USERS_LEN: usize = 3;

#[derive(Debug, Clone)]
enum Step {
    Pay(usize, i64),
    Settle(usize, bool),
    Refund(usize, i64),
    Exempt(usize),
    Close,
}

fn step() -> impl Strategy<Value = Step> {
    let which = 0..USERS_LEN;
    prop_oneof![
        8 => (which.clone(), 1..1_200i64).prop_map(|(who, amount)| Step::Pay(who, amount)),
        8 => (0..20usize, prop::bool::weighted(0.7)).prop_map(|(which, arrives)| {
            Step::Settle(which, arrives)
        }),
        4 => (0..20usize, 1..1_200i64).prop_map(|(which, amount)| Step::Refund(which, amount)),
        1 => which.prop_map(Step::Exempt),
        1 => Just(Step::Close),
    ]
}

/// Payments as the wallets know them.
#[derive(Clone, Copy)]
struct Moved {
    user: UserId,
    transfer: TransferId,
    amount: i64,
    arrived: Option<bool>,
}

/// The next command, as wallets that keep their own rules bring it about.
fn command(
    step: &Step,
    users: [UserId; USERS_LEN],
    given: &Given<Dues>,
    moved: &mut [Moved],
) -> Option<Command> {
    let cycle = nth(given, 1);
    let share = |user| DuesShare { plan: id(given), cycle, user };
    let (by, permit) = (users[0], Ok(()));
    let len = moved.len();
    Some(match *step {
        Step::Pay(who, amount) => Command::Pay(Box::new(payment(given, 1, users[who], amount))),
        Step::Exempt(who) => Command::Exempt { by, cycle, user: users[who], permit },
        Step::Close => Command::CloseCycle { by, cycle, permit },
        Step::Settle(_, _) | Step::Refund(_, _) if len == 0 => return None,
        Step::Settle(which, arrives) => {
            let moved = &mut moved[which % len];
            let arrives = *moved.arrived.get_or_insert(arrives);
            let lost = Outcome::Released(Code::InsufficientFunds);
            let outcome = if arrives { Outcome::Paid } else { lost };
            Command::Settle { share: share(moved.user), transfer: moved.transfer, outcome }
        }
        Step::Refund(which, amount) => {
            let moved = &mut moved[which % len];
            if *moved.arrived.get_or_insert(true) && amount <= moved.amount {
                moved.amount -= amount;
            } else {
                return None;
            }
            let (share, of, transfer) = (share(moved.user), moved.transfer, fresh::<TransferId>());
            Command::Refund(Refund { share, of, transfer, amount: won(amount) })
        }
    })
}

/// What events say, told without the aggregate.
#[derive(Default)]
struct Model {
    paid: BTreeMap<UserId, i64>,
    reserved: BTreeMap<TransferId, (UserId, i64)>,
    exempt: BTreeSet<UserId>,
    sums: Sums,
    is_open: bool,
}

impl Model {
    fn take(&mut self, event: &DuesEvent) -> Result<(), TestCaseError> {
        match event {
            DuesEvent::DuesPaymentReserved(event) => {
                prop_assert!(self.is_open && !self.exempt.contains(&event.user));
                let amount = event.terms.amount.minor_units();
                let known = self.reserved.insert(event.terms.transfer, (event.user, amount));
                prop_assert_eq!(known, None);
                self.sums = event.sums;
            }
            DuesEvent::DuesPaid(event) => {
                let (user, amount) = self.reserved.remove(&event.transfer).unwrap();
                *self.paid.entry(user).or_insert(0) += amount;
                prop_assert_eq!(event.paid.minor_units(), self.paid[&user]);
                self.sums = event.sums;
            }
            DuesEvent::DuesPaymentReleased(event) => {
                prop_assert!(self.reserved.remove(&event.transfer).is_some());
                self.sums = event.sums;
            }
            DuesEvent::DuesRefunded(event) => {
                *self.paid.get_mut(&event.user).unwrap() -= event.amount.minor_units();
                prop_assert_eq!(event.paid.minor_units(), self.paid[&event.user]);
                self.sums = event.sums;
            }
            DuesEvent::DuesExempted(event) => {
                prop_assert!(self.exempt.insert(event.user));
                self.sums = event.sums;
            }
            DuesEvent::DuesCycleClosed(_) => {
                prop_assert!(self.is_open);
                self.is_open = false;
            }
            DuesEvent::DuesCycleReopened(_) => {
                prop_assert!(!self.is_open);
                self.is_open = true;
            }
            other => prop_assert!(false, "{other:?}"),
        }
        Ok(())
    }

    /// The sums that events tell are those of the parts.
    fn check(&self, users: [UserId; USERS_LEN]) -> Result<(), TestCaseError> {
        let reserved = |user| {
            let own = self.reserved.values().filter(|(whose, _)| *whose == user);
            own.map(|(_, amount)| amount).sum::<i64>()
        };
        let paid = |user| self.paid.get(&user).copied().unwrap_or(0);
        let mut outstanding = 0;
        for user in users {
            let left = 1_000 - paid(user) - reserved(user);
            prop_assert!(left >= 0 && paid(user) >= 0, "more than was assessed");
            outstanding += if self.exempt.contains(&user) { 0 } else { left };
        }
        let collected = users.into_iter().map(paid).sum();
        let under_way = users.into_iter().map(reserved).sum();
        prop_assert_eq!(self.sums, sums(collected, under_way, outstanding));
        prop_assert!(!self.is_open || outstanding + under_way > 0, "left open with nothing to pay");
        Ok(())
    }
}

proptest! {
    #[test]
    fn no_more_is_paid_than_was_assessed_and_all_sums_are_those_of_the_parts(
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let users = users::<USERS_LEN>();
        let (mut given, mut moved) = (plan_of(&users), Vec::new());
        let mut model = Model { is_open: true, sums: sums(0, 0, 3_000), ..Model::default() };
        for step in &steps {
            let Some(command) = command(step, users, &given, &mut moved) else { continue };
            let Decision::Accept(events) = given.run(fresh::<CommandId>(), &command) else {
                prop_assert!(matches!(step, Step::Pay(..) | Step::Exempt(_) | Step::Close));
                continue;
            };
            if let Command::Pay(pay) = &command {
                let amount = pay.amount.get().minor_units();
                let (user, transfer) = (pay.user, pay.transfer);
                moved.push(Moved { user, transfer, amount, arrived: None });
            }
            for event in &events {
                model.take(event)?;
            }
            model.check(users)?;
            // Again, it changes nothing.
            let again = given.run(fresh::<CommandId>(), &command);
            let nothing = matches!(&again, Decision::Accept(events) if events.is_empty());
            prop_assert!(nothing || matches!(again, Decision::Refuse(_)), "{:?}", again);
        }
    }
}
