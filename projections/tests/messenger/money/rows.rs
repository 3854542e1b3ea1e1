//! What each kind of event that moves money makes of the rows and the feed.

use super::*;
use events::feed::FeedKind;
use events::wallet::{
    BounceReason, TransferApproved, TransferBounced, TransferDeclined, TransferExpired,
    TransferRefunded, Withdrawn,
};
use serde_json::json;
use uuid::Uuid;

/// Entity, kind and reference of the feed's rows at a position, in the order of their pushes.
pub(super) async fn feed(world: &World, at: LogPosition) -> Vec<(Uuid, FeedKind, Option<Uuid>)> {
    let sql = format!(
        "SELECT entity_id, kind, ref FROM read_money.feed WHERE position = {at} ORDER BY kind"
    );
    let rows: Vec<(Uuid, i16, Option<Uuid>)> =
        sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&world.pool).await.unwrap();
    let kind = |code| FeedKind::from_code(code).unwrap();
    rows.into_iter().map(|(entity, code, reference)| (entity, kind(code), reference)).collect()
}

async fn entry(world: &World, at: LogPosition) -> Value {
    row(world, "entries", &format!("at_us = {}", at_us(at))).await
}

pub(super) async fn wallet(world: &World, id: WalletId) -> Value {
    row(world, "wallets", &format!("id = '{id}'")).await
}

async fn transfer(world: &World, id: TransferId) -> Value {
    row(world, "transfers", &format!("id = '{id}'")).await
}

fn id_of(entry: &Value) -> Uuid {
    entry["id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_wallet_is_there_with_its_owner_as_admin() {
    let purses = Purses::new().await;
    let Purses { world, owner, from, to } = &purses;
    project(world).await;
    let expected = json!({
        "id": from, "kind": 1, "owner": owner, "name": "회비", "description": "",
        "currency": "KRW", "approvals_required": 1, "balance": 10_000, "frozen": false,
        "opened_us": at_us(2), "opened_position": 2,
    });
    assert_eq!(wallet(world, *from).await, expected);
    let group = wallet(world, *to).await;
    assert_eq!((&group["kind"], &group["balance"]), (&json!(2), &json!(0)));
    assert!(group["channel_id"].is_string());
    let member = row(world, "wallet_members", &format!("wallet_id = '{from}'")).await;
    let expected = json!({
        "wallet_id": from, "user_id": owner, "role": 1, "joined_us": at_us(2),
        "joined_position": 2,
    });
    assert_eq!(member, expected);
    let joined = (from.0, FeedKind::WalletMemberJoined, Some(owner.0));
    assert_eq!(feed(world, 2).await, [joined]);
}

#[tokio::test]
async fn what_comes_in_and_goes_out_is_an_entry_and_the_new_balance() {
    let purses = Purses::new().await;
    let Purses { world, owner, from, .. } = &purses;
    let at = append(
        world,
        *from,
        Withdrawn {
            amount: amount(4_000),
            balance_after: amount(6_000),
            reference: "out".into(),
            by: *owner,
            day: day("2026-03-01"),
        },
    );
    project(world).await;
    let deposit = entry(world, 4).await;
    let expected = json!({
        "wallet_id": from, "at_us": at_us(4), "revision": 1, "id": deposit["id"], "direction": 2,
        "amount": 10_000, "balance_after": 10_000, "by_user": owner, "memo": "입금",
    });
    assert_eq!(deposit, expected);
    let withdrawal = entry(world, at).await;
    assert_eq!((&withdrawal["direction"], &withdrawal["amount"]), (&json!(1), &json!(4_000)));
    assert_eq!(withdrawal["balance_after"], 6_000);
    assert_eq!(wallet(world, *from).await["balance"], 6_000);
    let told = (from.0, FeedKind::EntryPosted, Some(id_of(&withdrawal)));
    assert_eq!(feed(world, at).await, [told]);
    let spent = row(world, "spendings", "true").await;
    assert_eq!(spent, json!({ "wallet_id": from, "day": "2026-03-01", "amount": 4_000 }));
}

#[tokio::test]
async fn a_transfer_is_two_entries_and_both_sides_are_told() {
    let purses = Purses::new().await;
    let Purses { world, owner, from, to } = &purses;
    let terms = purses.terms(3_000);
    let debit = purses.debit(&terms, 7_000);
    project(world).await;
    let expected = json!({
        "id": terms.transfer, "from_id": from, "to_id": to, "amount": 3_000, "memo": "3월",
        "requested_by": owner, "origin": 1, "requested_us": at_us(debit),
        "requested_position": debit, "approvals_required": 1, "day": "2026-03-01",
        "debited_us": at_us(debit),
    });
    assert_eq!(transfer(world, terms.transfer).await, expected);
    let line = entry(world, debit).await;
    let expected = json!({
        "wallet_id": from, "at_us": at_us(debit), "revision": 2, "id": line["id"], "direction": 1,
        "amount": 3_000, "balance_after": 7_000, "transfer_id": terms.transfer,
        "counterparty": to, "by_user": owner, "memo": "3월",
    });
    assert_eq!(line, expected);
    let told = (from.0, FeedKind::TransferPosted, Some(id_of(&line)));
    assert_eq!(feed(world, debit).await, [told]);

    let credit = purses.credit(&terms, 3_000);
    project(world).await;
    let settled = transfer(world, terms.transfer).await;
    assert_eq!(settled["credited_us"], at_us(credit));
    assert_eq!(settled["requested_us"], at_us(debit));
    let line = entry(world, credit).await;
    assert_eq!((&line["wallet_id"], &line["counterparty"]), (&json!(to), &json!(from)));
    assert_eq!((&line["direction"], &line["balance_after"]), (&json!(2), &json!(3_000)));
    let own = (to.0, FeedKind::TransferPosted, Some(id_of(&line)));
    let other = (from.0, FeedKind::OtherSideChanged, Some(terms.transfer.0));
    assert_eq!(feed(world, credit).await, [own, other]);
    assert_eq!(wallet(world, *from).await["balance"], 7_000);
    assert_eq!(wallet(world, *to).await["balance"], 3_000);
}

#[tokio::test]
async fn what_the_payee_cannot_take_comes_back() {
    let purses = Purses::new().await;
    let Purses { world, from, to, .. } = &purses;
    let terms = purses.terms(3_000);
    purses.debit(&terms, 7_000);
    let reason = BounceReason::Closed;
    let bounce = append(world, *to, TransferBounced { terms: terms.clone(), reason });
    project(world).await;
    assert_eq!(feed(world, bounce).await, []);
    let balance_after = amount(10_000);
    let back = append(
        world,
        *from,
        TransferRefunded { terms: terms.clone(), balance_after, channel: None },
    );
    project(world).await;
    let returned = transfer(world, terms.transfer).await;
    assert_eq!(returned["bounced_us"], at_us(bounce));
    assert_eq!(returned["returned_us"], at_us(back));
    let line = entry(world, back).await;
    assert_eq!((&line["direction"], &line["counterparty"]), (&json!(2), &json!(to)));
    let own = (from.0, FeedKind::TransferPosted, Some(id_of(&line)));
    let other = (to.0, FeedKind::OtherSideChanged, Some(terms.transfer.0));
    assert_eq!(feed(world, back).await, [own, other]);
}

#[tokio::test]
async fn a_transfer_that_waits_keeps_what_was_asked_for() {
    let purses = Purses::new().await;
    let Purses { world, from, .. } = &purses;
    let terms = purses.terms(3_000);
    let request = purses.request(&terms);
    project(world).await;
    let told = (from.0, FeedKind::TransferChanged, Some(terms.transfer.0));
    assert_eq!(feed(world, request).await, [told]);
    assert_eq!(count(world, "entries").await, 1);
    let by = UserId::generate();
    let approval = append(world, *from, TransferApproved { transfer: terms.transfer, by });
    let debit = append(world, *from, TransferDebited { day: None, ..debited(&terms, 7_000) });
    project(world).await;
    let row_of = transfer(world, terms.transfer).await;
    assert_eq!(row_of["requested_us"], at_us(request));
    assert_eq!(row_of["approvals_required"], 2);
    assert_eq!(row_of["expires_us"], 1_800_000_000_000_000_u64);
    assert_eq!(row_of["day"], "2026-03-01");
    assert_eq!(row_of["debited_us"], at_us(debit));
    let approved = row(world, "transfer_approvals", "true").await;
    let expected = json!({ "transfer_id": terms.transfer, "position": approval, "user_id": by });
    assert_eq!(approved, expected);
    assert_eq!(feed(world, approval).await, [told]);
    assert_eq!(row(world, "spendings", "true").await["amount"], 3_000);
}

#[tokio::test]
async fn a_transfer_may_be_declined_or_expire() {
    let purses = Purses::new().await;
    let Purses { world, owner, from, .. } = &purses;
    let (declined, expired) = (purses.terms(1_000), purses.terms(2_000));
    purses.request(&declined);
    // The one before this batch, the other within it.
    project(world).await;
    purses.request(&expired);
    let origin = Origin::Manual;
    let (transfer_id, by) = (declined.transfer, Some(*owner));
    let decline =
        append(world, *from, TransferDeclined { transfer: transfer_id, by, origin, channel: None });
    let expiry =
        append(world, *from, TransferExpired { transfer: expired.transfer, origin, channel: None });
    project(world).await;
    assert_eq!(transfer(world, declined.transfer).await["declined_us"], at_us(decline));
    assert_eq!(transfer(world, expired.transfer).await["expired_us"], at_us(expiry));
    let told = (from.0, FeedKind::TransferChanged, Some(expired.transfer.0));
    assert_eq!(feed(world, expiry).await, [told]);
    assert_eq!(row(world, "spendings", "true").await["amount"], 3_000);
}

#[tokio::test]
async fn refunds_and_scheduled_transfers_name_where_they_come_from() {
    let purses = Purses::new().await;
    let world = &purses.world;
    let (of, payment) = (TransferId::generate(), events::PaymentId::generate());
    let refund = Terms { origin: Origin::Refund { of, dues: None }, ..purses.terms(1) };
    let scheduled = Terms { origin: Origin::Scheduled { payment, number: 7 }, ..purses.terms(2) };
    purses.debit(&refund, 9_999);
    purses.debit(&scheduled, 9_997);
    project(world).await;
    let row_of = transfer(world, refund.transfer).await;
    assert_eq!((&row_of["origin"], &row_of["origin_id"]), (&json!(4), &json!(of)));
    let row_of = transfer(world, scheduled.transfer).await;
    assert_eq!((&row_of["origin"], &row_of["origin_id"]), (&json!(2), &json!(payment)));
    assert_eq!(row_of["origin_number"], 7);
}
