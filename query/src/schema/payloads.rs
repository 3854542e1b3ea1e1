//! What mutations answer.

use async_graphql::{Context, Object, SimpleObject};
use command::bus::{SessionGrant, SpendGrant};

use super::channel::Channel;
use super::dues::DuesPlan;
use super::message::Message;
use super::scalars::{DateTime, Position};
use super::scheduled_payment::ScheduledPayment;
use super::sight::Look;
use super::transfer::Transfer;
use super::user::User;
use super::wallet::Wallet;
use crate::fault::Fault;
use crate::hub::progress::WAIT_MAX;
use crate::tokens::Issued;

/// A session that was started or refreshed.
pub(crate) struct Session {
    pub(crate) grant: SessionGrant,
    pub(crate) issued: Issued,
    pub(crate) position: events::Position,
}

/// A log-in on one device.
#[Object]
impl Session {
    /// Whose it is.
    async fn user(&self, ctx: &Context<'_>) -> Result<User, Fault> {
        let id = self.grant.user;
        if let Some(user) = ctx.loads().user(id).await? {
            return Ok(User::own(user));
        }
        // The account is younger than what this node knows.
        ctx.services().progress.reached(self.position.at, WAIT_MAX).await;
        let not_yet = Fault::NotYet { position: self.position, committed: true };
        ctx.loads().user(id).await?.map(User::own).ok_or(not_yet)
    }

    /// Sent with every request as `Authorization: Bearer …`.
    async fn access_token(&self) -> &str {
        &self.issued.access_token
    }

    /// When the access token is no longer good.
    async fn access_token_expires_at(&self) -> DateTime {
        DateTime(self.issued.expires_at)
    }

    /// Good for one `refreshSession`.
    async fn refresh_token(&self) -> &str {
        &self.grant.refresh_token
    }
}

/// That a command was carried out.
#[derive(SimpleObject)]
pub(crate) struct Receipt {
    /// Where the log stands after the command.
    pub(crate) position: Position,
}

/// The person whom a command changed or took up.
#[derive(SimpleObject)]
pub(crate) struct UserPayload {
    /// The person.
    pub(crate) user: User,
    /// Where the log stands after the command.
    pub(crate) position: Position,
}

/// The channel that a command made or changed.
#[derive(SimpleObject)]
pub(crate) struct ChannelPayload {
    /// The channel.
    pub(crate) channel: Channel,
    /// Where the log stands after the command.
    pub(crate) position: Position,
}

/// The message that a command made or changed.
#[derive(SimpleObject)]
pub(crate) struct MessagePayload {
    /// The message.
    pub(crate) message: Message,
    /// Where the log stands after the command.
    pub(crate) position: Position,
}

/// The wallet that a command opened or changed, or that money came into or left.
#[derive(SimpleObject)]
pub(crate) struct WalletPayload {
    /// The wallet.
    pub(crate) wallet: Wallet,
    /// Where the log stands after the command.
    pub(crate) position: Position,
}

/// The transfer that a command made or changed.
#[derive(SimpleObject)]
pub(crate) struct TransferPayload {
    /// The transfer.
    pub(crate) transfer: Transfer,
    /// Where the log stands after the command.
    pub(crate) position: Position,
}

/// The scheduled payment that a command made or changed.
#[derive(SimpleObject)]
pub(crate) struct ScheduledPaymentPayload {
    /// The scheduled payment.
    pub(crate) scheduled_payment: ScheduledPayment,
    /// Where the log stands after the command.
    pub(crate) position: Position,
}

/// The plan of dues that a command made or changed.
#[derive(SimpleObject)]
pub(crate) struct DuesPlanPayload {
    /// The plan.
    pub(crate) dues_plan: DuesPlan,
    /// Where the log stands after the command.
    pub(crate) position: Position,
}

/// A right to spend, for a while.
pub(crate) struct SpendAuthorization(pub(crate) SpendGrant);

/// What a right PIN is good for.
#[Object]
impl SpendAuthorization {
    /// Sent along as `spendToken` with all that spends from this wallet.
    async fn spend_token(&self) -> &str {
        &self.0.token
    }

    /// When the token is no longer good.
    async fn expires_at(&self) -> DateTime {
        DateTime(self.0.expires_at)
    }
}
