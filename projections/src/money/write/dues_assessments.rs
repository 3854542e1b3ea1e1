//! Table `dues_assessments`.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::failure::{WriteError, expect_rows};
use crate::money::changes::AssessmentChange;

type Assessments = HashMap<(Uuid, Uuid), AssessmentChange>;

/// New parts, as they stand at the batch's end.
pub(super) async fn insert(
    db: &mut PgConnection,
    assessments: &Assessments,
) -> Result<(), WriteError> {
    let new = assessments.iter();
    let new: Vec<_> =
        new.filter_map(|(key, change)| Some((*key, change.assessed?, change))).collect();
    if new.is_empty() {
        return Ok(());
    }
    let cycles: Vec<Uuid> = new.iter().map(|((cycle, _), ..)| *cycle).collect();
    let users: Vec<Uuid> = new.iter().map(|((_, user), ..)| *user).collect();
    let assessed = || new.iter().map(|(_, assessed, _)| assessed);
    let positions: Vec<i64> = assessed().map(|it| it.position).collect();
    let nth: Vec<i32> = assessed().map(|it| it.nth).collect();
    let amounts: Vec<i64> = assessed().map(|it| it.amount).collect();
    let paid: Vec<i64> = new.iter().map(|(.., change)| change.paid.unwrap_or(0)).collect();
    let exempt: Vec<bool> = new.iter().map(|(.., change)| change.exempt).collect();
    sqlx::query!(
        "INSERT INTO dues_assessments (cycle_id, user_id, position, nth, amount, paid, exempt)
         SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::bigint[], $4::int[], $5::bigint[],
                              $6::bigint[], $7::boolean[])",
        &cycles,
        &users,
        &positions,
        &nth,
        &amounts,
        &paid,
        &exempt,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Parts from before this batch.
pub(super) async fn update(
    db: &mut PgConnection,
    assessments: &Assessments,
) -> Result<(), WriteError> {
    let known = assessments.iter().filter(|(_, change)| change.assessed.is_none());
    let known: Vec<_> = known.collect();
    if known.is_empty() {
        return Ok(());
    }
    let (cycles, users): (Vec<Uuid>, Vec<Uuid>) = known.iter().map(|(key, _)| **key).unzip();
    let paid: Vec<_> = known.iter().map(|(_, change)| change.paid).collect();
    let exempt: Vec<bool> = known.iter().map(|(_, change)| change.exempt).collect();
    let updated = sqlx::query!(
        "UPDATE dues_assessments SET
            paid = coalesce(new.paid, dues_assessments.paid),
            exempt = dues_assessments.exempt OR new.exempt
         FROM UNNEST($1::uuid[], $2::uuid[], $3::bigint[], $4::boolean[])
              AS new (cycle_id, user_id, paid, exempt)
         WHERE dues_assessments.cycle_id = new.cycle_id
           AND dues_assessments.user_id = new.user_id",
        &cycles,
        &users,
        &paid as &[Option<i64>],
        &exempt,
    )
    .execute(db)
    .await?;
    expect_rows("dues_assessments", updated.rows_affected(), users.len())
}
