//! Addresses in exchange. The reservation of the new one commits to the change; what follows from
//! it is here, for the node that reserved it, or for whoever finishes it after a crash.

use events::hashing::EmailHash;
use events::personal::{KeyRing, KeyState};
use events::{CommandId, LogPosition, StreamName, Timestamp, UserId};

use super::accounts::unreadable;
use super::derived::Derived;
use super::{CommandService, refused};
use crate::domain::email::{self, AddressChange, Email, Reservation};
use crate::domain::user::{self, Account, User, signed_out};
use crate::execution::Policy;
use crate::parse::EmailAddress;
use crate::rejection::{Code, Rejection};

/// Whose address is released, and because of what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Releaser {
    pub(super) user: UserId,
    /// When that was recorded.
    pub(super) at: Timestamp,
    /// The client's command.
    pub(super) correlation: CommandId,
}

impl From<&AddressChange> for Releaser {
    fn from(change: &AddressChange) -> Self {
        Self { user: change.user, at: change.at, correlation: change.correlation }
    }
}

impl CommandService {
    /// The name of the address that an account has; `stream` is the account's.
    pub(super) fn address_of(
        &self,
        account: &Account,
        ring: &KeyRing,
        stream: &StreamName,
    ) -> Result<EmailHash, Rejection> {
        let email = account.email.open(ring, stream).map_err(unreadable)?.ok_or_else(signed_out)?;
        let email = EmailAddress::parse(&email).map_err(|_| Rejection::internal())?;
        Ok(self.hash_key.email(email.normalised()))
    }

    /// Finishes the change that the holder of an address has committed to by reserving it.
    pub(super) async fn finish_held(&self, stream: &StreamName) -> Result<(), Rejection> {
        let held = self.execution.peek::<Email>(stream, &[]).await?.state;
        if let Some(reservation) = held.reservation
            && let Some(change) = self.change_of(stream, reservation).await?
        {
            self.finish_change(&change).await?;
        }
        Ok(())
    }

    async fn change_of(
        &self,
        stream: &StreamName,
        reservation: Reservation,
    ) -> Result<Option<AddressChange>, Rejection> {
        let event = self.event_in(stream, reservation.revision).await?;
        AddressChange::of(&event).map_err(|error| super::derived::undecodable(&error))
    }

    /// Carries a change of address out and releases the address before. Gives where the account
    /// was changed; `None` if it has another address by now or is over, and the reserved one was
    /// released instead.
    pub(super) async fn finish_change(
        &self,
        change: &AddressChange,
    ) -> Result<Option<LogPosition>, Rejection> {
        let changed = match self.exchange(change).await {
            Ok(position) => Some(position),
            Err(rejection) if self.is_void(change).await? => {
                tracing::debug!(%rejection, "a change of address is void");
                self.release_unused(&change.stream, change.into()).await?;
                None
            }
            Err(rejection) => return Err(rejection),
        };
        // Even then: an account that is over may have been changed before.
        self.release_unused(&StreamName::email(&change.replaces), change.into()).await?;
        Ok(changed)
    }

    async fn exchange(&self, change: &AddressChange) -> Result<LogPosition, Rejection> {
        let ring = self.ring(change.user).await?;
        let command = change.open(&ring).map_err(unreadable)?;
        let (Some(command), Some(KeyState::Live(_))) = (command, ring.get(&change.user)) else {
            return Err(signed_out());
        };
        let derived = Derived {
            id: change.command_id(),
            correlation: change.correlation,
            cause_at: change.at,
            // A repeat has to find whether it was carried out, however long ago.
            policy: Policy::Claimed {
                input_hash: self.input_hash(&("exchange", change.reservation)),
                things: Vec::new(),
            },
        };
        let (stream, command) = (StreamName::user(change.user), user::Command::Exchange(command));
        let settled = self.run_derived::<User>(&stream, derived, ring, command).await;
        Ok(settled.map_err(refused)?.position)
    }

    /// Whether a change can't be carried out any more.
    async fn is_void(&self, change: &AddressChange) -> Result<bool, Rejection> {
        let stream = StreamName::user(change.user);
        let state = self.execution.peek::<User>(&stream, &[]).await?.state;
        Ok(match state.account {
            Some(account) => account.email.event != change.since,
            None => state.deleted.is_some(),
        })
    }

    /// Releases an address of a user's, unless the account has it, or is about to. Gives where
    /// its stream is then.
    pub(super) async fn release_unused(
        &self,
        stream: &StreamName,
        Releaser { user, at, correlation }: Releaser,
    ) -> Result<LogPosition, Rejection> {
        let peek = self.execution.peek::<Email>(stream, &[]).await?;
        let held = peek.state.reservation.filter(|_| peek.state.holder == Some(user));
        let Some(reservation) = held else { return Ok(peek.position) };
        let change = self.change_of(stream, reservation).await?;
        // Looked at after the address: a later reservation of it is another one.
        let own = StreamName::user(user);
        let state = self.execution.peek::<User>(&own, &[]).await?.state;
        let used = match &state.account {
            Some(account) => {
                let awaited = change.is_some_and(|change| change.since == account.email.event);
                let ring = self.ring(user).await?;
                awaited || StreamName::email(&self.address_of(account, &ring, &own)?) == *stream
            }
            // It may be about to be registered.
            None => state.deleted.is_none(),
        };
        if used {
            return Ok(peek.position);
        }
        let id = Reservation::release_id(reservation.event);
        let derived = Derived { id, correlation, cause_at: at, policy: Policy::Natural };
        let command = email::Command::Release { reservation: reservation.event };
        let run = self.run_derived::<Email>(stream, derived, KeyRing::new(), command).await;
        Ok(run.map_err(refused)?.position)
    }
}

/// The refusal of a change of address that turned out to be void.
pub(super) fn overtaken() -> Rejection {
    let message = "The address was changed by another request meanwhile. Try again.";
    Rejection::new(Code::Conflict, message)
}
