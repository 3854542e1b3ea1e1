//! Of what falls due by itself.

use events::dues::{
    DuesAssessed, DuesCycleClosed, DuesCycleOpened, DuesCycleReopened, DuesExempted, DuesPaid,
    DuesPaymentReleased, DuesPaymentReserved, DuesPlanCreated, DuesPlanEnded, DuesRefunded, Sums,
    cycle_of,
};
use events::money::Amount;
use events::payment::{
    Ahead, OccurrenceFailed, OccurrenceRetrying, OccurrenceStarted, OccurrenceSucceeded,
    OccurrenceWaiting, OccurrencesSkipped, PaymentCancelled, PaymentCompleted, PaymentPaused,
    PaymentResumed, PaymentScheduled, transfer_of,
};
use events::recurrence::{Due, Frequency, Recurrence};
use events::wallet::{DuesShare, Origin, Terms};
use events::{DuesEvent, PaymentEvent, PaymentId, PlanId, StreamName, TransferId, WalletId};

use super::{Sample, id, instant, settled, user};

fn amount(minor_units: i64) -> Amount {
    Amount::new(minor_units).unwrap()
}

fn monthly() -> Recurrence {
    Recurrence {
        frequency: Frequency::Monthly,
        start_at: "2026-01-31T09:00:00".parse().unwrap(),
        time_zone: "Asia/Seoul".to_owned(),
        end_at: Some("2026-12-31T09:00:00".parse().unwrap()),
        count: None,
    }
}

fn terms(transfer: TransferId, origin: Origin) -> Terms {
    let (from, to, by) = (WalletId(id(20)), WalletId(id(21)), user());
    Terms { transfer, from, to, amount: amount(15_000), memo: "회비".to_owned(), by, origin }
}

fn due(number: u32) -> Due {
    Due { number, due_at: instant() }
}

/// Of scheduled payments.
pub(crate) fn payments() -> Vec<Sample<PaymentEvent>> {
    let payment = PaymentId(id(22));
    let (by, number, transfer) = (user(), 3, transfer_of(payment, 3));
    let ahead = Ahead { next: Some(due(4)), wake_at: Some(instant()) };
    let origin = Origin::Scheduled { payment, number };
    let events: Vec<PaymentEvent> = vec![
        PaymentScheduled {
            from: WalletId(id(20)),
            to: WalletId(id(21)),
            amount: amount(15_000),
            memo: "월세".to_owned(),
            recurrence: monthly(),
            created_by: by,
            ahead,
        }
        .into(),
        PaymentPaused { by, ahead: Ahead { wake_at: None, ..ahead } }.into(),
        PaymentResumed { by, ahead }.into(),
        PaymentCancelled { by, ahead }.into(),
        PaymentCompleted { ahead: Ahead::default() }.into(),
        OccurrencesSkipped { skipped: vec![due(1), due(2)], by: Some(by), ahead }.into(),
        OccurrenceStarted {
            number,
            attempt: 2,
            due_at: instant(),
            terms: terms(transfer, origin),
            ahead,
        }
        .into(),
        OccurrenceWaiting { number, transfer, ahead }.into(),
        OccurrenceRetrying {
            number,
            attempt: 2,
            code: "INSUFFICIENT_FUNDS".to_owned(),
            retry_at: instant(),
            ahead,
        }
        .into(),
        OccurrenceSucceeded { number, transfer, ahead }.into(),
        OccurrenceFailed {
            number,
            code: "TRANSFER_DECLINED".to_owned(),
            transfer: Some(transfer),
            ahead,
        }
        .into(),
        settled().into(),
    ];
    let stream = StreamName::payment(payment);
    events.into_iter().map(|event| Sample { stream: stream.clone(), event }).collect()
}

/// Of plans of dues.
pub(crate) fn dues() -> Vec<Sample<DuesEvent>> {
    let plan = PlanId(id(23));
    let (by, user, cycle, transfer) = (user(), user(), cycle_of(plan, 1), TransferId(id(24)));
    let sums = Sums { collected: amount(1), reserved: amount(2), outstanding: amount(3) };
    let share = DuesShare { plan, cycle, user };
    let (part, paid) = (amount(5_000), amount(10_000));
    let events: Vec<DuesEvent> = vec![
        DuesPlanCreated {
            wallet: WalletId(id(21)),
            name: "월 회비".to_owned(),
            amount: amount(15_000),
            recurrence: monthly(),
            created_by: by,
        }
        .into(),
        DuesPlanEnded { by: Some(by) }.into(),
        DuesCycleOpened { cycle, number: 1, due_at: instant(), members: 1, sums }.into(),
        DuesAssessed { cycle, amount: amount(15_000), users: vec![user] }.into(),
        DuesCycleClosed { cycle, by: Some(by) }.into(),
        DuesCycleReopened { cycle }.into(),
        DuesExempted { cycle, user, by, sums }.into(),
        DuesPaymentReserved { cycle, user, terms: terms(transfer, Origin::Dues(share)), sums }
            .into(),
        DuesPaid { cycle, user, transfer, amount: part, paid, sums }.into(),
        DuesPaymentReleased {
            cycle,
            user,
            transfer,
            amount: part,
            code: "INSUFFICIENT_FUNDS".to_owned(),
            sums,
        }
        .into(),
        DuesRefunded {
            cycle,
            user,
            transfer: TransferId(id(25)),
            of: transfer,
            amount: part,
            paid,
            sums,
        }
        .into(),
        settled().into(),
    ];
    let stream = StreamName::dues(plan);
    events.into_iter().map(|event| Sample { stream: stream.clone(), event }).collect()
}
