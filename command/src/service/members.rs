//! Adding and removing members of a channel, and their roles.

use events::channel::Role;
use events::{ChannelId, MessageId, StreamName, UserId};

use super::leaving::Going;
use super::origin::Origin;
use super::{CommandService, done};
use crate::bus::{Done, Outcome};
use crate::domain::channel::{Candidate, Command, ENTER, LEAVE};
use crate::domain::user::User;
use crate::parse;
use crate::process::Leaver;
use crate::rejection::Rejection;

/// A channel and one of its members, or who is to be one.
pub(super) struct ChannelMember(pub(super) String, pub(super) String);

impl ChannelMember {
    /// Whether there is such a user is told after what the viewer may do in the channel.
    fn parse(&self) -> Result<(ChannelId, UserId), Rejection> {
        let Self(channel, user) = self;
        Ok((parse::thing(channel)?, parse::user_or_nil(user)))
    }
}

impl CommandService {
    pub(super) async fn add_channel_member(
        &self,
        origin: &Origin,
        by: UserId,
        member: ChannelMember,
    ) -> Result<Done, Rejection> {
        let (channel, user) = self.parsed(origin, member.parse()).await?;
        let candidate = self.candidate(user).await?;
        let things = vec![MessageId::derived(origin.id, ENTER).0];
        let (stream, command) =
            (StreamName::channel(channel), Command::AddMember { by, candidate });
        let settled = self.run_in_channel(origin, &stream, things, command).await?;
        Ok(done(origin, &settled, Outcome::Channel(channel)))
    }

    /// Whether somebody has a live account, by their own stream.
    async fn candidate(&self, user: UserId) -> Result<Candidate, Rejection> {
        let state = self.execution.peek::<User>(&StreamName::user(user), &[]).await?.state;
        Ok(state.account.map_or(Candidate::Unknown, |_| Candidate::Account(user)))
    }

    pub(super) async fn remove_channel_member(
        &self,
        origin: &Origin,
        by: UserId,
        member: ChannelMember,
    ) -> Result<Done, Rejection> {
        let (channel, user) = self.parsed(origin, member.parse()).await?;
        let things = vec![MessageId::derived(origin.id, LEAVE).0];
        let removed_by = (by != user).then_some(by);
        let going = Going { channel, who: Leaver::Member { user, removed_by } };
        let command = |handled| Command::RemoveMember { by, user, handled };
        let settled = self.run_leaving(origin, going, things, command).await?;
        Ok(done(origin, &settled, Outcome::Channel(channel)))
    }

    pub(super) async fn set_channel_role(
        &self,
        origin: &Origin,
        by: UserId,
        member: ChannelMember,
        role: Role,
    ) -> Result<Done, Rejection> {
        let (channel, user) = self.parsed(origin, member.parse()).await?;
        let (stream, command) = (StreamName::channel(channel), Command::SetRole { by, user, role });
        let settled = self.run_in_channel(origin, &stream, Vec::new(), command).await?;
        Ok(done(origin, &settled, Outcome::Channel(channel)))
    }
}
