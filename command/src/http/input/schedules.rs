//! Scheduled payments and dues.

use schemars::JsonSchema;
use serde::Deserialize;

use super::money::RawAmount;
use super::{Input, Kind, secret};
use crate::bus::{self, Command};

inputs! {
    "Pays from one wallet to another whenever that falls due. The scheduled payment's id is the \
     command's." "schedulePayment" SchedulePayment {
        /// From which wallet.
        from_wallet_id: String,
        /// To which wallet.
        to_wallet_id: String,
        /// How much each time.
        amount: RawAmount,
        /// What it is for, up to 200 characters.
        memo: Option<String>,
        /// When.
        recurrence: Recurrence,
        /// Of `authorizeSpending`.
        spend_token: String,
    } => Command::SchedulePayment {
        from: from_wallet_id,
        to: to_wallet_id,
        amount: amount.0,
        memo,
        recurrence: recurrence.of(),
        spend_token: secret(spend_token),
    };

    "Lets a scheduled payment stand still." "pauseScheduledPayment" PauseScheduledPayment {
        /// Which scheduled payment.
        id: String,
    } => Command::PauseScheduledPayment { payment: id };

    "Lets a scheduled payment go on; what fell due meanwhile is skipped."
    "resumeScheduledPayment" ResumeScheduledPayment {
        /// Which scheduled payment.
        id: String,
    } => Command::ResumeScheduledPayment { payment: id };

    "Skips a scheduled payment's next occurrence." "skipNextOccurrence" SkipNextOccurrence {
        /// Which scheduled payment.
        id: String,
    } => Command::SkipNextOccurrence { payment: id };

    "Ends a scheduled payment before its time." "cancelScheduledPayment" CancelScheduledPayment {
        /// Which scheduled payment.
        id: String,
    } => Command::CancelScheduledPayment { payment: id };

    "Collects dues from a group wallet's members whenever they fall due. The plan's id is the \
     command's." "createDuesPlan" CreateDuesPlan {
        /// Which wallet.
        wallet_id: String,
        /// What it is called, 1–100 characters.
        #[schemars(length(min = 1))]
        name: String,
        /// What each member owes each time.
        amount: RawAmount,
        /// When a cycle falls due.
        recurrence: Recurrence,
    } => Command::CreateDuesPlan {
        wallet: wallet_id,
        name,
        amount: amount.0,
        recurrence: recurrence.of(),
    };

    "Opens no more cycles of dues; those that are open can still be paid."
    "endDuesPlan" EndDuesPlan {
        /// Which plan.
        id: String,
    } => Command::EndDuesPlan { plan: id };

    "Takes no more payments for a cycle of dues." "closeDuesCycle" CloseDuesCycle {
        /// Which cycle.
        cycle_id: String,
    } => Command::CloseDuesCycle { cycle: cycle_id };

    "Pays one's own part of a cycle of dues, or some of it, from one's own personal wallet. The \
     transfer's id is the command's." "payDues" PayDues {
        /// Which cycle.
        cycle_id: String,
        /// From which wallet.
        from_wallet_id: String,
        /// How much.
        amount: RawAmount,
        /// Of `authorizeSpending`.
        spend_token: String,
    } => Command::PayDues {
        cycle: cycle_id,
        from: from_wallet_id,
        amount: amount.0,
        spend_token: secret(spend_token),
    };

    "Waives what is left of a member's part of a cycle of dues."
    "exemptFromDues" ExemptFromDues {
        /// Of which cycle.
        cycle_id: String,
        /// Whom.
        user_id: String,
    } => Command::ExemptFromDues { cycle: cycle_id, user: user_id };
}

/// When something falls due: computed from `startAt` in `timeZone`, never from the last run.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Recurrence")]
struct Recurrence {
    /// How often.
    frequency: Frequency,
    /// The first time: a date and time without offset, `2026-01-31T09:00:00`.
    #[schemars(length(min = 1))]
    start_at: String,
    /// IANA name. `Asia/Seoul` when left out.
    time_zone: Option<String>,
    /// The last time that counts. Not with `count`.
    end_at: Option<String>,
    /// How many times, those that are skipped included. Not with `endAt`.
    count: Option<i32>,
}

impl Recurrence {
    fn of(self) -> bus::RecurrenceInput {
        let Self { frequency, start_at, time_zone, end_at, count } = self;
        let (frequency, count) = (frequency.of(), count.map(i64::from));
        bus::RecurrenceInput { frequency, start_at, time_zone, end_at, count }
    }
}

/// How often something falls due.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Frequency {
    /// At the start, and never again.
    Once,
    /// Every day.
    Daily,
    /// Every seven days.
    Weekly,
    /// Every month, in a shorter one on its last day at the latest.
    Monthly,
}

impl Frequency {
    fn of(self) -> bus::Frequency {
        match self {
            Self::Once => bus::Frequency::Once,
            Self::Daily => bus::Frequency::Daily,
            Self::Weekly => bus::Frequency::Weekly,
            Self::Monthly => bus::Frequency::Monthly,
        }
    }
}
