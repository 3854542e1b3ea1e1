//! Which event makes which change.

mod channel;
mod messages;
mod readers;
mod user;

use events::personal::{KeyRing, OpenError, Personal};
use events::{EventId, LogPosition, UserId};
use zeroize::Zeroizing;

use self::channel::ChannelContext;
use self::readers::ReadersContext;
use self::user::UserContext;
use super::changes::Changes;
use crate::checkpoint::bigint;
use crate::decode::{Item, Told};
use crate::failure::ProjectorError;
use crate::parked::{Parked, ParkedChanges};

/// A batch as changes of rows.
#[derive(Debug)]
pub(crate) struct Folded<'a> {
    pub(crate) changes: Changes<'a>,
    pub(crate) parked: ParkedChanges,
    /// Position of its last event.
    pub(crate) up_to: LogPosition,
}

/// Why one event can't be folded.
enum Refused {
    /// Its stream is to be parked.
    Poison(String),
    /// Nothing may go on without this user's key.
    KeyMissing(UserId),
}

/// Folds events in log order. An event that can't be read parks its stream; a key that is not in
/// the vault stops everything.
pub(crate) fn fold<'a>(
    items: &'a [Item],
    ring: &KeyRing,
    known_parked: &Parked,
) -> Result<Folded<'a>, ProjectorError> {
    let (mut changes, mut parked) = (Changes::default(), ParkedChanges::default());
    for item in items {
        if known_parked.contains(&item.stream) || parked.has(&item.stream) {
            parked.skip(item);
            continue;
        }
        match fold_item(&mut changes, item, ring) {
            Ok(()) => {}
            Err(Refused::Poison(error)) => parked.park(item, &error),
            Err(Refused::KeyMissing(user)) => {
                let (stream, position) = (item.stream.clone(), item.position);
                return Err(ProjectorError::KeyMissing { user, stream, position });
            }
        }
    }
    let up_to = items.last().map_or(0, |item| item.position);
    Ok(Folded { changes, parked, up_to })
}

fn fold_item<'a>(changes: &mut Changes<'a>, item: &'a Item, ring: &KeyRing) -> Result<(), Refused> {
    let (position, us) = (bigint(item.position), item.at.as_micros());
    match item.told.as_ref().map_err(|error| Refused::Poison(error.clone()))? {
        Told::Nothing => Ok(()),
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

/// A number that fits the API's `Int`.
fn integer(number: u32) -> Result<i32, Refused> {
    i32::try_from(number).map_err(|_| Refused::Poison(format!("{number} is beyond the API's Int")))
}
