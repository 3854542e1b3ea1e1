//! How fast a read model is rebuilt, and how far behind the live one is under load, on a
//! PostgreSQL of the tests' own with default durability and a log in memory, on this machine.
//!
//! `cargo bench -p projections [-- <messages> <messages a second>]`
#![allow(clippy::print_stdout, missing_docs, reason = "a program that prints")]

use std::collections::HashMap;
use std::env;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use async_trait::async_trait;
use events::channel::{ChannelCreated, MemberJoined, MessageSent, Visibility};
use events::codec::{self, CategoryEvent};
use events::memory::MemoryLog;
use events::personal::{KeyRing, KeyState, Keys, KeysUnavailable, Personal, UserKey};
use events::user::UserRegistered;
use events::{
    Actor, Append, ChannelEvent, ChannelId, CommandId, EventId, EventLog, Expected, MessageId,
    Metadata, NewEvent, StreamName, Timestamp, UserEvent, UserId,
};
use projections::{Projector, schema};
use sqlx::postgres::PgConnectOptions;
use testkit::PrivateCluster;
use tokio_util::sync::CancellationToken;

const CHANNELS: usize = 1_000;
const MEMBERS: usize = 10;
const LIVE_SECONDS: u64 = 15;
/// Events of one append when the log is filled.
const APPEND_LEN: usize = 100;

/// Everybody has the same key.
struct OneKey;

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
    members: Vec<UserId>,
    revision: u64,
    seq: u32,
    number: u32,
}

struct Writer {
    log: MemoryLog,
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
    fn new() -> anyhow::Result<Self> {
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
        let stream = StreamName::channel(ChannelId::generate());
        let created = ChannelCreated {
            name: "우리 모임".into(),
            description: "A channel of ten".into(),
            visibility: Visibility::Public,
            password: None,
            creator: members[0],
        };
        let mut events = vec![encode(&stream, ChannelEvent::from(created))?];
        for (&user, seq) in members.iter().zip(0..).skip(1) {
            let joined = MemberJoined {
                user,
                added_by: None,
                message: MessageId::generate(),
                seq,
                number: 0,
            };
            events.push(encode(&stream, ChannelEvent::from(joined))?);
        }
        let (seq, revision) = (u32::try_from(MEMBERS)? - 1, events.len() as u64 - 1);
        self.append(&stream, Expected::NoStream, events)?;
        self.channels.push(Channel { stream, members, revision, seq, number: 0 });
        Ok(())
    }

    /// Members of one channel write that many messages.
    fn write(&mut self, channel: usize, len: usize) -> anyhow::Result<()> {
        let index = channel % self.channels.len();
        let channel = &mut self.channels[index];
        let mut events = Vec::with_capacity(len);
        for _ in 0..len {
            channel.seq += 1;
            channel.number += 1;
            let sent = MessageSent {
                message: MessageId::generate(),
                seq: channel.seq,
                number: channel.number,
                author: channel.members[channel.seq as usize % MEMBERS],
                text: "Sunday at nine, at the foot of the hill. 일요일에 만나요!".into(),
                reply_to: None,
            };
            events.push(encode(&channel.stream, ChannelEvent::from(sent))?);
        }
        let expected = Expected::Exact(channel.revision);
        channel.revision += len as u64;
        let stream = channel.stream.clone();
        self.append(&stream, expected, events)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments: Vec<String> = env::args().skip(1).collect();
    // `cargo bench` says so; anybody else only wants to know that this compiles.
    let Some(at) = arguments.iter().position(|argument| argument == "--bench") else {
        return Ok(());
    };
    arguments.remove(at);
    let number = |at: usize, default: u64| match arguments.get(at) {
        Some(argument) => argument.parse().context("not a number"),
        None => Ok(default),
    };
    let (messages, rate) = (number(0, 500_000)?, number(1, 5_000)?);
    let cluster = PrivateCluster::start().await?;
    let options: PgConnectOptions = cluster.url()?.parse()?;
    schema::migrate(&options).await?;
    let mut writer = Writer::new()?;
    let appends = usize::try_from(messages)? / APPEND_LEN;
    for append in 0..appends {
        writer.write(append, APPEND_LEN)?;
    }
    rebuild(&writer, &options).await?;
    live(&mut writer, &options, rate).await
}

async fn rebuild(writer: &Writer, options: &PgConnectOptions) -> anyhow::Result<()> {
    let log = Arc::new(writer.log.clone());
    let report = projections::rebuild(options, log, Arc::new(OneKey), |_| {}).await?;
    ensure!(report.parked_streams == 0, "streams were parked");
    #[expect(clippy::cast_precision_loss, reason = "to be printed")]
    let rate = report.events as f64 / report.seconds;
    println!("rebuild: {} events in {:.1} s, {rate:.0} events/s", report.events, report.seconds);
    Ok(())
}

/// Messages at an even rate; the lag of one that is told to be projected is from its append.
async fn live(writer: &mut Writer, options: &PgConnectOptions, rate: u64) -> anyhow::Result<()> {
    let log = Arc::new(writer.log.clone());
    let projector = Projector::new(log, Arc::new(OneKey), options.clone());
    let (projected, shutdown) = (projector.projected(), CancellationToken::new());
    let running = tokio::spawn(projector.run(shutdown.clone()));
    let head = writer.log.head().await?;
    projected.clone().wait_for(|at| *at >= head).await?;
    let started = Instant::now();
    let total = rate * LIVE_SECONDS;
    let watching = tokio::spawn(watch_lag(projected, started, head, rate, total));
    for message in 0..total {
        let due = started + Duration::from_secs(1) * u32::try_from(message)? / u32::try_from(rate)?;
        tokio::time::sleep_until(due.into()).await;
        writer.write(usize::try_from(message)?, 1)?;
    }
    let mut lags = watching.await??;
    shutdown.cancel();
    running.await??;
    lags.sort_unstable();
    let at = |share: usize| lags[(lags.len() - 1) * share / 1_000].as_secs_f64() * 1e3;
    println!(
        "live: {rate} messages/s, lag p50 {:.1} ms, p99 {:.1} ms, worst {:.1} ms",
        at(500),
        at(990),
        at(1_000)
    );
    Ok(())
}

/// From the moment at which each message was due to the one at which it was projected.
async fn watch_lag(
    mut projected: tokio::sync::watch::Receiver<u64>,
    started: Instant,
    head: u64,
    rate: u64,
    total: u64,
) -> anyhow::Result<Vec<Duration>> {
    let mut lags = Vec::new();
    while (lags.len() as u64) < total {
        projected.changed().await?;
        let (now, at) = (started.elapsed(), *projected.borrow_and_update());
        for message in lags.len() as u64..(at - head).min(total) {
            let due = Duration::from_secs(1) * u32::try_from(message)? / u32::try_from(rate)?;
            lags.push(now.saturating_sub(due));
        }
    }
    Ok(lags)
}
