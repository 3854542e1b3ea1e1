//! What a user asks of scheduled payments and of dues.

use events::hashing::InputHash;

use super::CommandService;
use super::dues::NewPlan;
use super::dues_payments::NewDuesPayment;
use super::origin::Origin;
use super::schedules::NewSchedule;
use crate::bus::{Command, Done, Viewer};
use crate::domain::payment;
use crate::domain::recurrence::{RecurrenceInput, TIME_ZONE_DEFAULT};
use crate::domain::wallet::Management;
use crate::rejection::Rejection;

impl CommandService {
    pub(super) async fn carry_out_on_schedule(
        &self,
        viewer: Viewer,
        origin: impl FnOnce(InputHash) -> Result<Origin, Rejection>,
        command: Command,
    ) -> Result<Done, Rejection> {
        let (name, user) = (command.name(), viewer.user);
        match command {
            Command::SchedulePayment { from, to, amount, memo, recurrence, spend_token } => {
                let memo = memo.filter(|memo| !memo.is_empty());
                let when = canonical(&recurrence);
                let origin = origin(self.input_hash(&(name, &from, &to, &amount, &memo, when)))?;
                let new = NewSchedule { from, to, amount, memo, recurrence, spend_token };
                self.schedule_payment(&origin, viewer, new).await
            }
            Command::PauseScheduledPayment { payment } => {
                let origin = origin(self.input_hash(&(name, &payment)))?;
                let pause = |by, permit| payment::Command::Pause { by, permit };
                self.manage_payment(&origin, (user, &payment), Management::Change, pause).await
            }
            Command::ResumeScheduledPayment { payment } => {
                let origin = origin(self.input_hash(&(name, &payment)))?;
                let resume = |by, permit| payment::Command::Resume { by, permit };
                self.manage_payment(&origin, (user, &payment), Management::Change, resume).await
            }
            Command::SkipNextOccurrence { payment } => {
                let origin = origin(self.input_hash(&(name, &payment)))?;
                let skip = |by, permit| payment::Command::Skip { by, permit };
                self.manage_payment(&origin, (user, &payment), Management::Change, skip).await
            }
            Command::CancelScheduledPayment { payment } => {
                let origin = origin(self.input_hash(&(name, &payment)))?;
                let cancel = |by, permit| payment::Command::Cancel { by, permit };
                self.manage_payment(&origin, (user, &payment), Management::End, cancel).await
            }
            command => self.carry_out_with_dues(viewer, origin, command).await,
        }
    }

    async fn carry_out_with_dues(
        &self,
        viewer: Viewer,
        origin: impl FnOnce(InputHash) -> Result<Origin, Rejection>,
        command: Command,
    ) -> Result<Done, Rejection> {
        let (name, user) = (command.name(), viewer.user);
        match command {
            Command::CreateDuesPlan { wallet, name: called, amount, recurrence } => {
                let when = canonical(&recurrence);
                let origin = origin(self.input_hash(&(name, &wallet, &called, &amount, when)))?;
                let new = NewPlan { wallet, name: called, amount, recurrence };
                self.create_dues_plan(&origin, user, new).await
            }
            Command::EndDuesPlan { plan } => {
                let origin = origin(self.input_hash(&(name, &plan)))?;
                self.end_dues_plan(&origin, user, &plan).await
            }
            Command::CloseDuesCycle { cycle } => {
                let origin = origin(self.input_hash(&(name, &cycle)))?;
                self.close_dues_cycle(&origin, user, &cycle).await
            }
            Command::PayDues { cycle, from, amount, spend_token } => {
                let origin = origin(self.input_hash(&(name, &cycle, &from, &amount)))?;
                let new = NewDuesPayment { cycle, from, amount, spend_token };
                self.pay_dues(&origin, viewer, new).await
            }
            Command::ExemptFromDues { cycle, user: exempt } => {
                let origin = origin(self.input_hash(&(name, &cycle, &exempt)))?;
                self.exempt_from_dues(&origin, user, (&cycle, &exempt)).await
            }
            // Those are carried out elsewhere.
            _ => Err(Rejection::internal()),
        }
    }
}

/// A recurrence among the inputs that a repeat is recognised by: the zone may be left out or
/// named.
fn canonical(input: &RecurrenceInput) -> impl serde::Serialize {
    let RecurrenceInput { frequency, start_at, time_zone, end_at, count } = input;
    let time_zone = time_zone.as_deref().unwrap_or(TIME_ZONE_DEFAULT);
    (*frequency, start_at, time_zone, end_at, *count)
}
