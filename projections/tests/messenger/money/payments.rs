//! What each kind of event makes of scheduled payments and their occurrences.

use super::rows::feed;
use super::schedules::{ahead, due, pay, retrying, scheduled, started};
use super::*;
use events::PaymentId;
use events::feed::FeedKind;
use events::payment::{
    Ahead, OccurrenceFailed, OccurrenceSucceeded, OccurrenceWaiting, OccurrencesSkipped,
    PaymentCancelled, PaymentCompleted, PaymentPaused, PaymentResumed, transfer_of,
};
use serde_json::json;

struct Scheduled {
    purses: Purses,
    id: PaymentId,
    terms: Terms,
    at: LogPosition,
}

impl Scheduled {
    async fn new() -> Self {
        let purses = Purses::new().await;
        let (id, terms) = (PaymentId::generate(), purses.terms(3_000));
        let at = pay(&purses.world, id, scheduled(&terms));
        Self { purses, id, terms, at }
    }

    fn world(&self) -> &World {
        &self.purses.world
    }

    async fn payment(&self) -> Value {
        row(self.world(), "scheduled_payments", &format!("id = '{}'", self.id)).await
    }

    async fn occurrence(&self, number: u32) -> Value {
        let find = format!("payment_id = '{}' AND number = {number}", self.id);
        row(self.world(), "payment_occurrences", &find).await
    }

    /// Status and failure of an occurrence once all is projected.
    async fn state(&self, number: u32) -> (Value, Value) {
        project(self.world()).await;
        let occurrence = self.occurrence(number).await;
        (occurrence["status"].clone(), occurrence["failure"].clone())
    }
}

#[tokio::test]
async fn a_payment_is_there_with_its_rule_and_its_next_time() {
    let scheduled = Scheduled::new().await;
    let Scheduled { id, terms, at, .. } = &scheduled;
    project(scheduled.world()).await;
    let expected = json!({
        "id": id, "from_id": terms.from, "to_id": terms.to, "amount": 3_000, "memo": "3월",
        "frequency": 4, "start_at": "2026-01-31T09:00:00", "time_zone": "Asia/Seoul",
        "occurrences_max": 12, "created_by": terms.by, "status": 1,
        "next_due_us": due(1).due_at.as_micros(), "created_us": at_us(*at),
        "created_position": at,
    });
    assert_eq!(scheduled.payment().await, expected);
    let told = (terms.from.0, FeedKind::ScheduledPaymentChanged, Some(id.0));
    assert_eq!(feed(scheduled.world(), *at).await, [told]);
}

#[tokio::test]
async fn it_stands_still_goes_on_and_ends_and_the_paying_wallet_is_told() {
    let scheduled = Scheduled::new().await;
    let (world, id, by) = (scheduled.world(), scheduled.id, scheduled.terms.by);
    let told = [(scheduled.terms.from.0, FeedKind::ScheduledPaymentChanged, Some(id.0))];
    project(world).await;
    let paused = pay(world, id, PaymentPaused { by, ahead: ahead(1) });
    project(world).await;
    assert_eq!(scheduled.payment().await["status"], 2);
    assert_eq!(feed(world, paused).await, told);
    let resumed = pay(world, id, PaymentResumed { by, ahead: ahead(2) });
    project(world).await;
    let payment = scheduled.payment().await;
    let next = due(2).due_at.as_micros();
    assert_eq!((&payment["status"], &payment["next_due_us"]), (&json!(1), &json!(next)));
    assert_eq!(feed(world, resumed).await, told);
    let completed = pay(world, id, PaymentCompleted { ahead: Ahead::default() });
    project(world).await;
    let payment = scheduled.payment().await;
    assert_eq!((&payment["status"], &payment["next_due_us"]), (&json!(3), &Value::Null));
    assert_eq!(feed(world, completed).await, told);
    let cancelled = pay(world, id, PaymentCancelled { by, ahead: Ahead::default() });
    project(world).await;
    assert_eq!(scheduled.payment().await["status"], 4);
    assert_eq!(feed(world, cancelled).await, told);
}

#[tokio::test]
async fn an_occurrence_is_tried_again_and_keeps_its_failure_until_it_came_to_something() {
    let scheduled = Scheduled::new().await;
    let (world, id, terms) = (scheduled.world(), scheduled.id, &scheduled.terms);
    let at = pay(world, id, started(id, terms, 1, 1));
    project(world).await;
    let transfer = transfer_of(id, 1);
    let expected = json!({
        "payment_id": id, "number": 1, "due_us": due(1).due_at.as_micros(), "status": 1,
        "transfer_id": transfer,
    });
    assert_eq!(scheduled.occurrence(1).await, expected);
    let told = (terms.from.0, FeedKind::ScheduledPaymentChanged, Some(id.0));
    assert_eq!(feed(world, at).await, [told]);
    let short = json!("INSUFFICIENT_FUNDS");
    pay(world, id, retrying(1, 1));
    assert_eq!(scheduled.state(1).await, (json!(3), short.clone()));
    pay(world, id, started(id, terms, 1, 2));
    assert_eq!(scheduled.state(1).await, (json!(3), short.clone()), "it is being retried");
    pay(world, id, retrying(1, 2));
    pay(world, id, started(id, terms, 1, 3));
    assert_eq!(scheduled.state(1).await, (json!(3), short), "in one batch, too");
    pay(world, id, OccurrenceWaiting { number: 1, transfer, ahead: ahead(2) });
    assert_eq!(scheduled.state(1).await, (json!(2), Value::Null));
    pay(world, id, OccurrenceSucceeded { number: 1, transfer, ahead: ahead(2) });
    assert_eq!(scheduled.state(1).await, (json!(4), Value::Null));
}

#[tokio::test]
async fn an_occurrence_that_comes_to_nothing_or_is_left_out_is_a_row_too() {
    let scheduled = Scheduled::new().await;
    let (world, id, terms) = (scheduled.world(), scheduled.id, &scheduled.terms);
    pay(world, id, started(id, terms, 1, 1));
    let code = "WALLET_CLOSED".to_owned();
    pay(world, id, OccurrenceFailed { number: 1, code, transfer: None, ahead: ahead(2) });
    assert_eq!(scheduled.state(1).await, (json!(5), json!("WALLET_CLOSED")));
    let skipped = vec![due(2), due(3)];
    let at = pay(world, id, OccurrencesSkipped { skipped, by: None, ahead: ahead(4) });
    project(world).await;
    let due_us = due(3).due_at.as_micros();
    let expected = json!({ "payment_id": id, "number": 3, "due_us": due_us, "status": 6 });
    assert_eq!(scheduled.occurrence(3).await, expected);
    assert_eq!(scheduled.occurrence(2).await["status"], 6);
    assert_eq!(feed(world, at).await.len(), 1);
    let next = due(4).due_at.as_micros();
    assert_eq!(scheduled.payment().await["next_due_us"], next);
}
