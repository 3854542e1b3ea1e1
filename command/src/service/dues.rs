//! Plans of dues, as the admins of the wallets that collect them ask for them. Payments are in
//! `dues_payments`; what falls due is in `falling_due`.

use events::dues::{cycle_of, part_of};
use events::personal::KeyRing;
use events::{Category, CycleId, PlanId, StreamName, UserId, WalletId};
use uuid::Uuid;

use super::origin::Origin;
use super::{CommandService, done, refused, unreachable_store};
use crate::bus::{Done, Outcome};
use crate::domain::Permit;
use crate::domain::dues::{self, Create, Dues, Plan};
use crate::domain::recurrence::RecurrenceInput;
use crate::domain::wallet::{Asker, Management, State, Wallet};
use crate::execution::{Peek, Settled};
use crate::parse::{self, PositiveAmount, WalletName};
use crate::rejection::{Code, Rejection};

/// The input of `createDuesPlan`.
pub(super) struct NewPlan {
    pub(super) wallet: String,
    pub(super) name: String,
    pub(super) amount: String,
    pub(super) recurrence: RecurrenceInput,
}

/// A cycle that is acted on, found by its id.
pub(super) struct KnownCycle {
    pub(super) cycle: CycleId,
    pub(super) stream: StreamName,
    pub(super) plan: Plan,
}

impl CommandService {
    pub(super) async fn create_dues_plan(
        &self,
        origin: &Origin,
        by: UserId,
        new: NewPlan,
    ) -> Result<Done, Rejection> {
        let parse = || {
            let name = WalletName::parse(&new.name)?;
            let amount = PositiveAmount::parse("amount", &new.amount)?;
            let recurrence = new.recurrence.parse()?;
            Ok((parse::thing(&new.wallet)?, name, amount, recurrence))
        };
        let (wallet, name, amount, recurrence): (WalletId, _, _, _) =
            self.parsed(origin, parse()).await?;
        let state = self.execution.peek::<Wallet>(&StreamName::wallet(wallet), &[]).await?.state;
        let permit = state.lets_collect(wallet, self.asker(by, &state, None).await?);
        let members = members(&state);
        let create = Create { wallet, name, amount, recurrence, by, permit, members };
        let (plan, command) = (PlanId(origin.id.0), dues::Command::Create(Box::new(create)));
        // Its first cycle opens with it.
        let things = vec![cycle_of(plan, 1).0];
        let settled = self.change_plan(origin, &StreamName::dues(plan), things, command).await?;
        Ok(done(origin, &settled, Outcome::DuesPlan(plan)))
    }

    pub(super) async fn end_dues_plan(
        &self,
        origin: &Origin,
        by: UserId,
        plan: &str,
    ) -> Result<Done, Rejection> {
        let plan: PlanId = self.parsed(origin, parse::thing(plan)).await?;
        let stream = StreamName::dues(plan);
        let state = self.execution.peek::<Dues>(&stream, &[]).await?.state;
        let permit = match state.plan() {
            Some(about) => self.permit_to_manage((by, about.wallet), None, Management::End).await?,
            // It says itself that it isn't there.
            None => Ok(()),
        };
        let command = dues::Command::End { by, permit };
        let settled = self.change_plan(origin, &stream, Vec::new(), command).await?;
        Ok(done(origin, &settled, Outcome::DuesPlan(plan)))
    }

    pub(super) async fn close_dues_cycle(
        &self,
        origin: &Origin,
        by: UserId,
        cycle: &str,
    ) -> Result<Done, Rejection> {
        let known = self.known_cycle(origin, cycle).await?;
        let permit = self.permit_in_cycle(by, &known).await?;
        let command = dues::Command::CloseCycle { by, cycle: known.cycle, permit };
        let settled = self.change_plan(origin, &known.stream, Vec::new(), command).await?;
        Ok(done(origin, &settled, Outcome::Nothing))
    }

    pub(super) async fn exempt_from_dues(
        &self,
        origin: &Origin,
        by: UserId,
        (cycle, user): (&str, &str),
    ) -> Result<Done, Rejection> {
        let known = self.known_cycle(origin, cycle).await?;
        let permit = self.permit_in_cycle(by, &known).await?;
        let (cycle, user) = (known.cycle, parse::user_or_nil(user));
        let command = dues::Command::Exempt { by, cycle, user, permit };
        let settled = self.change_plan(origin, &known.stream, Vec::new(), command).await?;
        Ok(done(origin, &settled, Outcome::Nothing))
    }

    /// Whether somebody may manage a cycle. Who owes in it knows of it, member or not.
    async fn permit_in_cycle(&self, by: UserId, known: &KnownCycle) -> Result<Permit, Rejection> {
        let wallet = known.plan.wallet;
        let state = self.execution.peek::<Wallet>(&StreamName::wallet(wallet), &[]).await?.state;
        let part = part_of(known.cycle, by);
        let peek: Peek<Dues> = self.execution.peek(&known.stream, &[part]).await?;
        let asker = if peek.items.contains_key(&part) {
            Asker::acquainted(by)
        } else {
            self.asker(by, &state, None).await?
        };
        Ok(state.lets_manage(wallet, asker, Management::Change))
    }

    /// A cycle that is acted on, found by its id.
    pub(super) async fn known_cycle(
        &self,
        origin: &Origin,
        cycle: &str,
    ) -> Result<KnownCycle, Rejection> {
        let cycle: CycleId = self.parsed(origin, parse::thing(cycle)).await?;
        let stream = self.claims.stream_of(cycle.0).await.map_err(|error| {
            tracing::warn!(%error, "the plan of a cycle can't be looked up");
            unreachable_store()
        })?;
        let stream = stream.filter(|stream| stream.category() == Category::Dues);
        let missing = || Rejection::new(Code::NotFound, "There is no such cycle of dues.");
        let stream = stream.ok_or_else(missing)?;
        let state = self.execution.peek::<Dues>(&stream, &[]).await?.state;
        let plan = state.plan().cloned().ok_or_else(missing)?;
        Ok(KnownCycle { cycle, stream, plan })
    }

    pub(super) async fn change_plan(
        &self,
        origin: &Origin,
        stream: &StreamName,
        things: Vec<Uuid>,
        command: dues::Command,
    ) -> Result<Settled, Rejection> {
        let run = self.run_claimed::<Dues>(origin, stream, things, KeyRing::new(), command);
        run.await.map_err(refused)
    }
}

/// Whom a cycle assesses: all members of the wallet, in an order of their own.
pub(super) fn members(wallet: &State) -> Vec<UserId> {
    let mut members: Vec<_> = wallet.members().map(|(user, _)| user).collect();
    members.sort_unstable();
    members
}
