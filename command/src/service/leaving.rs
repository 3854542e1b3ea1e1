//! Who goes from a channel goes from its wallets. What may refuse that goes first: the wallets let
//! them go, and those that end with the channel are closed. The channel's own event commits to
//! it, refused when another wallet has turned up. What has turned up in the wallets meanwhile is
//! seen to at the end, here or, after a crash, by whoever finishes it.

use std::time::Duration;

use events::personal::KeyRing;
use events::{
    ChannelId, CommandId, LogPosition, Revision, StreamName, Timestamp, UserId, WalletId,
};

use super::derived::{Derived, undecodable};
use super::origin::Origin;
use super::{CommandService, lost_race, refused};
use crate::domain::channel::{self, Channel};
use crate::domain::user::User;
use crate::domain::wallet::{self, Debits, Loss, Wallet};
use crate::execution::{Policy, Refused, Settled};
use crate::process::{Leaver, Leaving};
use crate::rejection::{Code, Rejection};

/// How often a command is run again because another wallet has turned up.
const RUNS_MAX: usize = 4;
/// Before an account ends, the index of memberships has so long to become what the log is.
const INDEX_WITHIN_MS: u64 = 200;

/// Who goes from a channel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Going {
    pub(super) channel: ChannelId,
    pub(super) who: Leaver,
}

impl CommandService {
    /// Puts a command to a channel by which somebody goes. The channel's own refusals come first;
    /// it asks for its wallets to be seen to by `CONFLICT`.
    pub(super) async fn run_leaving(
        &self,
        origin: &Origin,
        going: Going,
        things: Vec<uuid::Uuid>,
        command: impl Fn(Vec<WalletId>) -> channel::Command,
    ) -> Result<Settled, Rejection> {
        let (stream, mut handled) = (StreamName::channel(going.channel), Vec::new());
        for _ in 0..RUNS_MAX {
            let (command, things) = (command(handled), things.clone());
            let run = self.run_claimed::<Channel>(origin, &stream, things, KeyRing::new(), command);
            match run.await {
                Err(Refused::Rejection(refused)) if refused.code == Code::Conflict => {
                    handled = self.release(origin.id, going).await?;
                }
                run => {
                    let settled = run.map_err(refused)?;
                    return self.follow_leaving(settled).await;
                }
            }
        }
        Err(lost_race())
    }

    /// Has a channel's wallets let somebody go, or close. Gives them.
    async fn release(&self, by: CommandId, going: Going) -> Result<Vec<WalletId>, Rejection> {
        let channel = StreamName::channel(going.channel);
        let peek = self.execution.peek::<Channel>(&channel, &[]).await?;
        let wallets: Vec<_> = peek.state.wallets().collect();
        let revision = peek.revision.unwrap_or_default();
        for wallet in &wallets {
            match going.who {
                Leaver::Member { user, removed_by } if !peek.state.is_only_member(user) => {
                    let loss = (Loss::Asked, revision);
                    self.let_go(*wallet, by, (user, removed_by), loss).await?;
                }
                Leaver::Member { .. } | Leaver::Everybody => {
                    self.end(*wallet, Step::asked(by)).await?;
                }
            }
        }
        Ok(wallets)
    }

    async fn let_go(
        &self,
        wallet: WalletId,
        by: CommandId,
        (user, removed_by): (UserId, Option<UserId>),
        (loss, channel_revision): (Loss, Revision),
    ) -> Result<LogPosition, Rejection> {
        let command = |debits| {
            let release = wallet::Release { user, removed_by, channel_revision, loss, debits };
            wallet::Command::Release(release)
        };
        self.run_ending(wallet, Step::asked(by), command).await
    }

    /// Closes a wallet with its channel, or with its owner's account.
    async fn end(&self, wallet: WalletId, step: Step) -> Result<LogPosition, Rejection> {
        self.run_ending(wallet, step, |debits| wallet::Command::End { debits }).await
    }

    /// Puts a command of ours to a wallet that may close it, and tells its parent then.
    async fn run_ending(
        &self,
        wallet: WalletId,
        step: Step,
        command: impl Fn(Debits) -> wallet::Command,
    ) -> Result<LogPosition, Rejection> {
        let stream = StreamName::wallet(wallet);
        let run = |debits| {
            let derived = Derived {
                id: step.id,
                correlation: step.correlation,
                cause_at: step.cause_at,
                policy: Policy::Natural,
            };
            self.run_derived::<Wallet>(&stream, derived, KeyRing::new(), command(debits))
        };
        let ran = match run(None).await {
            Err(Refused::Rejection(refused)) if refused.code == Code::Conflict => {
                run(self.settled_debits(wallet).await?).await
            }
            ran => ran,
        };
        match ran {
            Ok(settled) => self.follow_end(&settled).await,
            // It is committed to, and about to be opened.
            Err(Refused::Rejection(refused)) if refused.code == Code::NotFound => {
                Err(being_opened())
            }
            Err(other) => Err(refused(other)),
        }
    }

    /// Sees to what has turned up in the wallets of a channel since they were seen to. Gives the
    /// command's answer with the last step's position.
    pub(super) async fn follow_leaving(&self, settled: Settled) -> Result<Settled, Rejection> {
        let event = self.event_of(&settled).await?;
        let leaving = Leaving::of(&event).map_err(|error| undecodable(&error))?;
        let Some(leaving) = leaving else { return Ok(settled) };
        let position = match self.finish_leaving(&leaving).await {
            Ok(position) => settled.position.max(position),
            Err(rejection) => {
                tracing::warn!(%rejection, "what follows from a departure is left to be finished");
                settled.position
            }
        };
        Ok(Settled { position, ..settled })
    }

    /// Tells a channel's wallets who has left it, or that it is gone; nothing if they know. Gives
    /// the last step's position.
    pub(super) async fn finish_leaving(&self, leaving: &Leaving) -> Result<LogPosition, Rejection> {
        let channel = StreamName::channel(leaving.channel);
        let state = self.execution.peek::<Channel>(&channel, &[]).await?.state;
        let mut position = 0;
        for wallet in state.wallets() {
            let step = Step {
                id: leaving.command_id(wallet),
                correlation: leaving.correlation,
                cause_at: leaving.at,
            };
            let command = |debits| match leaving.who {
                Leaver::Everybody => wallet::Command::End { debits },
                Leaver::Member { user, removed_by } => wallet::Command::Release(wallet::Release {
                    user,
                    removed_by,
                    channel_revision: leaving.revision,
                    loss: Loss::Done,
                    debits,
                }),
            };
            position = self.run_ending(wallet, step, command).await?.max(position);
        }
        Ok(position)
    }

    /// Has all wallets let somebody go whose account is about to end, and closes their own. One
    /// that they must look after refuses it. Gives their own.
    pub(super) async fn give_up_wallets(
        &self,
        origin: &Origin,
        user: UserId,
    ) -> Result<Vec<WalletId>, Rejection> {
        let own = self.execution.peek::<User>(&StreamName::user(user), &[]).await?;
        let own: Vec<_> = own.state.wallets().collect();
        for wallet in &own {
            self.end(*wallet, Step::asked(origin.id)).await?;
        }
        let head = self.log.head().await.map_err(|error| super::derived::unread(&error))?;
        let within = Duration::from_millis(INDEX_WITHIN_MS);
        // What it doesn't know by then is seen to when the channels are left.
        if let Ok(waited) = tokio::time::timeout(within, self.wait_for_index(head)).await {
            waited?;
        }
        let who = Leaver::Member { user, removed_by: None };
        self.for_each_channel(user, |channel| async move {
            self.release(origin.id, Going { channel, who }).await.map(|_| 0)
        })
        .await
        .map(|_| own)
    }
}

/// A command of ours to a wallet.
#[derive(Debug, Clone, Copy)]
struct Step {
    id: CommandId,
    correlation: CommandId,
    cause_at: Timestamp,
}

impl Step {
    /// For a client's command that is about to be committed to; each time it is another one.
    fn asked(by: CommandId) -> Self {
        let (id, cause_at) = (CommandId::generate(), Timestamp::default());
        Self { id, correlation: by, cause_at }
    }
}

fn being_opened() -> Rejection {
    Rejection::new(Code::Conflict, "A wallet is being opened meanwhile. Try again.")
}
