//! From a batch of events to what it changes in a projection.

use events::personal::KeyRing;
use events::{LogPosition, UserId};

use crate::decode::Item;
use crate::failure::ProjectorError;
use crate::parked::{Parked, ParkedChanges};
use crate::projection::{Changes, OnPoison, Projection};

/// A batch as changes of rows.
#[derive(Debug)]
pub(crate) struct Folded<'a> {
    pub(crate) changes: Changes<'a>,
    pub(crate) parked: ParkedChanges,
    /// Position of its last event.
    pub(crate) up_to: LogPosition,
}

/// Why one event can't be folded.
pub(crate) enum Refused {
    /// Its stream is to be parked.
    Poison(String),
    /// Nothing may go on without this user's key.
    KeyMissing(UserId),
}

/// Folds events in log order. An event that can't be read parks its stream, or stops everything
/// where nothing is to be left out; so does a key that is not in the vault.
pub(crate) fn fold<'a>(
    projection: Projection,
    items: &'a [Item],
    ring: &KeyRing,
    known_parked: &Parked,
) -> Result<Folded<'a>, ProjectorError> {
    let (mut changes, mut parked) = (projection.no_changes(), ParkedChanges::default());
    for item in items {
        if known_parked.contains(&item.stream) || parked.has(&item.stream) {
            parked.skip(item);
            continue;
        }
        match changes.fold(item, ring) {
            Ok(()) => {}
            Err(Refused::Poison(error)) => match projection.on_poison() {
                OnPoison::Park => parked.park(item, &error),
                OnPoison::Stop => return Err(ProjectorError::poisoned(item, error)),
            },
            Err(Refused::KeyMissing(user)) => {
                let (stream, position) = (item.stream.clone(), item.position);
                return Err(ProjectorError::KeyMissing { user, stream, position });
            }
        }
    }
    let up_to = items.last().map_or(0, |item| item.position);
    Ok(Folded { changes, parked, up_to })
}

/// A number that fits the API's `Int`.
pub(crate) fn integer(number: u32) -> Result<i32, Refused> {
    i32::try_from(number).map_err(|_| Refused::Poison(format!("{number} is beyond the API's Int")))
}
