//! Tables of the read model `search`, and what has changed in `messages` since.
//!
//! A search asks several times within one snapshot, so that what its parts say of the same
//! message fits together: all of it lies beyond the checkpoint of `search` or none does.

use events::ChannelId;
use events::feed::FeedKind;
use events::grams::index::{self, Slice};
use sqlx::{AssertSqlSafe, PgPool, PgTransaction};
use tokio::time::timeout;
use uuid::Uuid;

use super::{TURN_TIMEOUT, Tables};
use crate::cursor::Window;
use crate::fault::Fault;
use crate::search::{Needle, Page, Place, Scope, search};

/// The server ends a statement that takes longer.
const STATEMENT_TIMEOUT_MS: u32 = 1_000;

/// Marks of more channels than this are not asked for: to look at what is found takes less time.
const CHANNEL_MARKS_MAX: usize = 64;

impl Tables {
    /// A page of the channels' messages that contain a text, from new to old.
    pub(crate) async fn search(
        &self,
        channels: &[ChannelId],
        scope: Scope,
        needle: &Needle,
        window: &Window<Place>,
    ) -> Result<Page, Fault> {
        if channels.is_empty() {
            return Ok(Page { hits: Vec::new(), ended_at: None });
        }
        let late = |_| Fault::Unavailable("too many searches at the same time".to_owned());
        let _turn = timeout(TURN_TIMEOUT, self.searches.acquire()).await.map_err(late)?;
        let limit = usize::try_from(window.len).unwrap_or_default() + 1;
        let found = async {
            let snapshot = Snapshot::take(&self.pool, channels).await?;
            search(snapshot, needle, scope, window.after, limit).await
        };
        self.bounded(found).await
    }
}

/// A message with the text in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) place: Place,
    pub(crate) id: Uuid,
}

/// A message that was changed beyond the checkpoint, as it is now.
pub(crate) struct Changed {
    pub(crate) hit: Hit,
    /// `None`: it was deleted.
    pub(crate) text: Option<String>,
}

/// The read models at one moment, and the channels that are searched.
pub(crate) struct Snapshot {
    tx: PgTransaction<'static>,
    channels: Vec<Uuid>,
}

impl Snapshot {
    /// Takes it. Tables are locked before it is taken: who waits for a rebuild to take its place
    /// finds its rows.
    pub(crate) async fn take(pool: &PgPool, channels: &[ChannelId]) -> Result<Self, sqlx::Error> {
        let mut tx = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
        // In the order in which a rebuild locks them. Statements are planned for any text: no
        // guess at how often it is there may lead to reading a whole table.
        let prepare = format!(
            "LOCK TABLE read_search.checkpoint, read_search.message_grams, read_search.parked
                 IN ACCESS SHARE MODE;
             LOCK TABLE checkpoint, feed, messages IN ACCESS SHARE MODE;
             SET LOCAL enable_seqscan = off; SET LOCAL jit = off;
             SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS}"
        );
        sqlx::raw_sql(AssertSqlSafe(prepare)).execute(&mut *tx).await?;
        Ok(Self { tx, channels: channels.iter().map(|channel| channel.0).collect() })
    }

    /// Ends it.
    pub(crate) async fn release(self) -> Result<(), sqlx::Error> {
        self.tx.rollback().await
    }

    /// Up to which position all messages of the channels are in the index, and where `messenger`
    /// is. A channel that is parked stands still for itself.
    pub(crate) async fn positions(&mut self) -> Result<(i64, i64), sqlx::Error> {
        let row = sqlx::query!(
            r#"SELECT coalesce(min(position), 0) AS "indexed!",
                   (SELECT coalesce(min(position), 0) FROM checkpoint) AS "projected!"
               FROM (SELECT position FROM read_search.checkpoint
                     UNION ALL
                     SELECT position - 1 FROM read_search.parked
                     WHERE stream IN (SELECT 'channel-' || id FROM UNNEST($1::uuid[]) id)) p"#,
            &self.channels,
        )
        .fetch_one(&mut *self.tx)
        .await?;
        Ok((row.indexed, row.projected))
    }

    /// Messages of the index that were edited or deleted after a position.
    pub(crate) async fn changed(&mut self, after: i64) -> Result<Vec<Changed>, sqlx::Error> {
        let rows = sqlx::query!(
            "SELECT g.position, g.seq, g.id, m.text
             FROM (SELECT DISTINCT ref FROM feed
                   WHERE entity_id = ANY($1) AND position > $2 AND kind IN ($3, $4)) f
             JOIN messages m ON m.id = f.ref
             JOIN read_search.message_grams g ON g.channel_id = m.channel_id AND g.seq = m.seq",
            &self.channels,
            after,
            FeedKind::MessageEdited.code(),
            FeedKind::MessageDeleted.code(),
        )
        .fetch_all(&mut *self.tx)
        .await?;
        let changed = rows.into_iter().map(|row| {
            let place = Place { position: row.position, seq: row.seq };
            Changed { hit: Hit { place, id: row.id }, text: row.text }
        });
        Ok(changed.collect())
    }

    /// Messages that were sent after one position and before another, from new to old, with
    /// their texts as they are now.
    pub(crate) async fn sent(
        &mut self,
        after: i64,
        before: i64,
        limit: i64,
    ) -> Result<Vec<Changed>, sqlx::Error> {
        let rows = sqlx::query!(
            "SELECT f.position, m.seq, m.id, m.text
             FROM feed f JOIN messages m ON m.id = f.ref
             WHERE f.entity_id = ANY($1) AND f.kind = $2 AND f.position > $3 AND f.position < $4
             ORDER BY f.position DESC LIMIT $5",
            &self.channels,
            FeedKind::MessageSent.code(),
            after,
            before,
            limit,
        )
        .fetch_all(&mut *self.tx)
        .await?;
        let sent = rows.into_iter().map(|row| {
            let place = Place { position: row.position, seq: row.seq };
            Changed { hit: Hit { place, id: row.id }, text: row.text }
        });
        Ok(sent.collect())
    }

    /// Looks through a channel's newest rows before a place, but for some messages.
    /// Gives what has the text, up to `limit`, and the place of the last row that was looked at;
    /// `None`: there are no more.
    pub(crate) async fn newest(
        &mut self,
        channel: ChannelId,
        needle: &Needle,
        before: Place,
        but: &[Uuid],
        rows_max: i64,
        limit: i64,
    ) -> Result<(Vec<Hit>, Option<Place>), sqlx::Error> {
        let rows = sqlx::query!(
            r#"SELECT position, seq, id, hit AS "hit!", number AS "number!"
               FROM (SELECT position, seq, id, row_number() OVER (ORDER BY seq DESC) AS number,
                         strpos(folded, $3) > 0 AND position < $4 AND id <> ALL($5) AS hit
                     FROM read_search.message_grams
                     WHERE channel_id = $1 AND seq < $2
                     ORDER BY seq DESC LIMIT $6) newest
               WHERE hit OR number = $6 LIMIT $7"#,
            channel.0,
            before.seq,
            needle.folded(),
            before.position,
            but,
            rows_max,
            limit,
        )
        .fetch_all(&mut *self.tx)
        .await?;
        let place = |position, seq| Place { position, seq };
        let is_all = i64::try_from(rows.len()).unwrap_or(limit) < limit
            && rows.last().is_none_or(|row| row.number < rows_max);
        let last = rows.last().map(|row| place(row.position, row.seq));
        let hits = rows.iter().filter(|row| row.hit);
        let hits = hits.map(|row| Hit { place: place(row.position, row.seq), id: row.id });
        Ok((hits.collect(), last.filter(|_| !is_all)))
    }

    /// Asks the index for one slice after another, but for some messages. Gives what has the text
    /// before a position, up to `limit`.
    pub(crate) async fn in_slices(
        &mut self,
        needle: &Needle,
        slices: &[Slice],
        before: i64,
        but: &[Uuid],
        limit: i64,
    ) -> Result<Vec<Hit>, sqlx::Error> {
        let marks: Vec<i32> = slices.iter().map(|slice| slice.mark()).collect();
        let names: Vec<String> = self.channels.iter().map(Uuid::to_string).collect();
        let of_channels = if self.channels.len() > CHANNEL_MARKS_MAX {
            // Every row has one of these that is found at all.
            needle.grams().to_vec()
        } else {
            self.channels.iter().map(|id| index::of_channel(ChannelId(*id))).collect()
        };
        // The join goes from slice to slice, and ends with the last row that is wanted. The
        // channel is compared in a form that leads to no other index.
        let rows = sqlx::query!(
            r#"SELECT m.position AS "position!", m.seq AS "seq!", m.id AS "id!"
               FROM UNNEST($1::integer[]) AS slice (mark)
               CROSS JOIN LATERAL (
                   SELECT position, seq, id FROM read_search.message_grams
                   WHERE grams @> ($2::integer[] || slice.mark) AND grams && $3::integer[]
                     AND position < $4 AND channel_id::text = ANY($5)
                     AND strpos(folded, $6) > 0 AND id <> ALL($7)
                   ORDER BY position DESC LIMIT $8) m
               LIMIT $8"#,
            &marks,
            needle.grams(),
            &of_channels,
            before,
            &names,
            needle.folded(),
            but,
            limit,
        )
        .fetch_all(&mut *self.tx)
        .await?;
        let hits = rows.into_iter().map(|row| {
            let place = Place { position: row.position, seq: row.seq };
            Hit { place, id: row.id }
        });
        Ok(hits.collect())
    }
}
