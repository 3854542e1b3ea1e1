//! Random but valid histories: people, channels, comings and goings, messages and what becomes of
//! them. Some edits come after the deletion, which must change nothing.

use std::collections::{BTreeMap, BTreeSet};

use events::channel::{
    ChannelCreated, ChannelDeleted, ChannelUpdated, MemberJoined, MemberLeft, MessageDeleted,
    MessageEdited, MessageSent, ReactionAdded, ReactionRemoved, Role, RoleChanged, Visibility,
};
use events::personal::Personal;
use events::readers::ReadMarkerMoved;
use events::user::{
    ContactAdded, ContactRemoved, ProfileChanged, SessionEnd, SessionEnded, UserDeleted,
};
use events::{
    ChannelEvent, ChannelId, MessageId, ReadersEvent, SessionId, StreamName, UserEvent, UserId,
};

use crate::world::World;

/// What there is so far.
#[derive(Default)]
pub(crate) struct Story {
    users: Vec<UserId>,
    contacts: BTreeSet<(UserId, UserId)>,
    channels: BTreeMap<ChannelId, Channel>,
}

#[derive(Default)]
struct Channel {
    members: BTreeSet<UserId>,
    seq: u32,
    number: u32,
    /// Texts that were there: by seq.
    talks: BTreeMap<u32, MessageId>,
    deleted: BTreeSet<u32>,
    reactions: BTreeSet<(u32, &'static str, UserId)>,
}

impl Story {
    /// Appends events; what a choice means depends on what was before.
    pub(crate) fn tell(&mut self, world: &World, script: &[u32]) {
        for &choice in script {
            let (what, pick) = (choice % 24, (choice / 24) as usize);
            if self.users.is_empty() || what == 0 {
                self.users.push(world.register(&format!("user {}", self.users.len())));
                continue;
            }
            let user = self.users[pick % self.users.len()];
            if (1..=4).contains(&what) {
                self.happen_to(world, user, what, pick);
            } else if self.channels.is_empty() || what == 5 {
                let id = create(world, user);
                let channel = Channel { members: [user].into(), ..Channel::default() };
                self.channels.insert(id, channel);
            } else {
                let index = pick / 7 % self.channels.len();
                let (&id, channel) = self.channels.iter_mut().nth(index).unwrap();
                if happen(world, id, channel, what, user, pick) {
                    self.channels.remove(&id);
                }
            }
        }
    }

    fn happen_to(&mut self, world: &World, user: UserId, what: u32, pick: usize) {
        let other = self.users[pick / 3 % self.users.len()];
        let event: UserEvent = match what {
            1 => {
                let (session, reason) = (SessionId::generate(), SessionEnd::LoggedOut);
                SessionEnded { session, reason }.into()
            }
            2 if self.contacts.remove(&(user, other)) => ContactRemoved { contact: other }.into(),
            2 => {
                self.contacts.insert((user, other));
                ContactAdded { contact: other }.into()
            }
            3 if pick.is_multiple_of(5) => {
                self.users.retain(|&is| is != user);
                UserDeleted {}.into()
            }
            _ => {
                let plain = |text: String| Personal::plain(user, text);
                let email = (!pick.is_multiple_of(3)).then(|| plain(format!("{pick}@Example.org")));
                let username = (pick % 3 < 2).then(|| plain(format!("name {pick}")));
                ProfileChanged { email, username }.into()
            }
        };
        let over = matches!(event, UserEvent::UserDeleted(_));
        world.append(&StreamName::user(user), event);
        if over {
            world.vault.destroy(user);
        }
    }
}

/// Appends a story of its own.
pub(crate) fn play(world: &World, script: &[u32]) {
    Story::default().tell(world, script);
}

/// Choices of all kinds, the same ones every time.
pub(crate) fn script(len: u32) -> Vec<u32> {
    (0..len).map(|i| i.wrapping_mul(2_654_435_761) >> 7).collect()
}

fn create(world: &World, creator: UserId) -> ChannelId {
    let id = ChannelId::generate();
    let event = ChannelCreated {
        name: "모임".into(),
        description: String::new(),
        visibility: Visibility::Public,
        password: None,
        creator,
    };
    world.append(&StreamName::channel(id), ChannelEvent::from(event));
    id
}

/// True: the channel is gone.
fn happen(
    world: &World,
    id: ChannelId,
    channel: &mut Channel,
    what: u32,
    user: UserId,
    pick: usize,
) -> bool {
    let member = channel.members.iter().nth(pick % channel.members.len()).copied().unwrap();
    let event: ChannelEvent = match what {
        6 if !channel.talks.is_empty() => channel.react(member, pick),
        7 if !channel.talks.is_empty() => channel.react(member, pick / 2 * 2),
        8 if !channel.talks.is_empty() => {
            let (&seq, &message) = channel.talks.iter().nth(pick % channel.talks.len()).unwrap();
            MessageEdited { message, seq, text: format!("edit {pick}") }.into()
        }
        9 => {
            let up_to_seq = pick as u32 % (channel.seq + 1);
            let event = ReadersEvent::from(ReadMarkerMoved { user: member, up_to_seq });
            world.append(&StreamName::readers(id), event);
            return false;
        }
        10 => {
            let role = if pick.is_multiple_of(2) { Role::Admin } else { Role::Member };
            RoleChanged { user: member, role, by: None }.into()
        }
        11 => {
            let name = (!pick.is_multiple_of(3)).then(|| format!("Name {pick}"));
            let description = (pick % 3 < 2).then(|| format!("{pick}"));
            ChannelUpdated { name, description, by: member }.into()
        }
        12 if pick.is_multiple_of(5) => {
            world.append(
                &StreamName::channel(id),
                ChannelEvent::from(ChannelDeleted { by: member }),
            );
            return true;
        }
        _ => channel.go_on(what, user, member, pick),
    };
    world.append(&StreamName::channel(id), event);
    false
}

impl Channel {
    /// Adds a reaction to one of the newest messages or takes it back.
    fn react(&mut self, user: UserId, pick: usize) -> ChannelEvent {
        let (&seq, &message) = self.talks.iter().rev().nth(pick % self.talks.len().min(2)).unwrap();
        let emoji = ["👍", "❤️", "👨‍👩‍👧"][pick % 3];
        if self.reactions.remove(&(seq, emoji, user)) {
            ReactionRemoved { message, seq, user, emoji: emoji.into() }.into()
        } else {
            self.reactions.insert((seq, emoji, user));
            ReactionAdded { message, seq, user, emoji: emoji.into() }.into()
        }
    }

    /// Comings, goings, messages and their deletion.
    fn go_on(&mut self, what: u32, user: UserId, member: UserId, pick: usize) -> ChannelEvent {
        let message = MessageId::generate();
        let there: Vec<u32> =
            self.talks.keys().filter(|&seq| !self.deleted.contains(seq)).copied().collect();
        match what {
            13..=15 if !self.members.contains(&user) => {
                self.seq += 1;
                self.members.insert(user);
                let (seq, number) = (self.seq, self.number);
                MemberJoined { user, added_by: None, message, seq, number }.into()
            }
            16 if self.members.len() > 1 => {
                self.seq += 1;
                self.members.remove(&member);
                let (seq, number) = (self.seq, self.number);
                MemberLeft { user: member, removed_by: None, message, seq, number }.into()
            }
            17 if !there.is_empty() => {
                let seq = there[pick % there.len()];
                self.deleted.insert(seq);
                MessageDeleted { message: self.talks[&seq], seq, by: member }.into()
            }
            _ => {
                let reply_to = there.first().map(|seq| self.talks[seq]);
                self.seq += 1;
                self.number += 1;
                let (seq, number) = (self.seq, self.number);
                self.talks.insert(seq, message);
                let text = format!("message {seq}");
                MessageSent { message, seq, number, author: member, text, reply_to }.into()
            }
        }
    }
}
