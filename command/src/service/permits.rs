//! What wallets say to what is decided on other streams, and to whom.

use events::{ChannelId, StreamName, UserId, WalletId};

use super::CommandService;
use crate::domain::Permit;
use crate::domain::channel::{Channel, Standing};
use crate::domain::wallet::{Asker, Management, State, Wallet};
use crate::rejection::Rejection;

impl CommandService {
    /// As whom somebody asks. Who is no member may know of the wallet as a member of its channel,
    /// or of another wallet that it deals with.
    pub(super) async fn asker(
        &self,
        user: UserId,
        wallet: &State,
        other: Option<WalletId>,
    ) -> Result<Asker, Rejection> {
        if wallet.role(user).is_some() || self.is_in_channel_of(user, wallet).await? {
            return Ok(Asker::acquainted(user));
        }
        match other {
            Some(other) if self.is_member(user, other).await? => Ok(Asker::acquainted(user)),
            _ => Ok(Asker::stranger(user)),
        }
    }

    /// Whether somebody is in the channel of a group wallet.
    pub(super) async fn is_in_channel_of(
        &self,
        user: UserId,
        wallet: &State,
    ) -> Result<bool, Rejection> {
        match wallet.channel() {
            Some(channel) => self.is_in_channel(user, channel).await,
            None => Ok(false),
        }
    }

    async fn is_in_channel(&self, user: UserId, channel: ChannelId) -> Result<bool, Rejection> {
        let channel = self.execution.peek::<Channel>(&StreamName::channel(channel), &[]).await?;
        Ok(matches!(channel.state.standing(user), Standing::Member { .. }))
    }

    /// Whether somebody is a member of a wallet.
    pub(super) async fn is_member(
        &self,
        user: UserId,
        wallet: WalletId,
    ) -> Result<bool, Rejection> {
        let peek = self.execution.peek::<Wallet>(&StreamName::wallet(wallet), &[]).await?;
        Ok(peek.state.role(user).is_some())
    }

    /// Whether somebody may manage what was scheduled or planned for a wallet.
    pub(super) async fn permit_to_manage(
        &self,
        (user, wallet): (UserId, WalletId),
        other: Option<WalletId>,
        management: Management,
    ) -> Result<Permit, Rejection> {
        let state = self.execution.peek::<Wallet>(&StreamName::wallet(wallet), &[]).await?.state;
        let asker = self.asker(user, &state, other).await?;
        Ok(state.lets_manage(wallet, asker, management))
    }
}
