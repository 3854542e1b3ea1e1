//! Transfers: their way, their repeats, and their end after a crash.

use command::{Code, Outcome};
use events::WalletId;
use futures::StreamExt;
use futures::stream::FuturesUnordered;

use crate::purse::{
    Purse, approve, close, decline, deposit, open_in, refund, transfer, transfer_of, wallet_of,
};
use crate::scene::{Scene, join, new_id};

#[tokio::test]
async fn money_is_with_the_payee_when_the_answer_is_there_and_a_repeat_moves_nothing() {
    let scene = Scene::new();
    let (minji, jun) = (scene.purse("minji", 100).await, scene.purse("jun", 0).await);
    let (id, token) = (new_id(), scene.token(minji.owner, minji.id).await);
    let pay = |amount, token: &str| transfer(minji.id, jun.id, amount, token);
    let first = scene.again(minji.owner, &id, pay(30, &token)).await.unwrap();
    assert_eq!(transfer_of(&first).to_string(), id);
    assert_eq!(first.position, u64::try_from(scene.kinds().len()).unwrap(), "the last step's");
    let fresh = scene.token(minji.owner, minji.id).await;
    for node in [&scene, &scene.other_node()] {
        let again = node.again(minji.owner, &id, pay(30, &fresh)).await.unwrap();
        assert_eq!((again.id, again.outcome), (first.id, first.outcome.clone()));
        let other = node.again(minji.owner, &id, pay(31, &fresh)).await.unwrap_err();
        assert_eq!(other.code, Code::IdempotencyConflict);
    }
    let void = scene.again(jun.owner, &id, transfer(jun.id, minji.id, 1, "x")).await.unwrap_err();
    assert_eq!(void.code, Code::SpendTokenInvalid, "rights come before the id");
    let token = scene.token(jun.owner, jun.id).await;
    let theirs = scene.again(jun.owner, &id, transfer(jun.id, minji.id, 1, &token)).await;
    assert_eq!(theirs.unwrap_err().code, Code::IdTaken);
    assert_eq!((scene.available(minji).await, scene.available(jun).await), (70, 30));
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_its_code() {
    let scene = Scene::new();
    let (minji, jun) = (scene.purse("minji", 100).await, scene.purse("jun", 0).await);
    let dollars = wallet_of(&scene.run(jun.owner, open_in("USD")).await.unwrap());
    let closed = scene.purse("sora", 0).await;
    scene.run(closed.owner, close(closed.id)).await.unwrap();
    let cases = [
        (jun.id, 0, Code::AmountNotPositive),
        (jun.id, -1, Code::AmountNotPositive),
        (minji.id, 1, Code::SameWallet),
        (WalletId::generate(), 1, Code::NotFound),
        (dollars, 1, Code::CurrencyMismatch),
        (closed.id, 1, Code::WalletClosed),
        (jun.id, 101, Code::InsufficientFunds),
    ];
    for (to, amount, code) in cases {
        assert_eq!(scene.pay(minji, to, amount).await.unwrap_err().code, code);
    }
    let rich = scene.fill(minji, 200_000_000).await;
    let refused = scene.pay(rich, jun.id, 100_000_001).await.unwrap_err();
    assert_eq!(refused.code, Code::LimitExceeded);
    let nowhere = transfer(WalletId::generate(), jun.id, 1, "x");
    assert_eq!(scene.code(minji.owner, nowhere).await, Code::NotFound);
    assert_eq!(scene.count("TransferDebited"), 0);
}

#[tokio::test]
async fn whichever_step_a_node_dies_at_the_money_is_in_one_place_at_the_end() {
    for steps in 0..=2 {
        let scene = Scene::new();
        let (minji, jun) = (scene.purse("minji", 100).await, scene.purse("jun", 0).await);
        let token = scene.token(minji.owner, minji.id).await;
        scene.die_after(steps, minji.owner, transfer(minji.id, jun.id, 30, &token)).await;
        let node = scene.other_node();
        node.work_off().await;
        node.work_off().await;
        let moved = if steps == 0 { 0 } else { 30 };
        let there = (node.available(minji).await, node.available(jun).await);
        assert_eq!(there, (100 - moved, moved), "after {steps}");
    }
}

#[tokio::test]
async fn what_a_payee_cannot_take_comes_back_whichever_step_a_node_dies_at() {
    for steps in 1..=3 {
        let scene = Scene::new();
        let (minji, jun) = (scene.purse("minji", 100).await, scene.purse("jun", 0).await);
        // Full to the brim: whatever comes in would overflow.
        scene.run(jun.owner, deposit(jun.id, i64::MAX, "all")).await.unwrap();
        let token = scene.token(minji.owner, minji.id).await;
        scene.die_after(steps, minji.owner, transfer(minji.id, jun.id, 30, &token)).await;
        let node = scene.other_node();
        node.work_off().await;
        assert_eq!(node.available(minji).await, 100, "after {steps}");
        for kind in ["TransferDebited", "TransferBounced", "TransferRefunded"] {
            assert_eq!(node.count(kind), 1, "{kind} after {steps}");
        }
        assert_eq!(node.count("TransferCredited"), 0);
    }
}

/// A wallet of two admins that asks for both.
async fn of_two(scene: &Scene, amount: i64) -> (Purse, Purse) {
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let channel = scene.channel(minji).await;
    scene.run(jun, join(channel, None)).await.unwrap();
    let purse = scene.group_purse(minji, channel, 2).await;
    scene.co_admin(purse, jun).await;
    let purse = scene.fill(purse, amount).await;
    (purse, Purse { owner: jun, id: purse.id })
}

#[tokio::test]
async fn a_transfer_waits_for_the_second_admin_and_is_found_by_its_id() {
    let scene = Scene::new();
    let (ours, jun) = of_two(&scene, 100).await;
    let (payee, stranger) = (scene.purse("sora", 0).await, scene.user("nari").await);
    let asked = transfer_of(&scene.pay(ours, payee.id, 30).await.unwrap());
    assert_eq!(scene.count("TransferDebited"), 0);
    assert_eq!(scene.code(ours.owner, approve(asked)).await, Code::AlreadyApproved);
    assert_eq!(scene.code(payee.owner, approve(asked)).await, Code::Forbidden);
    assert_eq!(scene.code(stranger, approve(asked)).await, Code::NotFound);
    let unknown = events::TransferId::generate();
    assert_eq!(scene.code(jun.owner, approve(unknown)).await, Code::NotFound);
    let id = new_id();
    let done = scene.again(jun.owner, &id, approve(asked)).await.unwrap();
    assert_eq!(done.outcome, Outcome::Transfer(asked));
    let again = scene.again(jun.owner, &id, approve(asked)).await.unwrap();
    assert_eq!(again.outcome, Outcome::Transfer(asked));
    assert_eq!(scene.available(payee).await, 30);
    assert_eq!(scene.count("TransferCredited"), 1);
    assert_eq!(scene.code(jun.owner, decline(asked)).await, Code::TransferSettled);
}

#[tokio::test]
async fn an_approval_whose_node_dies_is_finished() {
    for steps in 1..=2 {
        let scene = Scene::new();
        let (ours, jun) = of_two(&scene, 100).await;
        let payee = scene.purse("sora", 0).await;
        let asked = transfer_of(&scene.pay(ours, payee.id, 30).await.unwrap());
        scene.die_after(steps, jun.owner, approve(asked)).await;
        let node = scene.other_node();
        node.work_off().await;
        assert_eq!(node.available(payee).await, 30, "after {steps}");
    }
}

#[tokio::test]
async fn a_transfer_that_is_declined_gives_back_what_it_held() {
    let scene = Scene::new();
    let (ours, jun) = of_two(&scene, 100).await;
    let payee = scene.purse("sora", 0).await;
    let asked = transfer_of(&scene.pay(ours, payee.id, 100).await.unwrap());
    let refused = scene.pay(ours, payee.id, 1).await.unwrap_err();
    assert_eq!(refused.code, Code::InsufficientFunds);
    scene.run(jun.owner, decline(asked)).await.unwrap();
    assert_eq!(scene.code(jun.owner, approve(asked)).await, Code::TransferSettled);
    scene.pay(ours, payee.id, 100).await.unwrap();
}

#[tokio::test]
async fn a_transfer_that_waits_too_long_lapses() {
    let scene = Scene::new();
    let (ours, jun) = of_two(&scene, 100).await;
    let payee = scene.purse("sora", 0).await;
    let asked = transfer_of(&scene.pay(ours, payee.id, 100).await.unwrap());
    scene.work_off_until_now().await;
    assert_eq!(scene.count("TransferExpired"), 0);
    scene.work_off_after(std::time::Duration::from_hours(73)).await;
    assert_eq!(scene.count("TransferExpired"), 1);
    assert_eq!(scene.code(jun.owner, approve(asked)).await, Code::TransferSettled);
}

#[tokio::test]
async fn a_transfer_is_paid_back_by_who_may_spend_from_the_payees_wallet() {
    let scene = Scene::new();
    let (minji, jun) = (scene.purse("minji", 100).await, scene.purse("jun", 0).await);
    let stranger = scene.user("nari").await;
    let paid = transfer_of(&scene.pay(minji, jun.id, 30).await.unwrap());
    assert_eq!(scene.code(minji.owner, refund(paid, None, "x")).await, Code::Forbidden);
    assert_eq!(scene.code(stranger, refund(paid, None, "x")).await, Code::NotFound);
    assert_eq!(scene.code(jun.owner, refund(paid, None, "x")).await, Code::SpendTokenInvalid);
    let token = scene.token(jun.owner, jun.id).await;
    let part = scene.run(jun.owner, refund(paid, Some(10), &token)).await.unwrap();
    assert_ne!(transfer_of(&part), paid);
    assert_eq!(scene.available(minji).await, 80);
    let much = scene.run(jun.owner, refund(paid, Some(21), &token)).await.unwrap_err();
    assert_eq!(much.code, Code::RefundTooLarge);
    let of_refund = refund(transfer_of(&part), None, &scene.token(minji.owner, minji.id).await);
    assert_eq!(scene.code(minji.owner, of_refund).await, Code::TransferNotRefundable);
    let id = new_id();
    let rest = scene.again(jun.owner, &id, refund(paid, None, &token)).await.unwrap();
    let again = scene.again(jun.owner, &id, refund(paid, None, &token)).await.unwrap();
    assert_eq!(again.outcome, rest.outcome);
    assert_eq!((scene.available(minji).await, scene.available(jun).await), (100, 0));
}

#[tokio::test]
async fn a_refund_whose_node_dies_is_finished() {
    let scene = Scene::new();
    let (minji, jun) = (scene.purse("minji", 100).await, scene.purse("jun", 0).await);
    let paid = transfer_of(&scene.pay(minji, jun.id, 30).await.unwrap());
    let token = scene.token(jun.owner, jun.id).await;
    scene.die_after(1, jun.owner, refund(paid, None, &token)).await;
    let node = scene.other_node();
    node.work_off().await;
    assert_eq!((node.available(minji).await, node.available(jun).await), (100, 0));
}

#[tokio::test]
async fn transfers_in_a_ring_keep_the_sum() {
    const WALLETS: usize = 8;
    const TRANSFERS: usize = 64;
    const EACH: i64 = 1_000;
    let scene = Scene::new();
    let node = scene.other_node();
    let (mut purses, mut tokens) = (Vec::new(), Vec::new());
    for at in 0..WALLETS {
        let purse = scene.purse(&format!("user{at}"), EACH).await;
        tokens.push(scene.token(purse.owner, purse.id).await);
        purses.push(purse);
    }
    let moves: FuturesUnordered<_> = (0..TRANSFERS)
        .map(|at| {
            let (from, to) = (at % WALLETS, (at + 1 + at / WALLETS) % WALLETS);
            let to = if from == to { (to + 1) % WALLETS } else { to };
            let amount = 1 + i64::try_from(at).unwrap() * 7 % 300;
            let command = transfer(purses[from].id, purses[to].id, amount, &tokens[from]);
            let (owner, on) = (purses[from].owner, if at % 3 == 0 { &node } else { &scene });
            async move { on.run(owner, command).await }
        })
        .collect();
    let answers: Vec<_> = moves.collect().await;
    let done = answers.iter().filter(|answer| answer.is_ok()).count();
    for refused in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        assert!(matches!(refused.code, Code::InsufficientFunds | Code::Conflict), "{refused}");
    }
    let last = scene.other_node();
    last.work_off().await;
    let mut sum = 0;
    for purse in &purses {
        sum += last.available(*purse).await;
    }
    assert_eq!(sum, EACH * i64::try_from(WALLETS).unwrap());
    assert!(done > 0);
    assert_eq!(last.count("TransferDebited"), done);
    assert_eq!(last.count("TransferCredited"), done);
}
