//! Streams of channels: the channel itself and its members.

use events::ChannelEvent;
use events::channel::{
    ChannelCreated, ChannelUpdated, MemberJoined, MemberLeft, Role, RoleChanged, Visibility,
};
use events::feed::FeedKind;
use uuid::Uuid;

use super::messages::{ENTER, LEAVE};
use super::{Refused, integer};
use crate::feed::FeedRow;
use crate::messenger::changes::{Changes, Deleted, Joined, NewChannel, Newest};

const fn role(role: Role) -> i16 {
    match role {
        Role::Admin => 1,
        Role::Member => 2,
    }
}

pub(super) struct ChannelContext<'c, 'a> {
    pub(super) changes: &'c mut Changes<'a>,
    pub(super) channel: Uuid,
    pub(super) position: i64,
    pub(super) us: i64,
}

impl<'a> ChannelContext<'_, 'a> {
    pub(super) fn fold(self, event: &'a ChannelEvent) -> Result<(), Refused> {
        match event {
            ChannelEvent::ChannelCreated(event) => self.created(event),
            ChannelEvent::ChannelUpdated(event) => self.updated(event),
            ChannelEvent::ChannelDeleted(_) => self.deleted(),
            ChannelEvent::RoleChanged(event) => self.role_changed(event),
            ChannelEvent::MemberJoined(event) => return self.joined(event),
            ChannelEvent::MemberLeft(event) => return self.left(event),
            ChannelEvent::MessageSent(event) => return self.sent(event),
            ChannelEvent::NoticeSent(event) => return self.notice_sent(event),
            ChannelEvent::MessageEdited(event) => return self.edited(event),
            ChannelEvent::MessageDeleted(event) => return self.message_deleted(event),
            ChannelEvent::ReactionAdded(event) => return self.reaction_added(event),
            ChannelEvent::ReactionRemoved(event) => return self.reaction_removed(event),
            ChannelEvent::ChannelPasswordFailed(_)
            | ChannelEvent::GroupWalletOpened(_)
            | ChannelEvent::GroupWalletClosed(_)
            | ChannelEvent::CommandSettled(_) => {}
        }
        Ok(())
    }

    fn created(self, event: &'a ChannelCreated) {
        let (channel, creator) = (self.channel, event.creator.0);
        let change = self.changes.channels.entry(channel).or_default();
        change.created = Some(NewChannel {
            name: &event.name,
            description: &event.description,
            visibility: match event.visibility {
                Visibility::Public => 1,
                Visibility::Private => 2,
            },
            created_by: creator,
            created_us: self.us,
        });
        change.newest = Some(Newest { position: self.position, ..Newest::default() });
        change.members_more += 1;
        let joined = Joined { role: role(Role::Admin), us: self.us, seq: 0 };
        self.changes.members.entry((channel, creator)).or_default().join(joined, 0);
        self.changes.stays.begin(channel, creator, self.position);
        self.feed(FeedKind::Changed, None);
    }

    fn updated(self, event: &'a ChannelUpdated) {
        let change = self.changes.channels.entry(self.channel).or_default();
        change.update(event.name.as_deref(), event.description.as_deref());
        self.feed(FeedKind::ChannelUpdated, None);
    }

    fn deleted(self) {
        let change = self.changes.channels.entry(self.channel).or_default();
        change.deleted = Some(Deleted { us: self.us, position: self.position });
        self.feed(FeedKind::ChannelDeleted, None);
    }

    fn role_changed(self, event: &'a RoleChanged) {
        let member = self.changes.members.entry((self.channel, event.user.0)).or_default();
        member.change_role(role(event.role));
        self.feed(FeedKind::ChannelUpdated, None);
    }

    fn joined(self, event: &'a MemberJoined) -> Result<(), Refused> {
        let (seq, number) = (integer(event.seq)?, integer(event.number)?);
        let (channel, user) = (self.channel, event.user.0);
        let joined = Joined { role: role(Role::Member), us: self.us, seq };
        self.changes.members.entry((channel, user)).or_default().join(joined, number);
        self.changes.stays.begin(channel, user, self.position);
        self.changes.channels.entry(channel).or_default().members_more += 1;
        let message = self.message(event.message, seq, number, ENTER, Some(user));
        self.add(message, FeedKind::MemberJoined);
        Ok(())
    }

    fn left(self, event: &'a MemberLeft) -> Result<(), Refused> {
        let (seq, number) = (integer(event.seq)?, integer(event.number)?);
        let (channel, user) = (self.channel, event.user.0);
        self.changes.members.entry((channel, user)).or_default().left_us = Some(self.us);
        self.changes.stays.end(channel, user, self.position);
        self.changes.channels.entry(channel).or_default().members_more -= 1;
        let message = self.message(event.message, seq, number, LEAVE, Some(user));
        self.add(message, FeedKind::MemberLeft);
        Ok(())
    }

    pub(super) fn feed(self, kind: FeedKind, reference: Option<Uuid>) {
        let (entity, position, at_us) = (self.channel, self.position, self.us);
        self.changes.feed.push(FeedRow { entity, position, kind, reference, at_us });
    }
}
