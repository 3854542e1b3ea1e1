use std::collections::BTreeMap;

use events::codec::{self, CategoryEvent};
use events::dues::{DuesPaymentReleased, DuesPaymentReserved, DuesPlanEnded, Sums, cycle_of};
use events::money::Amount;
use events::payment::{
    Ahead, OccurrenceFailed, OccurrenceRetrying, OccurrenceStarted, OccurrenceSucceeded,
    OccurrenceWaiting, PaymentPaused, debit_of, transfer_of,
};
use events::wallet::{
    BounceReason, DuesShare, Origin, Terms, TransferBounced, TransferCredited, TransferDeclined,
    TransferExpired,
};
use events::{
    Actor, CommandId, DuesEvent, EventId, Metadata, PaymentEvent, PaymentId, PlanId, StreamName,
    Timestamp, TransferId, UserId, WalletEvent, WalletId,
};

use super::*;
use crate::domain::{dues as plan, payment as scheduled};
use crate::rejection::Code;

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

const fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

fn payment() -> PaymentId {
    PaymentId(id(1))
}

fn share() -> DuesShare {
    let plan = PlanId(id(2));
    DuesShare { plan, cycle: cycle_of(plan, 1), user: UserId(id(3)) }
}

fn occurrence() -> Origin {
    Origin::Scheduled { payment: payment(), number: 7 }
}

fn terms(origin: Origin) -> Terms {
    let transfer = match origin {
        Origin::Scheduled { payment, number } => transfer_of(payment, number),
        _ => TransferId(id(4)),
    };
    let (from, to, by) = (WalletId(id(5)), WalletId(id(6)), UserId(id(3)));
    let amount = Amount::new(1_000).unwrap();
    Terms { transfer, from, to, amount, memo: String::new(), by, origin }
}

fn recorded<E: CategoryEvent>(stream: StreamName, event: impl Into<E>) -> Recorded {
    let metadata = Metadata {
        event_id: EventId(id(8)),
        correlation: CommandId(id(9)),
        causation: CommandId(id(10)),
        input_hash: None,
        actor: Actor::System,
        recorded_at: at(100),
        version: 0,
        trace_parent: None,
    };
    let ring = std::iter::empty().collect();
    let event = codec::encode(&mut event.into(), &stream, metadata, &ring).unwrap();
    Recorded { position: 1, stream, revision: 0, event }
}

fn of_payment(event: impl Into<PaymentEvent>) -> Recorded {
    recorded::<PaymentEvent>(StreamName::payment(payment()), event)
}

fn of_dues(event: impl Into<DuesEvent>) -> Recorded {
    recorded::<DuesEvent>(StreamName::dues(share().plan), event)
}

fn of_wallet(event: impl Into<WalletEvent>) -> Recorded {
    recorded::<WalletEvent>(StreamName::wallet(WalletId(id(6))), event)
}

fn started(ahead: Ahead) -> Recorded {
    let (number, attempt, due_at) = (7, 2, at(90));
    let terms = terms(occurrence());
    of_payment(OccurrenceStarted { number, attempt, due_at, terms, ahead })
}

fn credited(origin: Origin) -> Recorded {
    let balance_after = Amount::new(1_000).unwrap();
    of_wallet(TransferCredited { terms: terms(origin), balance_after, channel: None })
}

fn reserved() -> Recorded {
    let DuesShare { cycle, user, .. } = share();
    let (terms, sums) = (terms(Origin::Dues(share())), Sums::default());
    of_dues(DuesPaymentReserved { cycle, user, terms, sums })
}

fn ahead(wake_at: Option<Timestamp>) -> Ahead {
    Ahead { next: None, wake_at }
}

/// What the list holds after these, with what is due when.
fn list(events: &[Recorded]) -> Vec<(Option<Timestamp>, Due)> {
    let mut open = BTreeMap::new();
    for event in events {
        for change in follow(event).unwrap() {
            match change {
                Change::Open(key) => _ = open.insert(key, (None, event)),
                Change::Schedule { key, due_at } => _ = open.insert(key, (Some(due_at), event)),
                Change::Close(key) => _ = open.remove(&key),
                other => panic!("{other:?}"),
            }
        }
    }
    let due = |(key, (at, event)): (&Uuid, &(Option<Timestamp>, &Recorded))| {
        (*at, derive(*key, event).unwrap().expect("who opens something can tell what"))
    };
    open.iter().map(due).collect()
}

/// What is told by what the event opens.
fn told(event: &Recorded) -> Told {
    match &list(std::slice::from_ref(event))[..] {
        [(None, Due::Settlement(settlement))] => settlement.told,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_payment_is_woken_when_its_newest_event_says() {
    let pause = |wake_at| of_payment(PaymentPaused { by: UserId(id(3)), ahead: ahead(wake_at) });
    let [(due_at, Due::Wake(wake))] = &list(&[pause(Some(at(5))), pause(Some(at(6)))])[..] else {
        panic!("one")
    };
    assert_eq!((*due_at, wake.due_at, wake.payment), (Some(at(6)), at(6), payment()));
    assert_eq!(wake.stream(), StreamName::payment(payment()));
    assert_eq!(list(&[pause(Some(at(5))), pause(None)]), []);
}

#[test]
fn an_occurrence_is_debited_until_it_is_known_how_that_went() {
    let open = list(&[started(ahead(None))]);
    let [(None, Due::Occurrence(occurrence))] = &open[..] else { panic!("{open:?}") };
    assert_eq!((occurrence.number, occurrence.attempt), (7, 2));
    assert_eq!(occurrence.debit_id(), debit_of(payment(), 7, 2));
    let (number, ahead, transfer) = (7, ahead(None), transfer_of(payment(), 7));
    let code = "INSUFFICIENT_FUNDS".to_owned();
    for end in [
        of_payment(OccurrenceWaiting { number, transfer, ahead }),
        of_payment(OccurrenceSucceeded { number, transfer, ahead }),
        of_payment(OccurrenceFailed { number, code: code.clone(), transfer: None, ahead }),
        of_payment(OccurrenceRetrying { number, attempt: 2, code, retry_at: at(5), ahead }),
    ] {
        assert_eq!(list(&[started(ahead), end]), []);
    }
}

#[test]
fn a_payment_is_told_what_became_of_an_occurrence_until_it_knows() {
    let outcome = |outcome| Told::Occurrence { payment: payment(), number: 7, outcome };
    let (origin, transfer) = (occurrence(), transfer_of(payment(), 7));
    let failed = |code| outcome(scheduled::Outcome::Failed(code));
    let bounced = |reason| of_wallet(TransferBounced { terms: terms(origin), reason });
    assert_eq!(told(&credited(origin)), outcome(scheduled::Outcome::Succeeded));
    assert_eq!(told(&bounced(BounceReason::Closed)), failed(Code::WalletClosed));
    assert_eq!(told(&bounced(BounceReason::Overflow)), failed(Code::AmountTooLarge));
    let declined = of_wallet(TransferDeclined { transfer, by: None, origin, channel: None });
    assert_eq!(told(&declined), failed(Code::TransferDeclined));
    let expired = of_wallet(TransferExpired { transfer, origin, channel: None });
    assert_eq!(told(&expired), failed(Code::TransferExpired));
    let ahead = ahead(None);
    let knows = of_payment(OccurrenceSucceeded { number: 7, transfer, ahead });
    assert_eq!(list(&[credited(origin), knows]), []);
    // That it waited is older news than how it ended.
    let waits = of_payment(OccurrenceWaiting { number: 7, transfer, ahead });
    assert_eq!(list(&[declined, waits]).len(), 1);
}

#[test]
fn the_next_cycle_opens_when_the_newest_falls_due_unless_the_plan_has_ended() {
    let opened = |number, due_at| {
        let (cycle, sums) = (cycle_of(share().plan, number), Sums::default());
        of_dues(events::dues::DuesCycleOpened { cycle, number, due_at, members: 1, sums })
    };
    let open = list(&[opened(1, at(5)), opened(2, at(6))]);
    let [(due_at, Due::Cycle(cycle))] = &open[..] else { panic!("{open:?}") };
    assert_eq!((*due_at, cycle.number, cycle.plan), (Some(at(6)), 2, share().plan));
    assert_eq!(list(&[opened(1, at(5)), of_dues(DuesPlanEnded { by: None })]), []);
}

#[test]
fn dues_are_debited_and_the_plan_is_told_until_it_knows() {
    let open = list(&[reserved()]);
    let [(None, Due::Reservation(reservation))] = &open[..] else { panic!("{open:?}") };
    assert_eq!((reservation.share, reservation.terms.transfer), (share(), TransferId(id(4))));
    let transfer = TransferId(id(4));
    let paid = |outcome| Told::Dues { share: share(), transfer, outcome };
    let arrived = credited(Origin::Dues(share()));
    assert_eq!(told(&arrived), paid(plan::Outcome::Paid));
    let origin = Origin::Dues(share());
    let expired = of_wallet(TransferExpired { transfer, origin, channel: None });
    assert_eq!(told(&expired), paid(plan::Outcome::Released(Code::TransferExpired)));
    let DuesShare { cycle, user, .. } = share();
    let (amount, sums) = (Amount::new(1_000).unwrap(), Sums::default());
    let code = "TRANSFER_EXPIRED".to_owned();
    let knows = of_dues(DuesPaymentReleased { cycle, user, transfer, amount, code, sums });
    assert_eq!(list(&[reserved(), expired, knows]), []);
}

#[test]
fn a_plan_is_told_of_refunds_that_arrive() {
    let of = TransferId(id(11));
    let refund = |dues| Origin::Refund { of, dues };
    let (transfer, amount) = (TransferId(id(4)), Amount::new(1_000).unwrap());
    let back = plan::Refund { share: share(), of, transfer, amount };
    assert_eq!(told(&credited(refund(Some(share())))), Told::Refund(back));
    assert_eq!(list(&[credited(refund(None))]), []);
    let reason = BounceReason::Closed;
    let bounced = of_wallet(TransferBounced { terms: terms(refund(Some(share()))), reason });
    assert_eq!(list(&[bounced]), []);
}

#[test]
fn transfers_that_somebody_asked_for_concern_nobody_else() {
    assert_eq!(list(&[credited(Origin::Manual)]), []);
    // What somebody writes can't pose as an origin.
    let memo = r#""kind":"manual""#.to_owned();
    let balance_after = Amount::new(1_000).unwrap();
    let terms = Terms { memo, ..terms(occurrence()) };
    assert_eq!(
        list(&[of_wallet(TransferCredited { terms, balance_after, channel: None })]).len(),
        1
    );
}
