//! Which event makes which change.

mod channel;
mod messages;
mod readers;
mod user;

use events::EventId;
use events::personal::{KeyRing, OpenError, Personal};
use zeroize::Zeroizing;

use self::channel::ChannelContext;
use self::readers::ReadersContext;
use self::user::UserContext;
use super::changes::Changes;
use crate::checkpoint::bigint;
use crate::decode::{Item, Told};
use crate::fold::{Refused, integer};

/// Adds what an event changes.
pub(crate) fn fold<'a>(
    changes: &mut Changes<'a>,
    item: &'a Item,
    ring: &KeyRing,
) -> Result<(), Refused> {
    let (position, us) = (bigint(item.position), item.at.as_micros());
    match item.told.as_ref().map_err(|error| Refused::Poison(error.clone()))? {
        Told::Nothing | Told::Wallet(..) | Told::Payment(..) | Told::Dues(..) => Ok(()),
        Told::User(user, fact) => {
            let context = UserContext { changes, user: user.0, position, us };
            context.fold(item, fact, ring)
        }
        Told::Channel(channel, fact) => {
            ChannelContext { changes, channel: channel.0, position, us }.fold(&fact.event)
        }
        Told::Readers(channel, fact) => {
            ReadersContext { changes, channel: channel.0, position, us }.fold(&fact.event)
        }
    }
}

/// Opens a personal text; `None` when it was erased.
fn open(
    text: &Personal,
    item: &Item,
    event: EventId,
    ring: &KeyRing,
) -> Result<Option<Zeroizing<String>>, Refused> {
    text.open(ring, &item.stream, event).map_err(|error| match error {
        OpenError::KeyMissing => Refused::KeyMissing(text.user()),
        OpenError::Broken | OpenError::NotSealed => Refused::Poison(error.to_string()),
    })
}
