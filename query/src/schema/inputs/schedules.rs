//! What mutations of scheduled payments and dues take.

use async_graphql::{ID, InputObject};
use command::Command;
use command::bus::{self, Secret};

use crate::schema::recurrence::Frequency;
use crate::schema::scalars::{Amount, LocalDateTime, TimeZone};

/// When something is to fall due.
#[derive(InputObject)]
pub(crate) struct RecurrenceInput {
    /// How often.
    frequency: Frequency,
    /// The first time, at least a minute from now.
    start_at: LocalDateTime,
    /// Default Asia/Seoul.
    time_zone: Option<TimeZone>,
    /// At most one of `endAt` and `count`.
    end_at: Option<LocalDateTime>,
    /// How many times, those that are skipped included.
    count: Option<i32>,
}

impl From<RecurrenceInput> for bus::RecurrenceInput {
    fn from(input: RecurrenceInput) -> Self {
        Self {
            frequency: input.frequency.into(),
            start_at: input.start_at.0,
            time_zone: input.time_zone.map(|zone| zone.0),
            end_at: input.end_at.map(|end_at| end_at.0),
            count: input.count.map(i64::from),
        }
    }
}

/// A payment that is to be made by itself.
#[derive(InputObject)]
pub(crate) struct SchedulePaymentInput {
    /// Names the command and the payment: a UUID of version 4 or 7. Made by the server when left
    /// out.
    command_id: Option<ID>,
    /// Who pays; one of whose admins the viewer is.
    from_wallet_id: ID,
    /// Who is paid, in the same currency.
    to_wallet_id: ID,
    /// How much each time, above zero.
    amount: Amount,
    /// What it is for, up to 200 characters; both sides see it.
    memo: Option<String>,
    /// When.
    recurrence: RecurrenceInput,
    /// As `authorizeSpending` gave it.
    spend_token: String,
}

impl SchedulePaymentInput {
    pub(crate) fn command(self) -> (Option<ID>, Command) {
        let command = Command::SchedulePayment {
            from: self.from_wallet_id.0,
            to: self.to_wallet_id.0,
            amount: self.amount.0,
            memo: self.memo,
            recurrence: self.recurrence.into(),
            spend_token: Secret::new(self.spend_token),
        };
        (self.command_id, command)
    }
}

/// Dues that are to be collected.
#[derive(InputObject)]
pub(crate) struct CreateDuesPlanInput {
    /// Names the command and the plan: a UUID of version 4 or 7. Made by the server when left out.
    command_id: Option<ID>,
    /// The group wallet that collects; one of whose admins the viewer is.
    wallet_id: ID,
    /// What it is called, 1–100 characters.
    name: String,
    /// What each member owes each time, above zero.
    amount: Amount,
    /// When.
    recurrence: RecurrenceInput,
}

impl CreateDuesPlanInput {
    pub(crate) fn command(self) -> (Option<ID>, Command) {
        let command = Command::CreateDuesPlan {
            wallet: self.wallet_id.0,
            name: self.name,
            amount: self.amount.0,
            recurrence: self.recurrence.into(),
        };
        (self.command_id, command)
    }
}

/// Dues that are paid.
#[derive(InputObject)]
pub(crate) struct PayDuesInput {
    /// Names the command and the transfer: a UUID of version 4 or 7. Made by the server when left
    /// out.
    command_id: Option<ID>,
    /// Of which cycle; one that assessed the viewer.
    cycle_id: ID,
    /// The viewer's own personal wallet.
    from_wallet_id: ID,
    /// How much, above zero and no more than is outstanding of the viewer's part.
    amount: Amount,
    /// As `authorizeSpending` gave it.
    spend_token: String,
}

impl PayDuesInput {
    pub(crate) fn command(self) -> (Option<ID>, Command) {
        let command = Command::PayDues {
            cycle: self.cycle_id.0,
            from: self.from_wallet_id.0,
            amount: self.amount.0,
            spend_token: Secret::new(self.spend_token),
        };
        (self.command_id, command)
    }
}

/// Dues that need not be paid.
#[expect(clippy::struct_field_names, reason = "the contract's names")]
#[derive(InputObject)]
pub(crate) struct ExemptFromDuesInput {
    /// Names the command: a UUID of version 4 or 7. Made by the server when left out.
    command_id: Option<ID>,
    /// Of which cycle.
    cycle_id: ID,
    /// Whose part.
    user_id: ID,
}

impl ExemptFromDuesInput {
    pub(crate) fn command(self) -> (Option<ID>, Command) {
        let Self { command_id, cycle_id, user_id } = self;
        (command_id, Command::ExemptFromDues { cycle: cycle_id.0, user: user_id.0 })
    }
}
