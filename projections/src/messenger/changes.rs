//! What a batch of events changes, folded so that every row is touched once. These types know
//! how changes of one row add up; which event makes which change stands in `fold`.

use std::collections::HashMap;

use events::feed::FeedKind;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Changes of all tables.
#[derive(Debug, Default)]
pub(crate) struct Changes<'a> {
    pub(super) users: Vec<NewUser>,
    pub(super) channels: HashMap<Uuid, ChannelChange<'a>>,
    pub(super) members: HashMap<(Uuid, Uuid), MemberChange>,
    pub(super) stays: Stays,
    pub(super) messages: Messages<'a>,
    pub(super) ended_sessions: HashMap<Uuid, EndedSession>,
    pub(super) feed: Vec<FeedRow>,
}

/// An account; names that were erased are `None`.
#[derive(Debug)]
pub(super) struct NewUser {
    pub(super) id: Uuid,
    pub(super) username: Option<Zeroizing<String>>,
    pub(super) email: Option<Zeroizing<String>>,
    pub(super) created_us: i64,
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
    pub(super) newest: Option<Newest>,
    /// Members who came, less those who went.
    pub(super) members_more: i32,
    pub(super) deleted: Option<Deleted>,
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
    pub(super) left_us: Option<i64>,
    pub(super) read: Option<Read>,
}

impl MemberChange {
    pub(super) fn join(&mut self, joined: Joined, number: i32) {
        let read = Some(Read { seq: joined.seq, number });
        *self = Self { joined: Some(joined), left_us: None, read };
    }
}

/// A stay in a channel that began in this batch.
#[derive(Debug)]
pub(super) struct Stay {
    pub(super) channel: Uuid,
    pub(super) user: Uuid,
    pub(super) joined_position: i64,
    pub(super) left_position: Option<i64>,
}

/// Stays that begin or end.
#[derive(Debug, Default)]
pub(super) struct Stays {
    pub(super) begun: Vec<Stay>,
    /// Ends of stays that began before this batch: channel, user, position.
    pub(super) ended: Vec<(Uuid, Uuid, i64)>,
    open: HashMap<(Uuid, Uuid), usize>,
}

impl Stays {
    pub(super) fn begin(&mut self, channel: Uuid, user: Uuid, joined_position: i64) {
        self.open.insert((channel, user), self.begun.len());
        self.begun.push(Stay { channel, user, joined_position, left_position: None });
    }

    pub(super) fn end(&mut self, channel: Uuid, user: Uuid, position: i64) {
        match self.open.remove(&(channel, user)) {
            Some(index) => self.begun[index].left_position = Some(position),
            None => self.ended.push((channel, user, position)),
        }
    }
}

/// A new message.
#[derive(Debug)]
pub(super) struct NewMessage<'a> {
    pub(super) channel: Uuid,
    pub(super) seq: i32,
    pub(super) id: Uuid,
    pub(super) kind: i16,
    pub(super) author: Uuid,
    pub(super) text: Option<&'a str>,
    pub(super) reply_to: Option<Uuid>,
    pub(super) number: i32,
    pub(super) sent_us: i64,
    pub(super) deleted_us: Option<i64>,
}

/// Messages that are new, and deletions of older ones.
#[derive(Debug, Default)]
pub(super) struct Messages<'a> {
    pub(super) new: Vec<NewMessage<'a>>,
    /// Deletions of messages from before this batch: when, by channel and seq.
    pub(super) deleted: HashMap<(Uuid, i32), i64>,
    index: HashMap<(Uuid, i32), usize>,
}

impl<'a> Messages<'a> {
    pub(super) fn add(&mut self, message: NewMessage<'a>) {
        self.index.insert((message.channel, message.seq), self.new.len());
        self.new.push(message);
    }

    pub(super) fn delete(&mut self, channel: Uuid, seq: i32, us: i64) {
        if let Some(&index) = self.index.get(&(channel, seq)) {
            self.new[index].text = None;
            self.new[index].deleted_us = Some(us);
        } else {
            self.deleted.insert((channel, seq), us);
        }
    }
}

/// A session that is over.
#[derive(Debug)]
pub(super) struct EndedSession {
    pub(super) user: Uuid,
    pub(super) us: i64,
}

/// A row of the feed.
#[derive(Debug)]
pub(super) struct FeedRow {
    pub(super) entity: Uuid,
    pub(super) position: i64,
    pub(super) kind: FeedKind,
    pub(super) reference: Option<Uuid>,
    pub(super) at_us: i64,
}
