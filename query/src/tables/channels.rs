//! Table `channels`.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use events::channel::Visibility;
use events::{ChannelId, Timestamp, UserId};
use uuid::Uuid;

use super::{Tables, uuids};
use crate::cursor::{Found, Window};
use crate::fault::Fault;

/// A channel, but for what every message changes: see [`Counters`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChannelRow {
    pub(crate) id: ChannelId,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) visibility: Visibility,
    pub(crate) created_by: UserId,
    pub(crate) created_at: Timestamp,
    /// `None`: it is there.
    pub(crate) deleted_at: Option<Timestamp>,
    pub(crate) member_count: i32,
}

/// As the columns come.
pub(super) struct Row {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) visibility: i16,
    pub(super) created_by: Uuid,
    pub(super) created_us: i64,
    pub(super) deleted_us: Option<i64>,
    pub(super) member_count: i32,
}

impl From<Row> for ChannelRow {
    fn from(row: Row) -> Self {
        Self {
            id: ChannelId(row.id),
            name: row.name,
            description: row.description,
            visibility: match row.visibility {
                1 => Visibility::Public,
                _ => Visibility::Private,
            },
            created_by: UserId(row.created_by),
            created_at: Timestamp::from_micros(row.created_us),
            deleted_at: row.deleted_us.map(Timestamp::from_micros),
            member_count: row.member_count,
        }
    }
}

impl Loader<ChannelId> for Tables {
    type Value = Arc<ChannelRow>;
    type Error = Fault;

    async fn load(&self, ids: &[ChannelId]) -> Result<HashMap<ChannelId, Self::Value>, Fault> {
        let query = sqlx::query_as!(
            Row,
            "SELECT id, name, description, visibility, created_by, created_us, deleted_us,
                 member_count
             FROM channels WHERE id = ANY($1)",
            &uuids(ids),
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let channels = rows.into_iter().map(ChannelRow::from);
        Ok(channels.map(|channel| (channel.id, Arc::new(channel))).collect())
    }
}

/// Asks for [`Counters`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CountersOf(pub(crate) ChannelId);

/// What every message changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counters {
    /// Running number of the newest TALK or NOTICE.
    pub(crate) last_number: i32,
}

impl Loader<CountersOf> for Tables {
    type Value = Counters;
    type Error = Fault;

    async fn load(&self, of: &[CountersOf]) -> Result<HashMap<CountersOf, Counters>, Fault> {
        let ids: Vec<_> = of.iter().map(|of| of.0.0).collect();
        let query = sqlx::query!("SELECT id, last_number FROM channels WHERE id = ANY($1)", &ids);
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let counters = rows
            .into_iter()
            .map(|row| (CountersOf(ChannelId(row.id)), Counters { last_number: row.last_number }));
        Ok(counters.collect())
    }
}

/// A channel in a list by latest activity.
#[derive(Debug, Clone)]
pub(crate) struct Active {
    pub(crate) channel: Arc<ChannelRow>,
    /// Falls along the list.
    pub(crate) last_position: i64,
}

impl Tables {
    /// The channels that a user is in, latest activity first: keys fall, so what comes after a
    /// key is below it.
    pub(crate) async fn channels_of(
        &self,
        user: UserId,
        window: Window,
    ) -> Result<Found<Active>, Fault> {
        let query = sqlx::query!(
            "SELECT c.id, c.name, c.description, c.visibility, c.created_by, c.created_us,
                 c.deleted_us, c.member_count, c.last_position
             FROM members m JOIN channels c ON c.id = m.channel_id
             WHERE m.user_id = $1 AND m.left_us IS NULL AND c.deleted_us IS NULL
               AND c.last_position < $2
             ORDER BY c.last_position DESC
             LIMIT $3",
            user.0,
            window.after.unwrap_or(i64::MAX),
            i64::from(window.len) + 1,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let channels = rows.into_iter().map(|row| Active {
            channel: Arc::new(ChannelRow::from(Row {
                id: row.id,
                name: row.name,
                description: row.description,
                visibility: row.visibility,
                created_by: row.created_by,
                created_us: row.created_us,
                deleted_us: row.deleted_us,
                member_count: row.member_count,
            })),
            last_position: row.last_position,
        });
        Ok(Found::of(&window, channels.collect()))
    }

    /// How many channels a user is in.
    pub(crate) async fn channel_count_of(&self, user: UserId) -> Result<i32, Fault> {
        let query = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!"
               FROM members m JOIN channels c ON c.id = m.channel_id
               WHERE m.user_id = $1 AND m.left_us IS NULL AND c.deleted_us IS NULL"#,
            user.0,
        );
        Ok(super::count(self.bounded(query.fetch_one(&self.pool)).await?))
    }
}
