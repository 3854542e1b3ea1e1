//! Table `wallets`.

use std::collections::HashMap;

use events::wallet::WalletKind;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::failure::{WriteError, expect_rows};
use crate::money::changes::WalletChange;

type Wallets<'a> = HashMap<Uuid, WalletChange<'a>>;

const fn kind(kind: WalletKind) -> i16 {
    match kind {
        WalletKind::Personal => 1,
        WalletKind::Group => 2,
    }
}

/// New wallets, as they stand at the batch's end.
pub(super) async fn insert(db: &mut PgConnection, wallets: &Wallets<'_>) -> Result<(), WriteError> {
    let opened = wallets.iter();
    let opened = opened.filter_map(|(id, change)| Some((*id, change.opened.as_ref()?, change)));
    let new: Vec<_> = opened.collect();
    if new.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = new.iter().map(|(id, ..)| *id).collect();
    let events = || new.iter().map(|(_, opened, _)| opened.event);
    let kinds: Vec<i16> = events().map(|event| kind(event.kind)).collect();
    let owners: Vec<Uuid> = events().map(|event| event.owner.0).collect();
    let channels: Vec<_> = events().map(|event| event.channel.map(|channel| channel.0)).collect();
    let names: Vec<&str> = events().map(|event| event.name.as_str()).collect();
    let descriptions: Vec<&str> = events().map(|event| event.description.as_str()).collect();
    let currencies: Vec<&str> = events().map(|event| event.currency.as_str()).collect();
    let approvals = new.iter().map(|(_, opened, change)| {
        let first = i16::from(opened.event.approvals_required);
        change.approvals_required.unwrap_or(first)
    });
    let approvals: Vec<i16> = approvals.collect();
    let changes = || new.iter().map(|(.., change)| change);
    let per_transfer: Vec<_> = changes().map(|it| it.limits.map(|it| it.per_transfer)).collect();
    let per_day: Vec<_> = changes().map(|it| it.limits.map(|it| it.per_day)).collect();
    let balances: Vec<i64> = changes().map(|it| it.balance.unwrap_or(0)).collect();
    let frozen: Vec<bool> = changes().map(|it| it.frozen.unwrap_or(false)).collect();
    let opened: Vec<i64> = new.iter().map(|(_, opened, _)| opened.us).collect();
    let positions: Vec<i64> = new.iter().map(|(_, opened, _)| opened.position).collect();
    let closed: Vec<_> = changes().map(|it| it.closed_us).collect();
    sqlx::query!(
        "INSERT INTO wallets (id, kind, owner, channel_id, name, description, currency,
                              approvals_required, per_transfer, per_day, balance, frozen,
                              opened_us, opened_position, closed_us)
         SELECT * FROM UNNEST($1::uuid[], $2::smallint[], $3::uuid[], $4::uuid[], $5::text[],
                              $6::text[], $7::text[], $8::smallint[], $9::bigint[], $10::bigint[],
                              $11::bigint[], $12::boolean[], $13::bigint[], $14::bigint[],
                              $15::bigint[])",
        &ids,
        &kinds,
        &owners,
        &channels as &[Option<Uuid>],
        &names as &[&str],
        &descriptions as &[&str],
        &currencies as &[&str],
        &approvals,
        &per_transfer as &[Option<i64>],
        &per_day as &[Option<i64>],
        &balances,
        &frozen,
        &opened,
        &positions,
        &closed as &[Option<i64>],
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Wallets from before this batch.
pub(super) async fn update(db: &mut PgConnection, wallets: &Wallets<'_>) -> Result<(), WriteError> {
    let known: Vec<_> = wallets.iter().filter(|(_, change)| change.opened.is_none()).collect();
    if known.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = known.iter().map(|(id, _)| **id).collect();
    let changes = || known.iter().map(|(_, change)| change);
    let approvals: Vec<_> = changes().map(|it| it.approvals_required).collect();
    let per_transfer: Vec<_> = changes().map(|it| it.limits.map(|it| it.per_transfer)).collect();
    let per_day: Vec<_> = changes().map(|it| it.limits.map(|it| it.per_day)).collect();
    let balances: Vec<_> = changes().map(|it| it.balance).collect();
    let frozen: Vec<_> = changes().map(|it| it.frozen).collect();
    let closed: Vec<_> = changes().map(|it| it.closed_us).collect();
    let updated = sqlx::query!(
        "UPDATE wallets SET
            approvals_required = coalesce(new.approvals_required, wallets.approvals_required),
            per_transfer = coalesce(new.per_transfer, wallets.per_transfer),
            per_day = coalesce(new.per_day, wallets.per_day),
            balance = coalesce(new.balance, wallets.balance),
            frozen = coalesce(new.frozen, wallets.frozen),
            closed_us = coalesce(new.closed_us, wallets.closed_us)
         FROM UNNEST($1::uuid[], $2::smallint[], $3::bigint[], $4::bigint[], $5::bigint[],
                     $6::boolean[], $7::bigint[])
              AS new (id, approvals_required, per_transfer, per_day, balance, frozen, closed_us)
         WHERE wallets.id = new.id",
        &ids,
        &approvals as &[Option<i16>],
        &per_transfer as &[Option<i64>],
        &per_day as &[Option<i64>],
        &balances as &[Option<i64>],
        &frozen as &[Option<bool>],
        &closed as &[Option<i64>],
    )
    .execute(db)
    .await?;
    expect_rows("wallets", updated.rows_affected(), ids.len())
}
