//! What happens in channels of ten, as a log.

use std::collections::HashMap;

use async_trait::async_trait;
use events::channel::{
    ChannelCreated, MemberJoined, MessageEdited, MessageSent, ReactionAdded, Visibility,
};
use events::codec::{self, CategoryEvent};
use events::memory::MemoryLog;
use events::personal::{KeyRing, KeyState, Keys, KeysUnavailable, Personal, UserKey};
use events::readers::ReadMarkerMoved;
use events::user::UserRegistered;
use events::{
    Actor, Append, ChannelEvent, ChannelId, CommandId, EventId, Expected, MessageId, Metadata,
    NewEvent, ReadersEvent, StreamName, Timestamp, UserEvent, UserId,
};

const CHANNELS: usize = 1_000;
const MEMBERS: usize = 10;
const TEXT: &str = "Sunday at nine, at the foot of the hill. 일요일에 만나요!";

/// Everybody has the same key.
pub(crate) struct OneKey;

#[async_trait]
impl Keys for OneKey {
    async fn get(&self, users: &[UserId]) -> Result<KeyRing, KeysUnavailable> {
        Ok(users.iter().map(|&user| (user, key())).collect())
    }

    async fn get_or_create(&self, _: UserId) -> Result<KeyState, KeysUnavailable> {
        Ok(key())
    }
}

fn key() -> KeyState {
    KeyState::Live(UserKey::new([7; 32]))
}

struct Channel {
    stream: StreamName,
    readers: StreamName,
    members: Vec<UserId>,
    last_revision: u64,
    last_marker: Option<u64>,
    seq: u32,
    number: u32,
    last_message: MessageId,
    /// What happened so far.
    events: usize,
}

impl Channel {
    fn next(&mut self) -> Either {
        self.events += 1;
        let member = self.members[self.events / 3 % MEMBERS];
        let (message, seq) = (self.last_message, self.seq);
        let event: ChannelEvent = match self.events % 20 {
            0 | 1 => {
                return Either::Marker(ReadMarkerMoved { user: member, up_to_seq: seq }.into());
            }
            2 | 3 => ReactionAdded { message, seq, user: member, emoji: "👍".into() }.into(),
            4 => MessageEdited { message, seq, text: TEXT.replace("nine", "ten") }.into(),
            _ => {
                self.seq += 1;
                self.number += 1;
                self.last_message = MessageId::generate();
                let (message, seq, number) = (self.last_message, self.seq, self.number);
                let (text, reply_to) = (TEXT.into(), None);
                MessageSent { message, seq, number, author: member, text, reply_to }.into()
            }
        };
        Either::Channel(event)
    }
}

enum Either {
    Channel(ChannelEvent),
    Marker(ReadersEvent),
}

/// Fills a log.
pub(crate) struct Writer {
    pub(crate) log: MemoryLog,
    channels: Vec<Channel>,
}

fn encode<E: CategoryEvent>(stream: &StreamName, mut event: E) -> anyhow::Result<NewEvent> {
    let metadata = Metadata {
        event_id: EventId::generate(),
        correlation: CommandId::generate(),
        causation: CommandId::generate(),
        input_hash: None,
        actor: Actor::System,
        recorded_at: Timestamp::now(),
        version: 1,
        trace_parent: None,
    };
    let mut ring = HashMap::new();
    for text in event.personal() {
        ring.insert(text.user(), key());
    }
    Ok(codec::encode(&mut event, stream, metadata, &ring)?)
}

impl Writer {
    /// People and channels.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let mut writer = Self { log: MemoryLog::default(), channels: Vec::new() };
        for _ in 0..CHANNELS {
            writer.add_channel()?;
        }
        Ok(writer)
    }

    fn append(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> anyhow::Result<()> {
        self.log.append_now(&Append { stream: stream.clone(), expected, events })?;
        Ok(())
    }

    fn add_channel(&mut self) -> anyhow::Result<()> {
        let members: Vec<UserId> = (0..MEMBERS).map(|_| UserId::generate()).collect();
        for &user in &members {
            let stream = StreamName::user(user);
            let personal = |text: &str| Personal::plain(user, text);
            let (email, username) = (personal("somebody@example.org"), personal("김민지"));
            let password = personal("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA");
            let event = UserRegistered { email, username, password };
            let events = vec![encode(&stream, UserEvent::from(event))?];
            self.append(&stream, Expected::NoStream, events)?;
        }
        let id = ChannelId::generate();
        let (stream, readers) = (StreamName::channel(id), StreamName::readers(id));
        let created = ChannelCreated {
            name: "우리 모임".into(),
            description: "A channel of ten".into(),
            visibility: Visibility::Public,
            password: None,
            creator: members[0],
        };
        let mut events = vec![encode(&stream, ChannelEvent::from(created))?];
        let mut last_message = MessageId::generate();
        for (&user, seq) in members.iter().zip(0..).skip(1) {
            last_message = MessageId::generate();
            let message = last_message;
            let joined = MemberJoined { user, added_by: None, message, seq, number: 0 };
            events.push(encode(&stream, ChannelEvent::from(joined))?);
        }
        let (seq, revision) = (u32::try_from(MEMBERS)? - 1, events.len() as u64 - 1);
        self.append(&stream, Expected::NoStream, events)?;
        self.channels.push(Channel {
            stream,
            readers,
            members,
            last_revision: revision,
            last_marker: None,
            seq,
            number: 0,
            last_message,
            // The first is a message.
            events: 4,
        });
        Ok(())
    }

    /// That many things happen in one channel.
    pub(crate) fn write(&mut self, channel: usize, len: usize) -> anyhow::Result<()> {
        let index = channel % self.channels.len();
        let channel = &mut self.channels[index];
        let (mut events, mut markers) = (Vec::with_capacity(len), Vec::new());
        for _ in 0..len {
            match channel.next() {
                Either::Channel(event) => events.push(encode(&channel.stream, event)?),
                Either::Marker(event) => markers.push(encode(&channel.readers, event)?),
            }
        }
        let (stream, readers) = (channel.stream.clone(), channel.readers.clone());
        let expected = Expected::Exact(channel.last_revision);
        let expected_marker = Expected::after(channel.last_marker);
        channel.last_revision += events.len() as u64;
        let more = markers.len() as u64;
        if more > 0 {
            channel.last_marker = Some(channel.last_marker.map_or(more - 1, |last| last + more));
            self.append(&readers, expected_marker, markers)?;
        }
        if !events.is_empty() {
            self.append(&stream, expected, events)?;
        }
        Ok(())
    }
}
