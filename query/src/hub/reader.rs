//! The node's readers of the feeds: of the messenger's, here; of money's; and of both for inboxes.

use std::sync::Arc;
use std::time::Duration;

use events::feed::FeedKind;
use events::{LogPosition, SessionId, Timestamp};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::batch::{Asking, Batch};
use super::listen::Hints;
use super::sessions::REMEMBERED;
use super::wake::Wake;
use super::{Hub, inbox, listen, money_reader};
use crate::fault::Fault;
use crate::tables::feed::{FeedRow, Slice};

/// The most rows of one look at a feed.
pub(super) const SLICE_LEN_MAX: usize = 2_000;

/// Between tries while the read model can't be reached.
const RETRY_PAUSE: Duration = Duration::from_millis(200);

/// How far the read models are, where they are projected in this process.
#[derive(Debug, Clone, Default)]
pub(crate) struct Projected {
    pub(crate) messenger: Option<watch::Receiver<LogPosition>>,
    pub(crate) money: Option<watch::Receiver<LogPosition>>,
}

/// Reads the feeds until it is told to stop. Trouble is waited out: nothing that was handed out
/// is handed out again, and nothing is passed over.
pub(crate) async fn run(hub: Arc<Hub>, projected: Projected, stop: CancellationToken) {
    let hints = Hints::default();
    let messenger = Reader::Messenger(Wake::new(projected.messenger, &hints.messenger));
    let money = Reader::Money(Wake::new(projected.money, &hints.money));
    let tables = hub.loads.tables();
    tokio::select! {
        () = messenger.run(&hub) => {}
        () = money.run(&hub) => {}
        () = Reader::Inboxes.run(&hub) => {}
        () = listen::run(&tables.pool, &hints, &hub.typing) => {}
        () = hub.typing.run(tables) => {}
        () = stop.cancelled() => {}
    }
}

/// What a look at a feed showed.
pub(super) enum Step {
    More,
    UpToDate,
}

/// Who reads what, and by what it is woken.
enum Reader<'h> {
    Messenger(Wake<'h>),
    Money(Wake<'h>),
    /// Reads both.
    Inboxes,
}

impl Reader<'_> {
    /// Looks again and again, until it is dropped.
    async fn run(mut self, hub: &Hub) {
        let (feed, mut is_away) = (self.name(), false);
        loop {
            match self.step(hub).await {
                Ok(Step::More) => {}
                Ok(Step::UpToDate) => {
                    if std::mem::take(&mut is_away) {
                        tracing::info!(feed, "the feed can be read again");
                    }
                    self.wait(hub).await;
                }
                Err(fault) => {
                    if !std::mem::replace(&mut is_away, true) {
                        tracing::warn!(feed, ?fault, "the feed can't be read; trying again");
                    }
                    tokio::time::sleep(RETRY_PAUSE).await;
                }
            }
        }
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Messenger(_) => "messenger",
            Self::Money(_) => "money",
            Self::Inboxes => "inboxes",
        }
    }

    async fn step(&self, hub: &Hub) -> Result<Step, Fault> {
        match self {
            Self::Messenger(_) => step(hub).await,
            Self::Money(_) => money_reader::step(hub).await,
            Self::Inboxes => inbox::reader::step(hub).await,
        }
    }

    async fn wait(&mut self, hub: &Hub) {
        match self {
            Self::Messenger(wake) | Self::Money(wake) => wake.wait().await,
            Self::Inboxes => inbox::reader::wait(hub).await,
        }
    }
}

async fn step(hub: &Hub) -> Result<Step, Fault> {
    let tables = hub.loads.tables();
    let Some(last) = hub.progress.passed() else {
        return begin(hub).await;
    };
    let slice = tables.feed(last, SLICE_LEN_MAX).await?;
    check(hub, &slice)?;
    let Slice { rows, up_to, .. } = slice;
    if up_to <= last {
        // A rebuilt read model is never behind; an empty one has just been made.
        hub.progress.pass(last);
        return Ok(Step::UpToDate);
    }
    for row in &rows {
        hub.loads.caches().forget(row);
    }
    let mut wanted = vec![false; rows.len()];
    let counts = hub.groups.mark(&rows, &mut wanted);
    // The reader for inboxes finds these rows in the caches; what they count it asks for itself.
    hub.inboxes.mark(&rows, &mut wanted);
    let followed = chosen(&rows, &wanted);
    let mut batch = Batch::default();
    if !followed.is_empty() {
        let asking = Asking::Alone(tables);
        batch = Batch::load(asking, hub.loads.caches(), &followed, counts).await?;
        hub.loads.caches().keep(&batch);
    }
    hub.groups.hand_out(&rows, &Arc::new(batch), up_to);
    for (session, at) in rows.iter().filter_map(ended) {
        hub.sessions.end(session, at);
    }
    hub.progress.pass(up_to);
    Ok(if rows.len() + 1 >= SLICE_LEN_MAX { Step::More } else { Step::UpToDate })
}

/// The rows that somebody wants.
pub(super) fn chosen(rows: &[FeedRow], wanted: &[bool]) -> Vec<FeedRow> {
    rows.iter().zip(wanted).filter_map(|(row, wanted)| wanted.then_some(*row)).collect()
}

/// Refuses what was made from another log.
pub(super) fn check(hub: &Hub, slice: &Slice) -> Result<(), Fault> {
    match slice.log {
        Some(log) if log != hub.log.id() => {
            Err(Fault::Unavailable(format!("the read model was made from log {log:?}")))
        }
        _ => Ok(()),
    }
}

fn ended(row: &FeedRow) -> Option<(SessionId, Timestamp)> {
    let session = row.reference.filter(|_| row.kind == FeedKind::SessionEnded)?;
    Some((SessionId(session), row.at))
}

/// The first look: what came before is nobody's push. Sessions are loaded after the position was
/// read, so that none falls in between.
async fn begin(hub: &Hub) -> Result<Step, Fault> {
    let tables = hub.loads.tables();
    let slice = tables.feed(LogPosition::MAX, 1).await?;
    check(hub, &slice)?;
    let now = Timestamp::now().as_micros();
    let since = now - i64::try_from(REMEMBERED.as_micros()).unwrap_or(0);
    for (session, at) in tables.sessions_ended_since(Timestamp::from_micros(since)).await? {
        hub.sessions.end(session, at);
    }
    hub.groups.hand_out(&[], &Arc::default(), slice.up_to);
    hub.progress.pass(slice.up_to);
    Ok(Step::UpToDate)
}
