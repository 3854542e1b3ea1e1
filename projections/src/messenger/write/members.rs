//! Table `members`.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::failure::{WriteError, expect_rows};
use crate::messenger::changes::{ChannelChange, MemberChange};

type Members = HashMap<(Uuid, Uuid), MemberChange>;

/// Those who came, as they stand at the batch's end. Who was there before begins anew.
pub(super) async fn join(db: &mut PgConnection, members: &Members) -> Result<(), WriteError> {
    let (mut channels, mut users) = (vec![], vec![]);
    let (mut roles, mut joined, mut joined_seqs, mut left) = (vec![], vec![], vec![], vec![]);
    let (mut read_seqs, mut read_numbers) = (vec![], vec![]);
    for (&(channel, user), change) in members {
        let (Some(stay), Some(read)) = (change.joined, change.read) else { continue };
        channels.push(channel);
        users.push(user);
        roles.push(stay.role);
        joined.push(stay.us);
        joined_seqs.push(stay.seq);
        left.push(change.left_us);
        read_seqs.push(read.seq);
        read_numbers.push(read.number);
    }
    if channels.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO members (channel_id, user_id, role, joined_us, joined_seq, left_us,
                              read_up_to, read_number)
         SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::smallint[], $4::bigint[], $5::integer[],
                              $6::bigint[], $7::integer[], $8::integer[])
         ON CONFLICT (channel_id, user_id) DO UPDATE SET
            role = excluded.role,
            joined_us = excluded.joined_us,
            joined_seq = excluded.joined_seq,
            left_us = excluded.left_us,
            read_up_to = excluded.read_up_to,
            read_number = excluded.read_number",
        &channels,
        &users,
        &roles,
        &joined,
        &joined_seqs,
        &left as &[Option<i64>],
        &read_seqs,
        &read_numbers,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Members from before this batch who wrote, left or have another role.
pub(super) async fn update(db: &mut PgConnection, members: &Members) -> Result<(), WriteError> {
    let (mut channels, mut users, mut roles, mut left) = (vec![], vec![], vec![], vec![]);
    let (mut read_seqs, mut read_numbers) = (vec![], vec![]);
    for (&(channel, user), change) in members.iter().filter(|(_, m)| m.joined.is_none()) {
        channels.push(channel);
        users.push(user);
        roles.push(change.role);
        left.push(change.left_us);
        read_seqs.push(change.read.map(|read| read.seq));
        read_numbers.push(change.read.map(|read| read.number));
    }
    if channels.is_empty() {
        return Ok(());
    }
    let updated = sqlx::query!(
        "UPDATE members SET
            role = coalesce(new.role, members.role),
            left_us = coalesce(new.left_us, members.left_us),
            read_up_to = coalesce(new.seq, read_up_to),
            read_number = coalesce(new.number, read_number)
         FROM UNNEST($1::uuid[], $2::uuid[], $3::smallint[], $4::bigint[], $5::integer[],
                     $6::integer[])
              AS new (channel_id, user_id, role, left_us, seq, number)
         WHERE members.channel_id = new.channel_id AND members.user_id = new.user_id",
        &channels,
        &users,
        &roles as &[Option<i16>],
        &left as &[Option<i64>],
        &read_seqs as &[Option<i32>],
        &read_numbers as &[Option<i32>],
    )
    .execute(db)
    .await?;
    expect_rows("members", updated.rows_affected(), channels.len())
}

/// Everybody who was still in a channel that is gone.
pub(super) async fn leave_deleted(
    db: &mut PgConnection,
    channels: &HashMap<Uuid, ChannelChange<'_>>,
) -> Result<(), WriteError> {
    let (ids, times): (Vec<Uuid>, Vec<i64>) = channels
        .iter()
        .filter_map(|(&id, change)| change.deleted.map(|deleted| (id, deleted.us)))
        .unzip();
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "UPDATE members SET left_us = gone.us
         FROM UNNEST($1::uuid[], $2::bigint[]) AS gone (channel_id, us)
         WHERE members.channel_id = gone.channel_id AND members.left_us IS NULL",
        &ids,
        &times,
    )
    .execute(db)
    .await?;
    Ok(())
}
