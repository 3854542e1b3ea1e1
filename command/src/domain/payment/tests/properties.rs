use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    Ask(u8),
    StartDue,
    Settle(u32, u8, u32),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..4u8).prop_map(Step::Ask),
        6 => Just(Step::StartDue),
        8 => (0..12u32, 0..6u8, 1..6u32).prop_map(|(number, what, attempt)| {
            Step::Settle(number, what, attempt)
        }),
        4 => prop_oneof![0..700u64, 1_000..4_000u64].prop_map(Step::Wait),
    ]
}

fn command(step: &Step) -> Option<Command> {
    Some(match *step {
        Step::Ask(0) => pause(),
        Step::Ask(1) => resume(),
        Step::Ask(2) => skip(),
        Step::Ask(_) => cancel(),
        Step::StartDue => Command::StartDue,
        Step::Settle(number, what, attempt) => {
            let code = [Code::InsufficientFunds, Code::LimitExceeded, Code::Unavailable];
            settle(
                number,
                match what {
                    0 => Outcome::Waiting,
                    1 => Outcome::Succeeded,
                    2 => Outcome::Failed(Code::TransferDeclined),
                    other => Outcome::Refused { attempt, code: code[usize::from(other) - 3] },
                },
            )
        }
        Step::Wait(_) => return None,
    })
}

/// What events say, told without the aggregate.
#[derive(Default)]
struct Model {
    /// By number, how many attempts there were.
    attempts: BTreeMap<u32, u32>,
    /// By number, how many outcomes there were.
    outcomes: BTreeMap<u32, u32>,
    underway: Option<u32>,
    last: u32,
    over: bool,
}

impl Model {
    fn take(&mut self, event: &PaymentEvent, now: Timestamp) -> Result<(), TestCaseError> {
        match event {
            PaymentEvent::OccurrenceStarted(started) => {
                prop_assert!(started.due_at <= now, "too early");
                prop_assert_eq!(self.underway.replace(started.number), None, "two at a time");
                let attempts = self.attempts.entry(started.number).or_insert(0);
                *attempts += 1;
                prop_assert_eq!(started.attempt, *attempts);
                prop_assert!(*attempts <= 4);
                if *attempts == 1 {
                    prop_assert_eq!(started.number, self.last + 1, "in order, none left out");
                    prop_assert!(!self.over);
                    self.last = started.number;
                }
            }
            PaymentEvent::OccurrencesSkipped(skipped) => {
                for due in &skipped.skipped {
                    prop_assert_eq!(due.number, self.last + 1, "in order, none left out");
                    self.last = due.number;
                    *self.outcomes.entry(due.number).or_insert(0) += 1;
                }
            }
            PaymentEvent::OccurrenceSucceeded(event) => self.end(event.number),
            PaymentEvent::OccurrenceFailed(event) => self.end(event.number),
            PaymentEvent::OccurrenceWaiting(_) | PaymentEvent::OccurrenceRetrying(_) => {
                self.underway = None;
            }
            PaymentEvent::PaymentCancelled(_) | PaymentEvent::PaymentCompleted(_) => {
                prop_assert!(!self.over);
                self.over = true;
            }
            _ => {}
        }
        prop_assert!(self.outcomes.values().all(|outcomes| *outcomes == 1));
        Ok(())
    }

    fn end(&mut self, number: u32) {
        *self.outcomes.entry(number).or_insert(0) += 1;
        self.underway = self.underway.filter(|underway| *underway != number);
    }
}

proptest! {
    #[test]
    fn each_occurrence_starts_in_order_and_has_one_outcome_and_events_tell_what_is_ahead(
        steps in prop::collection::vec(step(), 1..120),
        count in prop::option::of(1..12i64),
    ) {
        let (mut given, mut model) = (scheduled(Frequency::Daily, count), Model::default());
        for step in &steps {
            if let Step::Wait(minutes) = step {
                given = given.later(Duration::from_mins(*minutes));
            }
            let Some(command) = command(step) else { continue };
            let Decision::Accept(events) = given.run(fresh::<CommandId>(), &command) else {
                continue;
            };
            for event in &events {
                model.take(event, given.now)?;
            }
            if let Some(last) = events.last() {
                let ahead = *last.ahead().unwrap();
                prop_assert_eq!(ahead.wake_at, next_wake(&given.state));
                prop_assert_eq!(ahead.next, given.state.next);
            }
            let status = given.state.status();
            prop_assert_eq!(model.over, matches!(status, Status::Completed | Status::Cancelled));
            if status == Status::Completed {
                prop_assert_eq!(model.outcomes.len() as u64, count.unwrap().unsigned_abs());
            }
        }
    }

    #[test]
    fn a_repeated_command_changes_nothing(
        steps in prop::collection::vec(step(), 1..80),
        count in prop::option::of(1..12i64),
    ) {
        let mut given = scheduled(Frequency::Daily, count);
        for step in &steps {
            if let Step::Wait(minutes) = step {
                given = given.later(Duration::from_mins(*minutes));
            }
            let Some(command) = command(step) else { continue };
            let Decision::Accept(events) = given.run(fresh::<CommandId>(), &command) else {
                continue;
            };
            // Who skips twice leaves out two: its repeat is told by the claim. So is that of the
            // scheduler's command, after which something else may be due.
            if events.is_empty() || matches!(command, Command::Skip { .. } | Command::StartDue) {
                continue;
            }
            let state = given.state.clone();
            let again = given.run(fresh::<CommandId>(), &command);
            let nothing = matches!(&again, Decision::Accept(events) if events.is_empty());
            prop_assert!(nothing || matches!(again, Decision::Refuse(_)), "{:?}", again);
            prop_assert_eq!(&given.state, &state);
        }
    }

    /// However often it stops in between, a payment that is woken when it said it had to be gets
    /// all its occurrences done.
    #[test]
    fn nothing_is_forgotten(
        refusals in prop::collection::vec(prop::option::of(any::<bool>()), 0..60),
        count in 1..12i64,
    ) {
        let mut given = scheduled(Frequency::Weekly, Some(count));
        let mut refusals = refusals.iter();
        let payment: PaymentId = given.stream().entity().parse().unwrap();
        while let Some(wake_at) = ahead(&given).wake_at {
            let wait = wake_at.since(given.now);
            given = given.later(wait + MOMENT).after(&Command::StartDue);
            let Running { number, attempt, .. } = given.state.running(payment).unwrap();
            let outcome = match refusals.next().copied().flatten() {
                Some(true) => Outcome::Refused { attempt, code: Code::InsufficientFunds },
                Some(false) => Outcome::Failed(Code::WalletClosed),
                None => Outcome::Succeeded,
            };
            given = given.after(&settle(number, outcome));
        }
        prop_assert_eq!(given.state.status(), Status::Completed);
    }
}
