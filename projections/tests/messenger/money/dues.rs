//! What each kind of event makes of plans of dues, cycles, and members' parts.

use super::rows::feed;
use super::schedules::{collect, created, due, sums};
use super::*;
use events::dues::{
    DuesAssessed, DuesCycleClosed, DuesCycleOpened, DuesCycleReopened, DuesExempted, DuesPaid,
    DuesPaymentReleased, DuesPaymentReserved, DuesPlanEnded, DuesRefunded, cycle_of,
};
use events::feed::FeedKind;
use events::settled::CommandSettled;
use events::{CycleId, PlanId};
use serde_json::json;
use uuid::Uuid;

/// A plan with a cycle of two members, of 1,000 won each.
struct Collected {
    world: World,
    wallet: WalletId,
    plan: PlanId,
    cycle: CycleId,
    users: [UserId; 2],
    /// Of the plan's first event.
    at: LogPosition,
}

impl Collected {
    async fn new() -> Self {
        let Purses { world, to: wallet, .. } = Purses::new().await;
        let plan = PlanId::generate();
        let at = collect(&world, plan, created(wallet));
        let users = [UserId::generate(), UserId::generate()];
        let collected = Self { world, wallet, plan, cycle: cycle_of(plan, 1), users, at };
        collected.open(1);
        collected
    }

    fn open(&self, number: u32) -> [LogPosition; 2] {
        let (cycle, due_at) = (cycle_of(self.plan, number), due(number).due_at);
        let sums = sums(0, 0, 2_000);
        let opened = DuesCycleOpened { cycle, number, due_at, members: 2, sums };
        let assessed = DuesAssessed { cycle, amount: amount(1_000), users: self.users.into() };
        [collect(&self.world, self.plan, opened), collect(&self.world, self.plan, assessed)]
    }

    async fn cycle(&self) -> Value {
        row(&self.world, "dues_cycles", &format!("id = '{}'", self.cycle)).await
    }

    /// Collected, reserved, outstanding, once all is projected.
    async fn sums(&self) -> [i64; 3] {
        project(&self.world).await;
        let cycle = self.cycle().await;
        ["collected", "reserved", "outstanding"].map(|sum| cycle[sum].as_i64().unwrap())
    }

    async fn part(&self, user: UserId) -> Value {
        let find = format!("cycle_id = '{}' AND user_id = '{user}'", self.cycle);
        row(&self.world, "dues_assessments", &find).await
    }

    fn told(&self) -> [(Uuid, FeedKind, Option<Uuid>); 1] {
        [(self.wallet.0, FeedKind::DuesChanged, Some(self.cycle.0))]
    }
}

#[tokio::test]
async fn a_plan_is_there_with_its_cycle_and_everybodys_part() {
    let collected = Collected::new().await;
    let Collected { world, wallet, plan, cycle, users, at } = &collected;
    project(world).await;
    let found = row(world, "dues_plans", &format!("id = '{plan}'")).await;
    let expected = json!({
        "id": plan, "wallet_id": wallet, "name": "월 회비", "amount": 1_000, "frequency": 4,
        "start_at": "2026-01-31T09:00:00", "time_zone": "Asia/Seoul", "occurrences_max": 12,
        "created_by": found["created_by"], "created_us": at_us(*at), "created_position": at,
    });
    assert_eq!(found, expected);
    let expected = json!({
        "id": cycle, "plan_id": plan, "number": 1, "due_us": due(1).due_at.as_micros(),
        "closed": false, "collected": 0, "reserved": 0, "outstanding": 2_000,
    });
    assert_eq!(collected.cycle().await, expected);
    let expected = json!({
        "cycle_id": cycle, "user_id": users[1], "position": at + 2, "nth": 1, "amount": 1_000,
        "paid": 0, "exempt": false,
    });
    assert_eq!(collected.part(users[1]).await, expected);
    assert_eq!(feed(world, *at).await, [], "its cycle is told of");
    for at in [at + 1, at + 2] {
        assert_eq!(feed(world, at).await, collected.told());
    }
}

#[tokio::test]
async fn a_payment_counts_while_it_is_under_way_and_is_paid_or_released() {
    let collected = Collected::new().await;
    let Collected { world, wallet, plan, cycle, users, .. } = &collected;
    let (plan, cycle, user, transfer) = (*plan, *cycle, users[0], TransferId::generate());
    let terms = Terms {
        transfer,
        from: WalletId::generate(),
        to: *wallet,
        amount: amount(600),
        memo: String::new(),
        by: user,
        origin: Origin::Manual,
    };
    let reserve = |sums| DuesPaymentReserved { cycle, user, terms: terms.clone(), sums };
    let mut told = vec![collect(world, plan, reserve(sums(0, 600, 1_400)))];
    assert_eq!(collected.sums().await, [0, 600, 1_400]);
    assert_eq!(collected.part(user).await["paid"], 0);
    let (code, back) = ("WRONG".to_owned(), sums(0, 0, 2_000));
    let released =
        DuesPaymentReleased { cycle, user, transfer, amount: amount(600), code, sums: back };
    told.push(collect(world, plan, released));
    assert_eq!(collected.sums().await, [0, 0, 2_000]);
    told.push(collect(world, plan, reserve(sums(0, 600, 1_400))));
    let (paid, then) = (amount(600), sums(600, 0, 1_400));
    let arrived = DuesPaid { cycle, user, transfer, amount: amount(600), paid, sums: then };
    told.push(collect(world, plan, arrived));
    assert_eq!(collected.sums().await, [600, 0, 1_400]);
    assert_eq!(collected.part(user).await["paid"], 600);
    let (paid, then) = (amount(500), sums(500, 0, 1_500));
    let (of, transfer) = (transfer, TransferId::generate());
    let amount = amount(100);
    let refunded = DuesRefunded { cycle, user, transfer, of, amount, paid, sums: then };
    told.push(collect(world, plan, refunded));
    assert_eq!(collected.sums().await, [500, 0, 1_500]);
    assert_eq!(collected.part(user).await["paid"], 500);
    for at in told {
        assert_eq!(feed(world, at).await, collected.told());
    }
}

#[tokio::test]
async fn members_are_exempt_and_cycles_close_and_open_again() {
    let collected = Collected::new().await;
    let Collected { world, plan, cycle, users, .. } = &collected;
    let (plan, cycle, [user, by]) = (*plan, *cycle, *users);
    let sums = sums(0, 0, 1_000);
    let exempted = collect(world, plan, DuesExempted { cycle, user, by, sums });
    assert_eq!(collected.sums().await, [0, 0, 1_000]);
    assert_eq!(collected.part(user).await["exempt"], true);
    assert_eq!(collected.part(by).await["exempt"], false);
    let closed = collect(world, plan, DuesCycleClosed { cycle, by: Some(by) });
    project(world).await;
    assert_eq!(collected.cycle().await["closed"], true);
    let reopened = collect(world, plan, DuesCycleReopened { cycle });
    project(world).await;
    assert_eq!(collected.cycle().await["closed"], false);
    for at in [exempted, closed, reopened] {
        assert_eq!(feed(world, at).await, collected.told());
    }
}

#[tokio::test]
async fn that_a_plan_ends_is_told_of_its_newest_cycle() {
    let collected = Collected::new().await;
    let Collected { world, wallet, plan, .. } = &collected;
    let plan = *plan;
    // The newest cycle, and the end, in one batch.
    let second = collected.open(2);
    let at = collect(world, plan, DuesPlanEnded { by: None });
    let settled = collect(world, plan, CommandSettled { answer: json!({}) });
    project(world).await;
    assert_eq!(feed(world, settled).await, [], "it changes nothing");
    let newest = (wallet.0, FeedKind::DuesChanged, Some(cycle_of(plan, 2).0));
    assert_eq!(feed(world, at).await, [newest]);
    assert_eq!(feed(world, second[0]).await, [newest]);
    let found = row(world, "dues_plans", &format!("id = '{plan}'")).await;
    assert_eq!(found["ended_us"], at_us(at));
}
