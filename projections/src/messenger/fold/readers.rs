//! Streams of read markers.

use events::ReadersEvent;
use events::feed::FeedKind;
use events::readers::ReadMarkerMoved;
use uuid::Uuid;

use super::{Refused, integer};
use crate::feed::FeedRow;
use crate::messenger::changes::Changes;

pub(super) struct ReadersContext<'c, 'a> {
    pub(super) changes: &'c mut Changes<'a>,
    pub(super) channel: Uuid,
    pub(super) position: i64,
    pub(super) us: i64,
}

impl ReadersContext<'_, '_> {
    pub(super) fn fold(self, event: &ReadersEvent) -> Result<(), Refused> {
        match event {
            ReadersEvent::ReadMarkerMoved(event) => self.moved(event),
            ReadersEvent::CommandSettled(_) => Ok(()),
        }
    }

    fn moved(self, event: &ReadMarkerMoved) -> Result<(), Refused> {
        let (seq, user) = (integer(event.up_to_seq)?, event.user.0);
        let marker = self.changes.read_markers.entry((self.channel, user)).or_default();
        *marker = seq.max(*marker);
        self.changes.feed.push(FeedRow {
            entity: self.channel,
            position: self.position,
            kind: FeedKind::ReadMarkerMoved,
            reference: Some(user),
            at_us: self.us,
        });
        Ok(())
    }
}
