//! Sessions: how they start and end.

use async_graphql::{Context, Object};
use command::bus::Secret;
use command::{Command, Done, Outcome};

use super::{INPUT, position, submit, unexpected};
use crate::fault::Fault;
use crate::hub::progress::WAIT_MAX;
use crate::schema::inputs::people::{LogInInput, SignUpInput};
use crate::schema::payloads::Session;
use crate::schema::sight::Look;

/// Mutations that need no viewer.
#[derive(Debug, Default)]
pub(crate) struct SessionMutations;

#[Object]
impl SessionMutations {
    /// Makes an account and starts a session.
    async fn sign_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account.")] input: SignUpInput,
    ) -> Result<Session, Fault> {
        let (id, command) = input.command();
        session(ctx, submit(ctx, id, command, INPUT).await?)
    }

    /// Starts a session. Says the same for an unknown address as for a wrong password.
    async fn log_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who.")] input: LogInInput,
    ) -> Result<Session, Fault> {
        session(ctx, submit(ctx, None, input.command(), INPUT).await?)
    }

    /// A refresh token is good for one use; using it twice ends the whole session.
    async fn refresh_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The session's newest refresh token.")] refresh_token: String,
    ) -> Result<Session, Fault> {
        let command = Command::RefreshSession { refresh_token: Secret::new(refresh_token) };
        session(ctx, submit(ctx, None, command, None).await?)
    }

    /// Ends the session that the refresh token belongs to.
    async fn log_out(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The session's newest refresh token.")] refresh_token: String,
    ) -> Result<bool, Fault> {
        let command = Command::LogOut { refresh_token: Secret::new(refresh_token) };
        let done = submit(ctx, None, command, None).await?;
        // From here on this node refuses the session; if it takes longer, the answer is no less
        // true.
        ctx.services().progress.reached(done.position, WAIT_MAX).await;
        Ok(true)
    }
}

fn session(ctx: &Context<'_>, done: Done) -> Result<Session, Fault> {
    let position = position(ctx, &done);
    let Outcome::Session(grant) = done.outcome else { return Err(unexpected()) };
    let viewer = command::Viewer { user: grant.user, session: grant.session };
    let issued = ctx.services().tokens.issue(viewer);
    let issued = issued.map_err(|error| Fault::Internal(error.to_string()))?;
    Ok(Session { grant, issued, position })
}
