//! Table `dues_plans`.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use super::recurrence;
use crate::failure::{WriteError, expect_rows};
use crate::money::changes::NewPlan;

/// New rows.
pub(super) async fn insert(db: &mut PgConnection, new: &[NewPlan<'_>]) -> Result<(), WriteError> {
    if new.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = new.iter().map(|plan| plan.id).collect();
    let events = || new.iter().map(|plan| plan.event);
    let wallets: Vec<Uuid> = events().map(|event| event.wallet.0).collect();
    let names: Vec<&str> = events().map(|event| event.name.as_str()).collect();
    let amounts: Vec<i64> = events().map(|event| event.amount.minor_units()).collect();
    let recurrences = recurrence::Columns::of(events().map(|event| &event.recurrence));
    let created_by: Vec<Uuid> = events().map(|event| event.created_by.0).collect();
    let created: Vec<i64> = new.iter().map(|plan| plan.us).collect();
    let positions: Vec<i64> = new.iter().map(|plan| plan.position).collect();
    sqlx::query!(
        "INSERT INTO dues_plans (id, wallet_id, name, amount, frequency, start_at, time_zone,
                                 end_at, occurrences_max, created_by, created_us,
                                 created_position)
         SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::smallint[],
                              $6::text[], $7::text[], $8::text[], $9::int[], $10::uuid[],
                              $11::bigint[], $12::bigint[])",
        &ids,
        &wallets,
        &names as &[&str],
        &amounts,
        &recurrences.frequencies,
        &recurrences.starts,
        &recurrences.time_zones as &[&str],
        &recurrences.ends as &[Option<String>],
        &recurrences.counts as &[Option<i32>],
        &created_by,
        &created,
        &positions,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Plans that end; they may have begun in this batch.
pub(super) async fn end(
    db: &mut PgConnection,
    ended: &HashMap<Uuid, i64>,
) -> Result<(), WriteError> {
    if ended.is_empty() {
        return Ok(());
    }
    let (ids, times): (Vec<Uuid>, Vec<i64>) = ended.iter().map(|(id, us)| (*id, *us)).unzip();
    let updated = sqlx::query!(
        "UPDATE dues_plans SET ended_us = coalesce(dues_plans.ended_us, new.ended_us)
         FROM UNNEST($1::uuid[], $2::bigint[]) AS new (id, ended_us)
         WHERE dues_plans.id = new.id",
        &ids,
        &times,
    )
    .execute(db)
    .await?;
    expect_rows("dues_plans", updated.rows_affected(), ids.len())
}
