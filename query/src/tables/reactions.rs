//! Table `reactions`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use events::{ChannelId, UserId};

use super::Tables;
use crate::fault::Fault;

/// The most emojis of a message that are told; those that were used first. The write side takes
/// no more.
const EMOJIS_MAX: usize = 50;

/// Asks how a message was reacted to. Every message that is asked for has an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ReactionsTo {
    pub(crate) channel: ChannelId,
    pub(crate) seq: i32,
}

/// One emoji of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReactionRow {
    pub(crate) emoji: String,
    pub(crate) count: i32,
}

impl Loader<ReactionsTo> for Tables {
    type Value = Arc<[ReactionRow]>;
    type Error = Fault;

    async fn load(&self, to: &[ReactionsTo]) -> Result<HashMap<ReactionsTo, Self::Value>, Fault> {
        let channels: Vec<_> = to.iter().map(|to| to.channel.0).collect();
        let seqs: Vec<_> = to.iter().map(|to| to.seq).collect();
        let query = sqlx::query!(
            r#"SELECT r.channel_id, r.seq, r.emoji, count(*) AS "count!"
               FROM UNNEST($1::uuid[], $2::int[]) k (channel_id, seq)
               JOIN reactions r ON r.channel_id = k.channel_id AND r.seq = k.seq
               GROUP BY r.channel_id, r.seq, r.emoji
               ORDER BY r.channel_id, r.seq, min(r.added_position)"#,
            &channels,
            &seqs,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let mut found: HashMap<ReactionsTo, Vec<ReactionRow>> =
            to.iter().map(|to| (*to, Vec::new())).collect();
        for row in rows {
            let to = ReactionsTo { channel: ChannelId(row.channel_id), seq: row.seq };
            let list = found.entry(to).or_default();
            if list.len() < EMOJIS_MAX {
                list.push(ReactionRow { emoji: row.emoji, count: super::count(row.count) });
            }
        }
        Ok(found.into_iter().map(|(to, list)| (to, list.into())).collect())
    }
}

/// Asks with what somebody reacted to a message; there is no answer if with nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ReactionsBy {
    pub(crate) user: UserId,
    pub(crate) to: ReactionsTo,
}

impl Loader<ReactionsBy> for Tables {
    type Value = Arc<HashSet<String>>;
    type Error = Fault;

    async fn load(&self, by: &[ReactionsBy]) -> Result<HashMap<ReactionsBy, Self::Value>, Fault> {
        let users: Vec<_> = by.iter().map(|by| by.user.0).collect();
        let channels: Vec<_> = by.iter().map(|by| by.to.channel.0).collect();
        let seqs: Vec<_> = by.iter().map(|by| by.to.seq).collect();
        let query = sqlx::query!(
            "SELECT r.user_id, r.channel_id, r.seq, r.emoji
             FROM UNNEST($1::uuid[], $2::uuid[], $3::int[]) k (user_id, channel_id, seq)
             JOIN reactions r
               ON r.channel_id = k.channel_id AND r.seq = k.seq AND r.user_id = k.user_id",
            &users,
            &channels,
            &seqs,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let mut found: HashMap<ReactionsBy, HashSet<String>> = HashMap::new();
        for row in rows {
            let to = ReactionsTo { channel: ChannelId(row.channel_id), seq: row.seq };
            found
                .entry(ReactionsBy { user: UserId(row.user_id), to })
                .or_default()
                .insert(row.emoji);
        }
        Ok(found.into_iter().map(|(by, emojis)| (by, Arc::new(emojis))).collect())
    }
}
