//! What falls due by itself: occurrences of scheduled payments, cycles of dues; and what the end of
//! a transfer means to those that it came from. The process manager wakes; the streams decide.

use events::dues::cycle_of;
use events::personal::KeyRing;
use events::{LogPosition, Recorded, StreamName};

use super::derived::{Derived, undecodable};
use super::dues::members;
use super::{CommandService, refused, unreachable_store};
use crate::domain::dues::{self, Assessed, Dues};
use crate::domain::payment::{self, Payment};
use crate::domain::wallet::Wallet;
use crate::execution::Policy;
use crate::process::due::{CycleDue, Due, Occurrence, Settlement, Told, Wake};
use crate::rejection::{Code, Rejection};

/// Occurrences of a payment that are carried out one after another when they are overdue; those
/// after them wait for the list to be looked at again.
const ARREARS_LEN_MAX: usize = 100;

impl CommandService {
    /// Does what is due of scheduled payments and dues; nothing if that is done.
    pub(super) async fn finish_due(&self, due: Due) -> Result<(), Rejection> {
        match due {
            Due::Wake(wake) => self.finish_wake(wake).await,
            Due::Occurrence(occurrence) => self.finish_occurrence(&occurrence).await,
            Due::Cycle(due) => self.finish_cycle(&due).await,
            Due::Reservation(reserved) => self.finish_reservation(&reserved).await.map(drop),
            Due::Settlement(settlement) => self.finish_settlement(&settlement).await.map(drop),
        }
    }

    /// Starts what is due of a payment, one occurrence after another.
    async fn finish_wake(&self, mut wake: Wake) -> Result<(), Rejection> {
        let stream = wake.stream();
        for _ in 0..ARREARS_LEN_MAX {
            let now = self.now();
            if wake.due_at > now {
                return Err(too_early());
            }
            let state = self.execution.peek::<Payment>(&stream, &[]).await?.state;
            if payment::next_wake(&state).is_none_or(|at| at > now) {
                return Ok(());
            }
            if let Some(occurrence) = self.start_due(&stream, &wake).await? {
                self.finish_occurrence(&occurrence).await?;
            }
            match self.next_wake(&stream).await? {
                Some(next) if next.due_at <= self.now() => wake = next,
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    async fn start_due(
        &self,
        stream: &StreamName,
        wake: &Wake,
    ) -> Result<Option<Occurrence>, Rejection> {
        let (id, correlation, cause_at) = (wake.command_id(), wake.correlation, wake.due_at);
        let derived = Derived { id, correlation, cause_at, policy: Policy::Natural };
        let (ring, command) = (KeyRing::new(), payment::Command::StartDue);
        let run = self.run_derived::<Payment>(stream, derived, ring, command).await;
        match self.caused(&run.map_err(refused)?, id).await? {
            Some(event) => Occurrence::of(&event).map_err(|error| undecodable(&error)),
            None => Ok(None),
        }
    }

    /// When a payment is to be woken, as its newest event tells.
    async fn next_wake(&self, stream: &StreamName) -> Result<Option<Wake>, Rejection> {
        let revision = self.execution.peek::<Payment>(stream, &[]).await?.revision;
        let event = self.event_in(stream, revision.unwrap_or_default()).await?;
        Wake::of(&event).map_err(|error| undecodable(&error))
    }

    /// Opens the cycle after one that has fallen due, for the wallet's members of now; or ends the
    /// plan.
    async fn finish_cycle(&self, due: &CycleDue) -> Result<(), Rejection> {
        if due.due_at > self.now() {
            return Err(too_early());
        }
        let stream = due.stream();
        let state = self.execution.peek::<Dues>(&stream, &[]).await?.state;
        let Some(plan) = state.plan().filter(|_| state.next_number() == due.number + 1) else {
            return Ok(());
        };
        let wallet = StreamName::wallet(plan.wallet);
        let wallet = self.execution.peek::<Wallet>(&wallet, &[]).await?.state;
        let assessed = if wallet.is_closed() {
            Assessed::WalletClosed
        } else {
            Assessed::Members(members(&wallet))
        };
        // Before it is there, so that whoever sees it can name it.
        let named = (cycle_of(due.plan, state.next_number()).0, stream.clone());
        self.claims.name(vec![named]).await.map_err(|error| {
            tracing::warn!(%error, "a cycle of dues can't be named");
            unreachable_store()
        })?;
        let (id, correlation, cause_at) = (due.command_id(), due.correlation, due.due_at);
        let derived = Derived { id, correlation, cause_at, policy: Policy::Natural };
        let command = dues::Command::OpenCycle { assessed };
        let run = self.run_derived::<Dues>(&stream, derived, KeyRing::new(), command).await;
        run.map_err(refused).map(drop)
    }

    /// Tells the payment or the plan of dues that a transfer came from what an event means to it,
    /// if there is such. Should that fail, the process manager does it. Gives the step's position.
    pub(super) async fn tell_origin(&self, event: &Recorded) -> LogPosition {
        let told = match Settlement::of(event).map_err(|error| undecodable(&error)) {
            Ok(Some(settlement)) => self.finish_settlement(&settlement).await,
            Ok(None) => Ok(0),
            Err(undecodable) => Err(undecodable),
        };
        told.unwrap_or_else(|rejection| {
            tracing::warn!(%rejection, "what waits for a transfer is left to be told of it");
            0
        })
    }

    async fn finish_settlement(&self, settlement: &Settlement) -> Result<LogPosition, Rejection> {
        let derived = Derived {
            id: settlement.command_id(),
            correlation: settlement.correlation,
            cause_at: settlement.at,
            policy: Policy::Natural,
        };
        let (stream, ring) = (settlement.stream(), KeyRing::new());
        let run = match settlement.told {
            Told::Occurrence { number, outcome, .. } => {
                let command = payment::Command::Settle { number, outcome };
                self.run_derived::<Payment>(&stream, derived, ring, command).await
            }
            Told::Dues { share, transfer, outcome } => {
                let command = dues::Command::Settle { share, transfer, outcome };
                self.run_derived::<Dues>(&stream, derived, ring, command).await
            }
            Told::Refund(refund) => {
                let command = dues::Command::Refund(refund);
                self.run_derived::<Dues>(&stream, derived, ring, command).await
            }
        };
        Ok(run.map_err(refused)?.position)
    }
}

/// Nothing is done before its time, whatever has put it on the list.
fn too_early() -> Rejection {
    Rejection::new(Code::Conflict, "This isn't due yet.")
}
