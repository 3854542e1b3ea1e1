//! Claims that were settled, released or moved.

use events::Revision;

use super::appending::first;
use super::effect::{Request, Serial};
use super::op::{Closing, Hold, Stage};
use super::{Mailbox, unavailable};
use crate::execution::aggregate::Aggregate;

impl<A: Aggregate> Mailbox<A> {
    /// The answer is given only now that nobody can give another one. `held` says whether the claim
    /// still was this attempt's; `None` if that is not known.
    pub(super) fn closed(&mut self, serial: Serial, closing: Closing, held: Option<bool>) {
        match (held, closing) {
            (None, _) => self.finish(serial, Err(unavailable().into())),
            (Some(false), closing) => {
                if let (Some(op), Closing::Release(refused)) = (self.queue.get_mut(serial), closing)
                {
                    op.freed = Some(refused);
                }
                self.lost_claim(serial);
            }
            (Some(true), Closing::Settle(answer)) => self.finish(serial, first(answer, 0)),
            (Some(true), Closing::Release(refused)) => self.refuse(serial, refused),
        }
    }

    /// Moves a command's claim to a revision up to which none of its events was found.
    pub(super) fn move_claim(&mut self, serial: Serial, revision: Revision) {
        let Some(op) = self.queue.get(serial) else { return };
        let Hold::Claimed { attempt, .. } = op.hold else { return };
        let request = Request::Advance { id: op.ask.id, attempt, revision };
        self.queue.set_stage(serial, Stage::Advancing(revision));
        self.ask_for(serial, request);
    }

    pub(super) fn claim_moved(&mut self, serial: Serial, revision: Revision, held: Option<bool>) {
        match held {
            None => self.finish(serial, Err(unavailable().into())),
            Some(false) => self.lost_claim(serial),
            Some(true) => {
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
