//! Dues: cycles, payments of parts, and how they end.

use std::time::Duration;

use command::bus::Frequency;
use command::{Code, Outcome};
use events::dues::{DuesAssessed, Sums, cycle_of};
use events::money::Amount;
use events::{DuesEvent, PlanId};

use crate::engagements::{Club, close_cycle, end_plan, exempt, pay_dues, plan, plan_of, when};
use crate::purse::{close, join_wallet, leave_wallet, refund, transfer_of, withdraw};
use crate::scene::{Scene, join, new_id};
use crate::timing::at;

const MINUTE: Duration = Duration::from_mins(1);

/// Dues of 1,000 a month, due on the first.
async fn monthly(amount: i64, count: Option<i64>) -> (Scene, Club, PlanId) {
    let scene = Scene::beginning(at("2027-01-15T00:00:00Z"));
    let club = scene.club(amount).await;
    let recurrence = when(Frequency::Monthly, "2027-02-01T09:00:00", count);
    let command = plan(club.wallet.id, 1_000, recurrence);
    let plan = plan_of(&scene.run(club.wallet.owner, command).await.unwrap());
    (scene, club, plan)
}

fn sums(collected: i64, reserved: i64, outstanding: i64) -> Sums {
    let won = |minor_units| Amount::new(minor_units).unwrap();
    Sums { collected: won(collected), reserved: won(reserved), outstanding: won(outstanding) }
}

fn assessed(scene: &Scene, plan: PlanId) -> Vec<DuesAssessed> {
    let told = scene.dues(plan).into_iter();
    let assessed = told.filter_map(|event| match event {
        DuesEvent::DuesAssessed(assessed) => Some(assessed),
        _ => None,
    });
    assessed.collect()
}

/// A cycle's sums as its newest event tells them.
fn newest_sums(scene: &Scene, plan: PlanId) -> Sums {
    let told = scene.dues(plan).into_iter().rev();
    let mut sums = told.filter_map(|event| match event {
        DuesEvent::DuesCycleOpened(event) => Some(event.sums),
        DuesEvent::DuesExempted(event) => Some(event.sums),
        DuesEvent::DuesPaymentReserved(event) => Some(event.sums),
        DuesEvent::DuesPaid(event) => Some(event.sums),
        DuesEvent::DuesPaymentReleased(event) => Some(event.sums),
        DuesEvent::DuesRefunded(event) => Some(event.sums),
        _ => None,
    });
    sums.next().unwrap()
}

#[tokio::test]
async fn a_plan_begins_with_a_cycle_that_members_pay_in_parts_until_it_is_closed() {
    let (scene, club, plan) = monthly(5_000, None).await;
    let cycle = cycle_of(plan, 1);
    assert_eq!(assessed(&scene, plan)[0].users.len(), 3, "admins too");
    let id = new_id();
    let token = scene.token(club.jun.owner, club.jun.id).await;
    let part = |amount| pay_dues(cycle, club.jun.id, amount, &token);
    let done = scene.again(club.jun.owner, &id, part(400)).await.unwrap();
    assert_eq!(transfer_of(&done).to_string(), id);
    assert_eq!(newest_sums(&scene, plan), sums(400, 0, 2_600), "done when it is answered");
    assert_eq!(done.position, u64::try_from(scene.kinds().len()).unwrap(), "the last step's");
    let node = scene.other_node();
    let again = node.again(club.jun.owner, &id, part(400)).await.unwrap();
    assert_eq!(again.outcome, done.outcome);
    let other = node.again(club.jun.owner, &id, part(401)).await.unwrap_err();
    assert_eq!(other.code, Code::IdempotencyConflict);
    let much = scene.pay_dues(cycle, club.jun, 601).await.unwrap_err();
    assert_eq!(much.code, Code::DuesOverpaid);
    let told = serde_json::to_value(much.details.unwrap()).unwrap();
    assert_eq!(told["outstanding"], "600");
    node.pay_dues(cycle, club.jun, 600).await.unwrap();
    let paid = scene.pay_dues(cycle, club.jun, 1).await.unwrap_err();
    assert_eq!(paid.code, Code::DuesAlreadyPaid);
    scene.pay_dues(cycle, club.sora, 1_000).await.unwrap();
    assert_eq!(scene.count("DuesCycleClosed"), 0);
    scene.run(club.wallet.owner, exempt(cycle, club.wallet.owner.user)).await.unwrap();
    assert_eq!(scene.count("DuesCycleClosed"), 1);
    assert_eq!(newest_sums(&scene, plan), sums(2_000, 0, 0));
    assert_eq!(scene.available(club.wallet).await, 2_000);
    assert_eq!(scene.available(club.jun).await, 4_000);
}

#[tokio::test]
async fn each_next_cycle_opens_when_the_one_before_falls_due_for_the_members_of_then() {
    let (scene, club, plan) = monthly(5_000, Some(3)).await;
    let late = scene.purse("late", 5_000).await;
    scene.run(late.owner, join(club.channel, None)).await.unwrap();
    scene.run(late.owner, join_wallet(club.wallet.id)).await.unwrap();
    scene.run(club.sora.owner, leave_wallet(club.wallet.id)).await.unwrap();
    let first = scene.pay_dues(cycle_of(plan, 1), late, 1).await.unwrap_err();
    assert_eq!(first.code, Code::Forbidden, "assessed from the next");
    scene.work_until(at("2027-01-31T23:59:00Z")).await;
    assert_eq!(assessed(&scene, plan).len(), 1);
    scene.work_until(at("2027-02-01T00:01:00Z")).await;
    let cycles = assessed(&scene, plan);
    assert_eq!(cycles.len(), 2);
    assert!(cycles[1].users.contains(&late.owner.user));
    assert!(!cycles[1].users.contains(&club.sora.owner.user));
    // Who has left keeps owing, and may pay.
    scene.pay_dues(cycle_of(plan, 1), club.sora, 1_000).await.unwrap();
    scene.other_node().pay_dues(cycle_of(plan, 2), late, 1_000).await.unwrap();
    scene.work_until(at("2027-06-01T00:00:00Z")).await;
    assert_eq!(assessed(&scene, plan).len(), 3);
    assert_eq!(scene.count("DuesPlanEnded"), 1);
    assert_eq!(scene.code(club.wallet.owner, end_plan(plan)).await, Code::ScheduleNotActive);
    scene.pay_dues(cycle_of(plan, 3), late, 1).await.unwrap();
}

#[tokio::test]
async fn cycles_that_were_to_open_during_a_downtime_open_one_after_another() {
    let (scene, _, plan) = monthly(0, None).await;
    scene.pass(Duration::from_hours(24 * 200));
    scene.work_for(MINUTE * 10).await;
    let numbers = scene.dues(plan).into_iter().filter_map(|event| match event {
        DuesEvent::DuesCycleOpened(opened) => Some(opened.number),
        _ => None,
    });
    assert_eq!(numbers.collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 8]);
}

#[tokio::test]
async fn a_plan_whose_wallet_is_closed_has_ended() {
    let (scene, club, plan) = monthly(0, None).await;
    scene.run(club.wallet.owner, close(club.wallet.id)).await.unwrap();
    scene.work_until(at("2027-03-02T00:00:00Z")).await;
    assert_eq!((assessed(&scene, plan).len(), scene.count("DuesPlanEnded")), (1, 1));
    let closed = scene.run(club.wallet.owner, close_cycle(cycle_of(plan, 1))).await.unwrap_err();
    assert_eq!(closed.code, Code::WalletClosed);
}

#[tokio::test]
async fn a_plan_that_is_ended_opens_no_more_cycles_and_what_is_open_can_be_paid() {
    let (scene, club, plan) = monthly(5_000, None).await;
    let done = scene.run(club.wallet.owner, end_plan(plan)).await.unwrap();
    assert_eq!(done.outcome, Outcome::DuesPlan(plan));
    scene.work_until(at("2027-04-01T00:00:00Z")).await;
    assert_eq!(assessed(&scene, plan).len(), 1);
    scene.pay_dues(cycle_of(plan, 1), club.jun, 1_000).await.unwrap();
}

#[tokio::test]
async fn a_closed_cycle_takes_no_more_and_an_exempt_member_need_not_pay() {
    let (scene, club, plan) = monthly(5_000, None).await;
    let (cycle, admin) = (cycle_of(plan, 1), club.wallet.owner);
    scene.run(admin, exempt(cycle, club.jun.owner.user)).await.unwrap();
    assert_eq!(scene.code(admin, exempt(cycle, club.jun.owner.user)).await, Code::DuesExempt);
    let exempted = scene.pay_dues(cycle, club.jun, 1).await.unwrap_err();
    assert_eq!(exempted.code, Code::DuesExempt);
    assert_eq!(newest_sums(&scene, plan), sums(0, 0, 2_000));
    let done = scene.run(admin, close_cycle(cycle)).await.unwrap();
    assert_eq!(done.outcome, Outcome::Nothing);
    assert_eq!(scene.code(admin, close_cycle(cycle)).await, Code::DuesClosed);
    assert_eq!(scene.code(admin, exempt(cycle, club.sora.owner.user)).await, Code::DuesClosed);
    let closed = scene.pay_dues(cycle, club.sora, 1).await.unwrap_err();
    assert_eq!(closed.code, Code::DuesClosed);
}

#[tokio::test]
async fn dues_that_are_paid_back_are_owed_again() {
    let (scene, club, plan) = monthly(5_000, None).await;
    let cycle = cycle_of(plan, 1);
    let admin = club.wallet.owner;
    for user in [admin.user, club.sora.owner.user] {
        scene.run(admin, exempt(cycle, user)).await.unwrap();
    }
    let paid = transfer_of(&scene.pay_dues(cycle, club.jun, 1_000).await.unwrap());
    assert_eq!(scene.count("DuesCycleClosed"), 1);
    let token = scene.token(admin, club.wallet.id).await;
    scene.run(admin, refund(paid, Some(300), &token)).await.unwrap();
    assert_eq!(newest_sums(&scene, plan), sums(700, 0, 300));
    assert_eq!(scene.count("DuesCycleReopened"), 1);
    scene.pay_dues(cycle, club.jun, 300).await.unwrap();
    assert_eq!(scene.count("DuesCycleClosed"), 2);
    // Whoever dies while it goes back.
    for steps in 1..=3 {
        let (scene, club, plan) = monthly(5_000, None).await;
        let cycle = cycle_of(plan, 1);
        let paid = transfer_of(&scene.pay_dues(cycle, club.jun, 1_000).await.unwrap());
        let token = scene.token(club.wallet.owner, club.wallet.id).await;
        scene.die_after(steps, club.wallet.owner, refund(paid, None, &token)).await;
        scene.other_node().work_for(MINUTE).await;
        assert_eq!(newest_sums(&scene, plan), sums(0, 0, 3_000), "after {steps}");
    }
}

#[tokio::test]
async fn whichever_step_a_node_dies_at_dues_are_paid_once() {
    for steps in 0..=4 {
        let (scene, club, plan) = monthly(5_000, None).await;
        let (id, cycle) = (new_id(), cycle_of(plan, 1));
        let token = scene.token(club.jun.owner, club.jun.id).await;
        let command = || pay_dues(cycle, club.jun.id, 1_000, &token);
        scene.die_after_as(&id, (steps, club.jun.owner), command()).await;
        let node = scene.other_node();
        node.work_for(MINUTE).await;
        let paid = if steps == 0 { 0 } else { 1_000 };
        assert_eq!(newest_sums(&scene, plan), sums(paid, 0, 3_000 - paid), "after {steps}");
        assert_eq!(node.available(club.wallet).await, paid);
        node.pass(MINUTE);
        let again = node.again(club.jun.owner, &id, command()).await.unwrap();
        assert_eq!(transfer_of(&again).to_string(), id);
        assert_eq!((node.count("DuesPaid"), node.count("TransferDebited")), (1, 1));
    }
}

#[tokio::test]
async fn who_has_not_enough_reserves_nothing() {
    let (scene, club, plan) = monthly(400, None).await;
    let refused = scene.pay_dues(cycle_of(plan, 1), club.jun, 401).await.unwrap_err();
    assert_eq!(refused.code, Code::InsufficientFunds);
    assert_eq!(scene.count("DuesPaymentReserved"), 0);
}

#[tokio::test]
async fn what_is_reserved_and_cannot_be_paid_any_more_is_released_and_every_repeat_is_told_so() {
    let (scene, club, plan) = monthly(1_000, None).await;
    let (id, cycle) = (new_id(), cycle_of(plan, 1));
    let token = scene.token(club.jun.owner, club.jun.id).await;
    let command = || pay_dues(cycle, club.jun.id, 1_000, &token);
    scene.die_after_as(&id, (1, club.jun.owner), command()).await;
    assert_eq!(newest_sums(&scene, plan), sums(0, 1_000, 2_000));
    let take = withdraw(club.jun.id, 900, &new_id(), &token);
    let node = scene.other_node();
    node.run(club.jun.owner, take).await.unwrap();
    let first = node.again(club.jun.owner, &id, command()).await.unwrap_err();
    assert_eq!(first.code, Code::InsufficientFunds);
    assert_eq!(newest_sums(&scene, plan), sums(0, 0, 3_000));
    scene.fill(club.jun, 900).await;
    scene.other_node().work_for(MINUTE).await;
    for node in [&scene, &scene.other_node()] {
        let again = node.again(club.jun.owner, &id, command()).await.unwrap_err();
        assert_eq!(again.code, first.code);
    }
    assert_eq!(scene.count("TransferDebited"), 0);
    scene.pay_dues(cycle, club.jun, 1_000).await.unwrap();
}
