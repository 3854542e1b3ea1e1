//! Events of about 360 bytes, payload and metadata together.

use events::envelope::event_id;
use events::{Actor, ChannelId, CommandId, Metadata, NewEvent, StreamName, Timestamp, UserId};

const TEXT: &str = "a message of ordinary length, such as people write them";

pub(crate) fn stream() -> StreamName {
    StreamName::channel(ChannelId::generate())
}

/// Events of one command.
pub(crate) fn events(stream: &StreamName, len: usize) -> Vec<NewEvent> {
    let (command, actor) = (CommandId::generate(), Actor::User(UserId::generate()));
    let event = |ordinal: u32| NewEvent {
        kind: "MessageSent".into(),
        data: format!(r#"{{"text":"{TEXT}","seq":{ordinal}}}"#),
        metadata: Metadata {
            event_id: event_id(stream, &actor, command, ordinal),
            correlation: command,
            causation: command,
            input_hash: None,
            actor: actor.clone(),
            recorded_at: Timestamp::now(),
            version: 1,
            trace_parent: None,
        },
    };
    (0..u32::try_from(len).unwrap_or(u32::MAX)).map(event).collect()
}

/// What one of them weighs.
pub(crate) fn event_bytes() -> usize {
    let events = events(&stream(), 1);
    let metadata = |event: &NewEvent| serde_json::to_string(&event.metadata).unwrap_or_default();
    events.iter().map(|event| event.data.len() + metadata(event).len()).sum()
}
