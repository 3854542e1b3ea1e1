//! Table `messages`.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use events::{ChannelId, MessageId, Timestamp, UserId};
use uuid::Uuid;

use super::pages::paged;
use super::{Tables, uuids};
use crate::cursor::{End, Found, Window};
use crate::fault::Fault;

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Talk,
    Enter,
    Leave,
    Notice,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MessageRow {
    pub(crate) id: MessageId,
    pub(crate) channel: ChannelId,
    pub(crate) seq: i32,
    pub(crate) kind: Kind,
    pub(crate) author: Option<UserId>,
    pub(crate) text: Option<String>,
    pub(crate) reply_to: Option<MessageId>,
    pub(crate) sent_at: Timestamp,
    pub(crate) edited_at: Option<Timestamp>,
    pub(crate) deleted_at: Option<Timestamp>,
}

/// As the columns come.
struct Row {
    channel_id: Uuid,
    seq: i32,
    id: Uuid,
    kind: i16,
    author_id: Option<Uuid>,
    text: Option<String>,
    reply_to: Option<Uuid>,
    sent_us: i64,
    edited_us: Option<i64>,
    deleted_us: Option<i64>,
}

impl From<Row> for MessageRow {
    fn from(row: Row) -> Self {
        Self {
            id: MessageId(row.id),
            channel: ChannelId(row.channel_id),
            seq: row.seq,
            kind: match row.kind {
                1 => Kind::Talk,
                2 => Kind::Enter,
                3 => Kind::Leave,
                _ => Kind::Notice,
            },
            author: row.author_id.map(UserId),
            text: row.text,
            reply_to: row.reply_to.map(MessageId),
            sent_at: Timestamp::from_micros(row.sent_us),
            edited_at: row.edited_us.map(Timestamp::from_micros),
            deleted_at: row.deleted_us.map(Timestamp::from_micros),
        }
    }
}

impl Loader<MessageId> for Tables {
    type Value = Arc<MessageRow>;
    type Error = Fault;

    async fn load(&self, ids: &[MessageId]) -> Result<HashMap<MessageId, Self::Value>, Fault> {
        let query = sqlx::query_as!(
            Row,
            "SELECT channel_id, seq, id, kind, author_id, text, reply_to, sent_us, edited_us,
                 deleted_us
             FROM messages WHERE id = ANY($1)",
            &uuids(ids),
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let messages = rows.into_iter().map(MessageRow::from);
        Ok(messages.map(|message| (message.id, Arc::new(message))).collect())
    }
}

/// Asks for a channel's newest message of any kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LastOf(pub(crate) ChannelId);

impl Loader<LastOf> for Tables {
    type Value = Arc<MessageRow>;
    type Error = Fault;

    async fn load(&self, of: &[LastOf]) -> Result<HashMap<LastOf, Self::Value>, Fault> {
        let channels: Vec<_> = of.iter().map(|of| of.0.0).collect();
        let query = sqlx::query_as!(
            Row,
            r#"SELECT m.channel_id AS "channel_id!", m.seq AS "seq!", m.id AS "id!",
                   m.kind AS "kind!", m.author_id, m.text, m.reply_to, m.sent_us AS "sent_us!",
                   m.edited_us, m.deleted_us
               FROM channels c JOIN messages m ON m.channel_id = c.id AND m.seq = c.last_seq
               WHERE c.id = ANY($1)"#,
            &channels,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let messages = rows.into_iter().map(MessageRow::from);
        Ok(messages.map(|message| (LastOf(message.channel), Arc::new(message))).collect())
    }
}

/// Asks for a page of a channel's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct MessagesPage {
    pub(crate) channel: ChannelId,
    /// Its keys are `seq`.
    pub(crate) window: Window,
}

impl Loader<MessagesPage> for Tables {
    type Value = Found<Arc<MessageRow>>;
    type Error = Fault;

    async fn load(
        &self,
        pages: &[MessagesPage],
    ) -> Result<HashMap<MessagesPage, Self::Value>, Fault> {
        let (first, last): (Vec<_>, Vec<_>) =
            pages.iter().copied().partition(|page| page.window.end == End::First);
        let mut found = HashMap::with_capacity(pages.len());
        if !first.is_empty() {
            found.extend(self.first_messages(first).await?);
        }
        if !last.is_empty() {
            found.extend(self.last_messages(last).await?);
        }
        Ok(found)
    }
}

/// The pages as columns: channel, above, below, at most how many.
fn columns(pages: &[MessagesPage]) -> (Vec<Uuid>, Vec<i64>, Vec<i64>, Vec<i32>) {
    (
        pages.iter().map(|page| page.channel.0).collect(),
        pages.iter().map(|page| page.window.after.unwrap_or(0)).collect(),
        pages.iter().map(|page| page.window.before.unwrap_or(i64::MAX)).collect(),
        pages.iter().map(|page| page.window.len + 1).collect(),
    )
}

/// One query for many pages; the two directions differ by the order alone.
macro_rules! load_pages {
    ($name:ident, $order:literal) => {
        async fn $name(
            &self,
            pages: Vec<MessagesPage>,
        ) -> Result<HashMap<MessagesPage, Found<Arc<MessageRow>>>, Fault> {
            let (channels, above, below, limits) = columns(&pages);
            let query = sqlx::query!(
                r#"SELECT p.number AS "number!", m.channel_id, m.seq, m.id, m.kind, m.author_id,
                       m.text, m.reply_to, m.sent_us, m.edited_us, m.deleted_us
                   FROM UNNEST($1::uuid[], $2::bigint[], $3::bigint[], $4::int[])
                       WITH ORDINALITY p (channel_id, above, below, len, number)
                   CROSS JOIN LATERAL (
                       SELECT * FROM messages m
                       WHERE m.channel_id = p.channel_id AND m.seq > p.above AND m.seq < p.below
                       ORDER BY m.seq "# + $order + r#" LIMIT p.len
                   ) m
                   ORDER BY p.number, m.seq "# + $order,
                &channels,
                &above,
                &below,
                &limits,
            );
            let rows = self.bounded(query.fetch_all(&self.pool)).await?;
            let rows = rows.into_iter().map(|row| {
                let message = Row {
                    channel_id: row.channel_id,
                    seq: row.seq,
                    id: row.id,
                    kind: row.kind,
                    author_id: row.author_id,
                    text: row.text,
                    reply_to: row.reply_to,
                    sent_us: row.sent_us,
                    edited_us: row.edited_us,
                    deleted_us: row.deleted_us,
                };
                (row.number, Arc::new(MessageRow::from(message)))
            });
            Ok(paged(&pages, |page| page.window, rows))
        }
    };
}

impl Tables {
    load_pages!(first_messages, "ASC");
    load_pages!(last_messages, "DESC");
}
