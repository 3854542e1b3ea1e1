//! Commands that follow from others, and the events that they follow from.

use std::sync::Arc;

use events::codec::DecodeError;
use events::log::Direction;
use events::personal::KeyRing;
use events::{Actor, CommandId, LogError, LogPosition, Recorded, Revision, StreamName, Timestamp};

use super::{CommandService, unreachable_store};
use crate::execution::{Aggregate, Ask, Policy, Refused, Settled};
use crate::rejection::Rejection;

/// A command of Moim's own.
pub(super) struct Derived {
    pub(super) id: CommandId,
    /// The client's command at the root.
    pub(super) correlation: CommandId,
    /// When the event was recorded that it follows from.
    pub(super) cause_at: Timestamp,
    pub(super) policy: Policy,
}

impl CommandService {
    pub(super) async fn run_derived<A: Aggregate>(
        &self,
        stream: &StreamName,
        derived: Derived,
        ring: KeyRing,
        command: A::Command,
    ) -> Result<Settled, Refused> {
        let ask = Ask {
            id: derived.id,
            correlation: derived.correlation,
            actor: Actor::System,
            policy: derived.policy,
            ring,
            cause_at: Some(derived.cause_at),
            trace_parent: None,
            fresh_id: CommandId::generate(),
            command,
        };
        self.execution.run::<A>(stream, ask).await
    }

    /// The last event that a command of ours has brought about, now or earlier; none if it changed
    /// nothing.
    pub(super) async fn caused(
        &self,
        settled: &Settled,
        id: CommandId,
    ) -> Result<Option<Arc<Recorded>>, Rejection> {
        let event = self.event_of(settled).await?;
        Ok(Some(event).filter(|event| event.event.metadata.causation == id))
    }

    /// The event at a revision of a stream.
    pub(super) async fn event_in(
        &self,
        stream: &StreamName,
        revision: Revision,
    ) -> Result<Recorded, Rejection> {
        let events = self.log.read(stream, revision, Direction::Forwards, 1).await;
        let events = events.map_err(|error| unread(&error))?;
        let event = events.into_iter().find(|event| event.revision == revision);
        event.ok_or_else(|| lost(stream, revision))
    }

    /// The event at a position of the log: the last one of a command that was carried out.
    pub(super) async fn event_at(&self, position: LogPosition) -> Result<Recorded, Rejection> {
        let events = self.log.read_all(position.saturating_sub(1), 1).await;
        let events = events.map_err(|error| unread(&error))?;
        let event = events.into_iter().find(|event| event.position == position);
        event.ok_or_else(|| lost("the log", position))
    }
}

pub(super) fn unread(error: &LogError) -> Rejection {
    tracing::warn!(%error, "the log can't be read");
    unreachable_store()
}

fn lost(of: impl std::fmt::Display, place: u64) -> Rejection {
    tracing::error!(%of, place, "an event that was there is gone");
    Rejection::internal()
}

/// An event can't be read as what it says that it is.
pub(super) fn undecodable(error: &DecodeError) -> Rejection {
    tracing::error!(%error, "an event can't be decoded");
    Rejection::internal()
}
