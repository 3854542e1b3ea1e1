//! Where a projector gets its events from. `messenger` and `money` follow the log as closely as
//! may be. `search`, which nobody waits for, leaves the machine to the others while these have
//! much to do, takes large batches when they have not, and never goes further than the rows that
//! its own point to.

use std::sync::Arc;
use std::time::Duration;

use events::log::Tail;
use events::{EventLog, LogPosition, Recorded};
use futures::{FutureExt, StreamExt};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};
use tokio::time::{Instant, sleep};

use crate::checkpoint;
use crate::failure::Failure;
use crate::projection::Projection;

/// A batch is closed once it has this many events; what the log hands out at once stays together.
const BATCH_EVENTS_MAX: usize = 2_000;

/// Events of a batch that was waited for.
const LARGE_BATCH_EVENTS_MAX: usize = 5_000;

/// Between two looks whether there is something to do, and whether others have less.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);

/// `messenger` lags when it is further behind the log than this.
const LAG_EVENTS_MAX: u64 = 500;

/// At a higher rate the machine is left to those who write.
const BUSY_EVENTS_PER_S: u64 = 1_000;

/// Further behind than this nothing is waited for any more: all that is not projected is read
/// through by every search.
const BEHIND_EVENTS_MAX: u64 = 500_000;

/// A projector's events, in log order.
pub(crate) enum Source {
    /// As they come.
    Close(Tail),
    /// When there is time.
    Behind(Behind),
}

impl Source {
    /// Events after a position. `options` name a database.
    pub(crate) async fn open(
        projection: Projection,
        options: &PgConnectOptions,
        log: Arc<dyn EventLog>,
        after: LogPosition,
    ) -> Result<Self, Failure> {
        Ok(match projection {
            Projection::Messenger | Projection::Money => Self::Close(log.subscribe(after)),
            Projection::Search => {
                let db = options.connect().await?;
                Self::Behind(Behind { db, log, after, load: Load::default(), full: false })
            }
        })
    }

    /// The next events: those that are there, up to a bound, else the first that come. Dropped
    /// before it is done, it has taken nothing.
    pub(crate) async fn next(&mut self) -> Result<Vec<Recorded>, Failure> {
        match self {
            Self::Close(tail) => next_of_tail(tail).await,
            Self::Behind(behind) => behind.next().await,
        }
    }
}

async fn next_of_tail(tail: &mut Tail) -> Result<Vec<Recorded>, Failure> {
    let ended = || Failure::Retry("the log's tail ended".to_owned());
    let mut batch = tail.next().await.ok_or_else(ended)??;
    while batch.len() < BATCH_EVENTS_MAX {
        // An error that follows is met again by the next call: the tail has ended by then.
        match tail.next().now_or_never() {
            Some(Some(Ok(more))) => batch.extend(more),
            _ => break,
        }
    }
    Ok(batch)
}

pub(crate) struct Behind {
    db: PgConnection,
    log: Arc<dyn EventLog>,
    after: LogPosition,
    load: Load,
    /// Whether the last batch was full, so that there may be more at once.
    full: bool,
}

impl Behind {
    async fn next(&mut self) -> Result<Vec<Recorded>, Failure> {
        loop {
            if !self.full {
                sleep(self.load.next_look()).await;
            }
            let head = self.log.head().await?;
            let messenger = checkpoint::live(&mut self.db, Projection::Messenger).await?;
            let messenger = messenger.filter(|(log, _)| *log == self.log.id());
            let up_to = messenger.map_or(0, |(_, position)| position);
            self.load.look(head, Instant::now());
            let behind = head.saturating_sub(self.after);
            self.full = false;
            if up_to <= self.after || !self.load.leaves_room(head.saturating_sub(up_to), behind) {
                continue;
            }
            let mut events = self.log.read_all(self.after, LARGE_BATCH_EVENTS_MAX).await?;
            events.retain(|event| event.position <= up_to);
            if let Some(last) = events.last() {
                self.after = last.position;
                self.full = events.len() == LARGE_BATCH_EVENTS_MAX;
                return Ok(events);
            }
        }
    }
}

/// How much is written to the log.
#[derive(Debug, Default)]
struct Load {
    /// The log's end at the last look, and when that was.
    seen: Option<(LogPosition, Instant)>,
    events_per_s: u64,
}

impl Load {
    /// How long to wait for the next look; nothing before the first.
    fn next_look(&self) -> Duration {
        self.seen.map_or(Duration::ZERO, |(_, at)| LOOK_INTERVAL.saturating_sub(at.elapsed()))
    }

    fn look(&mut self, head: LogPosition, now: Instant) {
        let (before, at) = *self.seen.get_or_insert((head, now));
        let elapsed = now.duration_since(at);
        if elapsed >= LOOK_INTERVAL {
            let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
            self.events_per_s = head.saturating_sub(before).saturating_mul(1_000) / elapsed_ms;
            self.seen = Some((head, now));
        }
    }

    /// Whether a projection that is `behind` may work while `messenger` lags that much.
    fn leaves_room(&self, lag: u64, behind: u64) -> bool {
        let quiet = lag <= LAG_EVENTS_MAX && self.events_per_s <= BUSY_EVENTS_PER_S;
        quiet || behind > BEHIND_EVENTS_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_waits_while_much_is_written_but_not_for_ever() {
        let (mut load, mut now) = (Load::default(), Instant::now());
        load.look(10_000, now);
        assert!(load.leaves_room(0, 10_000), "nothing is known of the load yet");
        assert!(!load.leaves_room(LAG_EVENTS_MAX + 1, 10_000), "messenger lags");
        now += Duration::from_secs(1);
        load.look(15_000, now);
        assert!(!load.leaves_room(0, 15_000), "5,000 events a second");
        assert!(load.leaves_room(0, BEHIND_EVENTS_MAX + 1));
        now += Duration::from_secs(1);
        load.look(15_100, now);
        assert!(load.leaves_room(0, 15_100), "it is quiet again");
    }
}
