//! What a batch of events changes, folded so that every row is touched once. These types know
//! how changes of one row add up; which event makes which change stands in `fold`.

mod messages;
mod people;
mod stays;

use std::collections::HashMap;

use uuid::Uuid;

use crate::feed::FeedRow;

pub(super) use messages::{Messages, NewMessage};
pub(super) use people::{Address, Contact, EndedSession, UserChange};
pub(super) use stays::Stays;

/// Rows that come and go, by key: what is there at the batch's end, `None` for what is gone.
pub(super) type Latest<K, V> = HashMap<K, Option<V>>;

/// A reaction: channel, the message's seq, emoji, user.
pub(super) type ReactionKey<'a> = (Uuid, i32, &'a str, Uuid);

/// Changes of all tables.
#[derive(Debug, Default)]
pub(crate) struct Changes<'a> {
    pub(super) users: HashMap<Uuid, UserChange>,
    /// By whose and who.
    pub(super) contacts: Latest<(Uuid, Uuid), Contact>,
    pub(super) ended_sessions: HashMap<Uuid, EndedSession>,
    pub(super) channels: HashMap<Uuid, ChannelChange<'a>>,
    pub(super) members: HashMap<(Uuid, Uuid), MemberChange>,
    pub(super) stays: Stays,
    pub(super) messages: Messages<'a>,
    /// With the position at which each was added.
    pub(super) reactions: Latest<ReactionKey<'a>, i64>,
    /// Highest seq that was read, by channel and user.
    pub(super) read_markers: HashMap<(Uuid, Uuid), i32>,
    pub(super) feed: Vec<FeedRow>,
}

/// A channel as it was created.
#[derive(Debug)]
pub(super) struct NewChannel<'a> {
    pub(super) name: &'a str,
    pub(super) description: &'a str,
    pub(super) visibility: i16,
    pub(super) created_by: Uuid,
    pub(super) created_us: i64,
}

/// A channel's newest message.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Newest {
    pub(super) seq: i32,
    pub(super) number: i32,
    pub(super) position: i64,
}

/// The end of a channel, and of everybody's membership.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deleted {
    pub(super) us: i64,
    pub(super) position: i64,
}

/// What becomes of a channel; the later event wins.
#[derive(Debug, Default)]
pub(super) struct ChannelChange<'a> {
    pub(super) created: Option<NewChannel<'a>>,
    /// Of a channel from before this batch.
    pub(super) name: Option<&'a str>,
    /// Of a channel from before this batch.
    pub(super) description: Option<&'a str>,
    pub(super) newest: Option<Newest>,
    /// Members who came, less those who went.
    pub(super) members_more: i32,
    pub(super) deleted: Option<Deleted>,
}

impl<'a> ChannelChange<'a> {
    pub(super) fn update(&mut self, name: Option<&'a str>, description: Option<&'a str>) {
        if let Some(new) = &mut self.created {
            new.name = name.unwrap_or(new.name);
            new.description = description.unwrap_or(new.description);
        } else {
            self.name = name.or(self.name);
            self.description = description.or(self.description);
        }
    }
}

/// A stay that begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Joined {
    pub(super) role: i16,
    pub(super) us: i64,
    pub(super) seq: i32,
}

/// How far somebody has read for certain.
#[derive(Debug, Clone, Copy)]
pub(super) struct Read {
    pub(super) seq: i32,
    pub(super) number: i32,
}

/// What becomes of a member. A later stay replaces the one before.
#[derive(Debug, Default)]
pub(super) struct MemberChange {
    pub(super) joined: Option<Joined>,
    /// Of somebody who joined before this batch.
    pub(super) role: Option<i16>,
    pub(super) left_us: Option<i64>,
    pub(super) read: Option<Read>,
}

impl MemberChange {
    pub(super) fn join(&mut self, joined: Joined, number: i32) {
        let read = Some(Read { seq: joined.seq, number });
        *self = Self { joined: Some(joined), read, ..Self::default() };
    }

    pub(super) fn change_role(&mut self, role: i16) {
        match &mut self.joined {
            Some(joined) => joined.role = role,
            None => self.role = Some(role),
        }
    }
}
