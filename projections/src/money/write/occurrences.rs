//! Table `payment_occurrences`.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::failure::{WriteError, expect_rows};
use crate::money::changes::{Failure, OccurrenceChange};

type Occurrences<'a> = HashMap<(Uuid, i32), OccurrenceChange<'a>>;

/// Whether what is there stays, and what takes its place.
const fn failure<'a>(change: &OccurrenceChange<'a>) -> (bool, Option<&'a str>) {
    match change.failure {
        Failure::AsBefore => (true, None),
        Failure::Nothing => (false, None),
        Failure::Code(code) => (false, Some(code)),
    }
}

/// Occurrences that were begun, perhaps again, or left out.
pub(super) async fn start(
    db: &mut PgConnection,
    occurrences: &Occurrences<'_>,
) -> Result<(), WriteError> {
    let begun = occurrences.iter();
    let begun: Vec<_> =
        begun.filter_map(|(key, change)| Some((*key, change.due_us?, change))).collect();
    if begun.is_empty() {
        return Ok(());
    }
    let payments: Vec<Uuid> = begun.iter().map(|((payment, _), ..)| *payment).collect();
    let numbers: Vec<i32> = begun.iter().map(|((_, number), ..)| *number).collect();
    let due: Vec<i64> = begun.iter().map(|(_, due_us, _)| *due_us).collect();
    let changes = || begun.iter().map(|(.., change)| *change);
    let statuses: Vec<i16> = changes().map(|change| change.status).collect();
    let transfers: Vec<_> = changes().map(|change| change.transfer).collect();
    let (stay, failures): (Vec<bool>, Vec<_>) = changes().map(failure).unzip();
    sqlx::query!(
        "INSERT INTO payment_occurrences (payment_id, number, due_us, status, transfer_id, failure)
         SELECT payment_id, number, due_us, status, transfer_id, failure
         FROM UNNEST($1::uuid[], $2::int[], $3::bigint[], $4::smallint[], $5::uuid[], $6::text[])
              AS new (payment_id, number, due_us, status, transfer_id, failure)
         ON CONFLICT (payment_id, number) DO UPDATE SET
            status = excluded.status,
            failure = CASE WHEN EXISTS (
                SELECT FROM UNNEST($1::uuid[], $2::int[], $7::boolean[])
                     AS new (payment_id, number, stays)
                WHERE new.payment_id = excluded.payment_id AND new.number = excluded.number
                  AND new.stays
            ) THEN payment_occurrences.failure ELSE excluded.failure END",
        &payments,
        &numbers,
        &due,
        &statuses,
        &transfers as &[Option<Uuid>],
        &failures as &[Option<&str>],
        &stay,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Occurrences that were begun before this batch and have gone on.
pub(super) async fn update(
    db: &mut PgConnection,
    occurrences: &Occurrences<'_>,
) -> Result<(), WriteError> {
    let known: Vec<_> = occurrences.iter().filter(|(_, change)| change.due_us.is_none()).collect();
    if known.is_empty() {
        return Ok(());
    }
    let (payments, numbers): (Vec<Uuid>, Vec<i32>) = known.iter().map(|(key, _)| **key).unzip();
    let statuses: Vec<i16> = known.iter().map(|(_, change)| change.status).collect();
    let (stay, failures): (Vec<bool>, Vec<_>) =
        known.iter().map(|(_, change)| failure(change)).unzip();
    let updated = sqlx::query!(
        "UPDATE payment_occurrences SET
            status = new.status,
            failure = CASE WHEN new.stays THEN payment_occurrences.failure ELSE new.failure END
         FROM UNNEST($1::uuid[], $2::int[], $3::smallint[], $4::boolean[], $5::text[])
              AS new (payment_id, number, status, stays, failure)
         WHERE payment_occurrences.payment_id = new.payment_id
           AND payment_occurrences.number = new.number",
        &payments,
        &numbers,
        &statuses,
        &stay,
        &failures as &[Option<&str>],
    )
    .execute(db)
    .await?;
    expect_rows("payment_occurrences", updated.rows_affected(), numbers.len())
}
