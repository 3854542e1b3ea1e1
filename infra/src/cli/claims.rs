//! `moim claims rebuild`: claims of command ids and names of things from the log, for a log that
//! was written or copied without them.

use std::io::{self, Write};
use std::sync::Arc;

use anyhow::Context;
use clap::Subcommand;
use command::domain::channel::Channel;
use command::execution::{Execution, Limits};
use command::ports::{Claims, NewClaim};
use events::wallet::{Origin, Terms};
use events::{Category, CommandId, EventLog, LogPosition, Recorded, StreamName};
use futures::stream::{self, Stream, TryStreamExt};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::config::StoreConfig;
use crate::postgres::{PostgresClaims, PostgresSnapshots};
use crate::stores::Stores;

/// Events read at once, and rows written at once.
const PAGE_EVENTS: usize = 2_000;
/// Pages written at the same time.
const PAGES_MAX: usize = 3;
/// A channel with more messages is given its snapshot before somebody needs it.
const LARGE_MESSAGES: u64 = 5_000;
/// How often a channel is asked for its state while that is being folded.
const PEEKS_MAX: u32 = 1_000;

/// What can be done about claims.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write the claims and names that the log tells of and that are not there
    Rebuild(StoreConfig),
}

/// Rebuilds over the whole log.
pub(super) async fn run(command: Command) -> anyhow::Result<()> {
    let Command::Rebuild(config) = command;
    let stores = Stores::open(&config).await?;
    let head = stores.log.head().await?;
    rebuild(&stores, 0, head, |_| ()).await?;
    writeln!(io::stdout(), "all that {head} events tell of can be named")?;
    Ok(())
}

/// Rebuilds over the events in (`after`, `to`]; `done` hears how many were worked off. What is
/// there already is left as it is: commands under way keep their claims.
pub(super) async fn rebuild(
    stores: &Stores,
    after: LogPosition,
    to: LogPosition,
    done: impl Fn(u64),
) -> anyhow::Result<()> {
    let claims = PostgresClaims::new(stores.pool.clone());
    let restore = |page: Page| {
        let claims = &claims;
        async move {
            claims.restore(&page.claims, &page.things).await?;
            anyhow::Ok(page.events)
        }
    };
    let written = pages(stores, after, to).map_ok(restore).try_buffer_unordered(PAGES_MAX);
    let count = async |events| {
        done(events);
        Ok(())
    };
    written.try_for_each(count).await
}

/// What a page of the log tells of.
#[derive(Default)]
struct Page {
    events: u64,
    claims: Vec<NewClaim>,
    things: Vec<(Uuid, StreamName)>,
}

/// How far the log was read.
struct Cursor {
    at: LogPosition,
    /// The command of the last event. A command's events stand together.
    last: Option<(CommandId, StreamName)>,
}

fn pages(
    stores: &Stores,
    after: LogPosition,
    to: LogPosition,
) -> impl Stream<Item = anyhow::Result<Page>> {
    let start = Cursor { at: after, last: None };
    stream::try_unfold(start, move |mut cursor| async move {
        if cursor.at >= to {
            return Ok(None);
        }
        let recorded = stores.log.read_all(cursor.at, PAGE_EVENTS).await?;
        let mut page = Page::default();
        for event in recorded.iter().take_while(|event| event.position <= to) {
            page.events += 1;
            page.tell(event, &mut cursor)?;
        }
        cursor.at = recorded.last().map_or(to, |event| event.position);
        Ok(Some((page, cursor)))
    })
}

impl Page {
    fn tell(&mut self, recorded: &Recorded, cursor: &mut Cursor) -> anyhow::Result<()> {
        let metadata = &recorded.event.metadata;
        let command = Some((metadata.causation, recorded.stream.clone()));
        let is_first = cursor.last != command;
        cursor.last = command;
        if let Some(input_hash) = metadata.input_hash.clone().filter(|_| is_first) {
            self.claims.push(NewClaim {
                id: metadata.causation,
                actor: metadata.actor.clone(),
                input_hash,
                stream: recorded.stream.clone(),
                from_revision: recorded.revision.checked_sub(1),
                things: Vec::new(),
                at: metadata.recorded_at,
            });
        }
        // What has the id of a claim is named by it.
        let claimed = metadata.input_hash.as_ref().map(|_| metadata.causation.0);
        let named = named(recorded)?.filter(|named| Some(*named) != claimed);
        self.things.extend(named.map(|named| (named, recorded.stream.clone())));
        Ok(())
    }
}

/// The thing that an event makes and that clients may name, where its stream isn't told by its
/// id alone.
fn named(recorded: &Recorded) -> anyhow::Result<Option<Uuid>> {
    #[derive(Deserialize)]
    struct Message {
        message: Uuid,
    }
    #[derive(Deserialize)]
    struct Cycle {
        cycle: Uuid,
    }
    Ok(match (recorded.stream.category(), recorded.event.kind.as_str()) {
        (Category::Channel, "MessageSent" | "NoticeSent" | "MemberJoined" | "MemberLeft") => {
            Some(read::<Message>(recorded)?.message)
        }
        (Category::Dues, "DuesCycleOpened") => Some(read::<Cycle>(recorded)?.cycle),
        // Others have the id of the command that asked for them in this stream.
        (Category::Wallet, "TransferRequested" | "TransferDebited") => {
            let terms: Terms = read(recorded)?;
            let derived = matches!(terms.origin, Origin::Scheduled { .. } | Origin::Dues(_));
            derived.then_some(terms.transfer.0)
        }
        _ => None,
    })
}

fn read<T: DeserializeOwned>(recorded: &Recorded) -> anyhow::Result<T> {
    serde_json::from_str(&recorded.event.data)
        .with_context(|| format!("the event at {} can't be read", recorded.position))
}

/// Whether the newest thing among a stream's last events can be named: the log is rebuilt from
/// old to new.
pub(super) async fn is_rebuilt(stores: &Stores, newest: &[Recorded]) -> anyhow::Result<bool> {
    let claims = PostgresClaims::new(stores.pool.clone());
    for recorded in newest {
        if let Some(thing) = named(recorded)? {
            return Ok(claims.stream_of(thing).await?.is_some());
        }
    }
    Ok(true)
}

/// Whether a channel with so many messages is given its snapshot beforehand.
pub(super) fn is_large(messages: u64) -> bool {
    messages > LARGE_MESSAGES
}

/// Folds channels and saves what comes of it, so that the first to write there need not wait for
/// that; `done` hears of each.
pub(super) async fn save_snapshots(
    stores: &Stores,
    channels: &[StreamName],
    done: impl Fn(),
) -> anyhow::Result<()> {
    let log = Arc::new(stores.log.clone());
    let claims = Arc::new(PostgresClaims::new(stores.pool.clone()));
    let snapshots = Arc::new(PostgresSnapshots::new(stores.pool.clone()));
    let execution = Execution::new(log, claims, snapshots, Limits::default());
    for stream in channels {
        let mut tries = 0;
        // A fold goes on when nobody waits for it any more.
        while let Err(refused) = execution.peek::<Channel>(stream, &[]).await {
            tries += 1;
            anyhow::ensure!(tries < PEEKS_MAX && refused.code.retryable(), "{stream}: {refused}");
        }
        done();
    }
    execution.drain().await;
    Ok(())
}
