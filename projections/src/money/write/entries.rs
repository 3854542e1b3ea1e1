//! Table `entries`.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::copy::Rows;
use crate::failure::WriteError;
use crate::money::changes::Entry;

/// New rows.
pub(super) async fn insert(db: &mut PgConnection, rows: &[Entry<'_>]) -> Result<(), WriteError> {
    if rows.is_empty() {
        return Ok(());
    }
    let wallets: Vec<Uuid> = rows.iter().map(|row| row.wallet).collect();
    let times: Vec<i64> = rows.iter().map(|row| row.us).collect();
    let revisions: Vec<i64> = rows.iter().map(|row| row.revision).collect();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let directions: Vec<i16> = rows.iter().map(|row| row.direction).collect();
    let amounts: Vec<i64> = rows.iter().map(|row| row.amount).collect();
    let balances: Vec<i64> = rows.iter().map(|row| row.balance_after).collect();
    let transfers: Vec<_> = rows.iter().map(|row| row.transfer).collect();
    let counterparties: Vec<_> = rows.iter().map(|row| row.counterparty).collect();
    let by: Vec<_> = rows.iter().map(|row| row.by).collect();
    let memos: Vec<&str> = rows.iter().map(|row| row.memo).collect();
    sqlx::query!(
        "INSERT INTO entries (wallet_id, at_us, revision, id, direction, amount, balance_after,
                              transfer_id, counterparty, by_user, memo)
         SELECT * FROM UNNEST($1::uuid[], $2::bigint[], $3::bigint[], $4::uuid[], $5::smallint[],
                              $6::bigint[], $7::bigint[], $8::uuid[], $9::uuid[], $10::uuid[],
                              $11::text[])",
        &wallets,
        &times,
        &revisions,
        &ids,
        &directions,
        &amounts,
        &balances,
        &transfers as &[Option<Uuid>],
        &counterparties as &[Option<Uuid>],
        &by as &[Option<Uuid>],
        &memos as &[&str],
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The same for many of them. No macro checks a `COPY`: the tests of the rebuild do.
pub(super) async fn copy(db: &mut PgConnection, entries: &[Entry<'_>]) -> Result<(), WriteError> {
    if entries.is_empty() {
        return Ok(());
    }
    let mut rows = Rows::new(11);
    for entry in entries {
        let of = rows.row().field(entry.wallet).field(entry.us).field(entry.revision);
        let of = of.field(entry.id).field(entry.direction).field(entry.amount);
        let of = of.field(entry.balance_after).field(entry.transfer).field(entry.counterparty);
        of.field(entry.by).field(entry.memo);
    }
    let statement = "COPY entries (wallet_id, at_us, revision, id, direction, amount,
                                   balance_after, transfer_id, counterparty, by_user, memo)
                     FROM STDIN (FORMAT binary)";
    rows.copy(db, statement).await
}
