//! Scheduled payments: years of them, and what becomes of each occurrence.

use std::time::Duration;

use command::Code;
use command::bus::Frequency;
use events::PaymentEvent;
use events::payment::transfer_of;
use events::{PaymentId, StreamName, Timestamp};

use crate::engagements::{cancel, pause, resume, skip, when};
use crate::purse::{Purse, approve, decline, refund};
use crate::scene::{Scene, join};
use crate::timing::at;

const DAY: Duration = Duration::from_hours(24);
const MINUTE: Duration = Duration::from_mins(1);
/// Nine in Seoul on the first day of the daily payments here.
const FIRST: &str = "2027-02-01T00:00:00Z";

/// Somebody with money, somebody without, and a daily payment of 10 from the one to the other.
async fn daily(amount: i64, count: Option<i64>) -> (Scene, Purse, Purse, PaymentId) {
    let scene = Scene::beginning(at("2027-01-31T00:00:00Z"));
    let (minji, jun) = (scene.purse("minji", amount).await, scene.purse("jun", 0).await);
    let recurrence = when(Frequency::Daily, "2027-02-01T09:00:00", count);
    let payment = scene.schedule(minji, jun.id, 10, recurrence).await;
    (scene, minji, jun, payment)
}

fn started(scene: &Scene, payment: PaymentId) -> Vec<(Timestamp, Timestamp)> {
    let told = scene.told::<PaymentEvent>(&StreamName::payment(payment));
    let started = told.into_iter().filter_map(|(at, event)| match event {
        PaymentEvent::OccurrenceStarted(started) => Some((at, started.due_at)),
        _ => None,
    });
    started.collect()
}

#[tokio::test]
async fn a_monthly_payment_of_the_31st_is_paid_on_every_months_last_day_for_years() {
    let scene = Scene::beginning(at("2027-01-01T00:00:00Z"));
    let (minji, jun) = (scene.purse("minji", 1_000).await, scene.purse("jun", 0).await);
    let recurrence = when(Frequency::Monthly, "2027-01-31T09:00:00", None);
    let payment = scene.schedule(minji, jun.id, 10, recurrence).await;
    scene.work_until(at("2031-01-01T00:00:00Z")).await;
    let paid = started(&scene, payment);
    let months = (2027..2031).flat_map(|year| (1..=12).map(move |month| (year, month)));
    let last_days: Vec<_> = months
        .map(|(year, month)| {
            let day = jiff::civil::date(year, month, 1).last_of_month();
            at(&format!("{day}T00:00:00Z"))
        })
        .collect();
    assert_eq!(paid.iter().map(|(_, due_at)| *due_at).collect::<Vec<_>>(), last_days);
    for (at, due_at) in paid {
        assert!(at >= due_at && at.since(due_at) < MINUTE, "{due_at} at {at}");
    }
    assert_eq!(scene.count("OccurrenceSucceeded"), 48);
    assert_eq!((scene.available(minji).await, scene.available(jun).await), (520, 480));
}

#[tokio::test]
async fn nothing_is_paid_before_its_time_and_everything_once() {
    let (scene, minji, jun, payment) = daily(100, Some(2)).await;
    scene.work_until(at("2027-01-31T23:59:58Z")).await;
    assert_eq!(scene.story(payment), ["scheduled"]);
    scene.work_for(DAY * 5).await;
    let story = ["scheduled", "started 1.1", "succeeded 1", "started 2.1", "succeeded 2"];
    assert_eq!(scene.story(payment), [&story[..], &["completed"]].concat());
    assert_eq!((scene.available(minji).await, scene.available(jun).await), (80, 20));
    let asked = [pause(payment), resume(payment), skip(payment), cancel(payment)];
    for command in asked {
        assert_eq!(scene.code(minji.owner, command).await, Code::ScheduleNotActive);
    }
}

#[tokio::test]
async fn what_fell_due_during_a_downtime_is_paid_in_order() {
    let (scene, minji, jun, payment) = daily(1_000, None).await;
    scene.pass(DAY * 10);
    scene.work_for(MINUTE).await;
    let numbers = 1..=10;
    let each = numbers.flat_map(|n| [format!("started {n}.1"), format!("succeeded {n}")]);
    let story: Vec<_> = std::iter::once("scheduled".to_owned()).chain(each).collect();
    assert_eq!(scene.story(payment), story);
    assert_eq!((scene.available(minji).await, scene.available(jun).await), (900, 100));
}

#[tokio::test]
async fn what_is_paused_is_left_out_and_what_is_skipped_or_cancelled_does_not_come() {
    let (scene, minji, _, payment) = daily(100, None).await;
    scene.run(minji.owner, pause(payment)).await.unwrap();
    for command in [pause(payment), skip(payment)] {
        assert_eq!(scene.code(minji.owner, command).await, Code::ScheduleNotActive);
    }
    scene.work_until(at("2027-02-02T01:00:00Z")).await;
    scene.run(minji.owner, resume(payment)).await.unwrap();
    assert_eq!(scene.code(minji.owner, resume(payment)).await, Code::ScheduleNotActive);
    scene.run(minji.owner, skip(payment)).await.unwrap();
    scene.work_until(at("2027-02-04T01:00:00Z")).await;
    scene.run(minji.owner, cancel(payment)).await.unwrap();
    scene.work_for(DAY * 3).await;
    let first = ["scheduled", "paused", "skipped [1, 2]", "resumed", "skipped [3]"];
    let then = ["started 4.1", "succeeded 4", "cancelled"];
    assert_eq!(scene.story(payment), [&first[..], &then].concat());
    assert_eq!(scene.available(minji).await, 90);
}

#[tokio::test]
async fn too_little_money_is_tried_again_after_ten_minutes_an_hour_and_six_then_it_has_failed() {
    let (scene, minji, jun, payment) = daily(5, Some(1)).await;
    scene.work_until(at("2027-02-02T00:00:00Z")).await;
    let starts = (1..=4).map(|attempt| format!("started 1.{attempt}"));
    let retries = "retries 1 INSUFFICIENT_FUNDS".to_owned();
    let failed = "failed 1 INSUFFICIENT_FUNDS".to_owned();
    let ends = [retries.clone(), retries.clone(), retries, failed];
    let story = starts.zip(ends).flat_map(|(start, end)| [start, end]);
    let story = std::iter::once("scheduled".to_owned()).chain(story);
    let story: Vec<_> = story.chain(["completed".to_owned()]).collect();
    assert_eq!(scene.story(payment), story);
    let tried: Vec<_> = started(&scene, payment).into_iter().map(|(at, _)| at).collect();
    for (pair, minutes) in tried.windows(2).zip([10, 60, 360]) {
        let wait = Duration::from_mins(minutes);
        let waited = pair[1].since(pair[0]);
        assert!(waited >= wait && waited < wait + MINUTE, "{waited:?}");
    }
    assert_eq!((scene.available(minji).await, scene.available(jun).await), (5, 0));
}

#[tokio::test]
async fn one_that_is_tried_again_does_not_hold_up_the_next_and_is_paid_once_there_is_money() {
    let scene = Scene::beginning(at("2027-01-31T00:00:00Z"));
    let (minji, jun) = (scene.purse("minji", 0).await, scene.purse("jun", 0).await);
    let recurrence = when(Frequency::Daily, "2027-02-01T09:00:00", Some(2));
    let payment = scene.schedule(minji, jun.id, 10, recurrence).await;
    scene.work_until(at("2027-02-01T00:30:00Z")).await;
    let minji = scene.fill(minji, 15).await;
    scene.work_until(at("2027-02-01T23:00:00Z")).await;
    let retried = ["started 1.1", "retries 1 INSUFFICIENT_FUNDS", "started 1.2"];
    let paid = ["retries 1 INSUFFICIENT_FUNDS", "started 1.3", "succeeded 1"];
    assert_eq!(scene.story(payment), [&["scheduled"][..], &retried, &paid].concat());
    assert_eq!((scene.available(minji).await, scene.available(jun).await), (5, 10));
}

#[tokio::test]
async fn whichever_step_a_node_dies_at_an_occurrence_has_one_outcome() {
    for (money, outcome) in [(100, "OccurrenceSucceeded"), (5, "OccurrenceRetrying")] {
        for steps in 0..=4 {
            let (scene, minji, jun, payment) = daily(money, Some(1)).await;
            scene.pass(at(FIRST).since(scene.clock.now()) + MINUTE);
            scene.work_until_death(steps).await;
            let node = scene.other_node();
            node.work_for(MINUTE * 5).await;
            let kinds = ["OccurrenceStarted", outcome];
            assert_eq!(kinds.map(|kind| node.count(kind)), [1, 1], "{outcome} after {steps}");
            let moved = if money == 100 { 10 } else { 0 };
            let there = (node.available(minji).await, node.available(jun).await);
            assert_eq!(there, (money - moved, moved), "{:?} after {steps}", scene.story(payment));
        }
    }
}

#[tokio::test]
async fn two_process_managers_do_no_more_than_one() {
    let (scene, minji, jun, payment) = daily(45, None).await;
    let other = scene.other_node();
    scene.pass(DAY * 6);
    tokio::join!(scene.work_for(MINUTE * 5), other.work_for(MINUTE * 5));
    let told = scene.story(payment);
    for number in 1..=6 {
        let outcomes = told.iter().filter(|told| {
            let failed = format!("retries {number} ");
            **told == format!("succeeded {number}") || told.starts_with(&failed)
        });
        assert_eq!(outcomes.count(), 1, "{told:?}");
    }
    assert_eq!((scene.available(minji).await, scene.available(jun).await), (5, 40));
}

/// A wallet of two admins that asks for both, with a payment of 10 from it every day.
async fn of_two() -> (Scene, Purse, Purse, Purse, PaymentId) {
    let scene = Scene::beginning(at("2027-01-31T00:00:00Z"));
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let payee = scene.purse("sora", 0).await;
    let channel = scene.channel(minji).await;
    scene.run(jun, join(channel, None)).await.unwrap();
    let purse = scene.group_purse(minji, channel, 2).await;
    scene.co_admin(purse, jun).await;
    let purse = scene.fill(purse, 100).await;
    let recurrence = when(Frequency::Daily, "2027-02-01T09:00:00", Some(3));
    let payment = scene.schedule(purse, payee.id, 10, recurrence).await;
    (scene, purse, Purse { owner: jun, id: purse.id }, payee, payment)
}

#[tokio::test]
async fn from_a_wallet_that_asks_for_approvals_each_occurrence_waits_for_its_own() {
    let (scene, minji, jun, payee, payment) = of_two().await;
    scene.work_until(at("2027-02-02T01:00:00Z")).await;
    let [first, second, third] = [1, 2, 3].map(|number| transfer_of(payment, number));
    // It counts as asked for, and approved, by who scheduled it.
    assert_eq!(scene.code(minji.owner, approve(first)).await, Code::AlreadyApproved);
    scene.run(jun.owner, decline(second)).await.unwrap();
    scene.run(jun.owner, approve(first)).await.unwrap();
    scene.work_until(at("2027-02-03T01:00:00Z")).await;
    scene.work_for(DAY * 3 + MINUTE).await;
    assert_eq!(scene.code(jun.owner, approve(third)).await, Code::TransferSettled);
    let start = ["scheduled", "started 1.1", "waits 1", "started 2.1", "waits 2"];
    let told = ["failed 2 TRANSFER_DECLINED", "succeeded 1", "started 3.1", "waits 3"];
    let end = ["failed 3 TRANSFER_EXPIRED", "completed"];
    assert_eq!(scene.story(payment), [&start[..], &told, &end].concat());
    assert_eq!(scene.available(payee).await, 10);
    let token = scene.token(payee.owner, payee.id).await;
    scene.run(payee.owner, refund(first, None, &token)).await.unwrap();
    assert_eq!((scene.available(payee).await, scene.count("TransferCredited")), (0, 2));
}
