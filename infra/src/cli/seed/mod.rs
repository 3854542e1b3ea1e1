//! `moim seed`: mock data as real events, the same for the same numbers, straight into the log.
//! It may run beside a server, whose projections follow, and more than once: what is there is
//! recognised and left as it is, what an interrupted run has left out is added.

mod dice;
mod people;
mod plan;
mod room;
mod words;
mod writer;

use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use command::secrets::{Hasher, HasherConfig};
use events::hashing::HashKey;
use events::log::Direction;
use events::personal::KeyRing;
use events::readers::ReadMarkerMoved;
use events::{Actor, EventLog, ReadersEvent, Recorded, StreamName, Timestamp};
use futures::stream::{self, StreamExt, TryStreamExt};
use indicatif::{ProgressBar, ProgressStyle};
use zeroize::Zeroizing;

use self::people::People;
use self::plan::{Plan, SPAN, Size};
use self::room::Room;
use self::writer::{Cause, Cut, Writer, event};
use super::claims;
use crate::config::StoreConfig;
use crate::keys::SecretKey;
use crate::stores::Stores;

/// Channels written at the same time.
const CHANNELS_MAX: usize = 16;
/// With it one logs in as anybody of the seed.
const PASSWORD: &str = "a walk along the river";
/// Among so many events of a channel there is one that makes a message.
const NEWEST_EVENTS: usize = 100;
/// Between two pictures of the progress.
const TICK: Duration = Duration::from_millis(200);

/// What is to be there.
#[derive(Debug, Clone, Args)]
pub(super) struct Seed {
    #[command(flatten)]
    store: StoreConfig,
    /// Mixed into password hashes; 32 bytes in base64
    #[arg(long, env = "MOIM_PEPPER", hide_env_values = true, value_name = "SECRET")]
    pepper: SecretKey,
    /// People
    #[arg(long, default_value_t = 100, value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    users: u32,
    /// Channels; the first are the busiest
    #[arg(long, default_value_t = 20, value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    channels: u32,
    /// Messages over all channels, besides people's coming, reactions, edits and read markers
    #[arg(long, default_value_t = 10_000, value_name = "N",
        value_parser = clap::value_parser!(u64).range(..=100_000_000))]
    messages: u64,
    /// Names the data: the same numbers give the same
    #[arg(long = "seed", default_value_t = 1, value_name = "S")]
    number: u64,
}

/// Writes what is not there yet.
pub(super) async fn run(seed: Seed) -> anyhow::Result<()> {
    let since = Instant::now();
    let stores = Stores::open(&seed.store).await?;
    let hash_key = HashKey::new(*seed.store.hash_key.expose());
    let plan = Arc::new(plan(&seed, &stores, &hash_key).await?);
    let head = stores.log.head().await?;
    let writer = Arc::new(Writer::new(stores.log.clone(), head));
    let password = hash(&seed.pepper).await?;
    let people = People {
        plan: &plan,
        writer: &writer,
        vault: &stores.vault,
        hash_key: &hash_key,
        password,
    };
    let bar = progress("people", plan.size.users as u64)?;
    people.write(|done| bar.inc(done)).await?;
    bar.finish();
    let strayed = write_channels(&plan, &writer).await?;
    let appended = writer.appended();
    if appended > 0 || !is_rounded_off(&stores, &plan).await? {
        round_off(&stores, &plan, &writer).await?;
    }
    say(&plan, appended, strayed, since.elapsed())
}

/// Makes what was written nameable, and ready to be written to.
async fn round_off(stores: &Stores, plan: &Plan, writer: &Writer) -> anyhow::Result<()> {
    let (start, end) = (writer.first() - 1, stores.log.head().await?);
    let bar = progress("names", end - start)?;
    claims::rebuild(stores, start, end, |done| bar.inc(done)).await?;
    bar.finish();
    let numbers = 0..plan.size.channels;
    let large = numbers.filter(|channel| claims::is_large(plan.messages_of(*channel)));
    let large: Vec<_> = large.map(|it| StreamName::channel(plan.channel(it))).collect();
    let bar = progress("snapshots", large.len() as u64)?;
    claims::save_snapshots(stores, &large, || bar.inc(1)).await?;
    bar.finish();
    Ok(())
}

/// A first run ends its tale now; a later one where the first did.
async fn plan(seed: &Seed, stores: &Stores, hash_key: &HashKey) -> anyhow::Result<Plan> {
    let size = Size {
        users: usize::try_from(seed.users)?,
        channels: usize::try_from(seed.channels)?,
        messages: seed.messages,
        seed: seed.number,
    };
    let plan = Plan::new(size, Timestamp::now());
    let stream = People::first_stream(&plan, hash_key)?;
    let first = stores.log.read(&stream, 0, Direction::Forwards, 1).await?;
    let until = first.first().map(|first| first.event.metadata.recorded_at.plus(SPAN));
    Ok(until.map_or(plan, |until| Plan::new(size, until)))
}

async fn hash(pepper: &SecretKey) -> anyhow::Result<Zeroizing<String>> {
    let hasher = Hasher::new(pepper.expose(), HasherConfig::default())?;
    Ok(hasher.run(|argon| argon.hash(PASSWORD)).await??)
}

/// Writes all channels; gives how many were left alone because others had written to them.
async fn write_channels(plan: &Arc<Plan>, writer: &Arc<Writer>) -> anyhow::Result<usize> {
    let bar = progress("messages", plan.size.messages)?;
    let channels = stream::iter(0..plan.size.channels).map(|number| {
        let (plan, writer, bar) = (Arc::clone(plan), Arc::clone(writer), bar.clone());
        // A task each: telling what happens takes as long as writing it down.
        async move { tokio::spawn(write_channel(plan, writer, number, bar)).await? }
    });
    let written = channels.buffer_unordered(CHANNELS_MAX);
    let strayed = written.try_fold(0, async |strayed, whole| Ok(strayed + usize::from(!whole)));
    let strayed = strayed.await?;
    bar.finish();
    Ok(strayed)
}

async fn write_channel(
    plan: Arc<Plan>,
    writer: Arc<Writer>,
    number: usize,
    bar: ProgressBar,
) -> anyhow::Result<bool> {
    let mut room = Room::new(&plan, number);
    let (stream, ring) = (room.stream(), KeyRing::new());
    let mut cut = Cut::new(stream.clone());
    for happening in room.by_ref() {
        let written = matches!(happening.event, events::ChannelEvent::MessageSent(_));
        let (actor, command) = (Actor::User(happening.by), happening.command);
        let cause = Cause { actor, command, correlation: command, at: happening.at };
        let full = cut.push(event(happening.event, &stream, cause, &ring)?);
        if let Some(append) = full
            && !writer.append(append).await?
        {
            return Ok(false);
        }
        bar.inc(u64::from(written));
    }
    if let Some(append) = cut.take()
        && !writer.append(append).await?
    {
        return Ok(false);
    }
    write_markers(&plan, &writer, number, &mut room).await
}

async fn write_markers(
    plan: &Plan,
    writer: &Writer,
    number: usize,
    room: &mut Room<'_>,
) -> anyhow::Result<bool> {
    let (stream, ring) = (StreamName::readers(plan.channel(number)), KeyRing::new());
    let mut cut = Cut::new(stream.clone());
    let mut full = Vec::new();
    for (user, up_to_seq) in room.read_up_to() {
        let moved = ReadersEvent::from(ReadMarkerMoved { user, up_to_seq });
        let command = plan.reading(number, user);
        let actor = Actor::User(user);
        let cause = Cause { actor, command, correlation: command, at: room.now() };
        full.extend(cut.push(event(moved, &stream, cause, &ring)?));
    }
    full.extend(cut.take());
    for append in full {
        if !writer.append(append).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether an earlier run came to its end: what was written last can be named.
async fn is_rounded_off(stores: &Stores, plan: &Plan) -> anyhow::Result<bool> {
    let newest = async |number| {
        let stream = StreamName::channel(plan.channel(number));
        let last = stores.log.last_revision(&stream).await?.unwrap_or_default();
        stores.log.read(&stream, last, Direction::Backwards, NEWEST_EVENTS).await
    };
    let tails = stream::iter(0..plan.size.channels).map(newest).buffer_unordered(CHANNELS_MAX);
    let youngest = async |youngest: Vec<Recorded>, tail: Vec<Recorded>| {
        let at = |events: &[Recorded]| events.first().map(|event| event.position);
        Ok(if at(&tail) > at(&youngest) { tail } else { youngest })
    };
    claims::is_rebuilt(stores, &tails.try_fold(Vec::new(), youngest).await?).await
}

fn progress(what: &'static str, len: u64) -> anyhow::Result<ProgressBar> {
    // Drawn on a terminal only.
    let bar = ProgressBar::new(len).with_message(what);
    let style = "{msg:>10} {wide_bar} {human_pos}/{human_len}  {per_sec}  {eta}";
    bar.set_style(ProgressStyle::with_template(style).context("a template of ours")?);
    bar.enable_steady_tick(TICK);
    Ok(bar)
}

fn say(plan: &Plan, appended: u64, strayed: usize, took: Duration) -> anyhow::Result<()> {
    let Size { users, channels, messages, seed } = plan.size;
    let mut out = io::stdout().lock();
    if appended == 0 {
        writeln!(out, "seed {seed} was there: nothing was changed")?;
    } else {
        let seconds = took.as_secs_f64();
        writeln!(out, "seed {seed}: {users} people, {channels} channels, {messages} messages")?;
        writeln!(out, "{appended} events in {seconds:.1} s")?;
    }
    if strayed > 0 {
        writeln!(out, "{strayed} channels were left alone: people write there")?;
    }
    let first = plan.channel(0);
    writeln!(out, "log in as {} with the password \"{PASSWORD}\"", plan.email(0))?;
    writeln!(out, "the same for user1 to user{}; the busiest channel is {first}", users - 1)?;
    Ok(())
}
