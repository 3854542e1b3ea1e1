//! What a user asks of a channel or of one of its messages.

use events::hashing::InputHash;
use events::personal::KeyRing;
use events::{StreamName, UserId};
use uuid::Uuid;

use super::channels::ChannelChange;
use super::members::ChannelMember;
use super::origin::Origin;
use super::{CommandService, refused};
use crate::bus::{Command, Done};
use crate::domain::channel::{self, Channel};
use crate::execution::Settled;
use crate::rejection::Rejection;

impl CommandService {
    pub(super) async fn carry_out_in_channel(
        &self,
        user: UserId,
        origin: impl FnOnce(InputHash) -> Result<Origin, Rejection>,
        command: Command,
    ) -> Result<Done, Rejection> {
        let name = command.name();
        match command {
            Command::UpdateChannel { channel, name: new_name, description } => {
                let hash = self.input_hash(&(name, &channel, &new_name, &description));
                let change = ChannelChange { channel, name: new_name, description };
                self.update_channel(&origin(hash)?, user, change).await
            }
            Command::DeleteChannel { channel } => {
                let origin = origin(self.input_hash(&(name, &channel)))?;
                self.delete_channel(&origin, user, &channel).await
            }
            Command::AddChannelMember { channel, user: added } => {
                let origin = origin(self.input_hash(&(name, &channel, &added)))?;
                self.add_channel_member(&origin, user, ChannelMember(channel, added)).await
            }
            Command::RemoveChannelMember { channel, user: removed } => {
                let origin = origin(self.input_hash(&(name, &channel, &removed)))?;
                self.remove_channel_member(&origin, user, ChannelMember(channel, removed)).await
            }
            Command::SetChannelRole { channel, user: whose, role } => {
                let origin = origin(self.input_hash(&(name, &channel, &whose, role)))?;
                self.set_channel_role(&origin, user, ChannelMember(channel, whose), role).await
            }
            Command::EditMessage { message, text } => {
                let origin = origin(self.input_hash(&(name, &message, &text)))?;
                self.edit_message(&origin, user, &message, &text).await
            }
            Command::AddReaction { message, emoji } => {
                let origin = origin(self.input_hash(&(name, &message, &emoji)))?;
                let add = channel::Command::AddReaction;
                self.react(&origin, user, (&message, &emoji), add).await
            }
            Command::RemoveReaction { message, emoji } => {
                let origin = origin(self.input_hash(&(name, &message, &emoji)))?;
                let remove = channel::Command::RemoveReaction;
                self.react(&origin, user, (&message, &emoji), remove).await
            }
            Command::MarkRead { channel, up_to_seq } => {
                let origin = origin(self.input_hash(&(name, &channel, up_to_seq)))?;
                self.mark_read(&origin, user, &channel, up_to_seq).await
            }
            // Those are carried out elsewhere.
            _ => Err(Rejection::internal()),
        }
    }

    /// Puts a client's command to a channel; `things` are the messages that it brings about
    /// beside the one that it names.
    pub(super) async fn run_in_channel(
        &self,
        origin: &Origin,
        stream: &StreamName,
        things: Vec<Uuid>,
        command: channel::Command,
    ) -> Result<Settled, Rejection> {
        let run = self.run_claimed::<Channel>(origin, stream, things, KeyRing::new(), command);
        run.await.map_err(refused)
    }
}
