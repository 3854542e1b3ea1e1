//! Which event makes which change.

use events::channel::{
    ChannelCreated, MemberJoined, MemberLeft, MessageDeleted, MessageSent, Visibility,
};
use events::feed::FeedKind;
use events::personal::{KeyRing, OpenError, Personal};
use events::user::{SessionEnded, UserRegistered};
use events::{ChannelEvent, ChannelId, EventId, Fact, LogPosition, UserEvent, UserId};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::changes::{
    Changes, Deleted, EndedSession, FeedRow, Joined, NewChannel, NewMessage, NewUser, Newest, Read,
};
use crate::checkpoint::bigint;
use crate::decode::{Item, Told};
use crate::failure::ProjectorError;
use crate::parked::{Parked, ParkedChanges};

const ADMIN: i16 = 1;
const MEMBER: i16 = 2;

const TALK: i16 = 1;
const ENTER: i16 = 2;
const LEAVE: i16 = 3;

/// A batch as changes of rows.
#[derive(Debug)]
pub(crate) struct Folded<'a> {
    pub(crate) changes: Changes<'a>,
    pub(crate) parked: ParkedChanges,
    /// Position of its last event.
    pub(crate) up_to: LogPosition,
}

/// Why one event can't be folded.
enum Refused {
    /// Its stream is to be parked.
    Poison(String),
    /// Nothing may go on without this user's key.
    KeyMissing(UserId),
}

/// Folds events in log order. An event that can't be read parks its stream; a key that is not in
/// the vault stops everything.
pub(crate) fn fold<'a>(
    items: &'a [Item],
    ring: &KeyRing,
    known_parked: &Parked,
) -> Result<Folded<'a>, ProjectorError> {
    let (mut changes, mut parked) = (Changes::default(), ParkedChanges::default());
    for item in items {
        if known_parked.contains(&item.stream) || parked.has(&item.stream) {
            parked.skip(item);
            continue;
        }
        match fold_item(&mut changes, item, ring) {
            Ok(()) => {}
            Err(Refused::Poison(error)) => parked.park(item, &error),
            Err(Refused::KeyMissing(user)) => {
                let (stream, position) = (item.stream.clone(), item.position);
                return Err(ProjectorError::KeyMissing { user, stream, position });
            }
        }
    }
    let up_to = items.last().map_or(0, |item| item.position);
    Ok(Folded { changes, parked, up_to })
}

fn fold_item<'a>(changes: &mut Changes<'a>, item: &'a Item, ring: &KeyRing) -> Result<(), Refused> {
    let (position, us) = (bigint(item.position), item.at.as_micros());
    match item.told.as_ref().map_err(|error| Refused::Poison(error.clone()))? {
        Told::Nothing => Ok(()),
        Told::User(user, fact) => {
            let context = UserContext { changes, user: user.0, position, us };
            context.fold(item, fact, ring)
        }
        Told::Channel(channel, fact) => {
            ChannelContext { changes, channel: *channel, position, us }.fold(fact)
        }
    }
}

struct UserContext<'c, 'a> {
    changes: &'c mut Changes<'a>,
    user: Uuid,
    position: i64,
    us: i64,
}

impl UserContext<'_, '_> {
    fn fold(self, item: &Item, fact: &Fact<UserEvent>, ring: &KeyRing) -> Result<(), Refused> {
        match &fact.event {
            UserEvent::UserRegistered(event) => self.registered(item, fact.id, event, ring),
            UserEvent::SessionEnded(event) => {
                self.session_ended(event);
                Ok(())
            }
            UserEvent::SessionStarted(_)
            | UserEvent::SessionRefreshed(_)
            | UserEvent::LogInFailed(_)
            | UserEvent::ProfileChanged(_)
            | UserEvent::PasswordChanged(_)
            | UserEvent::ContactAdded(_)
            | UserEvent::ContactRemoved(_)
            | UserEvent::UserDeleted(_)
            | UserEvent::CommandSettled(_) => Ok(()),
        }
    }

    fn registered(
        self,
        item: &Item,
        event: EventId,
        registered: &UserRegistered,
        ring: &KeyRing,
    ) -> Result<(), Refused> {
        let username = open(&registered.username, item, event, ring)?;
        let email = open(&registered.email, item, event, ring)?;
        let (id, created_us) = (self.user, self.us);
        self.changes.users.push(NewUser { id, username, email, created_us });
        self.feed(FeedKind::Changed, None);
        Ok(())
    }

    fn session_ended(self, event: &SessionEnded) {
        let (session, user, us) = (event.session.0, self.user, self.us);
        // Once ended, a session stays as it ended first.
        self.changes.ended_sessions.entry(session).or_insert(EndedSession { user, us });
        self.feed(FeedKind::SessionEnded, Some(session));
    }

    fn feed(self, kind: FeedKind, reference: Option<Uuid>) {
        let (entity, position, at_us) = (self.user, self.position, self.us);
        self.changes.feed.push(FeedRow { entity, position, kind, reference, at_us });
    }
}

/// Opens a personal text; `None` when it was erased.
fn open(
    text: &Personal,
    item: &Item,
    event: EventId,
    ring: &KeyRing,
) -> Result<Option<Zeroizing<String>>, Refused> {
    text.open(ring, &item.stream, event).map_err(|error| match error {
        OpenError::KeyMissing => Refused::KeyMissing(text.user()),
        OpenError::Broken | OpenError::NotSealed => Refused::Poison(error.to_string()),
    })
}

struct ChannelContext<'c, 'a> {
    changes: &'c mut Changes<'a>,
    channel: ChannelId,
    position: i64,
    us: i64,
}

impl<'a> ChannelContext<'_, 'a> {
    fn fold(self, fact: &'a Fact<ChannelEvent>) -> Result<(), Refused> {
        match &fact.event {
            ChannelEvent::ChannelCreated(event) => self.created(event),
            ChannelEvent::ChannelDeleted(_) => self.deleted(),
            ChannelEvent::MemberJoined(event) => return self.joined(event),
            ChannelEvent::MemberLeft(event) => return self.left(event),
            ChannelEvent::MessageSent(event) => return self.sent(event),
            ChannelEvent::MessageDeleted(event) => return self.message_deleted(event),
            ChannelEvent::ChannelUpdated(_)
            | ChannelEvent::RoleChanged(_)
            | ChannelEvent::MessageEdited(_)
            | ChannelEvent::ReactionAdded(_)
            | ChannelEvent::ReactionRemoved(_)
            | ChannelEvent::ChannelPasswordFailed(_)
            | ChannelEvent::CommandSettled(_) => {}
        }
        Ok(())
    }

    fn created(self, event: &'a ChannelCreated) {
        let (channel, creator) = (self.channel.0, event.creator.0);
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
        let joined = Joined { role: ADMIN, us: self.us, seq: 0 };
        self.changes.members.entry((channel, creator)).or_default().join(joined, 0);
        self.changes.stays.begin(channel, creator, self.position);
        self.feed(FeedKind::Changed, None);
    }

    fn deleted(self) {
        let change = self.changes.channels.entry(self.channel.0).or_default();
        change.deleted = Some(Deleted { us: self.us, position: self.position });
        self.feed(FeedKind::ChannelDeleted, None);
    }

    fn joined(self, event: &'a MemberJoined) -> Result<(), Refused> {
        let (seq, number) = (integer(event.seq)?, integer(event.number)?);
        let (channel, user) = (self.channel.0, event.user.0);
        let joined = Joined { role: MEMBER, us: self.us, seq };
        self.changes.members.entry((channel, user)).or_default().join(joined, number);
        self.changes.stays.begin(channel, user, self.position);
        self.changes.channels.entry(channel).or_default().members_more += 1;
        let message = self.message(event.message.0, seq, number, ENTER, user);
        self.add(message, FeedKind::MemberJoined);
        Ok(())
    }

    fn left(self, event: &'a MemberLeft) -> Result<(), Refused> {
        let (seq, number) = (integer(event.seq)?, integer(event.number)?);
        let (channel, user) = (self.channel.0, event.user.0);
        self.changes.members.entry((channel, user)).or_default().left_us = Some(self.us);
        self.changes.stays.end(channel, user, self.position);
        self.changes.channels.entry(channel).or_default().members_more -= 1;
        let message = self.message(event.message.0, seq, number, LEAVE, user);
        self.add(message, FeedKind::MemberLeft);
        Ok(())
    }

    fn sent(self, event: &'a MessageSent) -> Result<(), Refused> {
        let (seq, number) = (integer(event.seq)?, integer(event.number)?);
        let (channel, author) = (self.channel.0, event.author.0);
        let member = self.changes.members.entry((channel, author)).or_default();
        member.read = Some(Read { seq, number });
        let mut message = self.message(event.message.0, seq, number, TALK, author);
        message.text = Some(&event.text);
        message.reply_to = event.reply_to.map(|id| id.0);
        self.add(message, FeedKind::MessageSent);
        Ok(())
    }

    fn message_deleted(self, event: &'a MessageDeleted) -> Result<(), Refused> {
        let seq = integer(event.seq)?;
        self.changes.messages.delete(self.channel.0, seq, self.us);
        self.feed(FeedKind::MessageDeleted, Some(event.message.0));
        Ok(())
    }

    fn message(&self, id: Uuid, seq: i32, number: i32, kind: i16, author: Uuid) -> NewMessage<'a> {
        NewMessage {
            channel: self.channel.0,
            seq,
            id,
            kind,
            author,
            text: None,
            reply_to: None,
            number,
            sent_us: self.us,
            deleted_us: None,
        }
    }

    fn add(self, message: NewMessage<'a>, kind: FeedKind) {
        let newest = Newest { seq: message.seq, number: message.number, position: self.position };
        let id = message.id;
        self.changes.channels.entry(self.channel.0).or_default().newest = Some(newest);
        self.changes.messages.add(message);
        self.feed(kind, Some(id));
    }

    fn feed(self, kind: FeedKind, reference: Option<Uuid>) {
        let (entity, position, at_us) = (self.channel.0, self.position, self.us);
        self.changes.feed.push(FeedRow { entity, position, kind, reference, at_us });
    }
}

/// A number that fits the API's `Int`.
fn integer(number: u32) -> Result<i32, Refused> {
    i32::try_from(number).map_err(|_| Refused::Poison(format!("{number} is beyond the API's Int")))
}
