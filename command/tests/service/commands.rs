//! Commands about channels and their messages, in a word each.

use command::Command;
use command::bus::Role;
use events::ChannelId;
use uuid::Uuid;

pub(crate) fn update(channel: ChannelId, name: Option<&str>, description: Option<&str>) -> Command {
    let (name, description) = (name.map(str::to_owned), description.map(str::to_owned));
    Command::UpdateChannel { channel: channel.to_string(), name, description }
}

pub(crate) fn end(channel: ChannelId) -> Command {
    Command::DeleteChannel { channel: channel.to_string() }
}

pub(crate) fn add(channel: ChannelId, user: &impl ToString) -> Command {
    Command::AddChannelMember { channel: channel.to_string(), user: user.to_string() }
}

pub(crate) fn remove(channel: ChannelId, user: &impl ToString) -> Command {
    Command::RemoveChannelMember { channel: channel.to_string(), user: user.to_string() }
}

pub(crate) fn set_role(channel: ChannelId, user: &impl ToString, role: Role) -> Command {
    Command::SetChannelRole { channel: channel.to_string(), user: user.to_string(), role }
}

pub(crate) fn edit(message: Uuid, text: &str) -> Command {
    Command::EditMessage { message: message.to_string(), text: text.to_owned() }
}

pub(crate) fn react(message: Uuid, emoji: &str) -> Command {
    Command::AddReaction { message: message.to_string(), emoji: emoji.to_owned() }
}

pub(crate) fn unreact(message: Uuid, emoji: &str) -> Command {
    Command::RemoveReaction { message: message.to_string(), emoji: emoji.to_owned() }
}

pub(crate) fn mark_read(channel: ChannelId, up_to_seq: i64) -> Command {
    Command::MarkRead { channel: channel.to_string(), up_to_seq }
}
