//! `payDues`. It commits to a payment by reserving it on the plan's stream; then the member's own
//! wallet is debited. What that refuses is the command's answer, and the reservation is released.

use std::time::Duration;

use events::wallet::{DuesShare, Origin as From};
use events::{StreamName, TransferId, WalletId};

use super::debits::Reached;
use super::derived::undecodable;
use super::dues::KnownCycle;
use super::origin::Origin;
use super::{CommandService, FOLLOWED_WITHIN_MS};
use crate::bus::{Done, Outcome, Secret, Viewer};
use crate::domain::Permit;
use crate::domain::dues::{self, Pay, Standing};
use crate::domain::wallet::{self, Asker, Wallet, rehearse};
use crate::execution::Settled;
use crate::parse::{self, Memo, PositiveAmount};
use crate::process::due::Reservation;
use crate::rejection::{Code, Rejection};

/// The input of `payDues`.
pub(super) struct NewDuesPayment {
    pub(super) cycle: String,
    pub(super) from: String,
    pub(super) amount: String,
    pub(super) spend_token: Secret,
}

impl CommandService {
    pub(super) async fn pay_dues(
        &self,
        origin: &Origin,
        viewer: Viewer,
        new: NewDuesPayment,
    ) -> Result<Done, Rejection> {
        let amount = PositiveAmount::parse("amount", &new.amount);
        let amount = self.parsed(origin, amount).await?;
        let known = self.known_cycle(origin, &new.cycle).await?;
        let (from, transfer) = (parse::wallet_or_nil(&new.from), TransferId(origin.id.0));
        let asked = Asked { viewer, from, transfer, amount };
        let (permit, able) = self.may_pay(&known, &asked, &new.spend_token).await?;
        let pay = Pay {
            user: viewer.user,
            cycle: known.cycle,
            transfer,
            from,
            amount,
            standing: self.standing(viewer, known.plan.wallet).await?,
            permit,
            able,
        };
        let command = dues::Command::Pay(Box::new(pay));
        let settled = self.change_plan(origin, &known.stream, Vec::new(), command).await?;
        self.follow_reservation(origin, transfer, &settled).await
    }

    async fn standing(&self, viewer: Viewer, wallet: WalletId) -> Result<Standing, Rejection> {
        let state = self.execution.peek::<Wallet>(&StreamName::wallet(wallet), &[]).await?.state;
        let is_member = state.role(viewer.user).is_some();
        let knows = is_member || self.is_in_channel_of(viewer.user, &state).await?;
        Ok(if knows { Standing::Member } else { Standing::Stranger })
    }

    /// Whether somebody may pay from a wallet, and whether it could pay now.
    async fn may_pay(
        &self,
        known: &KnownCycle,
        asked: &Asked,
        token: &Secret,
    ) -> Result<(Permit, Permit), Rejection> {
        let Asked { viewer, from, transfer, amount } = *asked;
        let stream = StreamName::wallet(from);
        let peek = self.execution.peek::<Wallet>(&stream, &[transfer.0]).await?;
        if let Err(refused) = peek.state.is_own(viewer.user) {
            return Ok((Err(refused), Ok(())));
        }
        let plan = known.stream.entity().parse().map_err(|_| Rejection::internal())?;
        let share = DuesShare { plan, cycle: known.cycle, user: viewer.user };
        let transfer = wallet::Transfer {
            transfer,
            asker: Asker::acquainted(viewer.user),
            payee: self.payee(known.plan.wallet).await?,
            amount,
            memo: Memo::empty(),
            origin: From::Dues(share),
            warrant: self.warrant(viewer, from, token),
            day: self.today(),
        };
        Ok(match rehearse(&peek, (&stream, self.now()), &transfer) {
            Err(refused) if refused.code.leaves_id_free() => (Err(refused), Ok(())),
            able => (Ok(()), able),
        })
    }

    /// Debits what is reserved, now or long ago. As long as nobody knows how that went, a repeat
    /// is to ask again.
    async fn follow_reservation(
        &self,
        origin: &Origin,
        transfer: TransferId,
        settled: &Settled,
    ) -> Result<Done, Rejection> {
        let event = self.event_of(settled).await?;
        let reservation = Reservation::of(&event).map_err(|error| undecodable(&error))?;
        let reservation = reservation.ok_or_else(Rejection::internal)?;
        let within = Duration::from_millis(FOLLOWED_WITHIN_MS);
        let followed = tokio::time::timeout(within, self.finish_reservation(&reservation));
        match followed.await {
            Ok(Ok(Reached::Paid(position))) => {
                let position = position.max(settled.position);
                Ok(Done { id: origin.id, position, outcome: Outcome::Transfer(transfer) })
            }
            Ok(Ok(Reached::Released(refused))) => Err(refused),
            Ok(Err(rejection)) => {
                tracing::warn!(%rejection, "a payment of dues is left to be finished");
                Err(in_progress())
            }
            Err(_) => {
                tracing::debug!("a payment of dues takes longer than its answer waits");
                Err(in_progress())
            }
        }
    }
}

/// A payment that is asked for.
#[derive(Clone, Copy)]
struct Asked {
    viewer: Viewer,
    from: WalletId,
    transfer: TransferId,
    amount: PositiveAmount,
}

fn in_progress() -> Rejection {
    Rejection::new(Code::InProgress, "It is being paid. Ask again under the same id.")
}
