//! `markRead`. Clients send it with every message that scrolls by, so what comes while a marker
//! is being moved is merged into its next move.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use events::personal::KeyRing;
use events::{Actor, ChannelId, CommandId, LogPosition, StreamName, UserId};
use tokio::sync::oneshot;

use super::origin::Origin;
use super::{CommandService, done, refused};
use crate::bus::{Done, Outcome};
use crate::domain::channel::Channel;
use crate::domain::readers::{MarkRead, Readers};
use crate::execution::limits::OVERLOADED_RETRY_MS;
use crate::execution::{Ask, Execution, Policy};
use crate::parse;
use crate::rejection::{Code, Rejection};

/// Markers that are being moved at the same time; a further one is answered `OVERLOADED`.
const MARKERS_LEN_MAX: usize = 50_000;
/// Who wait for one marker's next move; a further one is answered `OVERLOADED`.
const WAITING_PER_MARKER_MAX: usize = 1_000;

impl CommandService {
    pub(super) async fn mark_read(
        &self,
        origin: &Origin,
        user: UserId,
        channel: &str,
        up_to_seq: i64,
    ) -> Result<Done, Rejection> {
        let parsed = up_to(up_to_seq).and_then(|up_to| Ok((parse::thing(channel)?, up_to)));
        let (channel, up_to) = self.parsed(origin, parsed).await?;
        if !origin.is_named_by_client() {
            let trace_parent = origin.trace_parent.clone();
            let position = self.read_markers.read(channel, user, up_to, trace_parent).await?;
            return Ok(Done { id: origin.id, position, outcome: Outcome::Nothing });
        }
        let (command, _) = command(&self.execution, channel, user, up_to).await?;
        let (stream, things) = (StreamName::readers(channel), Vec::new());
        let run = self.run_claimed::<Readers>(origin, &stream, things, KeyRing::new(), command);
        Ok(done(origin, &run.await.map_err(refused)?, Outcome::Nothing))
    }
}

/// Reads the field `upToSeq`. What is beyond any channel's end is its end.
fn up_to(up_to_seq: i64) -> Result<u32, Rejection> {
    if up_to_seq < 0 {
        return Err(Rejection::invalid("upToSeq", "Not below 0."));
    }
    Ok(u32::try_from(up_to_seq).unwrap_or(u32::MAX))
}

/// The command with what the channel's own stream tells of the user, and how far that was read.
async fn command(
    execution: &Execution,
    channel: ChannelId,
    user: UserId,
    up_to: u32,
) -> Result<(MarkRead, LogPosition), Rejection> {
    let peek = execution.peek::<Channel>(&StreamName::channel(channel), &[]).await?;
    Ok((MarkRead { user, up_to, standing: peek.state.standing(user) }, peek.position))
}

/// The markers that are being moved on this node.
pub(super) struct ReadMarkers {
    execution: Execution,
    moving: Mutex<HashMap<Place, Move>>,
}

type Place = (ChannelId, UserId);

/// A marker's next move.
#[derive(Default)]
struct Move {
    up_to: u32,
    waiting: Vec<oneshot::Sender<Result<LogPosition, Rejection>>>,
    /// Of the first who asked for it.
    trace_parent: Option<String>,
}

impl ReadMarkers {
    pub(super) fn new(execution: Execution) -> Arc<Self> {
        Arc::new(Self { execution, moving: Mutex::default() })
    }

    /// Moves a marker, with all who ask for it meanwhile; it goes on if the caller doesn't wait.
    async fn read(
        self: &Arc<Self>,
        channel: ChannelId,
        user: UserId,
        up_to: u32,
        trace_parent: Option<String>,
    ) -> Result<LogPosition, Rejection> {
        let (answer, answered) = oneshot::channel();
        let place = (channel, user);
        {
            let mut moving = self.moving();
            let (len, under_way) = (moving.len(), moving.contains_key(&place));
            if !under_way && len >= MARKERS_LEN_MAX {
                return Err(overloaded());
            }
            let next = moving.entry(place).or_default();
            if next.waiting.len() >= WAITING_PER_MARKER_MAX {
                return Err(overloaded());
            }
            next.up_to = next.up_to.max(up_to);
            if next.waiting.is_empty() {
                next.trace_parent = trace_parent;
            }
            next.waiting.push(answer);
            if !under_way {
                tokio::spawn(Arc::clone(self).move_on(place));
            }
        }
        answered.await.unwrap_or_else(|_| Err(Rejection::internal()))
    }

    /// Moves a marker until nobody waits for it any more.
    async fn move_on(self: Arc<Self>, place: Place) {
        while let Some(Move { up_to, waiting, trace_parent }) = self.next(place) {
            let moved = self.move_to(place, up_to, trace_parent).await;
            for answer in waiting {
                // Who no longer waits needs no answer.
                let _ = answer.send(moved.clone());
            }
        }
    }

    /// What is to be done next; if that is nothing, the place is free again.
    fn next(&self, place: Place) -> Option<Move> {
        let mut moving = self.moving();
        let next = moving.get_mut(&place).map(std::mem::take);
        let next = next.filter(|next| !next.waiting.is_empty());
        if next.is_none() {
            moving.remove(&place);
        }
        next
    }

    async fn move_to(
        &self,
        (channel, user): Place,
        up_to: u32,
        trace_parent: Option<String>,
    ) -> Result<LogPosition, Rejection> {
        let (command, known) = command(&self.execution, channel, user, up_to).await?;
        let id = CommandId::generate();
        let ask = Ask::<Readers> {
            id,
            correlation: id,
            actor: Actor::User(user),
            policy: Policy::Natural,
            ring: KeyRing::new(),
            cause_at: None,
            trace_parent,
            fresh_id: CommandId::generate(),
            command,
        };
        let run = self.execution.run(&StreamName::readers(channel), ask).await;
        // Where nothing moved, it is the channel that told so.
        Ok(run.map_err(refused)?.position.max(known))
    }

    /// Every change leaves the map whole before it can panic.
    fn moving(&self) -> MutexGuard<'_, HashMap<Place, Move>> {
        self.moving.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn overloaded() -> Rejection {
    let retry_after = Duration::from_millis(OVERLOADED_RETRY_MS);
    Rejection::new(Code::Overloaded, "Too much is waiting here.").retry_after(retry_after)
}
