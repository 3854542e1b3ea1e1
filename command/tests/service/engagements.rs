//! Scheduled payments and dues as tests need them.

use command::bus::{Frequency, RecurrenceInput};
use command::domain::wallet::{Command as Asked, Wallet};
use command::execution::{Ask, Execution, Limits, Policy};
use command::{Command, Done, Outcome};
use events::personal::KeyRing;
use events::{
    Actor, ChannelId, CommandId, CycleId, DuesEvent, PaymentEvent, PaymentId, PlanId, StreamName,
    UserId, WalletId,
};

use crate::purse::Purse;
use crate::scene::{Scene, join, secret};

pub(crate) fn when(frequency: Frequency, start_at: &str, count: Option<i64>) -> RecurrenceInput {
    let start_at = start_at.to_owned();
    RecurrenceInput { frequency, start_at, time_zone: None, end_at: None, count }
}

pub(crate) fn schedule(
    from: WalletId,
    to: WalletId,
    amount: i64,
    recurrence: RecurrenceInput,
    token: &str,
) -> Command {
    Command::SchedulePayment {
        from: from.to_string(),
        to: to.to_string(),
        amount: amount.to_string(),
        memo: Some("월세".to_owned()),
        recurrence,
        spend_token: secret(token),
    }
}

pub(crate) fn pause(payment: PaymentId) -> Command {
    Command::PauseScheduledPayment { payment: payment.to_string() }
}

pub(crate) fn resume(payment: PaymentId) -> Command {
    Command::ResumeScheduledPayment { payment: payment.to_string() }
}

pub(crate) fn skip(payment: PaymentId) -> Command {
    Command::SkipNextOccurrence { payment: payment.to_string() }
}

pub(crate) fn cancel(payment: PaymentId) -> Command {
    Command::CancelScheduledPayment { payment: payment.to_string() }
}

pub(crate) fn plan(wallet: WalletId, amount: i64, recurrence: RecurrenceInput) -> Command {
    let (wallet, name, amount) = (wallet.to_string(), "월 회비".to_owned(), amount.to_string());
    Command::CreateDuesPlan { wallet, name, amount, recurrence }
}

pub(crate) fn end_plan(plan: PlanId) -> Command {
    Command::EndDuesPlan { plan: plan.to_string() }
}

pub(crate) fn close_cycle(cycle: CycleId) -> Command {
    Command::CloseDuesCycle { cycle: cycle.to_string() }
}

pub(crate) fn exempt(cycle: CycleId, user: UserId) -> Command {
    Command::ExemptFromDues { cycle: cycle.to_string(), user: user.to_string() }
}

pub(crate) fn pay_dues(cycle: CycleId, from: WalletId, amount: i64, token: &str) -> Command {
    Command::PayDues {
        cycle: cycle.to_string(),
        from: from.to_string(),
        amount: amount.to_string(),
        spend_token: secret(token),
    }
}

pub(crate) fn payment_of(done: &Done) -> PaymentId {
    match done.outcome {
        Outcome::ScheduledPayment(payment) => payment,
        ref other => panic!("no payment: {other:?}"),
    }
}

pub(crate) fn plan_of(done: &Done) -> PlanId {
    match done.outcome {
        Outcome::DuesPlan(plan) => plan,
        ref other => panic!("no plan: {other:?}"),
    }
}

/// A channel's wallet with its members, each with a wallet of their own.
pub(crate) struct Club {
    pub(crate) channel: ChannelId,
    pub(crate) wallet: Purse,
    pub(crate) jun: Purse,
    pub(crate) sora: Purse,
}

impl Scene {
    /// Its admin is minji; jun and sora are members.
    pub(crate) async fn club(&self, amount: i64) -> Club {
        let minji = self.user("minji").await;
        let channel = self.channel(minji).await;
        let wallet = self.group_purse(minji, channel, 1).await;
        let (jun, sora) = (self.purse("jun", amount).await, self.purse("sora", amount).await);
        for member in [jun, sora] {
            self.run(member.owner, join(channel, None)).await.unwrap();
            self.run(member.owner, crate::purse::join_wallet(wallet.id)).await.unwrap();
        }
        Club { channel, wallet, jun, sora }
    }

    pub(crate) async fn schedule(
        &self,
        from: Purse,
        to: WalletId,
        amount: i64,
        recurrence: RecurrenceInput,
    ) -> PaymentId {
        let token = self.token(from.owner, from.id).await;
        let command = schedule(from.id, to, amount, recurrence, &token);
        payment_of(&self.run(from.owner, command).await.unwrap())
    }

    pub(crate) async fn pay_dues(
        &self,
        cycle: CycleId,
        from: Purse,
        amount: i64,
    ) -> Result<Done, command::Rejection> {
        let token = self.token(from.owner, from.id).await;
        self.run(from.owner, pay_dues(cycle, from.id, amount, &token)).await
    }

    /// What an operator does to a wallet.
    pub(crate) async fn operate(&self, wallet: WalletId, command: Asked) {
        let stores = self.stores.clone();
        let execution = Execution::with_clock(
            (stores.log, stores.claims, stores.snapshots),
            Limits::default(),
            self.clock.clock(),
        );
        let id = CommandId::generate();
        let ask = Ask::<Wallet> {
            id,
            correlation: id,
            actor: Actor::System,
            policy: Policy::Natural,
            ring: KeyRing::new(),
            cause_at: None,
            trace_parent: None,
            fresh_id: CommandId::generate(),
            command,
        };
        execution.run(&StreamName::wallet(wallet), ask).await.unwrap();
    }

    /// What happened to a scheduled payment, as kinds and numbers.
    pub(crate) fn story(&self, payment: PaymentId) -> Vec<String> {
        let told = self.told::<PaymentEvent>(&StreamName::payment(payment));
        told.iter().map(|(_, event)| sentence(event)).collect()
    }

    /// What happened to a plan of dues.
    pub(crate) fn dues(&self, plan: PlanId) -> Vec<DuesEvent> {
        let told = self.told::<DuesEvent>(&StreamName::dues(plan));
        told.into_iter().map(|(_, event)| event).collect()
    }
}

fn sentence(event: &PaymentEvent) -> String {
    match event {
        PaymentEvent::PaymentScheduled(_) => "scheduled".to_owned(),
        PaymentEvent::PaymentPaused(_) => "paused".to_owned(),
        PaymentEvent::PaymentResumed(_) => "resumed".to_owned(),
        PaymentEvent::PaymentCancelled(_) => "cancelled".to_owned(),
        PaymentEvent::PaymentCompleted(_) => "completed".to_owned(),
        PaymentEvent::OccurrencesSkipped(skipped) => {
            let numbers: Vec<_> = skipped.skipped.iter().map(|due| due.number).collect();
            format!("skipped {numbers:?}")
        }
        PaymentEvent::OccurrenceStarted(it) => format!("started {}.{}", it.number, it.attempt),
        PaymentEvent::OccurrenceWaiting(it) => format!("waits {}", it.number),
        PaymentEvent::OccurrenceRetrying(it) => format!("retries {} {}", it.number, it.code),
        PaymentEvent::OccurrenceSucceeded(it) => format!("succeeded {}", it.number),
        PaymentEvent::OccurrenceFailed(it) => format!("failed {} {}", it.number, it.code),
        PaymentEvent::CommandSettled(_) => "settled".to_owned(),
    }
}
