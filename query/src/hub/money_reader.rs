//! The node's reader of money's feed.

use std::sync::Arc;

use events::LogPosition;

use super::Hub;
use super::batch::{Asking, Batch};
use super::reader::{SLICE_LEN_MAX, Step, check, chosen};
use crate::fault::Fault;
use crate::tables::feed::Slice;
use crate::tables::wallet_feed::WalletSlice;

/// One look at the feed. What came before the first is nobody's push.
pub(super) async fn step(hub: &Hub) -> Result<Step, Fault> {
    let (tables, last) = (hub.loads.tables(), hub.money.passed());
    let found = tables.wallet_feed(last.unwrap_or(LogPosition::MAX), SLICE_LEN_MAX).await?;
    let WalletSlice { slice, is_stopped } = found;
    check(hub, &slice)?;
    if is_stopped && !hub.money.is_stopped() {
        tracing::error!("money is not projected any more; what reads it is refused");
    }
    hub.money.set_stopped(is_stopped);
    let Slice { rows, up_to, .. } = slice;
    if last.is_some_and(|last| up_to <= last) {
        hub.money.pass(up_to);
        return Ok(Step::UpToDate);
    }
    let mut wanted = vec![false; rows.len()];
    let counts = hub.wallet_groups.mark(&rows, &mut wanted);
    let followed = chosen(&rows, &wanted);
    let mut batch = Batch::default();
    if !followed.is_empty() {
        let asking = Asking::Alone(tables);
        batch = Batch::load(asking, hub.loads.caches(), &followed, counts).await?;
    }
    hub.wallet_groups.hand_out(&rows, &Arc::new(batch), up_to);
    hub.money.pass(up_to);
    Ok(if rows.len() + 1 >= SLICE_LEN_MAX { Step::More } else { Step::UpToDate })
}
