//! Random but valid histories: people, channels, comings and goings, messages and deletions.

use std::collections::{BTreeMap, BTreeSet};

use events::channel::{
    ChannelCreated, ChannelDeleted, MemberJoined, MemberLeft, MessageDeleted, MessageSent,
    Visibility,
};
use events::user::{SessionEnd, SessionEnded};
use events::{ChannelId, MessageId, SessionId, StreamName, UserEvent, UserId};

use crate::world::World;

/// What there is so far.
#[derive(Default)]
pub(crate) struct Story {
    users: Vec<UserId>,
    channels: BTreeMap<ChannelId, Channel>,
}

#[derive(Default)]
struct Channel {
    members: BTreeSet<UserId>,
    seq: u32,
    number: u32,
    /// Texts that are there: by seq.
    talks: BTreeMap<u32, MessageId>,
}

impl Story {
    /// Appends events; what a choice means depends on what was before.
    pub(crate) fn tell(&mut self, world: &World, script: &[u32]) {
        let Self { users, channels } = self;
        for &choice in script {
            let (what, pick) = (choice % 16, (choice / 16) as usize);
            if users.is_empty() || what == 0 {
                users.push(world.register(&format!("user {}", users.len())));
                continue;
            }
            let user = users[pick % users.len()];
            if what == 1 {
                let (session, reason) = (SessionId::generate(), SessionEnd::LoggedOut);
                let event = UserEvent::SessionEnded(SessionEnded { session, reason });
                world.append(&StreamName::user(user), event);
            } else if channels.is_empty() || what == 2 {
                let id = create(world, user);
                channels.insert(id, Channel { members: [user].into(), ..Channel::default() });
            } else {
                let index = pick / 7 % channels.len();
                let (&id, channel) = channels.iter_mut().nth(index).unwrap();
                if happen(world, id, channel, what, user, pick) {
                    channels.remove(&id);
                }
            }
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
    world.append(&StreamName::channel(id), events::ChannelEvent::from(event));
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
    let stream = StreamName::channel(id);
    let append = |event: events::ChannelEvent| world.append(&stream, event);
    let message = MessageId::generate();
    let member = channel.members.iter().nth(pick % channel.members.len()).copied().unwrap();
    match what {
        3..=5 if !channel.members.contains(&user) => {
            channel.seq += 1;
            channel.members.insert(user);
            let (seq, number) = (channel.seq, channel.number);
            append(MemberJoined { user, added_by: None, message, seq, number }.into());
        }
        6 | 7 if channel.members.len() > 1 => {
            channel.seq += 1;
            channel.members.remove(&member);
            let (seq, number) = (channel.seq, channel.number);
            append(MemberLeft { user: member, removed_by: None, message, seq, number }.into());
        }
        8 if !channel.talks.is_empty() => {
            let seq = *channel.talks.keys().nth(pick % channel.talks.len()).unwrap();
            let message = channel.talks.remove(&seq).unwrap();
            append(MessageDeleted { message, seq, by: member }.into());
        }
        9 if pick.is_multiple_of(5) => {
            append(ChannelDeleted { by: member }.into());
            return true;
        }
        _ => {
            channel.seq += 1;
            channel.number += 1;
            let (seq, number) = (channel.seq, channel.number);
            channel.talks.insert(seq, message);
            let reply_to = channel.talks.values().next().copied().filter(|&id| id != message);
            let text = format!("message {seq}");
            append(MessageSent { message, seq, number, author: member, text, reply_to }.into());
        }
    }
    false
}
