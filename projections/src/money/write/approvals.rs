//! Table `transfer_approvals`.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::failure::WriteError;
use crate::money::changes::Approval;

/// New rows.
pub(super) async fn insert(db: &mut PgConnection, rows: &[Approval]) -> Result<(), WriteError> {
    if rows.is_empty() {
        return Ok(());
    }
    let transfers: Vec<Uuid> = rows.iter().map(|row| row.transfer).collect();
    let positions: Vec<i64> = rows.iter().map(|row| row.position).collect();
    let users: Vec<Uuid> = rows.iter().map(|row| row.user).collect();
    sqlx::query!(
        "INSERT INTO transfer_approvals (transfer_id, position, user_id)
         SELECT * FROM UNNEST($1::uuid[], $2::bigint[], $3::uuid[])",
        &transfers,
        &positions,
        &users,
    )
    .execute(db)
    .await?;
    Ok(())
}
