//! Table `messages`.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::failure::{WriteError, expect_rows};
use crate::messenger::changes::Messages;

/// New messages; one that was deleted in this batch comes without its text.
pub(super) async fn insert(
    db: &mut PgConnection,
    messages: &Messages<'_>,
) -> Result<(), WriteError> {
    let new = &messages.new;
    if new.is_empty() {
        return Ok(());
    }
    let channels: Vec<Uuid> = new.iter().map(|message| message.channel).collect();
    let seqs: Vec<i32> = new.iter().map(|message| message.seq).collect();
    let ids: Vec<Uuid> = new.iter().map(|message| message.id).collect();
    let kinds: Vec<i16> = new.iter().map(|message| message.kind).collect();
    let authors: Vec<Uuid> = new.iter().map(|message| message.author).collect();
    let texts: Vec<_> = new.iter().map(|message| message.text).collect();
    let replies: Vec<_> = new.iter().map(|message| message.reply_to).collect();
    let numbers: Vec<i32> = new.iter().map(|message| message.number).collect();
    let sent: Vec<i64> = new.iter().map(|message| message.sent_us).collect();
    let deleted: Vec<_> = new.iter().map(|message| message.deleted_us).collect();
    sqlx::query!(
        "INSERT INTO messages (channel_id, seq, id, kind, author_id, text, reply_to, number,
                               sent_us, deleted_us)
         SELECT * FROM UNNEST($1::uuid[], $2::integer[], $3::uuid[], $4::smallint[], $5::uuid[],
                              $6::text[], $7::uuid[], $8::integer[], $9::bigint[], $10::bigint[])",
        &channels,
        &seqs,
        &ids,
        &kinds,
        &authors,
        &texts as &[Option<&str>],
        &replies as &[Option<Uuid>],
        &numbers,
        &sent,
        &deleted as &[Option<i64>],
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Deletions of messages from before this batch.
pub(super) async fn delete(
    db: &mut PgConnection,
    messages: &Messages<'_>,
) -> Result<(), WriteError> {
    if messages.deleted.is_empty() {
        return Ok(());
    }
    let (mut channels, mut seqs, mut times) = (vec![], vec![], vec![]);
    for (&(channel, seq), &us) in &messages.deleted {
        channels.push(channel);
        seqs.push(seq);
        times.push(us);
    }
    let updated = sqlx::query!(
        "UPDATE messages SET text = NULL, deleted_us = gone.us
         FROM UNNEST($1::uuid[], $2::integer[], $3::bigint[]) AS gone (channel_id, seq, us)
         WHERE messages.channel_id = gone.channel_id AND messages.seq = gone.seq",
        &channels,
        &seqs,
        &times,
    )
    .execute(db)
    .await?;
    expect_rows("messages", updated.rows_affected(), channels.len())
}
