//! Wallets and their members.

use events::wallet::{
    WalletClosed, WalletFrozen, WalletLimitsChanged, WalletMemberLeft, WalletRole,
    WalletRoleChanged,
};

use super::*;
use crate::tables::wallet_members::{WalletMemberCountOf, WalletMemberOf, WalletMembersPage};
use crate::tables::wallets::{
    AvailableIn, ChannelWalletCountOf, ChannelWalletsPage, ReceivingOf, WalletRow,
};

#[tokio::test]
async fn a_wallet_is_read_as_it_is_now() {
    let ledgers = Ledgers::new().await;
    let owner = UserId::generate();
    let wallet = ledgers.wallet(owner, None, 700).await;
    ledgers.project().await;
    let row = ledgers.one(wallet).await.unwrap();
    let expected = WalletRow {
        id: wallet,
        kind: WalletKind::Personal,
        owner,
        channel: None,
        name: "회비".into(),
        description: "동네".into(),
        currency: "KRW".into(),
        approvals_required: 1,
        limits: None,
        balance: 700,
        frozen: false,
        opened_position: 1,
        closed_at: None,
    };
    assert_eq!(*row, expected);
    let (per_transfer, per_day) = (amount(5), amount(9));
    ledgers.append(wallet, WalletLimitsChanged { per_transfer, per_day, by: owner }).await;
    ledgers.append(wallet, WalletFrozen { reason: "asked for".into() }).await;
    ledgers.append(wallet, WalletClosed { by: None }).await;
    ledgers.project().await;
    let row = ledgers.one(wallet).await.unwrap();
    assert_eq!((row.limits, row.frozen, row.closed_at), (Some((5, 9)), true, Some(at(5))));
    assert!(ledgers.one(WalletId::generate()).await.is_none());
}

#[tokio::test]
async fn money_goes_to_the_open_personal_wallet_of_its_currency() {
    let ledgers = Ledgers::new().await;
    let user = UserId::generate();
    let of = |currency: &str| ReceivingOf { user, currency: currency.into() };
    ledgers.wallet(user, Some(ChannelId::generate()), 0).await;
    ledgers.project().await;
    assert!(ledgers.one(of("KRW")).await.is_none());
    let old = ledgers.wallet(user, None, 0).await;
    ledgers.append(old, WalletClosed { by: Some(user) }).await;
    let new = ledgers.wallet(user, None, 0).await;
    ledgers.project().await;
    assert_eq!(ledgers.one(of("KRW")).await.unwrap().id, new);
    for none in ["USD", "krw", "K\0W"] {
        assert!(ledgers.one(of(none)).await.is_none(), "{none:?}");
    }
}

#[tokio::test]
async fn a_channels_wallets_come_in_the_order_of_opening() {
    let ledgers = Ledgers::new().await;
    let (user, channel) = (UserId::generate(), ChannelId::generate());
    let mut wallets = Vec::new();
    for _ in 0..3 {
        wallets.push(ledgers.wallet(user, Some(channel), 0).await);
    }
    ledgers.wallet(user, Some(ChannelId::generate()), 0).await;
    ledgers.project().await;
    let page = |after| ChannelWalletsPage { channel, window: first(2, after) };
    let found = ledgers.one(page(None)).await.unwrap();
    let ids: Vec<_> = found.items.iter().map(|row| row.id).collect();
    assert_eq!((ids.as_slice(), found.more), (&wallets[..2], true));
    let last = found.items[1].opened_position;
    let found = ledgers.one(page(Some(last))).await.unwrap();
    assert_eq!((found.items[0].id, found.items.len(), found.more), (wallets[2], 1, false));
    assert_eq!(ledgers.one(ChannelWalletCountOf(channel)).await, Some(3));
}

#[tokio::test]
async fn a_users_wallets_are_those_that_the_user_is_in() {
    let ledgers = Ledgers::new().await;
    let (user, other) = (UserId::generate(), UserId::generate());
    let shared = ledgers.wallet(other, Some(ChannelId::generate()), 0).await;
    let own = ledgers.wallet(user, None, 0).await;
    let left = ledgers.wallet(other, Some(ChannelId::generate()), 0).await;
    let joined = ledgers.join(shared, user).await;
    ledgers.join(left, user).await;
    ledgers.append(left, WalletMemberLeft { user, removed_by: None, channel_revision: None }).await;
    ledgers.project().await;
    let found = ledgers.tables.wallets_of(user, first(50, None)).await.unwrap();
    let listed: Vec<_> = found.items.iter().map(|(key, row)| (*key, row.id)).collect();
    assert_eq!(listed, [(2, own), (joined, shared)]);
    assert_eq!(ledgers.tables.wallet_count_of(user).await.unwrap(), 2);
    let found = ledgers.tables.wallets_of(user, first(1, Some(2))).await.unwrap();
    assert_eq!((found.items[0].1.id, found.more), (shared, false));
}

#[tokio::test]
async fn members_are_those_who_are_in_it_now() {
    let ledgers = Ledgers::new().await;
    let (owner, user, gone) = (UserId::generate(), UserId::generate(), UserId::generate());
    let wallet = ledgers.wallet(owner, Some(ChannelId::generate()), 0).await;
    let joined = ledgers.join(wallet, user).await;
    ledgers.join(wallet, gone).await;
    let left = WalletMemberLeft { user: gone, removed_by: None, channel_revision: None };
    ledgers.append(wallet, left).await;
    let role = WalletRole::Admin;
    ledgers.append(wallet, WalletRoleChanged { user, role, by: None }).await;
    ledgers.project().await;
    let member = ledgers.one(WalletMemberOf { wallet, user }).await.unwrap();
    assert_eq!((member.role, member.joined_position), (WalletRole::Admin, joined));
    assert!(ledgers.one(WalletMemberOf { wallet, user: gone }).await.is_none());
    let page = WalletMembersPage { wallet, window: first(50, None) };
    let found = ledgers.one(page).await.unwrap();
    let users: Vec<_> = found.items.iter().map(|member| member.user).collect();
    assert_eq!(users, [owner, user]);
    let page = WalletMembersPage { wallet, window: first(50, Some(joined)) };
    assert!(ledgers.one(page).await.unwrap().items.is_empty());
    assert_eq!(ledgers.one(WalletMemberCountOf(wallet)).await, Some(2));
}

#[tokio::test]
async fn what_waits_is_not_available() {
    let ledgers = Ledgers::new().await;
    let owner = UserId::generate();
    let wallet = ledgers.wallet(owner, None, 1_000).await;
    let payee = ledgers.wallet(owner, None, 0).await;
    let (first, second) = (terms(wallet, payee, 300, owner), terms(wallet, payee, 200, owner));
    ledgers.request(&first).await;
    ledgers.request(&second).await;
    ledgers.project().await;
    assert_eq!(ledgers.one(AvailableIn(wallet)).await, Some(500));
    assert_eq!(ledgers.one(wallet).await.unwrap().balance, 1_000);
    ledgers.debit(&first, 700, None).await;
    ledgers.project().await;
    assert_eq!(ledgers.one(AvailableIn(wallet)).await, Some(500));
    assert_eq!(ledgers.one(wallet).await.unwrap().balance, 700);
}
