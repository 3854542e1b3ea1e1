//! Table `spendings`.

use std::collections::HashMap;

use events::money::Day;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::failure::WriteError;

/// Adds to the days' sums.
pub(super) async fn add(
    db: &mut PgConnection,
    spendings: &HashMap<(Uuid, Day), i64>,
) -> Result<(), WriteError> {
    if spendings.is_empty() {
        return Ok(());
    }
    let wallets: Vec<Uuid> = spendings.keys().map(|&(wallet, _)| wallet).collect();
    let days: Vec<String> = spendings.keys().map(|(_, day)| day.to_string()).collect();
    let amounts: Vec<i64> = spendings.values().copied().collect();
    sqlx::query!(
        "INSERT INTO spendings (wallet_id, day, amount)
         SELECT wallet_id, day::date, amount
         FROM UNNEST($1::uuid[], $2::text[], $3::bigint[]) AS new (wallet_id, day, amount)
         ON CONFLICT (wallet_id, day) DO UPDATE SET amount = spendings.amount + excluded.amount",
        &wallets,
        &days,
        &amounts,
    )
    .execute(db)
    .await?;
    Ok(())
}
