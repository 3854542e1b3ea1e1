//! What follows from a debit: the credit on the payee's stream or, where the payee can't take it,
//! the money back on the payer's. The node that appended the debit does that at once; the process
//! manager finishes it after a crash, by the same commands.

use std::time::Duration;

use events::codec::DecodeError;
use events::personal::KeyRing;
use events::wallet::Origin;
use events::{CommandId, LogPosition, Recorded, StreamName, Timestamp};

use super::derived::{Derived, undecodable};
use super::{CommandService, refused};
use crate::domain::wallet::{self, Item, Wallet};
use crate::execution::{Policy, Settled};
use crate::process::{Debit, Hold};
use crate::rejection::Rejection;

/// The answer waits so long for the credit; the debit is in the log, whatever comes of this.
pub(super) const FOLLOWED_WITHIN_MS: u64 = 1_800;

impl CommandService {
    /// Does at once what follows from a debit, if a command has come to one. Gives the last
    /// step's position.
    pub(super) async fn follow_debit(&self, settled: &Settled) -> Result<LogPosition, Rejection> {
        let event = self.event_of(settled).await?;
        let debit = self.debit_by(&event).await?;
        let Some(debit) = debit else {
            return Ok(settled.position.max(self.tell_origin(&event).await));
        };
        let within = Duration::from_millis(FOLLOWED_WITHIN_MS);
        let followed = tokio::time::timeout(within, self.finish_debit(&debit)).await;
        Ok(match followed {
            Ok(Ok(position)) => settled.position.max(position),
            Ok(Err(rejection)) => {
                tracing::warn!(%rejection, "a transfer is left to be finished");
                settled.position
            }
            Err(_) => {
                tracing::debug!("a transfer takes longer than its answer waits");
                settled.position
            }
        })
    }

    /// The debit that a command with this last event has come to.
    async fn debit_by(&self, event: &Recorded) -> Result<Option<Debit>, Rejection> {
        let of = |event: &Recorded| -> Result<Option<Debit>, Rejection> {
            Debit::of(event).map_err(|error: DecodeError| undecodable(&error))
        };
        // A refund's debit stands before what it changes of the transfer that it pays back.
        if event.event.kind == "RefundReserved" && event.revision > 0 {
            return of(&self.event_in(&event.stream, event.revision - 1).await?);
        }
        of(event)
    }

    /// Brings a transfer to its end; nothing if it is there. Gives the last step's position.
    pub(super) async fn finish_debit(&self, debit: &Debit) -> Result<LogPosition, Rejection> {
        let terms = &debit.terms;
        let credit = wallet::Command::Credit(terms.clone());
        let to = StreamName::wallet(terms.to);
        let credited = self.step(&to, debit.credit_id(), debit, credit).await?;
        let mut position = credited.position;
        if self.has_bounced(debit, &credited).await? {
            let from = StreamName::wallet(terms.from);
            let take_back = wallet::Command::TakeBack(terms.clone());
            let returned = self.step(&from, debit.refund_id(), debit, take_back).await?;
            position = returned.position.max(position);
        }
        if terms.origin == Origin::Manual {
            return Ok(position);
        }
        let told = match self.caused(&credited, debit.credit_id()).await? {
            Some(event) => self.tell_origin(&event).await,
            None => 0,
        };
        Ok(told.max(position))
    }

    /// Whether the payee couldn't take it. An earlier try may have told so already.
    async fn has_bounced(&self, debit: &Debit, credited: &Settled) -> Result<bool, Rejection> {
        if let Some(event) = &credited.event {
            return Ok(event.event.kind == "TransferBounced");
        }
        let (payee, key) = (StreamName::wallet(debit.terms.to), debit.terms.transfer.0);
        let peek = self.execution.peek::<Wallet>(&payee, &[key]).await?;
        match peek.items.get(&key) {
            Some(Item::Received(received)) => Ok(received.has_bounced()),
            // It was put there just now.
            _ => Err(Rejection::internal()),
        }
    }

    async fn step(
        &self,
        stream: &StreamName,
        id: CommandId,
        debit: &Debit,
        command: wallet::Command,
    ) -> Result<Settled, Rejection> {
        let correlation = debit.correlation;
        let derived = Derived { id, correlation, cause_at: debit.at, policy: Policy::Natural };
        let run = self.run_derived::<Wallet>(stream, derived, KeyRing::new(), command).await;
        run.map_err(refused)
    }

    /// Ends a transfer that has waited too long, if it still does.
    pub(super) async fn finish_hold(&self, hold: &Hold) -> Result<(), Rejection> {
        let derived = Derived {
            id: hold.expiry_id(),
            correlation: hold.correlation,
            // On whatever clock: this is only asked for once that has come.
            cause_at: Timestamp::max(hold.at, hold.expires_at),
            policy: Policy::Natural,
        };
        let command = wallet::Command::Expire { transfer: hold.transfer };
        let stream = hold.stream();
        let run = self.run_derived::<Wallet>(&stream, derived, KeyRing::new(), command);
        let settled = run.await.map_err(refused)?;
        if let Some(event) = self.caused(&settled, hold.expiry_id()).await? {
            self.tell_origin(&event).await;
        }
        Ok(())
    }
}
