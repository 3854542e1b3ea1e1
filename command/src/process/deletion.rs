//! The end of an account: `UserDeleted` commits to all that is left to be done. The node that
//! appended it does that at once; this finishes what a crash left open. A token may outlive its
//! account for seconds, so a channel that was joined after the end has to be left, too.

use events::codec::{self, DecodeError};
use events::{
    ChannelEvent, ChannelId, CommandId, EventId, LogPosition, Recorded, Timestamp, UserId,
};
use uuid::Uuid;

use super::rules::Change;

/// An account that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deletion {
    /// Whose.
    pub user: UserId,
    /// Where it was committed to: channels that were joined before are in the index once that has
    /// come so far.
    pub position: LogPosition,
    /// When.
    pub at: Timestamp,
    /// The client's command.
    pub correlation: CommandId,
    event: EventId,
}

impl Deletion {
    /// What an event commits to, if it is that.
    pub fn of(event: &Recorded) -> Option<Self> {
        if event.event.kind != "UserDeleted" {
            return None;
        }
        let metadata = &event.event.metadata;
        Some(Self {
            user: event.stream.entity().parse().ok()?,
            position: event.position,
            at: metadata.recorded_at,
            correlation: metadata.correlation,
            event: metadata.event_id,
        })
    }

    /// How it leaves a channel.
    pub fn departure(&self, channel: ChannelId) -> Departure {
        let id = CommandId(self.event.0).derived(&format!("leave {channel}"));
        let Self { user, at, correlation, .. } = *self;
        Departure { user, channel, id, at, correlation }
    }

    fn key(&self) -> Uuid {
        CommandId(self.event.0).derived("delete").0
    }
}

/// A channel that an account which is over has to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Departure {
    /// Who leaves.
    pub user: UserId,
    /// What.
    pub channel: ChannelId,
    /// The id of the command that carries it out: another one each time that the channel was
    /// joined.
    pub id: CommandId,
    /// When what it follows from was recorded.
    pub at: Timestamp,
    /// The client's command.
    pub correlation: CommandId,
}

impl Departure {
    /// What an event that took somebody in calls for, should that account be over.
    fn after(event: &Recorded, (user, channel): (UserId, ChannelId)) -> Self {
        let metadata = &event.event.metadata;
        let id = CommandId(metadata.event_id.0).derived("leave");
        let (at, correlation) = (metadata.recorded_at, metadata.correlation);
        Self { user, channel, id, at, correlation }
    }
}

pub(super) fn follow(event: &Recorded) -> Result<Vec<Change>, DecodeError> {
    if let Some(deletion) = Deletion::of(event) {
        return Ok(vec![Change::Ended(deletion.user), Change::Open(deletion.key())]);
    }
    if let Some((user, channel)) = taken_in(event)? {
        let key = Departure::after(event, (user, channel)).id.0;
        return Ok(vec![Change::Joined { user, channel, key }]);
    }
    Ok(gone(event)?.into_iter().collect())
}

pub(super) fn derive(key: Uuid, event: &Recorded) -> Option<Deletion> {
    Deletion::of(event).filter(|deletion| deletion.key() == key)
}

pub(super) fn derive_departure(
    key: Uuid,
    event: &Recorded,
) -> Result<Option<Departure>, DecodeError> {
    let departure = taken_in(event)?.map(|who| Departure::after(event, who));
    Ok(departure.filter(|departure| departure.id.0 == key))
}

/// Who is in which channel by this event.
fn taken_in(event: &Recorded) -> Result<Option<(UserId, ChannelId)>, DecodeError> {
    if !matches!(event.event.kind.as_str(), "MemberJoined" | "ChannelCreated") {
        return Ok(None);
    }
    let user = match codec::decode::<ChannelEvent>(event)?.event {
        ChannelEvent::MemberJoined(joined) => joined.user,
        ChannelEvent::ChannelCreated(created) => created.creator,
        _ => return Ok(None),
    };
    Ok(channel(event).map(|channel| (user, channel)))
}

fn gone(event: &Recorded) -> Result<Option<Change>, DecodeError> {
    let Some(channel) = channel(event) else { return Ok(None) };
    match event.event.kind.as_str() {
        "ChannelDeleted" => Ok(Some(Change::Gone(channel))),
        "MemberLeft" => match codec::decode::<ChannelEvent>(event)?.event {
            ChannelEvent::MemberLeft(left) => Ok(Some(Change::Left { user: left.user, channel })),
            _ => Ok(None),
        },
        _ => Ok(None),
    }
}

fn channel(event: &Recorded) -> Option<ChannelId> {
    let named = event.stream.category() == events::Category::Channel;
    event.stream.entity().parse().ok().filter(|_| named)
}
