//! The node's reader for inboxes. It goes through both feeds in one order, up to where both
//! projections have come. While nobody is there, it reads nothing.

use std::sync::Arc;

use tokio::time::sleep;

use crate::fault::Fault;
use crate::hub::Hub;
use crate::hub::batch::{Asking, Batch};
use crate::hub::group::errors;
use crate::hub::reader::{SLICE_LEN_MAX, Step, chosen};
use crate::hub::wake::POLL_INTERVAL;
use crate::tables::feed::Slice;

/// One look at the feeds.
pub(in crate::hub) async fn step(hub: &Hub) -> Result<Step, Fault> {
    let inboxes = &hub.inboxes;
    if hub.money.is_stopped() {
        inboxes.refuse(&errors(Fault::money_stopped()));
        return Ok(Step::UpToDate);
    }
    let Some(to) = hub.both_passed() else { return Ok(Step::UpToDate) };
    let from = inboxes.begin_at(to);
    let strangers = inboxes.strangers();
    let tables = hub.loads.tables();
    let stays = tables.stays_at(&strangers, from).await?;
    inboxes.admit(&strangers, &stays, from);
    if to <= from {
        return Ok(Step::UpToDate);
    }
    if inboxes.is_empty() {
        inboxes.hand_out(&[], &Arc::default(), to);
        return Ok(Step::UpToDate);
    }
    let Slice { rows, up_to, .. } = tables.both_feeds(from, to, SLICE_LEN_MAX).await?;
    let mut wanted = vec![false; rows.len()];
    let counts = inboxes.mark(&rows, &mut wanted);
    let followed = chosen(&rows, &wanted);
    let mut batch = Batch::default();
    if !followed.is_empty() {
        let asking = Asking::Alone(tables);
        // Not kept: what is stale by now was taken out of the caches already.
        batch = Batch::load(asking, hub.loads.caches(), &followed, counts).await?;
    }
    inboxes.hand_out(&rows, &Arc::new(batch), up_to);
    Ok(if up_to < to { Step::More } else { Step::UpToDate })
}

/// Resolves when there may be something new, or somebody to be let in.
pub(in crate::hub) async fn wait(hub: &Hub) {
    let to = hub.both_passed();
    let (mut messenger, mut money) = (hub.progress.watch(), hub.money.watch());
    // Either may have moved before it was watched.
    if hub.both_passed() > to {
        return;
    }
    tokio::select! {
        biased;
        _ = messenger.changed() => {}
        _ = money.changed() => {}
        () = hub.inboxes.arrived() => {}
        () = sleep(POLL_INTERVAL) => {}
    }
}
