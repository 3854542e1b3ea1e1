//! Events and streams to append.

use events::envelope::event_id;
use events::{Actor, Append, ChannelId, CommandId, Expected, Metadata, NewEvent, Recorded};
use events::{Revision, StreamName, Timestamp};

/// Escapes, quotes and blanks that a store may be tempted to rewrite.
const TEXT: &str = r#"안녕하세요 \u0000 \u00e9, \"quotes\" / \/ — kept to the letter"#;

pub(crate) fn stream() -> StreamName {
    StreamName::channel(ChannelId::generate())
}

/// The events that one command brings about; the same each time it is asked for.
pub(crate) fn events(stream: &StreamName, command: CommandId, len: usize) -> Vec<NewEvent> {
    let event = |ordinal: usize| {
        let data = format!(r#"{{ "text":"{TEXT}", "ordinal" : {ordinal}, "by": "{command}" }}"#);
        NewEvent { kind: "MessageSent".into(), data, metadata: metadata(stream, command, ordinal) }
    };
    (0..len).map(event).collect()
}

fn metadata(stream: &StreamName, command: CommandId, ordinal: usize) -> Metadata {
    let ordinal = u32::try_from(ordinal).unwrap();
    Metadata {
        event_id: event_id(stream, &Actor::System, command, ordinal),
        correlation: command,
        causation: command,
        input_hash: None,
        actor: Actor::System,
        recorded_at: Timestamp::from_micros(1_700_000_000_000_000),
        version: 1,
        trace_parent: None,
    }
}

/// An append by a command of its own.
pub(crate) fn append(stream: &StreamName, last: Option<Revision>, len: usize) -> Append {
    let events = events(stream, CommandId::generate(), len);
    Append { stream: stream.clone(), expected: Expected::after(last), events }
}

/// An event of a given weight.
pub(crate) fn heavy(stream: &StreamName, bytes: usize) -> NewEvent {
    let mut event = events(stream, CommandId::generate(), 1).remove(0);
    let empty = NewEvent { data: String::new(), ..event.clone() }.size();
    event.data = format!("\"{}\"", "x".repeat(bytes - empty - 2));
    assert_eq!(event.size(), bytes);
    event
}

/// The new events of what was recorded.
pub(crate) fn plain(recorded: &[Recorded]) -> Vec<NewEvent> {
    recorded.iter().map(|recorded| recorded.event.clone()).collect()
}
