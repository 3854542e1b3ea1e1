//! The read model "search": what messages are found by. Texts alone change it; who wrote them,
//! and whether the channel is still there, is no business of its.

mod changes;
mod write;

use events::ChannelEvent;

use crate::checkpoint::bigint;
use crate::decode::{Item, Told};
use crate::fold::{Refused, integer};

pub(crate) use changes::Changes;
pub(crate) use write::{load, write};

/// All tables but those that tell of the projector itself.
pub(crate) const TABLES: [&str; 1] = ["message_grams"];

/// Adds what an event changes.
pub(crate) fn fold(changes: &mut Changes, item: &Item) -> Result<(), Refused> {
    let told = item.told.as_ref().map_err(|error| Refused::Poison(error.clone()))?;
    let Told::Channel(channel, fact) = told else { return Ok(()) };
    match &fact.event {
        ChannelEvent::MessageSent(event) => {
            let seq = integer(event.seq)?;
            changes.sent(*channel, seq, bigint(item.position), event.message.0, &event.text);
        }
        ChannelEvent::NoticeSent(event) => {
            let seq = integer(event.seq)?;
            changes.sent(*channel, seq, bigint(item.position), event.message.0, &event.text);
        }
        ChannelEvent::MessageEdited(event) => {
            changes.edited(*channel, integer(event.seq)?, &event.text);
        }
        ChannelEvent::MessageDeleted(event) => changes.deleted(*channel, integer(event.seq)?),
        _ => {}
    }
    Ok(())
}
