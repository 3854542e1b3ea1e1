//! The items of an entity that are in memory.

use std::collections::{BTreeSet, HashMap};

use events::{Fact, Revision};
use serde::de::Error as _;
use uuid::Uuid;

use crate::execution::aggregate::{Aggregate, Touch};
use crate::ports::SnapshotItem;

/// An item with how far it is folded.
pub(super) struct Entry<A: Aggregate> {
    /// The item; `None` if there is none under its key.
    pub(super) value: Option<A::Item>,
    /// Revision of the last event folded into it, if any.
    pub(super) revision: Option<Revision>,
    used: u64,
}

/// A bounded cache of items. Those that are in no snapshot yet are kept whatever the bound.
pub(super) struct Items<A: Aggregate> {
    entries: HashMap<Uuid, Entry<A>>,
    unsaved: BTreeSet<Uuid>,
    clock: u64,
    len_max: usize,
    /// The newest event that was folded into any item of a snapshot when it was loaded.
    reach: Option<Revision>,
}

impl<A: Aggregate> Items<A> {
    /// With room for so many that are saved.
    pub(super) fn new(len_max: usize) -> Self {
        Self { entries: HashMap::new(), unsaved: BTreeSet::new(), clock: 0, len_max, reach: None }
    }

    /// Up to which event items may have been folded by those who saved them.
    pub(super) fn reach(&self) -> Option<Revision> {
        self.reach
    }

    /// Whether it is known if there is such an item, and what it is.
    pub(super) fn knows(&self, key: Uuid) -> bool {
        self.entries.contains_key(&key)
    }

    /// The item, if there is one and it is known.
    pub(super) fn get(&mut self, key: Uuid) -> Option<&A::Item> {
        self.clock += 1;
        let entry = self.entries.get_mut(&key)?;
        entry.used = self.clock;
        entry.value.as_ref()
    }

    /// Takes in what was loaded for these keys. What is known already is newer.
    pub(super) fn loaded(
        &mut self,
        keys: &[Uuid],
        found: Vec<SnapshotItem>,
    ) -> serde_json::Result<()> {
        let mut found: HashMap<_, _> = found.into_iter().map(|item| (item.key, item)).collect();
        for key in keys {
            let (value, revision) = match found.remove(key) {
                Some(item) => (serde_json::from_value(item.value)?, Some(item.revision)),
                None => (None, None),
            };
            self.clock += 1;
            self.reach = self.reach.max(revision);
            let used = self.clock;
            self.entries.entry(*key).or_insert(Entry { value, revision, used });
        }
        Ok(())
    }

    /// Folds an event that touches an item; one that the item has seen is skipped.
    pub(super) fn fold(&mut self, touch: Touch, fact: &Fact<A::Event>) {
        let known = self.entries.remove(&touch.key());
        if let Some(entry) = &known
            && entry.revision >= Some(fact.revision)
        {
            self.entries.extend(known.map(|entry| (touch.key(), entry)));
            return;
        }
        let item = A::evolve_item(known.and_then(|entry| entry.value), fact);
        self.put(touch.key(), item, fact.revision);
    }

    /// Sets an item that an event up to `revision` has changed.
    pub(super) fn put(&mut self, key: Uuid, value: Option<A::Item>, revision: Revision) {
        self.clock += 1;
        self.entries.insert(key, Entry { value, revision: Some(revision), used: self.clock });
        self.unsaved.insert(key);
    }

    /// What a snapshot has to hold beyond earlier ones.
    pub(super) fn unsaved(&self) -> serde_json::Result<Vec<SnapshotItem>> {
        let item = |key: &Uuid| {
            let entry = self.entries.get(key).filter(|entry| entry.revision.is_some());
            let entry = entry.ok_or_else(|| serde_json::Error::custom("an item was dropped"))?;
            let revision = entry.revision.unwrap_or_default();
            Ok(SnapshotItem { key: *key, revision, value: serde_json::to_value(&entry.value)? })
        };
        self.unsaved.iter().map(item).collect()
    }

    /// A snapshot holds all up to `revision` now.
    pub(super) fn saved(&mut self, revision: Revision) {
        let entries = &self.entries;
        self.unsaved
            .retain(|key| entries.get(key).is_some_and(|entry| entry.revision > Some(revision)));
    }

    /// Drops those not used for longest, down to half the bound, once it is exceeded.
    pub(super) fn sweep(&mut self) {
        if self.entries.len() <= self.len_max + self.unsaved.len() {
            return;
        }
        let saved = |(key, entry): (&Uuid, &Entry<A>)| {
            (!self.unsaved.contains(key)).then_some((entry.used, *key))
        };
        let mut candidates: Vec<_> = self.entries.iter().filter_map(saved).collect();
        candidates.sort_unstable();
        let surplus = candidates.len().saturating_sub(self.len_max / 2);
        for (_, key) in &candidates[..surplus] {
            self.entries.remove(key);
        }
    }
}
