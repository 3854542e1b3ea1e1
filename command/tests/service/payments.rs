//! Deposits and withdrawals.

use command::service::{DepositNotice, Deposits};
use command::{Code, Rejection, ServiceConfig};
use events::{LogPosition, WalletId};

use crate::purse::{deposit, withdraw};
use crate::scene::{CONFIG, Scene, new_id};

#[tokio::test]
async fn a_reference_is_one_deposit_whatever_the_command() {
    let scene = Scene::new();
    let purse = scene.purse("minji", 0).await;
    let id = new_id();
    let first = scene.again(purse.owner, &id, deposit(purse.id, 7, "a")).await.unwrap();
    assert_eq!(scene.again(purse.owner, &id, deposit(purse.id, 7, "a")).await.unwrap(), first);
    scene.run(purse.owner, deposit(purse.id, 7, "a")).await.unwrap();
    let code = scene.code(purse.owner, deposit(purse.id, 8, "a")).await;
    assert_eq!(code, Code::IdempotencyConflict);
    let other = scene.again(purse.owner, &id, deposit(purse.id, 8, "b")).await.unwrap_err();
    assert_eq!(other.code, Code::IdempotencyConflict);
    assert_eq!(scene.available(purse).await, 7);
    assert_eq!(scene.count("Deposited"), 1);
}

#[tokio::test]
async fn a_withdrawal_takes_a_token_and_what_is_there_once_for_its_reference() {
    let scene = Scene::new();
    let purse = scene.purse("minji", 10).await;
    let token = scene.token(purse.owner, purse.id).await;
    let take = |amount, reference, token: &str| withdraw(purse.id, amount, reference, token);
    assert_eq!(scene.code(purse.owner, take(1, "a", "none")).await, Code::SpendTokenInvalid);
    assert_eq!(scene.code(purse.owner, take(11, "a", &token)).await, Code::InsufficientFunds);
    scene.run(purse.owner, take(4, "a", &token)).await.unwrap();
    scene.run(purse.owner, take(4, "a", &token)).await.unwrap();
    // A deposit's reference is another's.
    scene.run(purse.owner, deposit(purse.id, 1, "a")).await.unwrap();
    assert_eq!(scene.available(purse).await, 7);
    let code = scene.code(purse.owner, take(5, "a", &token)).await;
    assert_eq!(code, Code::IdempotencyConflict);
}

async fn notice(
    scene: &Scene,
    wallet: WalletId,
    amount: &str,
) -> Result<(WalletId, LogPosition), Rejection> {
    let (wallet, amount) = (wallet.to_string(), amount.to_owned());
    let (reference, trace_parent) = ("bank-1".to_owned(), None);
    let notice = DepositNotice { wallet, amount, reference, trace_parent };
    scene.service.deposit_notice(notice).await
}

#[tokio::test]
async fn where_providers_tell_users_do_not() {
    let scene = Scene::new();
    let purse = scene.purse("minji", 0).await;
    let config = ServiceConfig { deposits: Deposits::Provider, ..CONFIG };
    let node = scene.node_with(scene.stores.clone(), config);
    assert_eq!(node.code(purse.owner, deposit(purse.id, 7, "a")).await, Code::Forbidden);
    let first = notice(&node, purse.id, "7").await.unwrap();
    assert_eq!(first.0, purse.id);
    for again in [&node, &scene] {
        assert_eq!(notice(again, purse.id, "7").await.unwrap(), first);
        let refused = notice(again, purse.id, "8").await.unwrap_err();
        assert_eq!(refused.code, Code::IdempotencyConflict);
    }
    assert_eq!(scene.available(purse).await, 7);
    let unknown = notice(&node, WalletId::generate(), "7").await.unwrap_err();
    assert_eq!(unknown.code, Code::NotFound);
    assert_eq!(notice(&node, purse.id, "0").await.unwrap_err().code, Code::AmountNotPositive);
}
