//! `deleteAccount`. The account's wallets are seen to first. It commits with the end of the
//! account on its own stream. What follows is here, for this node, or for whoever finishes it
//! after a crash: its channels are left, its address released, and, when nothing needs it any
//! more, its key destroyed.

use std::time::Duration;

use events::personal::KeyRing;
use events::{ChannelId, LogPosition, MessageId, StreamName, UserId};
use futures::{StreamExt, TryStreamExt, stream};

use super::accounts::unreadable;
use super::addresses::Releaser;
use super::derived::Derived;
use super::origin::Origin;
use super::{CommandService, VERIFICATIONS_MAX, keys_unavailable, lost_race, refused};
use crate::bus::{Done, Outcome, Secret, Viewer};
use crate::domain::Verdict;
use crate::domain::channel::{self, Channel, LEAVE};
use crate::domain::user::{self, User};
use crate::execution::{Policy, Refused, Settled};
use crate::parse::{EmailAddress, PasswordTry};
use crate::ports::StoreError;
use crate::process::{Deletion, Departure};
use crate::rejection::{Code, Rejection};

/// The answer waits so long for what follows; the process manager does what is left then.
const FOLLOWED_WITHIN_MS: u64 = 2_000;
/// How often the index of memberships is asked whether it has come so far.
const INDEX_POLL_MS: u64 = 20;
/// Channels read from that index at a time.
const CHANNELS_PAGE_LEN: usize = 200;
/// Channels left at the same time.
const DEPARTURES_RUNNING_MAX: usize = 16;

impl CommandService {
    pub(super) async fn delete_account(
        &self,
        origin: &Origin,
        viewer: Viewer,
        password: &Secret,
    ) -> Result<Done, Rejection> {
        self.admit(origin).await?;
        let settled = self.end_account(origin, viewer, &PasswordTry::new(password)).await?;
        let position = self.follow_deletion(settled.position).await;
        Ok(Done { id: origin.id, position, outcome: Outcome::Nothing })
    }

    /// Commits to the end, once the wallets of who may end it are seen to.
    async fn end_account(
        &self,
        origin: &Origin,
        viewer: Viewer,
        tried: &PasswordTry,
    ) -> Result<Settled, Rejection> {
        let (stream, session) = (StreamName::user(viewer.user), viewer.session);
        for _ in 0..VERIFICATIONS_MAX {
            let (ring, verified) = self.verify_own(viewer, tried).await?;
            let handled = match verified.verdict {
                Verdict::Right => self.give_up_wallets(origin, viewer.user).await?,
                Verdict::Wrong => Vec::new(),
            };
            let command = user::Command::Delete { session, verified, handled };
            match self.run_claimed::<User>(origin, &stream, Vec::new(), ring, command).await {
                Ok(settled) => return Ok(settled),
                // A wallet was opened meanwhile.
                Err(Refused::Rejection(refused)) if refused.code == Code::Conflict => {}
                Err(Refused::Rejection(refused)) => return Err(refused),
                Err(Refused::Stale) => {}
            }
        }
        Err(lost_race())
    }

    /// Does at once what follows, so that it can be seen when the answer is there. The account is
    /// over, whatever comes of this.
    async fn follow_deletion(&self, at: LogPosition) -> LogPosition {
        let follow = async {
            let event = self.event_at(at).await?;
            let deletion = Deletion::of(&event).ok_or_else(Rejection::internal)?;
            self.wait_for_index(at).await?;
            self.finish_deletion(&deletion).await
        };
        let within = Duration::from_millis(FOLLOWED_WITHIN_MS);
        match tokio::time::timeout(within, follow).await {
            Ok(Ok(position)) => at.max(position),
            Ok(Err(rejection)) => {
                tracing::warn!(%rejection, "what follows from a deletion is left to be finished");
                at
            }
            Err(_) => {
                tracing::debug!("what follows from a deletion takes longer than its answer waits");
                at
            }
        }
    }

    /// Until the index of memberships knows all that were joined before.
    pub(super) async fn wait_for_index(&self, position: LogPosition) -> Result<(), Rejection> {
        loop {
            let checkpoint = self.todos.checkpoint(self.log.id()).await;
            if checkpoint.map_err(|error| unlisted(&error))? >= position {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(INDEX_POLL_MS)).await;
        }
    }

    /// Carries out what a deletion commits to; the index of memberships knows all that were
    /// joined before. Gives the position of the last that was to be done.
    pub(super) async fn finish_deletion(
        &self,
        deletion: &Deletion,
    ) -> Result<LogPosition, Rejection> {
        let mut position = self.leave_all(deletion).await?;
        let own = StreamName::user(deletion.user);
        let state = self.execution.peek::<User>(&own, &[]).await?;
        let ring = self.ring(deletion.user).await?;
        let address = match &state.state.deleted {
            Some(address) => address.open(&ring, &own).map_err(unreadable)?,
            None => None,
        };
        if let Some(address) = address {
            let address = EmailAddress::parse(&address).map_err(|_| Rejection::internal())?;
            let stream = StreamName::email(&self.hash_key.email(address.normalised()));
            let Deletion { user, at, correlation, .. } = *deletion;
            let released = self.release_unused(&stream, Releaser { user, at, correlation });
            position = position.max(released.await?);
        }
        // Last: the address can't be read without it.
        self.keys.destroy(deletion.user).await.map_err(|error| keys_unavailable(&error))?;
        Ok(position)
    }

    async fn leave_all(&self, deletion: &Deletion) -> Result<LogPosition, Rejection> {
        let left = self.for_each_channel(deletion.user, |channel| async move {
            self.depart(&deletion.departure(channel)).await
        });
        Ok(left.await?.max(deletion.position))
    }

    /// Does something with all channels that a user is in, some at a time. Gives the highest
    /// position that it came to.
    pub(super) async fn for_each_channel<F>(
        &self,
        user: UserId,
        work: impl Fn(ChannelId) -> F,
    ) -> Result<LogPosition, Rejection>
    where
        F: Future<Output = Result<LogPosition, Rejection>>,
    {
        let (mut position, mut after) = (0, None);
        loop {
            let page = self.todos.channels_of(user, after, CHANNELS_PAGE_LEN).await;
            let page: Vec<ChannelId> = page.map_err(|error| unlisted(&error))?;
            let Some(last) = page.last().copied() else { return Ok(position) };
            let works: Vec<F> = page.into_iter().map(&work).collect();
            let done = stream::iter(works).buffer_unordered(DEPARTURES_RUNNING_MAX);
            let done: Vec<LogPosition> = done.try_collect().await?;
            position = done.into_iter().fold(position, LogPosition::max);
            after = Some(last);
        }
    }

    /// Leaves a channel for an account that is over.
    pub(super) async fn depart(&self, departure: &Departure) -> Result<LogPosition, Rejection> {
        let Departure { user, channel, id, at, correlation } = *departure;
        let policy = Policy::Claimed {
            input_hash: self.input_hash(&("depart", user, channel)),
            // The LEAVE message can be named by others.
            things: vec![MessageId::derived(id, LEAVE).0],
        };
        let derived = Derived { id, correlation, cause_at: at, policy };
        let (stream, command) = (StreamName::channel(channel), channel::Command::Depart { user });
        let run = self.run_derived::<Channel>(&stream, derived, KeyRing::new(), command).await;
        Ok(self.follow_leaving(run.map_err(refused)?).await?.position)
    }
}

fn unlisted(error: &StoreError) -> Rejection {
    tracing::warn!(%error, "the channels of an account can't be listed");
    Rejection::new(Code::Unavailable, "A store can't be reached. Try again.")
}
