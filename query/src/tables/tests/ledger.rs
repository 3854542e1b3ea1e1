//! Entries, balances of the past, days' spendings.

use events::wallet::{TransferDeclined, Withdrawn};

use super::*;
use crate::cursor::EntryKey;
use crate::tables::entries::{BalanceAt, Direction, EntriesPage, EntryRow};
use crate::tables::spendings::SpentOn;

fn key(row: &EntryRow) -> EntryKey {
    EntryKey { at_us: row.at.as_micros(), revision: row.revision }
}

#[tokio::test]
async fn entries_come_newest_first_in_pages() {
    let ledgers = Ledgers::new().await;
    let owner = UserId::generate();
    let (from, to) =
        (ledgers.wallet(owner, None, 1_000).await, ledgers.wallet(owner, None, 0).await);
    for nth in 1..=3 {
        let terms = terms(from, to, 100, owner);
        ledgers.debit(&terms, 1_000 - nth * 100, None).await;
        ledgers.credit(&terms, nth * 100).await;
    }
    ledgers.project().await;
    let page = |after| EntriesPage { wallet: from, window: first(3, after) };
    let found = ledgers.one(page(None)).await.unwrap();
    let balances: Vec<_> = found.items.iter().map(|entry| entry.balance_after).collect();
    assert_eq!((balances.as_slice(), found.more), ([700, 800, 900].as_slice(), true));
    let found = ledgers.one(page(Some(key(&found.items[2])))).await.unwrap();
    assert_eq!((found.items.len(), found.more), (1, false));
    let deposit = &found.items[0];
    assert_eq!((deposit.direction, deposit.amount, deposit.at), (Direction::Credit, 1_000, at(2)));
    assert_eq!((deposit.transfer, deposit.counterparty, deposit.by), (None, None, Some(owner)));
    assert_eq!(deposit.memo, "입금");
    let same = ledgers.one(deposit.id).await.unwrap();
    assert_eq!(same, *deposit);
}

#[tokio::test]
async fn a_balance_of_the_past_has_all_that_happened_by_then() {
    let ledgers = Ledgers::new().await;
    let owner = UserId::generate();
    let wallet = ledgers.wallet(owner, None, 1_000).await;
    let payee = ledgers.wallet(owner, None, 0).await;
    ledgers.debit(&terms(wallet, payee, 300, owner), 700, None).await;
    ledgers.project().await;
    let balance = async |at| ledgers.one(BalanceAt { wallet, at }).await;
    assert_eq!(balance(at(1)).await, None);
    assert_eq!(balance(at(2)).await, Some(1_000));
    let before = Timestamp::from_micros(at(4).as_micros() - 1);
    assert_eq!(balance(before).await, Some(1_000));
    assert_eq!(balance(at(4)).await, Some(700));
    assert_eq!(balance(at(1_000_000)).await, Some(700));
}

#[tokio::test]
async fn a_days_spendings_count_until_they_are_given_back() {
    let ledgers = Ledgers::new().await;
    let owner = UserId::generate();
    let wallet = ledgers.wallet(owner, None, 1_000).await;
    let payee = ledgers.wallet(owner, None, 0).await;
    let spent = async |day: &str| ledgers.one(SpentOn { wallet, day: day.parse().unwrap() }).await;
    ledgers.debit(&terms(wallet, payee, 300, owner), 700, Some(today())).await;
    let waiting = terms(wallet, payee, 200, owner);
    ledgers.request(&waiting).await;
    let withdrawn = Withdrawn {
        amount: amount(50),
        balance_after: amount(650),
        reference: "out".into(),
        by: owner,
        day: "2026-03-02".parse().unwrap(),
    };
    ledgers.append(wallet, withdrawn).await;
    ledgers.project().await;
    assert_eq!(spent("2026-03-01").await, Some(500));
    assert_eq!(spent("2026-03-02").await, Some(50));
    assert_eq!(spent("2026-03-03").await, None);
    let (transfer, origin) = (waiting.transfer, Origin::Manual);
    ledgers.append(wallet, TransferDeclined { transfer, by: None, origin, channel: None }).await;
    ledgers.project().await;
    assert_eq!(spent("2026-03-01").await, Some(300));
}
