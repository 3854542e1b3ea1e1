//! Tables `feed` and `checkpoint`: what happened to whom, and how far that is known.

use std::collections::HashMap;
use std::hash::Hash;

use async_graphql::dataloader::Loader;
use events::feed::FeedKind;
use events::{LogId, LogPosition, Timestamp};
use uuid::Uuid;

use super::{Tables, bigint, position};
use crate::fault::Fault;

/// One event as an entity's followers see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FeedRow {
    /// Channel or user; or wallet.
    pub(crate) entity: Uuid,
    pub(crate) position: LogPosition,
    pub(crate) kind: FeedKind,
    /// Message, session, entry, transfer or user, by kind.
    pub(crate) reference: Option<Uuid>,
    pub(crate) at: Timestamp,
}

/// What came after a position, of all entities.
#[derive(Debug)]
pub(crate) struct Slice {
    /// The log that it comes from; `None` while nothing was ever projected.
    pub(crate) log: Option<LogId>,
    /// In log order.
    pub(crate) rows: Vec<FeedRow>,
    /// All rows up to here are in.
    pub(crate) up_to: LogPosition,
}

/// A kind that this version doesn't know has no push that it could make.
fn known(code: i16) -> Option<FeedKind> {
    let kind = FeedKind::from_code(code);
    if kind.is_none() {
        tracing::error!(code, "the feed has a row of an unknown kind");
    }
    kind
}

impl Tables {
    /// The rows in (`after`, W], W being the lowest checkpoint, which the same statement reads;
    /// at most about `limit`, never a part of a position's rows.
    pub(crate) async fn feed(&self, after: LogPosition, limit: usize) -> Result<Slice, Fault> {
        let limit_rows = i64::try_from(limit).unwrap_or(i64::MAX);
        let query = sqlx::query_as!(
            SliceRow,
            r#"SELECT c.log_id, c.position AS "up_to!", f.entity_id AS "entity_id?",
                   f.position AS "position?", f.kind AS "kind?", f.ref AS "reference?",
                   f.at_us AS "at_us?"
               FROM (SELECT log_id, min(position) AS position FROM checkpoint GROUP BY log_id) c
               LEFT JOIN LATERAL (
                   SELECT * FROM feed f
                   WHERE f.position > $1 AND f.position <= c.position
                   ORDER BY f.position LIMIT $2
               ) f ON TRUE
               ORDER BY f.position"#,
            bigint(after),
            limit_rows,
        );
        let found = self.bounded(query.fetch_all(&self.pool)).await?;
        Ok(Slice::of(found, limit))
    }
}

/// A row of a slice, as the columns come. Without rows of the feed there still is one, of the
/// checkpoint alone.
pub(super) struct SliceRow {
    pub(super) log_id: Uuid,
    pub(super) up_to: i64,
    pub(super) entity_id: Option<Uuid>,
    pub(super) position: Option<i64>,
    pub(super) kind: Option<i16>,
    pub(super) reference: Option<Uuid>,
    pub(super) at_us: Option<i64>,
}

impl Slice {
    /// From up to `limit` rows.
    pub(super) fn of(found: Vec<SliceRow>, limit: usize) -> Self {
        let log = found.first().map(|row| LogId(row.log_id));
        let mut up_to = found.first().map_or(0, |row| position(row.up_to));
        let last = found.last().and_then(|row| row.position).map(position);
        let cut_at = last.filter(|_| found.len() >= limit);
        let mut rows = Vec::with_capacity(found.len());
        for row in found {
            let columns = (row.entity_id, row.position, row.kind, row.at_us);
            let (Some(entity), Some(at), Some(code), Some(at_us)) = columns else { continue };
            let Some(kind) = known(code) else { continue };
            let (position, at) = (position(at), Timestamp::from_micros(at_us));
            rows.push(FeedRow { entity, position, kind, reference: row.reference, at });
        }
        if let Some(last) = cut_at {
            // The last position may have more rows; an event has far fewer than a batch.
            rows.retain(|row| row.position < last);
            up_to = last.saturating_sub(1);
        }
        Self { log, rows, up_to }
    }
}

impl Tables {
    /// Position of an entity's last row; 0 when it has none.
    pub(crate) async fn last_feed_position(&self, entity: Uuid) -> Result<LogPosition, Fault> {
        let query = sqlx::query_scalar!(
            r#"SELECT coalesce(max(position), 0) AS "last!" FROM feed WHERE entity_id = $1"#,
            entity,
        );
        Ok(position(self.bounded(query.fetch_one(&self.pool)).await?))
    }
}

/// The most rows of a [`FeedPage`].
pub(crate) const FEED_PAGE_LEN: usize = 200;

/// Asks for an entity's rows in (`after`, `to`], oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct FeedPage {
    pub(crate) entity: Uuid,
    pub(crate) after: LogPosition,
    pub(crate) to: LogPosition,
}

/// Rows of one page, in the order of their pushes.
#[derive(Debug, Clone)]
pub(crate) struct FeedRows {
    pub(crate) rows: Vec<FeedRow>,
    /// All rows up to here are in.
    pub(crate) up_to: LogPosition,
}

impl FeedRows {
    /// There are none up to here.
    pub(crate) fn none(up_to: LogPosition) -> Self {
        Self { rows: Vec::new(), up_to }
    }
}

/// A row of the feed with the number of the page that it is for, from 1, as the columns come.
pub(super) struct PageRow {
    pub(super) number: i64,
    pub(super) entity_id: Uuid,
    pub(super) position: i64,
    pub(super) kind: i16,
    pub(super) reference: Option<Uuid>,
    pub(super) at_us: i64,
}

/// Rows by the page that asked for them. A page that is full ends before its last position, which
/// may have more rows; any other is complete up to where it was asked for.
pub(super) fn gathered<P: Copy + Eq + Hash>(
    pages: &[P],
    to: impl Fn(&P) -> LogPosition,
    page_len: usize,
    found: Vec<PageRow>,
) -> HashMap<P, FeedRows> {
    let mut lists: Vec<_> = pages.iter().map(|page| (0, FeedRows::none(to(page)))).collect();
    for row in found {
        let list = usize::try_from(row.number - 1).ok().and_then(|i| lists.get_mut(i));
        let Some((seen, list)) = list else { continue };
        *seen += 1;
        let position = position(row.position);
        if *seen == page_len {
            list.up_to = position.saturating_sub(1);
            list.rows.retain(|row| row.position < position);
            continue;
        }
        if let Some(kind) = known(row.kind) {
            let (at, reference) = (Timestamp::from_micros(row.at_us), row.reference);
            list.rows.push(FeedRow { entity: row.entity_id, position, kind, reference, at });
        }
    }
    pages.iter().copied().zip(lists.into_iter().map(|(_, list)| list)).collect()
}

impl Loader<FeedPage> for Tables {
    type Value = FeedRows;
    type Error = Fault;

    async fn load(&self, pages: &[FeedPage]) -> Result<HashMap<FeedPage, FeedRows>, Fault> {
        let entities: Vec<_> = pages.iter().map(|page| page.entity).collect();
        let after: Vec<_> = pages.iter().map(|page| bigint(page.after)).collect();
        let to: Vec<_> = pages.iter().map(|page| bigint(page.to)).collect();
        let query = sqlx::query_as!(
            PageRow,
            r#"SELECT p.number AS "number!", f.entity_id, f.position, f.kind,
                   f.ref AS "reference?", f.at_us
               FROM UNNEST($1::uuid[], $2::bigint[], $3::bigint[])
                   WITH ORDINALITY p (entity_id, above, up_to, number)
               CROSS JOIN LATERAL (
                   SELECT * FROM feed f
                   WHERE f.entity_id = p.entity_id AND f.position > p.above
                     AND f.position <= p.up_to
                   ORDER BY f.position LIMIT $4
               ) f
               ORDER BY p.number, f.position"#,
            &entities,
            &after,
            &to,
            i64::try_from(FEED_PAGE_LEN).unwrap_or(i64::MAX),
        );
        let found = self.bounded(query.fetch_all(&self.pool)).await?;
        Ok(gathered(pages, |page| page.to, FEED_PAGE_LEN, found))
    }
}
