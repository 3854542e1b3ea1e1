//! Table `message_grams`.
//!
//! A batch's arrays of grams come as one array with the length of each: PostgreSQL knows no
//! arrays of arrays.

use events::ChannelId;
use events::grams::index;
use sqlx::PgConnection;
use uuid::Uuid;

use super::Changes;
use super::changes::New;
use crate::copy::Rows;
use crate::failure::WriteError;

/// Writes all that a batch changes, within the caller's transaction.
pub(crate) async fn write(db: &mut PgConnection, changes: &Changes) -> Result<(), WriteError> {
    insert(db, changes).await?;
    update(db, changes).await?;
    delete(db, changes).await?;
    clean(db).await
}

/// Sorts what the batch has put into the index's list of pending entries. Every search, and every
/// slice of one, reads that list through: full it takes 4 ms each time. Tried with 5,000 rows:
/// batch and cleaning take 60 µs a row; without a list (`fastupdate = off`) it is 370 µs.
async fn clean(db: &mut PgConnection) -> Result<(), WriteError> {
    // A rebuild that is catching up has no index yet; of nothing the function makes nothing.
    let clean = "SELECT gin_clean_pending_list(to_regclass('message_grams_by_grams'))";
    sqlx::raw_sql(clean).execute(db).await?;
    Ok(())
}

/// The same for many new rows at once, which are copied in.
pub(crate) async fn load(db: &mut PgConnection, changes: &Changes) -> Result<(), WriteError> {
    copy(db, changes).await?;
    update(db, changes).await?;
    delete(db, changes).await
}

/// New messages in the log's order: rows that lie together are found together.
fn ordered(changes: &Changes) -> Vec<(ChannelId, i32, &New)> {
    let new = changes.new.iter().map(|(&(channel, seq), message)| (channel, seq, message));
    let mut new: Vec<_> = new.collect();
    new.sort_unstable_by_key(|(_, _, message)| message.position);
    new
}

/// No macro checks a `COPY`: the tests of the rebuild do.
async fn copy(db: &mut PgConnection, changes: &Changes) -> Result<(), WriteError> {
    let mut rows = Rows::new(6);
    for (channel, seq, message) in ordered(changes) {
        let of = rows.row().field(channel.0).field(seq).field(message.position).field(message.id);
        of.field(message.folded.as_str()).field(message.grams(channel).as_slice());
    }
    let statement = "COPY message_grams (channel_id, seq, position, id, folded, grams)
                     FROM STDIN (FORMAT binary)";
    if changes.new.is_empty() { Ok(()) } else { rows.copy(db, statement).await }
}

/// Arrays behind one another, and where each one ends.
#[derive(Default)]
struct Arrays {
    all: Vec<i32>,
    ends: Vec<i32>,
}

impl Arrays {
    fn push(&mut self, grams: Vec<i32>) -> Result<(), WriteError> {
        self.all.extend(grams);
        let end = i32::try_from(self.all.len());
        self.ends.push(end.map_err(|error| WriteError::Rows(error.to_string()))?);
        Ok(())
    }
}

async fn insert(db: &mut PgConnection, changes: &Changes) -> Result<(), WriteError> {
    if changes.new.is_empty() {
        return Ok(());
    }
    let new = ordered(changes);
    let mut grams = Arrays::default();
    for (channel, _, message) in &new {
        grams.push(message.grams(*channel))?;
    }
    let channels: Vec<Uuid> = new.iter().map(|(channel, ..)| channel.0).collect();
    let seqs: Vec<i32> = new.iter().map(|(_, seq, _)| *seq).collect();
    let positions: Vec<i64> = new.iter().map(|(.., message)| message.position).collect();
    let ids: Vec<Uuid> = new.iter().map(|(.., message)| message.id).collect();
    let texts: Vec<&str> = new.iter().map(|(.., message)| message.folded.as_str()).collect();
    sqlx::query!(
        "INSERT INTO message_grams (channel_id, seq, position, id, folded, grams)
         SELECT channel_id, seq, position, id, folded,
                ($7::integer[])[lag(ends, 1, 0) OVER (ORDER BY n) + 1 : ends]
         FROM UNNEST($1::uuid[], $2::integer[], $3::bigint[], $4::uuid[], $5::text[],
                     $6::integer[])
              WITH ORDINALITY AS new (channel_id, seq, position, id, folded, ends, n)
         ORDER BY n",
        &channels,
        &seqs,
        &positions,
        &ids,
        &texts as &[&str],
        &grams.ends,
        &grams.all,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// New texts of messages from before this batch, as far as they are not deleted.
async fn update(db: &mut PgConnection, changes: &Changes) -> Result<(), WriteError> {
    let texts = || changes.changed.iter().filter_map(|(key, text)| Some((key, text.as_ref()?)));
    let mut grams = Arrays::default();
    for (_, text) in texts() {
        grams.push(index::of_text(text))?;
    }
    if grams.ends.is_empty() {
        return Ok(());
    }
    let (channels, seqs): (Vec<Uuid>, Vec<i32>) =
        texts().map(|((channel, seq), _)| (channel.0, *seq)).unzip();
    let folded: Vec<&str> = texts().map(|(_, text)| text.as_str()).collect();
    sqlx::query!(
        "UPDATE message_grams old
         SET folded = new.folded, grams = old.grams[1 : $6] || new.grams
         FROM (SELECT channel_id, seq, folded,
                      ($5::integer[])[lag(ends, 1, 0) OVER (ORDER BY n) + 1 : ends] AS grams
               FROM UNNEST($1::uuid[], $2::integer[], $3::text[], $4::integer[])
                    WITH ORDINALITY AS new (channel_id, seq, folded, ends, n)) new
         WHERE old.channel_id = new.channel_id AND old.seq = new.seq",
        &channels,
        &seqs,
        &folded as &[&str],
        &grams.ends,
        &grams.all,
        i32::try_from(index::MARKS).unwrap_or(i32::MAX),
    )
    .execute(db)
    .await?;
    Ok(())
}

async fn delete(db: &mut PgConnection, changes: &Changes) -> Result<(), WriteError> {
    let gone = changes.changed.iter().filter(|(_, text)| text.is_none());
    let (channels, seqs): (Vec<Uuid>, Vec<i32>) =
        gone.map(|((channel, seq), _)| (channel.0, *seq)).unzip();
    if channels.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "DELETE FROM message_grams old
         USING UNNEST($1::uuid[], $2::integer[]) AS gone (channel_id, seq)
         WHERE old.channel_id = gone.channel_id AND old.seq = gone.seq",
        &channels,
        &seqs,
    )
    .execute(db)
    .await?;
    Ok(())
}
