//! Ids in input. One that is no UUID is an unknown id; only a bad `commandId` is bad input.

use std::str::FromStr;

use events::{CommandId, MessageId, UserId, WalletId};
use uuid::Uuid;

use crate::rejection::{Code, Rejection};

/// The client's id for its command.
pub fn command_id(raw: &str) -> Result<CommandId, Rejection> {
    CommandId::from_client(raw)
        .map_err(|_| Rejection::invalid("commandId", "A command id is a UUID of version 4 or 7."))
}

/// The id of a thing that is acted on.
pub fn thing<T: FromStr>(raw: &str) -> Result<T, Rejection> {
    raw.parse().map_err(|_| Rejection::new(Code::NotFound, "There is no such thing."))
}

/// The message that a command refers to beside the thing that it acts on. The decider has to
/// find that it isn't there, after it has checked the first: what is no UUID becomes nil, which
/// names nothing.
pub fn message_or_nil(raw: &str) -> MessageId {
    raw.parse().unwrap_or(MessageId(Uuid::nil()))
}

/// The user whom a command names beside the thing that it acts on; as [`message_or_nil`].
pub fn user_or_nil(raw: &str) -> UserId {
    raw.parse().unwrap_or(UserId(Uuid::nil()))
}

/// The wallet that a command names beside the thing that it acts on; as [`message_or_nil`].
pub fn wallet_or_nil(raw: &str) -> WalletId {
    raw.parse().unwrap_or(WalletId(Uuid::nil()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use events::ChannelId;

    #[test]
    fn a_bad_command_id_is_bad_input_and_any_other_bad_id_unknown() {
        let refused = command_id("7").unwrap_err();
        assert_eq!(
            (refused.code, refused.field.as_deref()),
            (Code::InvalidInput, Some("commandId"))
        );
        assert_eq!(thing::<ChannelId>("7").unwrap_err().code, Code::NotFound);
    }
}
