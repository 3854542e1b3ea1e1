//! Table `messages`.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::copy::Rows;
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
    let authors: Vec<_> = new.iter().map(|message| message.author).collect();
    let texts: Vec<_> = new.iter().map(|message| message.text).collect();
    let replies: Vec<_> = new.iter().map(|message| message.reply_to).collect();
    let numbers: Vec<i32> = new.iter().map(|message| message.number).collect();
    let sent: Vec<i64> = new.iter().map(|message| message.sent_us).collect();
    let edited: Vec<_> = new.iter().map(|message| message.edited_us).collect();
    let deleted: Vec<_> = new.iter().map(|message| message.deleted_us).collect();
    sqlx::query!(
        "INSERT INTO messages (channel_id, seq, id, kind, author_id, text, reply_to, number,
                               sent_us, edited_us, deleted_us)
         SELECT * FROM UNNEST($1::uuid[], $2::integer[], $3::uuid[], $4::smallint[], $5::uuid[],
                              $6::text[], $7::uuid[], $8::integer[], $9::bigint[], $10::bigint[],
                              $11::bigint[])",
        &channels,
        &seqs,
        &ids,
        &kinds,
        &authors as &[Option<Uuid>],
        &texts as &[Option<&str>],
        &replies as &[Option<Uuid>],
        &numbers,
        &sent,
        &edited as &[Option<i64>],
        &deleted as &[Option<i64>],
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The same for many of them. No macro checks a `COPY`: the tests of the rebuild do.
pub(super) async fn copy(db: &mut PgConnection, messages: &Messages<'_>) -> Result<(), WriteError> {
    if messages.new.is_empty() {
        return Ok(());
    }
    let mut rows = Rows::new(11);
    for new in &messages.new {
        let of = rows.row().field(new.channel).field(new.seq).field(new.id).field(new.kind);
        let of = of.field(new.author).field(new.text).field(new.reply_to).field(new.number);
        of.field(new.sent_us).field(new.edited_us).field(new.deleted_us);
    }
    let statement = "COPY messages (channel_id, seq, id, kind, author_id, text, reply_to, number,
                                    sent_us, edited_us, deleted_us)
                     FROM STDIN (FORMAT binary)";
    rows.copy(db, statement).await
}

/// Edits and deletions of messages from before this batch. No edit brings back what was deleted.
pub(super) async fn update(
    db: &mut PgConnection,
    messages: &Messages<'_>,
) -> Result<(), WriteError> {
    if messages.changed.is_empty() {
        return Ok(());
    }
    let (channels, seqs): (Vec<Uuid>, Vec<i32>) = messages.changed.keys().copied().unzip();
    let changes = || messages.changed.values();
    let texts: Vec<_> = changes().map(|change| change.text).collect();
    let edited: Vec<_> = changes().map(|change| change.edited_us).collect();
    let deleted: Vec<_> = changes().map(|change| change.deleted_us).collect();
    let updated = sqlx::query!(
        "UPDATE messages SET
            text = CASE WHEN messages.deleted_us IS NULL AND new.deleted_us IS NULL
                        THEN coalesce(new.text, messages.text) END,
            edited_us = CASE WHEN messages.deleted_us IS NULL
                             THEN coalesce(new.edited_us, messages.edited_us)
                             ELSE messages.edited_us END,
            deleted_us = coalesce(new.deleted_us, messages.deleted_us)
         FROM UNNEST($1::uuid[], $2::integer[], $3::text[], $4::bigint[], $5::bigint[])
              AS new (channel_id, seq, text, edited_us, deleted_us)
         WHERE messages.channel_id = new.channel_id AND messages.seq = new.seq",
        &channels,
        &seqs,
        &texts as &[Option<&str>],
        &edited as &[Option<i64>],
        &deleted as &[Option<i64>],
    )
    .execute(db)
    .await?;
    expect_rows("messages", updated.rows_affected(), channels.len())
}
