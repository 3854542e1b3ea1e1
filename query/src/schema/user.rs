//! People.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use events::UserId;
use events::money::Currency;

use super::scalars::DateTime;
use super::sight::{Look, id};
use super::wallet::Wallet;
use crate::fault::Fault;
use crate::tables::contacts::ContactOf;
use crate::tables::users::UserRow;

/// An account.
#[derive(Debug, Clone)]
pub(crate) struct User {
    row: Arc<UserRow>,
    /// Shown to the user in person, who may not have been signed in yet when asking.
    own: bool,
}

impl From<Arc<UserRow>> for User {
    fn from(row: Arc<UserRow>) -> Self {
        Self { row, own: false }
    }
}

impl User {
    /// As the user sees it.
    pub(crate) fn own(row: Arc<UserRow>) -> Self {
        Self { row, own: true }
    }

    /// Somebody who has to be there, because a row names them.
    pub(crate) async fn named(ctx: &Context<'_>, id: UserId) -> Result<Self, Fault> {
        let row = ctx.loads().user(id).await?;
        row.map(Self::from).ok_or_else(|| Fault::Unavailable(format!("user {id} has no row")))
    }

    /// Whether the viewer may see the address.
    async fn shows_email(&self, ctx: &Context<'_>) -> Result<Option<()>, Fault> {
        let Some(viewer) = ctx.sight().viewer else { return Ok(self.own.then_some(())) };
        if self.own || viewer.user == self.row.id {
            return Ok(Some(()));
        }
        ctx.loads().one(ContactOf { user: viewer.user, contact: self.row.id }).await
    }
}

/// Somebody with an account.
#[Object]
impl User {
    /// Names the user for good.
    pub(crate) async fn id(&self) -> ID {
        id(self.row.id)
    }

    /// The name that others see.
    async fn username(&self) -> &str {
        match &self.row.username {
            Some(name) if self.row.active => name,
            _ => "deleted user",
        }
    }

    /// Only visible to the user and to those who have the user as a contact.
    async fn email(&self, ctx: &Context<'_>) -> Option<Result<&str, Fault>> {
        let email = self.row.email.as_deref()?;
        let visible = self.shows_email(ctx).await.transpose()?;
        Some(visible.map(|()| email))
    }

    /// When the account was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.row.created_at)
    }

    /// False once the account was deleted; the name is then `deleted user`.
    async fn active(&self) -> bool {
        self.row.active
    }

    /// Where money for this user goes: the open personal wallet in that currency, if there is
    /// one.
    async fn receiving_wallet(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "ISO 4217 code.", default_with = "Some(\"KRW\".to_owned())")]
        currency: Option<String>,
    ) -> Option<Result<Wallet, Fault>> {
        let currency = currency.unwrap_or_else(|| Currency::KRW.to_string());
        let wallet = ctx.loads().receiving_wallet(self.row.id, currency).await.transpose()?;
        Some(wallet.map(Wallet::from))
    }
}
