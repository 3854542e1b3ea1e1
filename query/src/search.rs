//! Messages that contain a text, from new to old.
//!
//! The order is that of the log, over all channels. What `search` has not projected yet is read
//! through: messages sent since by their texts as they are now, and messages that were changed
//! since in place of what the index says of them. Behind that, the newest rows of a channel are
//! looked through, where a text that is used often fills the page, and then the index is asked
//! for one slice of the log after another.

use std::collections::BTreeMap;
use std::time::Duration;

use events::ChannelId;
use events::grams::{fold, index};
use tokio::time::Instant;
use uuid::Uuid;

use crate::cursor::Key;
use crate::tables::bigint;
use crate::tables::search::{Changed, Hit, Snapshot};

/// So many of a channel's newest rows are looked through before the index is asked.
const NEWEST_ROWS_MAX: i64 = 5_000;

/// Messages beyond the checkpoint that are read at once.
const SENT_ROWS_MAX: i64 = 5_000;

/// Slices that the index is asked for at once.
const SLICES_MAX: usize = 8;

/// After an answer within this, wider slices are asked for, of 16 times as many messages.
const QUICK: Duration = Duration::from_millis(30);

/// After one that takes longer than this, narrower ones.
const SLOW: Duration = Duration::from_millis(250);

/// No further step is begun after this: the page then ends where the search has come.
const SEARCH_TIME: Duration = Duration::from_millis(1_200);

/// What is looked for.
#[derive(Debug)]
pub(crate) struct Needle {
    folded: String,
    grams: Vec<i32>,
}

impl Needle {
    /// A text, not empty.
    pub(crate) fn new(text: &str) -> Self {
        let folded = fold(text);
        let grams = index::of_needle(&folded);
        Self { folded, grams }
    }

    /// The text as texts are compared.
    pub(crate) fn folded(&self) -> &str {
        &self.folded
    }

    /// What the index is asked for.
    pub(crate) fn grams(&self) -> &[i32] {
        &self.grams
    }

    /// Whether a text contains it.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        fold(text).contains(&self.folded)
    }
}

/// Where a message stands: by its position in the log, and within its channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) position: i64,
    pub(crate) seq: i32,
}

impl Place {
    /// Before every message.
    const START: Self = Self { position: 0, seq: 0 };
    /// Behind every message.
    const END: Self = Self { position: i64::MAX, seq: i32::MAX };
}

impl Key for Place {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.position.write(bytes);
        bytes.extend(self.seq.to_be_bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (position, seq) = bytes.split_first_chunk::<8>()?;
        let seq = seq.try_into().ok().map(i32::from_be_bytes)?;
        Some(Self { position: i64::read(position)?, seq })
    }
}

/// What was found of a page.
#[derive(Debug)]
pub(crate) struct Page {
    /// From new to old; one more than the page has, if there are more.
    pub(crate) hits: Vec<Hit>,
    /// The search took too long and went only so far: older messages were not looked at.
    pub(crate) ended_at: Option<Place>,
}

/// Finds up to `limit` messages of the snapshot's channels before a place; from the newest on,
/// when none is named.
pub(crate) async fn search(
    mut snapshot: Snapshot,
    needle: &Needle,
    scope: Scope,
    before: Option<Place>,
    limit: usize,
) -> Result<Page, sqlx::Error> {
    let mut search = Search {
        needle,
        before: before.unwrap_or(Place::END),
        limit,
        hits: BTreeMap::new(),
        floor: before.unwrap_or(Place::END),
        but: Vec::new(),
        started: Instant::now(),
    };
    search.run(&mut snapshot, scope).await?;
    snapshot.release().await?;
    Ok(search.page())
}

/// Where to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// One channel, whose newest rows stand together.
    Channel(ChannelId),
    /// Several.
    Channels,
}

struct Search<'n> {
    needle: &'n Needle,
    before: Place,
    limit: usize,
    /// By position.
    hits: BTreeMap<i64, Hit>,
    /// All messages from here on are looked at.
    floor: Place,
    /// Messages of which the index says what is no longer so.
    but: Vec<Uuid>,
    started: Instant,
}

impl Search<'_> {
    async fn run(&mut self, snapshot: &mut Snapshot, scope: Scope) -> Result<(), sqlx::Error> {
        let (indexed, projected) = snapshot.positions().await?;
        if projected > indexed {
            let changed = snapshot.changed(indexed).await?;
            self.but = changed.iter().map(|changed| changed.hit.id).collect();
            self.look_at(changed);
            self.read_sent(snapshot, indexed).await?;
        }
        self.floor.position = self.floor.position.min(indexed.saturating_add(1));
        if let Scope::Channel(channel) = scope
            && self.goes_on()
        {
            self.read_newest(snapshot, channel).await?;
        }
        self.ask_index(snapshot).await
    }

    /// Whether the page isn't full, and there is something left and time to look at it.
    fn goes_on(&self) -> bool {
        !self.is_full() && self.floor.position > 0 && self.started.elapsed() < SEARCH_TIME
    }

    fn is_full(&self) -> bool {
        self.hits.range(self.floor.position..).count() >= self.limit
    }

    fn look_at(&mut self, changed: Vec<Changed>) {
        for Changed { hit, text } in changed {
            let is_hit = text.is_some_and(|text| self.needle.is_in(&text));
            if is_hit && hit.place.position < self.before.position {
                self.hits.insert(hit.place.position, hit);
            }
        }
    }

    fn add(&mut self, hits: Vec<Hit>) {
        self.hits.extend(hits.into_iter().map(|hit| (hit.place.position, hit)));
    }

    fn rows_wanted(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(i64::MAX)
    }

    /// Messages that were sent beyond the checkpoint.
    async fn read_sent(
        &mut self,
        snapshot: &mut Snapshot,
        indexed: i64,
    ) -> Result<(), sqlx::Error> {
        while self.goes_on() && self.floor.position > indexed + 1 {
            let sent = snapshot.sent(indexed, self.floor.position, SENT_ROWS_MAX).await?;
            let last = sent.last().map(|sent| sent.hit.place);
            let is_all = i64::try_from(sent.len()).is_ok_and(|rows| rows < SENT_ROWS_MAX);
            self.look_at(sent);
            match last.filter(|_| !is_all) {
                Some(last) => self.floor.position = last.position,
                None => self.floor.position = indexed + 1,
            }
        }
        Ok(())
    }

    async fn read_newest(
        &mut self,
        snapshot: &mut Snapshot,
        channel: ChannelId,
    ) -> Result<(), sqlx::Error> {
        let before = Place { position: self.floor.position, seq: self.before.seq };
        let (hits, last) = snapshot
            .newest(channel, self.needle, before, &self.but, NEWEST_ROWS_MAX, self.rows_wanted())
            .await?;
        self.add(hits);
        self.floor = last.unwrap_or(Place::START);
        Ok(())
    }

    async fn ask_index(&mut self, snapshot: &mut Snapshot) -> Result<(), sqlx::Error> {
        let mut widths = 1;
        while self.goes_on() {
            let (before, started) = (self.floor.position, Instant::now());
            let slices = index::slices(u64::try_from(before).unwrap_or(0), widths);
            let slices: Vec<_> = slices.take(SLICES_MAX).collect();
            let wanted = self.rows_wanted();
            let hits = snapshot.in_slices(self.needle, &slices, before, &self.but, wanted).await?;
            match started.elapsed() {
                took if took < QUICK => widths = index::SLICE_WIDTHS.min(widths + 1),
                took if took > SLOW => widths = 1.max(widths - 1),
                _ => {}
            }
            let last = hits.last().map(|hit| hit.place);
            let is_full = i64::try_from(hits.len()).is_ok_and(|rows| rows >= wanted);
            self.add(hits);
            let looked_at = slices.last().map_or(0, |slice| bigint(slice.start()));
            match last.filter(|_| is_full) {
                Some(last) => self.floor = last,
                None => self.floor = Place { position: looked_at, seq: i32::MAX },
            }
        }
        Ok(())
    }

    fn page(self) -> Page {
        let floor = self.floor;
        let is_cut = !self.is_full() && floor.position > 0;
        let complete = self.hits.range(floor.position..).rev().map(|(_, hit)| *hit);
        let hits = complete.take(self.limit).collect();
        Page { hits, ended_at: is_cut.then_some(floor) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back_from_a_cursor() {
        let mut bytes = Vec::new();
        let place = Place { position: 1 << 40, seq: 7 };
        place.write(&mut bytes);
        assert_eq!(Place::read(&bytes), Some(place));
        assert_eq!(Place::read(&bytes[1..]), None);
    }

    #[test]
    fn texts_are_compared_without_case_and_composition() {
        let needle = Needle::new("CAFE\u{301}");
        assert!(needle.is_in("a café"));
        assert!(!needle.is_in("a cafe"));
        assert!(Needle::new("%_\\").is_in("100%_\\"));
    }
}
