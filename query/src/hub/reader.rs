//! The node's one reader of the feed.

use std::sync::Arc;
use std::time::Duration;

use events::feed::FeedKind;
use events::{LogPosition, SessionId, Timestamp};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::batch::{Asking, Batch};
use super::sessions::REMEMBERED;
use super::wake::Wake;
use super::{Hub, listen};
use crate::fault::Fault;
use crate::tables::feed::{FeedRow, Slice};

/// The most rows of one look at the feed.
const SLICE_LEN_MAX: usize = 2_000;

/// Between tries while the read model can't be reached.
const RETRY_PAUSE: Duration = Duration::from_millis(200);

/// Reads the feed until it is told to stop. Trouble is waited out: nothing that was handed out is
/// handed out again, and nothing is passed over.
pub(crate) async fn run(
    hub: Arc<Hub>,
    projected: Option<watch::Receiver<LogPosition>>,
    stop: CancellationToken,
) {
    let notified = Notify::new();
    let mut wake = Wake::new(projected, &notified);
    let mut is_away = false;
    let work = async {
        loop {
            match step(&hub).await {
                Ok(Step::More) => {}
                Ok(Step::UpToDate) => {
                    if std::mem::take(&mut is_away) {
                        tracing::info!("the feed can be read again");
                    }
                    wake.wait(hub.inboxes.arrived()).await;
                }
                Err(fault) => {
                    if !std::mem::replace(&mut is_away, true) {
                        tracing::warn!(?fault, "the feed can't be read; trying again");
                    }
                    tokio::time::sleep(RETRY_PAUSE).await;
                }
            }
        }
    };
    let tables = hub.loads.tables();
    tokio::select! {
        () = work => {}
        () = listen::run(&tables.pool, &notified, &hub.typing) => {}
        () = hub.typing.run(tables) => {}
        () = stop.cancelled() => {}
    }
}

enum Step {
    More,
    UpToDate,
}

async fn step(hub: &Hub) -> Result<Step, Fault> {
    let tables = hub.loads.tables();
    let Some(last) = hub.progress.passed() else {
        return begin(hub).await;
    };
    let strangers = hub.inboxes.strangers();
    let channels = tables.channels_at(&strangers, last).await?;
    hub.inboxes.admit(&strangers, &channels, last);
    let Slice { log, rows, up_to } = tables.feed(last, SLICE_LEN_MAX).await?;
    if log.is_some_and(|log| log != hub.log.id()) {
        return Err(Fault::Unavailable(format!("the read model was made from log {log:?}")));
    }
    if up_to <= last {
        // A rebuilt read model is never behind; an empty one has just been made.
        hub.progress.pass(last);
        return Ok(Step::UpToDate);
    }
    for row in &rows {
        hub.loads.caches().forget(row);
    }
    let mut wanted = vec![false; rows.len()];
    let counts = hub.groups.mark(&rows, &mut wanted).with(hub.inboxes.mark(&rows, &mut wanted));
    let followed = rows.iter().zip(wanted).filter_map(|(row, wanted)| wanted.then_some(*row));
    let followed: Vec<_> = followed.collect();
    let mut batch = Batch::default();
    if !followed.is_empty() {
        let asking = Asking::Alone(tables);
        batch = Batch::load(asking, hub.loads.caches(), &followed, counts).await?;
        hub.loads.caches().keep(&batch);
    }
    let batch = Arc::new(batch);
    hub.inboxes.hand_out(&rows, &batch);
    hub.groups.hand_out(&rows, &batch, up_to);
    for (session, at) in rows.iter().filter_map(ended) {
        hub.sessions.end(session, at);
    }
    hub.progress.pass(up_to);
    Ok(if rows.len() + 1 >= SLICE_LEN_MAX { Step::More } else { Step::UpToDate })
}

fn ended(row: &FeedRow) -> Option<(SessionId, Timestamp)> {
    let session = row.reference.filter(|_| row.kind == FeedKind::SessionEnded)?;
    Some((SessionId(session), row.at))
}

/// The first look: what came before is nobody's push. Sessions are loaded after the position was
/// read, so that none falls in between.
async fn begin(hub: &Hub) -> Result<Step, Fault> {
    let tables = hub.loads.tables();
    let Slice { log, up_to, .. } = tables.feed(LogPosition::MAX, 1).await?;
    if log.is_some_and(|log| log != hub.log.id()) {
        return Err(Fault::Unavailable(format!("the read model was made from log {log:?}")));
    }
    let now = Timestamp::now().as_micros();
    let since = now - i64::try_from(REMEMBERED.as_micros()).unwrap_or(0);
    for (session, at) in tables.sessions_ended_since(Timestamp::from_micros(since)).await? {
        hub.sessions.end(session, at);
    }
    hub.groups.hand_out(&[], &Arc::default(), up_to);
    hub.progress.pass(up_to);
    Ok(Step::UpToDate)
}
