//! Table `read_markers`, together with what `members` says of reading.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use events::{ChannelId, UserId};

use super::Tables;
use crate::fault::Fault;

/// Asks up to which `seq` somebody has read a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct MarkerOf {
    pub(crate) channel: ChannelId,
    pub(crate) user: UserId,
}

impl Loader<MarkerOf> for Tables {
    type Value = i32;
    type Error = Fault;

    async fn load(&self, of: &[MarkerOf]) -> Result<HashMap<MarkerOf, i32>, Fault> {
        let channels: Vec<_> = of.iter().map(|of| of.channel.0).collect();
        let users: Vec<_> = of.iter().map(|of| of.user.0).collect();
        let query = sqlx::query!(
            r#"SELECT r.channel_id, r.user_id,
                   GREATEST(r.up_to_seq, m.read_up_to) AS "read_up_to!"
               FROM UNNEST($1::uuid[], $2::uuid[]) k (channel_id, user_id)
               JOIN read_markers r ON r.channel_id = k.channel_id AND r.user_id = k.user_id
               LEFT JOIN members m ON m.channel_id = k.channel_id AND m.user_id = k.user_id"#,
            &channels,
            &users,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let markers = rows.into_iter().map(|row| {
            let (channel, user) = (ChannelId(row.channel_id), UserId(row.user_id));
            (MarkerOf { channel, user }, row.read_up_to)
        });
        Ok(markers.collect())
    }
}
