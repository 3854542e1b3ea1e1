//! Between a wallet and its parent, the stream of its owner or of its channel: the wallet that the
//! parent has committed to is opened, and the parent is told of its end.

use std::time::Duration;

use events::personal::{KeyRing, KeyState};
use events::{Category, LogPosition, StreamName, WalletId};

use super::accounts::unreadable;
use super::derived::Derived;
use super::{CommandService, refused, unreachable_store};
use crate::domain::channel::{self, Channel};
use crate::domain::user::{self, User};
use crate::domain::wallet::{self, Debits, Wallet};
use crate::execution::Policy;
use crate::process::{Closing, Opening};
use crate::rejection::Rejection;

/// Who wants to close a wallet waits so long for its payments to arrive.
const SETTLED_WITHIN_MS: u64 = 1_000;
/// How often the list of what is under way is looked at meanwhile.
const SETTLED_POLL_MS: u64 = 20;

impl CommandService {
    /// Opens the wallet that its parent has committed to; nothing if that is done. If its owner's
    /// account is over, there will be none, and its channel has it no more. Gives the last step's
    /// position.
    pub(super) async fn finish_opening(&self, opening: &Opening) -> Result<LogPosition, Rejection> {
        let ring = self.ring(opening.owner()).await?;
        let command = opening.open(&ring).map_err(unreadable)?;
        let (Some(open), Some(KeyState::Live(_))) = (command, ring.get(&opening.owner())) else {
            return self.give_opening_up(opening).await;
        };
        let derived = Derived {
            id: opening.command_id(),
            correlation: opening.correlation,
            cause_at: opening.at,
            policy: Policy::Natural,
        };
        let (stream, command) = (StreamName::wallet(opening.wallet), wallet::Command::Open(open));
        let run = self.run_derived::<Wallet>(&stream, derived, ring, command).await;
        Ok(run.map_err(refused)?.position)
    }

    async fn give_opening_up(&self, opening: &Opening) -> Result<LogPosition, Rejection> {
        let (wallet, parent) = (opening.wallet, opening.parent());
        if parent.category() != Category::Channel {
            return Ok(0);
        }
        let derived = Derived {
            id: opening.command_id(),
            correlation: opening.correlation,
            cause_at: opening.at,
            policy: Policy::Natural,
        };
        let command = channel::Command::CloseWallet { wallet };
        let run = self.run_derived::<Channel>(parent, derived, KeyRing::new(), command).await;
        Ok(run.map_err(refused)?.position)
    }

    /// Tells a wallet's parent of its end. Gives where the parent's stream is then.
    pub(super) async fn finish_closing(&self, closing: &Closing) -> Result<LogPosition, Rejection> {
        let wallet = closing.wallet;
        let state = self.execution.peek::<Wallet>(&StreamName::wallet(wallet), &[]).await?.state;
        let derived = Derived {
            id: closing.command_id(),
            correlation: closing.correlation,
            cause_at: closing.at,
            policy: Policy::Natural,
        };
        let ring = KeyRing::new();
        let run = if let Some(channel) = state.channel() {
            let stream = StreamName::channel(channel);
            let command = channel::Command::CloseWallet { wallet };
            self.run_derived::<Channel>(&stream, derived, ring, command).await
        } else {
            // Its one member, who stays in it when it is closed.
            let owner = state.members().next();
            let (owner, _) = owner.ok_or_else(Rejection::internal)?;
            let (stream, command) =
                (StreamName::user(owner), user::Command::CloseWallet { wallet });
            self.run_derived::<User>(&stream, derived, ring, command).await
        };
        Ok(run.map_err(refused)?.position)
    }
}

/// Money that is under way.
impl CommandService {
    /// Up to which revision of a wallet all that it has paid has arrived, or come back.
    pub(super) async fn settled_debits(&self, wallet: WalletId) -> Result<Debits, Rejection> {
        let stream = StreamName::wallet(wallet);
        let state = self.execution.peek::<Wallet>(&stream, &[]).await?.state;
        let Some(last) = state.last_debit() else { return Ok(None) };
        let position = self.event_in(&stream, last).await?.position;
        let within = Duration::from_millis(SETTLED_WITHIN_MS);
        match tokio::time::timeout(within, self.until_settled(&stream, position)).await {
            Ok(settled) => settled.map(|()| Some(last)),
            // The wallet says that something is under way.
            Err(_) => Ok(None),
        }
    }

    /// Waits until the list knows of the events up to that position, and has nothing of this
    /// stream on it.
    async fn until_settled(
        &self,
        stream: &StreamName,
        position: LogPosition,
    ) -> Result<(), Rejection> {
        self.wait_for_index(position).await?;
        while self.todos.is_open_in(stream).await.map_err(|error| {
            tracing::warn!(%error, "the to-do list can't be read");
            unreachable_store()
        })? {
            tokio::time::sleep(Duration::from_millis(SETTLED_POLL_MS)).await;
        }
        Ok(())
    }
}
