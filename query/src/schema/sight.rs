//! What every resolver knows of its request: who asks, what may be seen, where rows come from.

use std::sync::Arc;

use async_graphql::{Context, ContextBase, ID};
use command::{CommandBus, Viewer};
use events::{ChannelId, EventLog, UserId, WalletId};

use crate::fault::Fault;
use crate::hub::progress::Progress;
use crate::hub::typing::TypingDesk;
use crate::loads::Loads;
use crate::spending::Spending;
use crate::tables::members::{Standing, StandingOf};
use crate::tables::wallet_members::{WalletMemberOf, WalletMemberRow};
use crate::tokens::Tokens;

/// What the whole node shares.
pub(crate) struct Services {
    pub(crate) bus: Arc<dyn CommandBus>,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) tokens: Arc<dyn Tokens>,
    /// How far the messenger is known here.
    pub(crate) progress: Arc<Progress>,
    /// How far money is known here.
    pub(crate) money: Arc<Progress>,
    pub(crate) typing: Arc<TypingDesk>,
    pub(crate) spending: Spending,
}

/// Who looks.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sight {
    pub(crate) viewer: Option<Viewer>,
}

/// Shorthands for resolvers. Every request is given a [`Sight`] and [`Loads`], and the schema
/// [`Services`], before it is executed.
pub(crate) trait Look {
    fn services(&self) -> &Services;
    fn loads(&self) -> &Loads;
    fn sight(&self) -> Sight;

    /// The signed-in user.
    fn viewer(&self) -> Result<UserId, Fault> {
        self.sight().viewer.map(|viewer| viewer.user).ok_or(Fault::Unauthenticated)
    }
}

/// How the viewer stands to a channel; `None` for an unknown one, and without a viewer.
pub(crate) async fn standing(
    ctx: &Context<'_>,
    channel: ChannelId,
) -> Result<Option<Standing>, Fault> {
    match ctx.sight().viewer {
        Some(viewer) => ctx.loads().one(StandingOf { channel, user: viewer.user }).await,
        None => Ok(None),
    }
}

/// Refuses who is not in the channel.
pub(crate) async fn require_member(ctx: &Context<'_>, channel: ChannelId) -> Result<(), Fault> {
    if ctx.loads().members_of() == Some(channel.0) {
        return Ok(());
    }
    ctx.viewer()?;
    match standing(ctx, channel).await? {
        Some(Standing::Member(..)) => Ok(()),
        _ => Err(Fault::Forbidden("Only members of the channel may see this.")),
    }
}

/// The viewer as a member of a wallet; `None` for others, and without a viewer.
pub(crate) async fn wallet_member(
    ctx: &Context<'_>,
    wallet: WalletId,
) -> Result<Option<WalletMemberRow>, Fault> {
    match ctx.sight().viewer {
        Some(viewer) => ctx.loads().one(WalletMemberOf { wallet, user: viewer.user }).await,
        None => Ok(None),
    }
}

/// Refuses who is not in the wallet.
pub(crate) async fn require_wallet_member(
    ctx: &Context<'_>,
    wallet: WalletId,
) -> Result<(), Fault> {
    if ctx.loads().members_of() == Some(wallet.0) {
        return Ok(());
    }
    ctx.viewer()?;
    match wallet_member(ctx, wallet).await? {
        Some(_) => Ok(()),
        None => Err(Fault::Forbidden("Only members of the wallet may see this.")),
    }
}

impl<T> Look for ContextBase<'_, T> {
    fn services(&self) -> &Services {
        self.data_unchecked()
    }

    fn loads(&self) -> &Loads {
        self.data_unchecked()
    }

    fn sight(&self) -> Sight {
        *self.data_unchecked()
    }
}

/// An id of the API.
pub(crate) fn id(id: impl std::fmt::Display) -> ID {
    ID(id.to_string())
}
