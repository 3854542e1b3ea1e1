//! Telling channels of their money.

use events::personal::KeyRing;
use events::{ChannelId, StreamName, WalletId};

use super::derived::Derived;
use super::{CommandService, refused, unreachable_store};
use crate::domain::channel::{self, Channel};
use crate::domain::dues::Dues;
use crate::domain::payment::Payment;
use crate::domain::wallet::Wallet;
use crate::execution::Policy;
use crate::process::notice::{self, News, Notice, due};
use crate::rejection::Rejection;

impl CommandService {
    /// Tells a channel what it is to be told; nothing if it was, or if there is no channel.
    pub(super) async fn finish_notice(&self, notice: &Notice) -> Result<(), Rejection> {
        let Some((wallet, channel, text)) = self.words(notice).await? else { return Ok(()) };
        let (stream, message) = (StreamName::channel(channel), notice.message());
        // Before it is there, so that whoever sees it can name it.
        self.claims.name(vec![(message.0, stream.clone())]).await.map_err(|error| {
            tracing::warn!(%error, "a notice can't be named");
            unreachable_store()
        })?;
        let derived = Derived {
            id: notice.command_id(),
            correlation: notice.correlation,
            cause_at: notice.at,
            policy: Policy::Natural,
        };
        let about = notice.about(wallet);
        let command = channel::Command::Notify(channel::Notice { message, text, about });
        let run = self.run_derived::<Channel>(&stream, derived, KeyRing::new(), command).await;
        run.map_err(refused).map(drop)
    }

    /// The wallet whose channel is told, that channel, and what.
    async fn words(
        &self,
        notice: &Notice,
    ) -> Result<Option<(WalletId, ChannelId, String)>, Rejection> {
        Ok(match &notice.news {
            News::Transfer { wallet, turn, .. } => {
                let told = self.group_wallet(*wallet).await?;
                told.map(|(channel, words)| (*wallet, channel, words.transfer(turn)))
            }
            News::Cycle { plan, number, due_at, members, .. } => {
                let state = self.execution.peek::<Dues>(&StreamName::dues(*plan), &[]).await?.state;
                let Some(plan) = state.plan() else { return Ok(None) };
                let zone = &plan.recurrence.time_zone;
                self.group_wallet(plan.wallet).await?.map(|(channel, words)| {
                    let text = words.cycle(&plan.name, plan.amount, (*number, *members));
                    (plan.wallet, channel, text + &due(*due_at, zone))
                })
            }
            News::Failure { payment, code, .. } => {
                let stream = StreamName::payment(*payment);
                let state = self.execution.peek::<Payment>(&stream, &[]).await?.state;
                let Some(about) = state.about() else { return Ok(None) };
                let told = self.group_wallet(about.from).await?;
                told.map(|(channel, words)| {
                    (about.from, channel, words.failure(about.amount, code))
                })
            }
        })
    }

    /// A wallet's channel, and what sentences say of the wallet; nothing of a personal one.
    async fn group_wallet(
        &self,
        wallet: WalletId,
    ) -> Result<Option<(ChannelId, notice::Wallet)>, Rejection> {
        let state = self.execution.peek::<Wallet>(&StreamName::wallet(wallet), &[]).await?.state;
        let known = (state.channel(), state.name(), state.currency());
        let (Some(channel), Some(name), Some(currency)) = known else { return Ok(None) };
        Ok(Some((channel, notice::Wallet { name: name.to_owned(), currency })))
    }
}
