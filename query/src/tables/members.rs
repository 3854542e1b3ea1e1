//! Table `members`, with how far its people have read by `read_markers`.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use events::{ChannelId, Timestamp, UserId};

use super::Tables;
use super::pages::paged;
use crate::cursor::{Found, Window};
use crate::fault::Fault;

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Admin,
    Member,
}

fn role(code: i16) -> Role {
    if code == 1 { Role::Admin } else { Role::Member }
}

/// A member of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MemberRow {
    pub(crate) user: UserId,
    pub(crate) role: Role,
    pub(crate) joined_at: Timestamp,
    /// `seq` of one's own ENTER message; grows along the list of members.
    pub(crate) joined_seq: i32,
    pub(crate) read_up_to: i32,
}

/// Asks how a user stands to a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct StandingOf {
    pub(crate) channel: ChannelId,
    pub(crate) user: UserId,
}

/// How a user stands to a channel that there is or was; an unknown channel has no standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// In it. The number is the running one of TALK and NOTICE up to where the member has read.
    Member(MemberRow, i32),
    /// Not in it.
    Stranger,
    /// It was deleted, and the user was in it to the end.
    Dissolved,
    /// It was deleted.
    Gone,
}

impl Loader<StandingOf> for Tables {
    type Value = Standing;
    type Error = Fault;

    async fn load(&self, of: &[StandingOf]) -> Result<HashMap<StandingOf, Standing>, Fault> {
        let channels: Vec<_> = of.iter().map(|of| of.channel.0).collect();
        let users: Vec<_> = of.iter().map(|of| of.user.0).collect();
        let query = sqlx::query!(
            r#"SELECT c.id AS "channel_id!", k.user_id AS "user_id!", c.deleted_us, m.left_us,
                   m.role AS "role?", m.joined_us AS "joined_us?", m.joined_seq AS "joined_seq?",
                   GREATEST(m.read_up_to, r.up_to_seq) AS "read_up_to?",
                   coalesce(n.number, m.read_number) AS "read_number?"
               FROM UNNEST($1::uuid[], $2::uuid[]) k (channel_id, user_id)
               JOIN channels c ON c.id = k.channel_id
               LEFT JOIN members m ON m.channel_id = k.channel_id AND m.user_id = k.user_id
               LEFT JOIN read_markers r ON r.channel_id = k.channel_id AND r.user_id = k.user_id
               LEFT JOIN LATERAL (
                   SELECT number FROM messages
                   WHERE channel_id = k.channel_id AND seq <= r.up_to_seq
                   ORDER BY seq DESC LIMIT 1
               ) n ON r.up_to_seq > m.read_up_to"#,
            &channels,
            &users,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let standings = rows.into_iter().map(|row| {
            let user = UserId(row.user_id);
            let of = StandingOf { channel: ChannelId(row.channel_id), user };
            let member = match (row.role, row.joined_us, row.joined_seq) {
                (Some(code), Some(joined_us), Some(joined_seq)) => Some(MemberRow {
                    user,
                    role: role(code),
                    joined_at: Timestamp::from_micros(joined_us),
                    joined_seq,
                    read_up_to: row.read_up_to.unwrap_or(joined_seq),
                }),
                _ => None,
            };
            let standing = match (row.deleted_us, member, row.left_us) {
                (None, Some(member), None) => {
                    Standing::Member(member, row.read_number.unwrap_or(0))
                }
                (None, ..) => Standing::Stranger,
                // Deletion ends every stay at its own instant.
                (Some(deleted), Some(_), Some(left)) if left == deleted => Standing::Dissolved,
                (Some(_), ..) => Standing::Gone,
            };
            (of, standing)
        });
        Ok(standings.collect())
    }
}

impl Tables {
    /// All channels that a user is in.
    pub(crate) async fn all_channels_of(&self, user: UserId) -> Result<Vec<ChannelId>, Fault> {
        let query = sqlx::query_scalar!(
            "SELECT channel_id FROM members WHERE user_id = $1 AND left_us IS NULL",
            user.0,
        );
        let channels = self.bounded(query.fetch_all(&self.pool)).await?;
        Ok(channels.into_iter().map(ChannelId).collect())
    }
}

/// Asks for a page of a channel's members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct MembersPage {
    pub(crate) channel: ChannelId,
    /// Its keys are `joined_seq`.
    pub(crate) window: Window,
}

impl Loader<MembersPage> for Tables {
    type Value = Found<MemberRow>;
    type Error = Fault;

    async fn load(
        &self,
        pages: &[MembersPage],
    ) -> Result<HashMap<MembersPage, Self::Value>, Fault> {
        let channels: Vec<_> = pages.iter().map(|page| page.channel.0).collect();
        let above: Vec<_> = pages.iter().map(|page| page.window.after.unwrap_or(-1)).collect();
        let limits: Vec<_> = pages.iter().map(|page| page.window.len + 1).collect();
        let query = sqlx::query!(
            r#"SELECT p.number AS "number!", m.user_id, m.role, m.joined_us, m.joined_seq,
                   GREATEST(m.read_up_to, r.up_to_seq) AS "read_up_to!"
               FROM UNNEST($1::uuid[], $2::bigint[], $3::int[])
                   WITH ORDINALITY p (channel_id, above, len, number)
               CROSS JOIN LATERAL (
                   SELECT * FROM members m
                   WHERE m.channel_id = p.channel_id AND m.left_us IS NULL
                     AND m.joined_seq > p.above
                   ORDER BY m.joined_seq LIMIT p.len
               ) m
               LEFT JOIN read_markers r ON r.channel_id = p.channel_id AND r.user_id = m.user_id
               ORDER BY p.number, m.joined_seq"#,
            &channels,
            &above,
            &limits,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let rows = rows.into_iter().map(|row| {
            let item = MemberRow {
                user: UserId(row.user_id),
                role: role(row.role),
                joined_at: Timestamp::from_micros(row.joined_us),
                joined_seq: row.joined_seq,
                read_up_to: row.read_up_to,
            };
            (row.number, item)
        });
        Ok(paged(pages, |page| page.window, rows))
    }
}

/// Asks how many members have not read a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct UnreadOf {
    pub(crate) channel: ChannelId,
    pub(crate) seq: i32,
}

impl Loader<UnreadOf> for Tables {
    type Value = i32;
    type Error = Fault;

    /// Who came later has read up to the own ENTER, and who wrote it up to the own message: both
    /// are left out by the marker alone. One pass over a channel's members serves all its
    /// messages: members are counted by the message that they have read up to.
    async fn load(&self, of: &[UnreadOf]) -> Result<HashMap<UnreadOf, i32>, Fault> {
        let channels: Vec<_> = of.iter().map(|of| of.channel.0).collect();
        let seqs: Vec<_> = of.iter().map(|of| of.seq).collect();
        let query = sqlx::query!(
            r#"SELECT k.channel_id AS "channel_id!",
                   width_bucket(GREATEST(m.read_up_to, r.up_to_seq), k.seqs) AS "read!",
                   count(*) AS "members!"
               FROM (SELECT channel_id, array_agg(seq ORDER BY seq) AS seqs
                     FROM UNNEST($1::uuid[], $2::int[]) k (channel_id, seq)
                     GROUP BY channel_id) k
               JOIN members m ON m.channel_id = k.channel_id AND m.left_us IS NULL
               LEFT JOIN read_markers r
                 ON r.channel_id = m.channel_id AND r.user_id = m.user_id
               GROUP BY 1, 2"#,
            &channels,
            &seqs,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let mut readers: HashMap<ChannelId, Vec<(i32, i64)>> = HashMap::new();
        for row in rows {
            readers.entry(ChannelId(row.channel_id)).or_default().push((row.read, row.members));
        }
        let mut sorted: HashMap<ChannelId, Vec<i32>> = HashMap::new();
        for of in of {
            sorted.entry(of.channel).or_default().push(of.seq);
        }
        let mut unread = HashMap::with_capacity(of.len());
        for (channel, mut seqs) in sorted {
            seqs.sort_unstable();
            let readers = readers.remove(&channel).unwrap_or_default();
            for (read_before, seq) in (0..).zip(seqs) {
                let behind = readers.iter().filter(|(read, _)| *read <= read_before);
                let count: i64 = behind.map(|(_, members)| members).sum();
                let count = i32::try_from(count).unwrap_or(i32::MAX);
                unread.insert(UnreadOf { channel, seq }, count);
            }
        }
        Ok(unread)
    }
}
