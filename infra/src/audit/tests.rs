//! One log that keeps everything, and one for every way of breaking it.

use events::codec::CategoryEvent;
use events::money::{Amount, Currency};
use events::wallet::BounceReason;
use events::wallet::{
    Deposited, Origin, Terms, TransferApproved, TransferBounced, TransferCredited, TransferDebited,
    TransferDeclined, TransferRefunded, TransferRequested, WalletClosed, WalletKind, WalletOpened,
};
use events::{
    Actor, CommandId, EventId, Metadata, NewEvent, Recorded, StreamName, Timestamp, TransferId,
    UserId, WalletEvent, WalletId,
};

use serde_json::json;

use super::{Audit, Breach, Expected};

/// Nobody opens it.
const NONCE: &str = "+v7oEhD69C2A0EG6M3V9w/04In2xh2L2";
const SEALED: &str =
    "weX/4m0P96FoGXi7E4JtEjVUsoI4by4KFnxIuMr5n8Te2W1kX+piSd4ooGvPBcb19nQhTh5n430fCQ";

fn won(minor_units: i64) -> Amount {
    Amount::new(minor_units).unwrap()
}

/// A log as it is written.
struct Story {
    owner: UserId,
    from: WalletId,
    to: WalletId,
    events: Vec<Recorded>,
}

impl Story {
    /// Two open wallets, 1,000 in the first.
    fn new() -> Self {
        let (owner, from, to) = (UserId::generate(), WalletId::generate(), WalletId::generate());
        let mut story = Self { owner, from, to, events: Vec::new() };
        for wallet in [from, to] {
            let opened = WalletOpened {
                kind: WalletKind::Personal,
                owner,
                channel: None,
                name: "KRW".to_owned(),
                description: String::new(),
                currency: Currency::KRW,
                approvals_required: 1,
                pin: serde_json::from_value(
                    json!({ "enc": 1, "key": owner, "n": NONCE, "c": SEALED }),
                )
                .unwrap(),
            };
            story.tell(wallet, opened);
        }
        let by = Some(owner);
        let reference = "first".to_owned();
        let deposited = Deposited { amount: won(1_000), balance_after: won(1_000), reference, by };
        story.tell(from, deposited);
        story
    }

    fn tell(&mut self, wallet: WalletId, event: impl Into<WalletEvent>) {
        let event = event.into();
        let position = self.events.len() as u64 + 1;
        let (kind, version) = event.kind();
        let id = CommandId::generate();
        let metadata = Metadata {
            event_id: EventId(id.0),
            correlation: id,
            causation: id,
            input_hash: None,
            actor: Actor::System,
            recorded_at: Timestamp::from_micros(1),
            version,
            trace_parent: None,
        };
        let data = event.to_json().unwrap();
        self.events.push(Recorded {
            stream: StreamName::wallet(wallet),
            revision: position,
            position,
            event: NewEvent { kind: kind.to_owned(), data, metadata },
        });
    }

    fn terms(&self, amount: i64) -> Terms {
        Terms {
            transfer: TransferId::generate(),
            from: self.from,
            to: self.to,
            amount: won(amount),
            memo: String::new(),
            by: self.owner,
            origin: Origin::Manual,
        }
    }

    fn debit(&mut self, terms: &Terms, balance: i64) {
        let debited = TransferDebited {
            terms: terms.clone(),
            balance_after: won(balance),
            day: None,
            payee_revision: 0,
            channel: None,
        };
        self.tell(self.from, debited);
    }

    fn credit(&mut self, terms: &Terms, balance: i64) {
        let balance_after = won(balance);
        let terms = terms.clone();
        self.tell(self.to, TransferCredited { terms, balance_after, channel: None });
    }

    fn request(&mut self, terms: &Terms, approvals_required: u8) {
        let requested = TransferRequested {
            terms: terms.clone(),
            approvals_required,
            expires_at: Timestamp::from_micros(2),
            day: None,
            payee_revision: 0,
            channel: None,
        };
        self.tell(self.from, requested);
    }

    fn breaches(&self) -> (Vec<Breach>, Vec<Expected>, u64) {
        let mut audit = Audit::new().unwrap();
        for event in &self.events {
            audit.see(event).unwrap();
        }
        let mut judged = audit.judge().unwrap();
        let mut expected = Vec::new();
        while let Some(part) = judged.next_part(u64::MAX).unwrap() {
            expected.extend(part);
        }
        (judged.breaches.told().to_vec(), expected, judged.in_flight)
    }

    /// That something of an invariant is found, at the last event.
    fn breaks(&self, invariant: u8, what: &str) {
        let (breaches, ..) = self.breaches();
        let last = self.events.len() as u64;
        let found = breaches.iter().find(|breach| {
            breach.invariant == invariant
                && breach.what.contains(what)
                && breach.positions.contains(&last)
        });
        assert!(found.is_some(), "{what}: {breaches:#?}");
    }
}

#[test]
fn a_log_that_keeps_its_promises_has_no_breach() {
    let mut story = Story::new();
    let paid = story.terms(300);
    story.debit(&paid, 700);
    story.credit(&paid, 300);
    let bounced = story.terms(100);
    story.debit(&bounced, 600);
    let (terms, reason) = (bounced.clone(), BounceReason::Closed);
    story.tell(story.to, TransferBounced { terms: terms.clone(), reason });
    story.tell(story.from, TransferRefunded { terms, balance_after: won(700), channel: None });
    let waits = story.terms(200);
    story.request(&waits, 1);
    story.debit(&waits, 500);
    let (breaches, expected, in_flight) = story.breaches();
    assert_eq!(breaches, []);
    assert_eq!((expected.len(), in_flight), (3, 1), "the last is on its way");
    let returned =
        expected.iter().filter(|it| matches!(it, Expected::Transfer { returned: true, .. }));
    assert_eq!(returned.count(), 1);
}

#[test]
fn money_that_comes_out_of_nothing_is_found() {
    let mut story = Story::new();
    let terms = story.terms(300);
    story.credit(&terms, 300);
    story.breaks(1, "in flight");
    story.breaks(3, "without having been taken");
}

#[test]
fn a_second_debit_or_credit_is_found() {
    let mut story = Story::new();
    let terms = story.terms(300);
    story.debit(&terms, 700);
    story.debit(&terms, 400);
    story.breaks(3, "taken from the payer more than once");
    let mut story = Story::new();
    let terms = story.terms(300);
    story.debit(&terms, 700);
    story.credit(&terms, 300);
    story.credit(&terms, 600);
    story.breaks(3, "reached the payee more than once");
}

#[test]
fn sides_that_tell_of_different_amounts_are_found() {
    let mut story = Story::new();
    let terms = story.terms(300);
    story.debit(&terms, 700);
    story.credit(&Terms { amount: won(299), ..terms }, 299);
    story.breaks(3, "different amounts");
}

#[test]
fn a_wrong_balance_and_one_below_zero_are_found() {
    let mut story = Story::new();
    let terms = story.terms(300);
    story.debit(&terms, 701);
    story.breaks(2, "not 701 as is told");
    let mut story = Story::new();
    let terms = story.terms(1_001);
    story.debit(&terms, 0);
    story.breaks(2, "its balance is -1");
}

#[test]
fn money_that_goes_back_without_a_bounce_is_found() {
    let mut story = Story::new();
    let terms = story.terms(300);
    story.debit(&terms, 700);
    story.tell(story.from, TransferRefunded { terms, balance_after: won(1_000), channel: None });
    story.breaks(3, "without a bounce");
}

#[test]
fn more_held_than_there_is_and_a_hold_that_ends_twice_are_found() {
    let mut story = Story::new();
    story.request(&story.terms(1_001), 2);
    story.breaks(2, "1001 are held");
    let mut story = Story::new();
    let terms = story.terms(300);
    story.request(&terms, 2);
    let (transfer, origin) = (terms.transfer, Origin::Manual);
    let declined = TransferDeclined { transfer, by: None, origin, channel: None };
    story.tell(story.from, declined.clone());
    story.tell(story.from, declined);
    story.breaks(4, "ended and isn't there");
    story.breaks(4, "its hold ended more than once");
}

#[test]
fn approvals_by_strangers_and_payments_with_too_few_are_found() {
    let mut story = Story::new();
    let terms = story.terms(300);
    story.request(&terms, 2);
    let (transfer, by) = (terms.transfer, UserId::generate());
    story.tell(story.from, TransferApproved { transfer, by });
    story.breaks(4, "who is no admin");
    story.debit(&terms, 700);
    story.breaks(4, "with 1 of 2 approvals");
    let mut story = Story::new();
    let terms = story.terms(300);
    story.request(&terms, 2);
    let (transfer, by) = (terms.transfer, story.owner);
    story.tell(story.from, TransferApproved { transfer, by });
    story.breaks(4, "was approved twice");
}

#[test]
fn a_debit_by_who_is_no_admin_is_found() {
    let mut story = Story::new();
    let terms = Terms { by: UserId::generate(), ..story.terms(300) };
    story.debit(&terms, 700);
    story.breaks(4, "without who had to approve");
}

#[test]
fn a_wallet_that_is_closed_with_money_in_it_is_found() {
    let mut story = Story::new();
    story.tell(story.from, WalletClosed { by: None });
    story.breaks(2, "closed with 1000 in it");
}

#[test]
fn an_event_that_cannot_be_read_is_found() {
    let mut story = Story::new();
    story.tell(story.from, WalletClosed { by: None });
    story.events.last_mut().unwrap().event.kind = "WalletBurnt".to_owned();
    story.breaks(0, "can't be read");
}
