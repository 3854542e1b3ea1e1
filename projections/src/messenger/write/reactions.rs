//! Table `reactions`.

use sqlx::PgConnection;

use crate::failure::WriteError;
use crate::messenger::changes::{Latest, ReactionKey};

type Reactions<'a> = Latest<ReactionKey<'a>, i64>;

/// Those that are there at the batch's end.
pub(super) async fn add(
    db: &mut PgConnection,
    reactions: &Reactions<'_>,
) -> Result<(), WriteError> {
    let (mut channels, mut seqs, mut emojis) = (vec![], vec![], vec![]);
    let (mut users, mut positions) = (vec![], vec![]);
    for (&(channel, seq, emoji, user), position) in reactions {
        let Some(position) = *position else { continue };
        channels.push(channel);
        seqs.push(seq);
        emojis.push(emoji);
        users.push(user);
        positions.push(position);
    }
    if channels.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO reactions (channel_id, seq, emoji, user_id, added_position)
         SELECT * FROM UNNEST($1::uuid[], $2::integer[], $3::text[], $4::uuid[], $5::bigint[])
         ON CONFLICT (channel_id, seq, emoji, user_id)
         DO UPDATE SET added_position = excluded.added_position",
        &channels,
        &seqs,
        &emojis as &[&str],
        &users,
        &positions,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Those that were taken back; one that came and went within the batch never had a row.
pub(super) async fn remove(
    db: &mut PgConnection,
    reactions: &Reactions<'_>,
) -> Result<(), WriteError> {
    let (mut channels, mut seqs, mut emojis, mut users) = (vec![], vec![], vec![], vec![]);
    for (&(channel, seq, emoji, user), _) in reactions.iter().filter(|(_, at)| at.is_none()) {
        channels.push(channel);
        seqs.push(seq);
        emojis.push(emoji);
        users.push(user);
    }
    if channels.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "DELETE FROM reactions
         USING UNNEST($1::uuid[], $2::integer[], $3::text[], $4::uuid[])
               AS gone (channel_id, seq, emoji, user_id)
         WHERE reactions.channel_id = gone.channel_id AND reactions.seq = gone.seq
           AND reactions.emoji = gone.emoji AND reactions.user_id = gone.user_id",
        &channels,
        &seqs,
        &emojis as &[&str],
        &users,
    )
    .execute(db)
    .await?;
    Ok(())
}
