//! Table `dues_cycles`.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::failure::{WriteError, expect_rows};
use crate::money::changes::CycleChange;

type Cycles<'a> = HashMap<Uuid, CycleChange<'a>>;

/// New cycles, as they stand at the batch's end.
pub(super) async fn insert(db: &mut PgConnection, cycles: &Cycles<'_>) -> Result<(), WriteError> {
    let new = cycles.iter().filter_map(|(id, change)| Some((*id, change.opened?, change)));
    let new: Vec<_> = new.collect();
    if new.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = new.iter().map(|(id, ..)| *id).collect();
    let plans: Vec<Uuid> = new.iter().map(|(_, (plan, _), _)| *plan).collect();
    let events = || new.iter().map(|(_, (_, event), _)| event);
    // Whoever folded them refused numbers that are larger.
    let number = |number| i32::try_from(number).unwrap_or(i32::MAX);
    let numbers: Vec<i32> = events().map(|event| number(event.number)).collect();
    let due: Vec<i64> = events().map(|event| event.due_at.as_micros()).collect();
    let changes = || new.iter().map(|(.., change)| *change);
    let closed: Vec<bool> = changes().map(|change| change.closed.unwrap_or(false)).collect();
    let sums = || changes().map(|change| change.sums.unwrap_or_default());
    let collected: Vec<i64> = sums().map(|sums| sums.collected.minor_units()).collect();
    let reserved: Vec<i64> = sums().map(|sums| sums.reserved.minor_units()).collect();
    let outstanding: Vec<i64> = sums().map(|sums| sums.outstanding.minor_units()).collect();
    sqlx::query!(
        "INSERT INTO dues_cycles (id, plan_id, number, due_us, closed, collected, reserved,
                                  outstanding)
         SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::int[], $4::bigint[], $5::boolean[],
                              $6::bigint[], $7::bigint[], $8::bigint[])",
        &ids,
        &plans,
        &numbers,
        &due,
        &closed,
        &collected,
        &reserved,
        &outstanding,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Cycles from before this batch.
pub(super) async fn update(db: &mut PgConnection, cycles: &Cycles<'_>) -> Result<(), WriteError> {
    let known: Vec<_> = cycles.iter().filter(|(_, change)| change.opened.is_none()).collect();
    if known.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = known.iter().map(|(id, _)| **id).collect();
    let closed: Vec<_> = known.iter().map(|(_, change)| change.closed).collect();
    let sums = || known.iter().map(|(_, change)| change.sums);
    let collected: Vec<_> = sums().map(|it| it.map(|it| it.collected.minor_units())).collect();
    let reserved: Vec<_> = sums().map(|it| it.map(|it| it.reserved.minor_units())).collect();
    let outstanding: Vec<_> = sums().map(|it| it.map(|it| it.outstanding.minor_units())).collect();
    let updated = sqlx::query!(
        "UPDATE dues_cycles SET
            closed = coalesce(new.closed, dues_cycles.closed),
            collected = coalesce(new.collected, dues_cycles.collected),
            reserved = coalesce(new.reserved, dues_cycles.reserved),
            outstanding = coalesce(new.outstanding, dues_cycles.outstanding)
         FROM UNNEST($1::uuid[], $2::boolean[], $3::bigint[], $4::bigint[], $5::bigint[])
              AS new (id, closed, collected, reserved, outstanding)
         WHERE dues_cycles.id = new.id",
        &ids,
        &closed as &[Option<bool>],
        &collected as &[Option<i64>],
        &reserved as &[Option<i64>],
        &outstanding as &[Option<i64>],
    )
    .execute(db)
    .await?;
    expect_rows("dues_cycles", updated.rows_affected(), ids.len())
}
