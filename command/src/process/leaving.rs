//! Who has left a channel has lost its wallets, and a channel that is deleted takes its wallets
//! along. Both were seen to before; what has turned up since is finished by the node that did it,
//! or, after a crash, by this. `MemberLeft` doesn't tell whether there are wallets: the channel
//! does, when it is looked at.

use events::codec::{self, DecodeError};
use events::{
    ChannelEvent, ChannelId, CommandId, EventId, Recorded, Revision, Timestamp, UserId, WalletId,
};
use uuid::Uuid;

use super::rules::Change;

/// Somebody who has left a channel, or a channel that is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaving {
    /// The channel.
    pub channel: ChannelId,
    /// Who goes from its wallets; everybody when it is deleted.
    pub who: Leaver,
    /// The channel's revision by then.
    pub revision: Revision,
    /// When.
    pub at: Timestamp,
    /// The client's command.
    pub correlation: CommandId,
    event: EventId,
}

/// Who goes from a channel's wallets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaver {
    /// One member.
    Member {
        /// Who.
        user: UserId,
        /// By whom, if not by oneself.
        removed_by: Option<UserId>,
    },
    /// All: the channel is deleted.
    Everybody,
}

impl Leaving {
    /// What an event tells of, if it is that.
    pub fn of(event: &Recorded) -> Result<Option<Self>, DecodeError> {
        let who = match event.event.kind.as_str() {
            "ChannelDeleted" => Some(Leaver::Everybody),
            "MemberLeft" => match codec::decode::<ChannelEvent>(event)?.event {
                ChannelEvent::MemberLeft(left) => {
                    Some(Leaver::Member { user: left.user, removed_by: left.removed_by })
                }
                _ => None,
            },
            _ => None,
        };
        let (Some(who), Ok(channel)) = (who, event.stream.entity().parse()) else {
            return Ok(None);
        };
        let metadata = &event.event.metadata;
        let (at, correlation) = (metadata.recorded_at, metadata.correlation);
        let event_id = metadata.event_id;
        let revision = event.revision;
        Ok(Some(Self { channel, who, revision, at, correlation, event: event_id }))
    }

    /// The id of the command that tells one of the channel's wallets.
    pub fn command_id(&self, wallet: WalletId) -> CommandId {
        CommandId(self.event.0).derived(&format!("leave {wallet}"))
    }

    fn key(&self) -> Uuid {
        CommandId(self.event.0).derived("leave wallets").0
    }
}

pub(super) fn follow(event: &Recorded) -> Result<Vec<Change>, DecodeError> {
    let leaving = Leaving::of(event)?;
    Ok(leaving.map(|leaving| Change::Open(leaving.key())).into_iter().collect())
}

pub(super) fn derive(key: Uuid, event: &Recorded) -> Result<Option<Leaving>, DecodeError> {
    Ok(Leaving::of(event)?.filter(|leaving| leaving.key() == key))
}
