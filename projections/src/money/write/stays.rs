//! Table `wallet_stays`.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::failure::WriteError;
use crate::money::changes::Stays;

/// Stays that began in this batch, with their end if that was in it, too.
pub(super) async fn begin(db: &mut PgConnection, stays: &Stays) -> Result<(), WriteError> {
    if stays.begun.is_empty() {
        return Ok(());
    }
    let users: Vec<Uuid> = stays.begun.iter().map(|stay| stay.user).collect();
    let wallets: Vec<Uuid> = stays.begun.iter().map(|stay| stay.wallet).collect();
    let joined: Vec<i64> = stays.begun.iter().map(|stay| stay.joined_position).collect();
    let left: Vec<_> = stays.begun.iter().map(|stay| stay.left_position).collect();
    sqlx::query!(
        "INSERT INTO wallet_stays (user_id, wallet_id, joined_position, left_position)
         SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[])",
        &users,
        &wallets,
        &joined,
        &left as &[Option<i64>],
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Ends of stays that began before this batch. Of who lost the channel there may be none.
pub(super) async fn end(db: &mut PgConnection, stays: &Stays) -> Result<(), WriteError> {
    if stays.ended.is_empty() {
        return Ok(());
    }
    let (wallets, users): (Vec<Uuid>, Vec<Uuid>) = stays.ended.keys().copied().unzip();
    let positions: Vec<i64> = stays.ended.values().copied().collect();
    sqlx::query!(
        "UPDATE wallet_stays SET left_position = gone.position
         FROM UNNEST($1::uuid[], $2::uuid[], $3::bigint[]) AS gone (wallet_id, user_id, position)
         WHERE wallet_stays.wallet_id = gone.wallet_id AND wallet_stays.user_id = gone.user_id
           AND wallet_stays.left_position IS NULL",
        &wallets,
        &users,
        &positions,
    )
    .execute(db)
    .await?;
    Ok(())
}
