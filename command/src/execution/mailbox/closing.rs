//! Claims that were settled, released or moved.

use events::Revision;

use super::appending::first;
use super::effect::Serial;
use super::op::{Closing, Hold, Stage};
use super::{Mailbox, unavailable};
use crate::execution::aggregate::Aggregate;
use crate::ports::StoreError;

impl<A: Aggregate> Mailbox<A> {
    /// The answer is given only now that nobody can give another one.
    pub(super) fn closed(
        &mut self,
        serial: Serial,
        closing: Closing,
        result: Result<bool, StoreError>,
    ) {
        match (result, closing) {
            (Err(StoreError(_)), _) => self.finish(serial, Err(unavailable().into())),
            (Ok(false), _) => self.lost_claim(serial),
            (Ok(true), Closing::Settle(answer)) => self.finish(serial, first(answer, 0)),
            (Ok(true), Closing::Release(refused)) => self.finish(serial, Err(refused)),
        }
    }

    pub(super) fn claim_moved(
        &mut self,
        serial: Serial,
        revision: Revision,
        result: Result<bool, StoreError>,
    ) {
        match result {
            Err(StoreError(_)) => self.finish(serial, Err(unavailable().into())),
            Ok(false) => self.lost_claim(serial),
            Ok(true) => {
                if let Some(op) = self.queue.get_mut(serial)
                    && let Hold::Claimed { from, checked, .. } = &mut op.hold
                {
                    *from = Some(revision);
                    *checked = (*checked).max(Some(revision));
                }
                self.queue.set_stage(serial, Stage::Ready);
            }
        }
    }
}
