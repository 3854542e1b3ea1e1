//! The viewer's account and contacts.

use async_graphql::{Context, ID, Object};
use command::Command;
use command::bus::Secret;

use super::{INPUT, receipt, submit, user_payload};
use crate::fault::Fault;
use crate::schema::inputs::people::{ChangePasswordInput, UpdateProfileInput};
use crate::schema::payloads::{Receipt, UserPayload};

/// Mutations of the viewer's account.
#[derive(Debug, Default)]
pub(crate) struct PeopleMutations;

#[Object]
impl PeopleMutations {
    /// Changes the viewer's name or address.
    async fn update_profile(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateProfileInput,
    ) -> Result<UserPayload, Fault> {
        let (id, command) = input.command();
        user_payload(ctx, submit(ctx, id, command, INPUT).await?).await
    }

    /// Changes the viewer's password and ends the other sessions.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The password, old and new.")] input: ChangePasswordInput,
    ) -> Result<Receipt, Fault> {
        let (id, command) = input.command();
        receipt(ctx, submit(ctx, id, command, INPUT).await?).await
    }

    /// Ends the account and makes its personal data unreadable in the log for good.
    async fn delete_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account's password.")] password: String,
    ) -> Result<Receipt, Fault> {
        let command = Command::DeleteAccount { password: Secret::new(password) };
        receipt(ctx, submit(ctx, None, command, None).await?).await
    }

    /// Takes a person up among the viewer's contacts, who from then on sees that one's address.
    async fn add_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person's address.")] email: String,
        #[graphql(desc = "Names the command: a UUID of version 4 or 7.")] command_id: Option<ID>,
    ) -> Result<UserPayload, Fault> {
        let command = Command::AddContact { email };
        user_payload(ctx, submit(ctx, command_id, command, None).await?).await
    }

    /// Takes a person out of the viewer's contacts.
    async fn remove_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who.")] user_id: ID,
        #[graphql(desc = "Names the command: a UUID of version 4 or 7.")] command_id: Option<ID>,
    ) -> Result<Receipt, Fault> {
        let command = Command::RemoveContact { user: user_id.0 };
        receipt(ctx, submit(ctx, command_id, command, None).await?).await
    }
}
