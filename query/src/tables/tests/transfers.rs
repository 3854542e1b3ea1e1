//! Transfers as they stand.

use events::wallet::{
    BounceReason, TransferApproved, TransferBounced, TransferDeclined, TransferExpired,
    TransferRefunded,
};

use super::*;
use crate::tables::transfers::{ApprovalsOf, Origin as From, RefundedOf, Status, WaitingPage};

/// Two wallets and who has both.
async fn pair() -> (Ledgers, UserId, WalletId, WalletId) {
    let ledgers = Ledgers::new().await;
    let owner = UserId::generate();
    let from = ledgers.wallet(owner, None, 1_000).await;
    let to = ledgers.wallet(owner, None, 0).await;
    (ledgers, owner, from, to)
}

async fn status(ledgers: &Ledgers, transfer: TransferId) -> (Status, Option<Timestamp>) {
    ledgers.project().await;
    let row = ledgers.one(transfer).await.unwrap();
    (row.status, row.settled_at)
}

#[tokio::test]
async fn a_transfer_is_debited_then_completed() {
    let (ledgers, owner, from, to) = pair().await;
    let terms = terms(from, to, 300, owner);
    let debit = ledgers.debit(&terms, 700, Some(today())).await;
    assert_eq!(status(&ledgers, terms.transfer).await, (Status::Debited, None));
    let row = ledgers.one(terms.transfer).await.unwrap();
    assert_eq!((row.from, row.to, row.amount, row.requested_by), (from, to, 300, owner));
    assert_eq!((row.origin, row.refund_of, row.expires_at), (From::Manual, None, None));
    assert_eq!((row.requested_position, row.approvals_required), (debit, 1));
    assert_eq!((row.memo.as_str(), row.requested_at), ("3월", at(4)));
    ledgers.credit(&terms, 300).await;
    assert_eq!(status(&ledgers, terms.transfer).await, (Status::Completed, Some(at(5))));
}

#[tokio::test]
async fn a_transfer_that_bounced_is_on_its_way_until_it_is_back() {
    let (ledgers, owner, from, to) = pair().await;
    let terms = terms(from, to, 300, owner);
    ledgers.debit(&terms, 700, None).await;
    let reason = BounceReason::Closed;
    ledgers.append(to, TransferBounced { terms: terms.clone(), reason }).await;
    assert_eq!(status(&ledgers, terms.transfer).await, (Status::Debited, None));
    let (transfer, balance_after) = (terms.transfer, amount(1_000));
    ledgers.append(from, TransferRefunded { terms, balance_after, channel: None }).await;
    assert_eq!(status(&ledgers, transfer).await, (Status::Refunded, Some(at(6))));
}

#[tokio::test]
async fn transfers_wait_oldest_first_until_they_are_decided() {
    let (ledgers, owner, from, to) = pair().await;
    let all = [100, 200, 300, 400].map(|won| terms(from, to, won, owner));
    for terms in &all {
        ledgers.request(terms).await;
    }
    ledgers.project().await;
    let waiting = async |window| {
        let found = ledgers.one(WaitingPage { wallet: from, window }).await.unwrap();
        let amounts: Vec<_> = found.items.iter().map(|row| row.amount).collect();
        (amounts, found.items.last().map(|row| row.requested_position), found.more)
    };
    let (amounts, last, more) = waiting(first(3, None)).await;
    assert_eq!((amounts, more), (vec![100, 200, 300], true));
    assert_eq!(waiting(first(3, last)).await.0, [400]);
    let [approved, declined, expired, _] = all.map(|terms| terms.transfer);
    let origin = Origin::Manual;
    for by in [UserId::generate(), owner] {
        ledgers.append(from, TransferApproved { transfer: approved, by }).await;
    }
    let debited = Terms { transfer: approved, ..terms(from, to, 100, owner) };
    ledgers.debit(&debited, 900, None).await;
    ledgers
        .append(from, TransferDeclined { transfer: declined, by: None, origin, channel: None })
        .await;
    ledgers.append(from, TransferExpired { transfer: expired, origin, channel: None }).await;
    assert_eq!(status(&ledgers, approved).await, (Status::Debited, None));
    assert_eq!(status(&ledgers, declined).await, (Status::Declined, Some(at(11))));
    assert_eq!(status(&ledgers, expired).await, (Status::Expired, Some(at(12))));
    assert_eq!(waiting(first(3, None)).await.0, [400]);
    let row = ledgers.one(approved).await.unwrap();
    assert_eq!((row.approvals_required, row.expires_at), (2, Some(at(1_000))));
    let approvals = ledgers.one(ApprovalsOf(approved)).await.unwrap();
    assert_eq!((approvals.len(), approvals[1]), (2, owner));
    assert!(ledgers.one(ApprovalsOf(expired)).await.is_none());
}

#[tokio::test]
async fn refunds_add_up_unless_they_come_to_nothing() {
    let (ledgers, owner, from, to) = pair().await;
    let first = terms(from, to, 300, owner);
    ledgers.debit(&first, 700, None).await;
    ledgers.credit(&first, 300).await;
    let refund = |won| Terms {
        origin: Origin::Refund { of: first.transfer, dues: None },
        ..terms(to, from, won, owner)
    };
    let (done, waiting) = (refund(100), refund(50));
    ledgers.debit(&done, 200, None).await;
    ledgers.request(&waiting).await;
    ledgers.project().await;
    assert_eq!(ledgers.one(RefundedOf(first.transfer)).await, Some(150));
    let row = ledgers.one(done.transfer).await.unwrap();
    assert_eq!((row.origin, row.refund_of), (From::Refund, Some(first.transfer)));
    let (transfer, origin) = (waiting.transfer, waiting.origin);
    ledgers.append(to, TransferDeclined { transfer, by: None, origin, channel: None }).await;
    ledgers.project().await;
    assert_eq!(ledgers.one(RefundedOf(first.transfer)).await, Some(100));
    assert_eq!(ledgers.one(RefundedOf(done.transfer)).await, None);
}

#[tokio::test]
async fn what_only_the_payee_tells_of_is_no_transfer_yet() {
    let (ledgers, owner, from, to) = pair().await;
    let terms = terms(from, to, 300, owner);
    ledgers.credit(&terms, 300).await;
    ledgers.project().await;
    assert!(ledgers.one(terms.transfer).await.is_none());
}
