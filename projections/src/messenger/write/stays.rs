//! Table `stays`.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::failure::{WriteError, expect_rows};
use crate::messenger::changes::{ChannelChange, Stays};

/// Stays that began in this batch, with their end if that was in it, too.
pub(super) async fn begin(db: &mut PgConnection, stays: &Stays) -> Result<(), WriteError> {
    if stays.begun.is_empty() {
        return Ok(());
    }
    let users: Vec<Uuid> = stays.begun.iter().map(|stay| stay.user).collect();
    let channels: Vec<Uuid> = stays.begun.iter().map(|stay| stay.channel).collect();
    let joined: Vec<i64> = stays.begun.iter().map(|stay| stay.joined_position).collect();
    let left: Vec<_> = stays.begun.iter().map(|stay| stay.left_position).collect();
    sqlx::query!(
        "INSERT INTO stays (user_id, channel_id, joined_position, left_position)
         SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[])",
        &users,
        &channels,
        &joined,
        &left as &[Option<i64>],
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Ends of stays that began before this batch.
pub(super) async fn end(db: &mut PgConnection, stays: &Stays) -> Result<(), WriteError> {
    if stays.ended.is_empty() {
        return Ok(());
    }
    let channels: Vec<Uuid> = stays.ended.iter().map(|&(channel, ..)| channel).collect();
    let users: Vec<Uuid> = stays.ended.iter().map(|&(_, user, _)| user).collect();
    let positions: Vec<i64> = stays.ended.iter().map(|&(.., position)| position).collect();
    let updated = sqlx::query!(
        "UPDATE stays SET left_position = gone.position
         FROM UNNEST($1::uuid[], $2::uuid[], $3::bigint[]) AS gone (channel_id, user_id, position)
         WHERE stays.channel_id = gone.channel_id AND stays.user_id = gone.user_id
           AND stays.left_position IS NULL",
        &channels,
        &users,
        &positions,
    )
    .execute(db)
    .await?;
    expect_rows("stays", updated.rows_affected(), channels.len())
}

/// Everybody's stay in a channel that is gone.
pub(super) async fn end_deleted(
    db: &mut PgConnection,
    channels: &HashMap<Uuid, ChannelChange<'_>>,
) -> Result<(), WriteError> {
    let (ids, positions): (Vec<Uuid>, Vec<i64>) = channels
        .iter()
        .filter_map(|(&id, change)| change.deleted.map(|deleted| (id, deleted.position)))
        .unzip();
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "UPDATE stays SET left_position = gone.position
         FROM UNNEST($1::uuid[], $2::bigint[]) AS gone (channel_id, position)
         WHERE stays.channel_id = gone.channel_id AND stays.left_position IS NULL",
        &ids,
        &positions,
    )
    .execute(db)
    .await?;
    Ok(())
}
