//! Scheduled payments and their occurrences.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};
use events::WalletId;

use super::connection::{OccurrenceConnection, ScheduledPaymentConnection};
use super::recurrence::Recurrence;
use super::scalars::{Amount, DateTime};
use super::sight::{Look, id, require_wallet_member};
use super::transfer::Transfer;
use super::user::User;
use super::wallet::Wallet;
use crate::cursor::{End, Field, List, PageArgs};
use crate::fault::Fault;
use crate::tables::occurrences::{OccurrenceRow, OccurrencesPage, Status as Stage};
use crate::tables::scheduled_payments::{PaymentRow, PaymentsPage, Status};

/// Whether a scheduled payment goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Status")]
pub(crate) enum ScheduledPaymentStatus {
    /// It is carried out whenever it falls due.
    Active,
    /// It stands still; what falls due meanwhile is left out.
    Paused,
    /// All its occurrences have had their outcome.
    Completed,
    /// It was ended before its time.
    Cancelled,
}

/// How far an occurrence has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Stage")]
pub(crate) enum OccurrenceStatus {
    /// It has fallen due and is being carried out.
    Due,
    /// The wallet asks for approvals; the occurrence's transfer waits for them.
    AwaitingApproval,
    /// There was not enough money: it is tried again.
    Retrying,
    /// The money has arrived.
    Succeeded,
    /// It came to nothing; `failure` tells why.
    Failed,
    /// It was left out.
    Skipped,
}

/// One time that a scheduled payment fell due.
#[derive(Debug, Clone)]
pub(crate) struct Occurrence(OccurrenceRow);

/// One time that a scheduled payment fell due, or was left out.
#[Object]
impl Occurrence {
    /// 1, 2, 3 …
    async fn number(&self) -> i32 {
        self.0.number
    }

    /// When it fell due.
    async fn due_at(&self) -> DateTime {
        DateTime(self.0.due_at)
    }

    /// How far it has come.
    async fn status(&self) -> OccurrenceStatus {
        self.0.status.into()
    }

    /// What it is paid by; null while there is none.
    async fn transfer(&self, ctx: &Context<'_>) -> Option<Result<Transfer, Fault>> {
        let transfer = ctx.loads().transfer(self.0.transfer?).await.transpose()?;
        Some(transfer.map(Transfer::from))
    }

    /// Error code of the last attempt, if that failed.
    async fn failure(&self) -> Option<&str> {
        self.0.failure.as_deref()
    }
}

/// A payment that is made by itself.
#[derive(Debug, Clone)]
pub(crate) struct ScheduledPayment(Arc<PaymentRow>);

impl From<Arc<PaymentRow>> for ScheduledPayment {
    fn from(row: Arc<PaymentRow>) -> Self {
        Self(row)
    }
}

/// A payment that is made by itself whenever it falls due. The members of the paying wallet see
/// it; those of the wallet that is paid see the transfers that come of it.
#[Object]
impl ScheduledPayment {
    /// Names the payment for good: the `commandId` that scheduled it.
    pub(crate) async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// Who pays.
    #[graphql(name = "from")]
    async fn payer(&self, ctx: &Context<'_>) -> Result<Wallet, Fault> {
        Wallet::named(ctx, self.0.from).await
    }

    /// Who is paid.
    #[graphql(name = "to")]
    async fn payee(&self, ctx: &Context<'_>) -> Result<Wallet, Fault> {
        Wallet::named(ctx, self.0.to).await
    }

    /// How much each time.
    async fn amount(&self) -> Amount {
        self.0.amount.into()
    }

    /// What it is for; perhaps empty.
    async fn memo(&self) -> &str {
        &self.0.memo
    }

    /// When it falls due.
    async fn recurrence(&self) -> Recurrence {
        (&self.0.recurrence).into()
    }

    /// Whether it goes on.
    async fn status(&self) -> ScheduledPaymentStatus {
        self.0.status.into()
    }

    /// When it falls due next. Null unless ACTIVE, and once the last occurrence has begun.
    async fn next_due_at(&self) -> Option<DateTime> {
        self.0.next_due_at.filter(|_| self.0.status == Status::Active).map(DateTime)
    }

    /// Who scheduled it, and on whose behalf it is paid.
    async fn created_by(&self, ctx: &Context<'_>) -> Result<User, Fault> {
        User::named(ctx, self.0.created_by).await
    }

    /// When it was scheduled.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// What fell due or was left out, newest first.
    async fn occurrences(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Length of the page, 1 to 100; 50 when nothing is said.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The page starts behind the item with this cursor.")] after: Option<
            String,
        >,
    ) -> Result<OccurrenceConnection, Fault> {
        let args = PageArgs { first, after, ..PageArgs::default() };
        let list = List { field: Field::Occurrences, of: self.0.id.0 };
        let window = args.window(list, End::First)?;
        let page = OccurrencesPage { payment: self.0.id, window };
        let found = ctx.loads().one(page).await?.unwrap_or_default();
        let found = found.map(|row| (i64::from(row.number), Occurrence(row)));
        Ok(OccurrenceConnection::of(list, &window, found))
    }
}

/// A page of what is paid from a wallet by schedule.
pub(super) async fn page(
    ctx: &Context<'_>,
    wallet: WalletId,
    args: PageArgs,
) -> Result<ScheduledPaymentConnection, Fault> {
    let list = List { field: Field::ScheduledPayments, of: wallet.0 };
    let window = args.window(list, End::First)?;
    require_wallet_member(ctx, wallet).await?;
    let found = ctx.loads().one(PaymentsPage { wallet, window }).await?.unwrap_or_default();
    let found = found.map(|row| (row.created_position, ScheduledPayment::from(row)));
    Ok(ScheduledPaymentConnection::of(list, &window, found))
}
