//! How far the members of a channel have read: a marker each, which never goes back.

use events::readers::ReadMarkerMoved;
use events::{Fact, ReadersEvent, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::channel::{Standing, no_channel, no_member};
use crate::execution::aggregate::{Aggregate, Context, Decision, Touch, View};
use crate::rejection::Rejection;

/// The aggregate. Its items are the markers, by user.
#[derive(Debug)]
pub enum Readers {}

/// All is in the markers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {}

/// The highest `seq` that a user has said to have read, in whichever stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Marker(u32);

/// Move a member's marker up to a message, as far as there are any; not back.
#[derive(Debug, Clone, Copy)]
pub struct MarkRead {
    /// Whose.
    pub user: UserId,
    /// Up to which `seq`.
    pub up_to: u32,
    /// What the user is to the channel, as its own stream tells.
    pub standing: Standing,
}

impl Aggregate for Readers {
    type Event = ReadersEvent;
    type Command = MarkRead;
    type State = State;
    type Item = Marker;

    const SCHEMA: u16 = 1;

    fn needs(command: &MarkRead) -> Vec<Uuid> {
        vec![command.user.0]
    }

    fn touches(event: &ReadersEvent) -> Option<Touch> {
        match event {
            ReadersEvent::ReadMarkerMoved(moved) => Some(Touch::Changes(moved.user.0)),
            ReadersEvent::CommandSettled(_) => None,
        }
    }

    fn evolve(state: State, _: &Fact<ReadersEvent>) -> State {
        state
    }

    fn evolve_item(marker: Option<Marker>, fact: &Fact<ReadersEvent>) -> Option<Marker> {
        match &fact.event {
            ReadersEvent::ReadMarkerMoved(moved) => Some(Marker(moved.up_to_seq)),
            ReadersEvent::CommandSettled(_) => marker,
        }
    }

    fn decide(
        view: &View<'_, Self>,
        _: &Context<'_>,
        command: &MarkRead,
    ) -> Decision<ReadersEvent> {
        mark_read(view, command).map_or_else(Decision::Refuse, Decision::Accept)
    }
}

fn mark_read(view: &View<'_, Readers>, command: &MarkRead) -> Result<Vec<ReadersEvent>, Rejection> {
    let (read, last) = match command.standing {
        Standing::NoChannel => return Err(no_channel()),
        Standing::Stranger => return Err(no_member()),
        Standing::Member { read, last } => (read, last),
    };
    let user = command.user;
    let marker = view.items.get(&user.0).map_or(0, |Marker(marker)| *marker);
    let up_to_seq = command.up_to.min(last);
    if up_to_seq <= marker.max(read) {
        return Ok(Vec::new());
    }
    Ok(vec![ReadMarkerMoved { user, up_to_seq }.into()])
}

#[cfg(test)]
mod tests;
