//! Table `scheduled_payments`.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use super::recurrence;
use crate::failure::{WriteError, expect_rows};
use crate::money::changes::PaymentChange;

type Payments<'a> = HashMap<Uuid, PaymentChange<'a>>;

/// New payments, as they stand at the batch's end.
pub(super) async fn insert(
    db: &mut PgConnection,
    payments: &Payments<'_>,
) -> Result<(), WriteError> {
    let new = payments.iter();
    let new = new.filter_map(|(id, change)| Some((*id, change.scheduled.as_ref()?, change)));
    let new: Vec<_> = new.collect();
    if new.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = new.iter().map(|(id, ..)| *id).collect();
    let events = || new.iter().map(|(_, scheduled, _)| scheduled.event);
    let from: Vec<Uuid> = events().map(|event| event.from.0).collect();
    let to: Vec<Uuid> = events().map(|event| event.to.0).collect();
    let amounts: Vec<i64> = events().map(|event| event.amount.minor_units()).collect();
    let memos: Vec<&str> = events().map(|event| event.memo.as_str()).collect();
    let recurrences = recurrence::Columns::of(events().map(|event| &event.recurrence));
    let created_by: Vec<Uuid> = events().map(|event| event.created_by.0).collect();
    let statuses: Vec<i16> =
        new.iter().map(|(.., change)| change.status.unwrap_or_default()).collect();
    let next_due: Vec<_> = new.iter().map(|(.., change)| change.next_due_us).collect();
    let created: Vec<i64> = new.iter().map(|(_, scheduled, _)| scheduled.us).collect();
    let positions: Vec<i64> = new.iter().map(|(_, scheduled, _)| scheduled.position).collect();
    sqlx::query!(
        "INSERT INTO scheduled_payments (id, from_id, to_id, amount, memo, frequency, start_at,
                                         time_zone, end_at, occurrences_max, created_by, status,
                                         next_due_us, created_us, created_position)
         SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[],
                              $6::smallint[], $7::text[], $8::text[], $9::text[], $10::int[],
                              $11::uuid[], $12::smallint[], $13::bigint[], $14::bigint[],
                              $15::bigint[])",
        &ids,
        &from,
        &to,
        &amounts,
        &memos as &[&str],
        &recurrences.frequencies,
        &recurrences.starts,
        &recurrences.time_zones as &[&str],
        &recurrences.ends as &[Option<String>],
        &recurrences.counts as &[Option<i32>],
        &created_by,
        &statuses,
        &next_due as &[Option<i64>],
        &created,
        &positions,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Payments from before this batch.
pub(super) async fn update(
    db: &mut PgConnection,
    payments: &Payments<'_>,
) -> Result<(), WriteError> {
    let known: Vec<_> = payments.iter().filter(|(_, change)| change.scheduled.is_none()).collect();
    if known.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = known.iter().map(|(id, _)| **id).collect();
    let statuses: Vec<_> = known.iter().map(|(_, change)| change.status).collect();
    let next_due: Vec<_> = known.iter().map(|(_, change)| change.next_due_us).collect();
    let updated = sqlx::query!(
        "UPDATE scheduled_payments SET
            status = coalesce(new.status, scheduled_payments.status),
            next_due_us = new.next_due_us
         FROM UNNEST($1::uuid[], $2::smallint[], $3::bigint[]) AS new (id, status, next_due_us)
         WHERE scheduled_payments.id = new.id",
        &ids,
        &statuses as &[Option<i16>],
        &next_due as &[Option<i64>],
    )
    .execute(db)
    .await?;
    expect_rows("scheduled_payments", updated.rows_affected(), ids.len())
}
