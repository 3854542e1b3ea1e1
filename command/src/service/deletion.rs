//! `deleteAccount`. It commits with the end of the account on its own stream. What follows is
//! here, for this node, or for whoever finishes it after a crash: its channels are left, its
//! address released, and, when nothing needs it any more, its key destroyed.

use std::time::Duration;

use events::personal::KeyRing;
use events::{ChannelId, LogPosition, MessageId, StreamName};
use futures::{StreamExt, TryStreamExt, stream};

use super::accounts::unreadable;
use super::addresses::Releaser;
use super::derived::Derived;
use super::origin::Origin;
use super::{CommandService, keys_unavailable, refused};
use crate::bus::{Done, Outcome, Secret, Viewer};
use crate::domain::channel::{self, Channel, LEAVE};
use crate::domain::user::{self, User};
use crate::execution::Policy;
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
        let session = viewer.session;
        let command = |verified| user::Command::Delete { session, verified, handled: Vec::new() };
        let tried = PasswordTry::new(password);
        let settled = self.run_verified(origin, viewer, &tried, command).await?;
        let position = self.follow_deletion(settled.position).await;
        Ok(Done { id: origin.id, position, outcome: Outcome::Nothing })
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
    async fn wait_for_index(&self, position: LogPosition) -> Result<(), Rejection> {
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
        let (mut position, mut after) = (deletion.position, None);
        loop {
            let page = self.todos.channels_of(deletion.user, after, CHANNELS_PAGE_LEN).await;
            let page: Vec<ChannelId> = page.map_err(|error| unlisted(&error))?;
            let Some(last) = page.last().copied() else { return Ok(position) };
            let departures = page.into_iter().map(|channel| {
                let departure = deletion.departure(channel);
                async move { self.depart(&departure).await }
            });
            let left = stream::iter(departures).buffer_unordered(DEPARTURES_RUNNING_MAX);
            let left: Vec<LogPosition> = left.try_collect().await?;
            position = left.into_iter().fold(position, LogPosition::max);
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
        Ok(run.map_err(refused)?.position)
    }
}

fn unlisted(error: &StoreError) -> Rejection {
    tracing::warn!(%error, "the channels of an account can't be listed");
    Rejection::new(Code::Unavailable, "A store can't be reached. Try again.")
}
