//! Filling empty tables as fast as may be. Nobody reads them yet and a crash begins anew, so that
//! the log is worked off in lanes side by side, each with its share of the streams, a connection
//! and transactions of its own; the checkpoint moves once all are done. Reading runs ahead.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use events::personal::Keys;
use events::{EventLog, LogPosition, Recorded, StreamName};
use sqlx::postgres::PgConnectOptions;
use tokio::sync::{mpsc, watch};
use tokio_util::task::AbortOnDropHandle;

use super::{Progress, RebuildError, Spent};
use crate::decode::decode;
use crate::failure::Failure;
use crate::projection::Projection;
use crate::writer::Writer;

/// Every lane has one connection.
const LANES: usize = 4;

/// Events that are read at once.
const READ_EVENTS_MAX: usize = 5_000;

/// What was read at once and waits in a lane.
const LANE_READS_MAX: usize = 4;

/// A lane's batch is closed once it has this many events; what was read at once stays together.
const LANE_BATCH_EVENTS_MAX: usize = 5_000;

/// How often a caller is told how far it is.
const TELL_INTERVAL: Duration = Duration::from_millis(50);

/// What a filling came to.
pub(super) struct Filled {
    pub(super) events: u64,
    pub(super) spent: Spent,
}

/// Projects the log up to `head`.
pub(super) async fn fill(
    projection: Projection,
    options: &PgConnectOptions,
    log: Arc<dyn EventLog>,
    keys: Arc<dyn Keys>,
    head: LogPosition,
    progress: &mut (impl FnMut(Progress) + Send),
) -> Result<Filled, RebuildError> {
    let started = Instant::now();
    let (mut lanes, mut senders) = (Vec::new(), Vec::new());
    // The swap's commit is synchronous and makes all that came before it durable, too.
    let bulk = options.clone().options([("synchronous_commit", "off")]);
    for _ in 0..LANES {
        let (sender, reads) = mpsc::channel(LANE_READS_MAX);
        let writer = Writer::bulk(projection, &bulk).await?;
        let keys = Arc::clone(&keys);
        let lane = Lane { projection, writer, keys, spent: Spent::default() };
        lanes.push(AbortOnDropHandle::new(tokio::spawn(lane.run(reads))));
        senders.push(sender);
    }
    let at = watch::Sender::new(0);
    let mut told = at.subscribe();
    let reader = tokio::spawn(read(Arc::clone(&log), head, senders, at));
    let reader = AbortOnDropHandle::new(reader);
    while told.changed().await.is_ok() {
        progress(Progress::Reading { position: *told.borrow_and_update(), head });
        tokio::time::sleep(TELL_INTERVAL).await;
    }
    let interrupted = |error: tokio::task::JoinError| RebuildError::Interrupted(error.to_string());
    let mut spent = Spent::default();
    // A lane that failed ends the reading; its error is the one that tells.
    for lane in lanes {
        spent += lane.await.map_err(interrupted)??;
    }
    let (read, reading) = reader.await.map_err(interrupted)??;
    spent.read = reading;
    spent.filling = started.elapsed();
    let mut writer = Writer::open(projection, options, log.id()).await?;
    writer.skip_to(read.position).await?;
    progress(Progress::Reading { position: read.position, head });
    Ok(Filled { events: read.events, spent })
}

/// What was read.
struct Read {
    position: LogPosition,
    events: u64,
}

/// Hands the events up to `head` to the lanes of their streams. Gives the time that it took
/// without waiting for them.
async fn read(
    log: Arc<dyn EventLog>,
    head: LogPosition,
    lanes: Vec<mpsc::Sender<Vec<Recorded>>>,
    at: watch::Sender<LogPosition>,
) -> Result<(Read, Duration), Failure> {
    let mut read = Read { position: 0, events: 0 };
    let mut spent = Duration::ZERO;
    while read.position < head {
        let started = Instant::now();
        let mut events = log.read_all(read.position, READ_EVENTS_MAX).await?;
        events.retain(|event| event.position <= head);
        let Some(last) = events.last() else { break };
        read.position = last.position;
        read.events += events.len() as u64;
        let mut shares: Vec<Vec<Recorded>> = lanes.iter().map(|_| Vec::new()).collect();
        for event in events {
            shares[lane_of(&event.stream, lanes.len())].push(event);
        }
        spent += started.elapsed();
        for (lane, share) in lanes.iter().zip(shares) {
            if lane.send(share).await.is_err() {
                return Ok((read, spent));
            }
        }
        at.send_replace(read.position);
    }
    Ok((read, spent))
}

#[expect(clippy::cast_possible_truncation, reason = "any bits of a hash do")]
fn lane_of(stream: &StreamName, lanes: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    stream.hash(&mut hasher);
    hasher.finish() as usize % lanes
}

struct Lane {
    projection: Projection,
    writer: Writer,
    keys: Arc<dyn Keys>,
    spent: Spent,
}

impl Lane {
    async fn run(mut self, mut reads: mpsc::Receiver<Vec<Recorded>>) -> Result<Spent, Failure> {
        while let Some(mut events) = reads.recv().await {
            while events.len() < LANE_BATCH_EVENTS_MAX
                && let Ok(more) = reads.try_recv()
            {
                events.extend(more);
            }
            let started = Instant::now();
            let batch = decode(self.projection, events, self.keys.as_ref()).await?;
            self.spent.decode += started.elapsed();
            let started = Instant::now();
            self.writer.apply(&batch).await?;
            self.spent.write += started.elapsed();
        }
        Ok(self.spent)
    }
}
