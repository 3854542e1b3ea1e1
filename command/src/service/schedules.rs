//! Scheduled payments, as people ask for them. Who may is for the paying wallet to say; what falls
//! due is in `falling_due`.

use events::personal::KeyRing;
use events::{PaymentId, StreamName, UserId, WalletId};

use super::origin::Origin;
use super::{CommandService, done, refused};
use crate::bus::{Done, Outcome, Secret, Viewer};
use crate::domain::Permit;
use crate::domain::payment::{self, Payment, Schedule};
use crate::domain::recurrence::RecurrenceInput;
use crate::domain::wallet::{Management, Wallet};
use crate::parse::{self, Memo, PositiveAmount};
use crate::rejection::Rejection;

/// The input of `schedulePayment`.
pub(super) struct NewSchedule {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) amount: String,
    pub(super) memo: Option<String>,
    pub(super) recurrence: RecurrenceInput,
    pub(super) spend_token: Secret,
}

impl CommandService {
    pub(super) async fn schedule_payment(
        &self,
        origin: &Origin,
        viewer: Viewer,
        new: NewSchedule,
    ) -> Result<Done, Rejection> {
        let parse = || {
            let amount = PositiveAmount::parse("amount", &new.amount)?;
            let memo = Memo::parse(new.memo.as_deref())?;
            let recurrence = new.recurrence.parse()?;
            Ok((parse::thing(&new.from)?, amount, memo, recurrence))
        };
        let (from, amount, memo, recurrence): (WalletId, _, _, _) =
            self.parsed(origin, parse()).await?;
        let (by, to) = (viewer.user, parse::wallet_or_nil(&new.to));
        let wallet = self.execution.peek::<Wallet>(&StreamName::wallet(from), &[]).await?.state;
        let (asker, payee) = (self.asker(by, &wallet, None).await?, self.payee(to).await?);
        let warrant = self.warrant(viewer, from, &new.spend_token);
        let permit = wallet.lets_schedule(from, asker, payee, warrant);
        let payment = PaymentId(origin.id.0);
        let schedule = Schedule { from, to, amount, memo, recurrence, by, permit };
        let command = payment::Command::Schedule(Box::new(schedule));
        self.change_payment(origin, payment, command).await
    }

    /// Puts to a scheduled payment what its paying wallet's admins may ask of it.
    pub(super) async fn manage_payment(
        &self,
        origin: &Origin,
        (user, payment): (UserId, &str),
        management: Management,
        command: impl FnOnce(UserId, Permit) -> payment::Command,
    ) -> Result<Done, Rejection> {
        let payment: PaymentId = self.parsed(origin, parse::thing(payment)).await?;
        let stream = StreamName::payment(payment);
        let state = self.execution.peek::<Payment>(&stream, &[]).await?.state;
        let permit = match state.about() {
            Some(about) => {
                let at = (user, about.from);
                self.permit_to_manage(at, Some(about.to), management).await?
            }
            // It says itself that it isn't there.
            None => Ok(()),
        };
        self.change_payment(origin, payment, command(user, permit)).await
    }

    async fn change_payment(
        &self,
        origin: &Origin,
        payment: PaymentId,
        command: payment::Command,
    ) -> Result<Done, Rejection> {
        let (stream, ring) = (StreamName::payment(payment), KeyRing::new());
        let run = self.run_claimed::<Payment>(origin, &stream, Vec::new(), ring, command).await;
        Ok(done(origin, &run.map_err(refused)?, Outcome::ScheduledPayment(payment)))
    }
}
