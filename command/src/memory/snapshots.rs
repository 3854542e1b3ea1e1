//! Snapshots in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use events::StreamName;
use uuid::Uuid;

use super::lock;
use crate::ports::{Schema, Snapshot, SnapshotItem, Snapshots, StoreError};

#[derive(Debug)]
struct Paged {
    schema: Schema,
    core: Snapshot,
    items: HashMap<Uuid, SnapshotItem>,
}

/// Snapshots in memory; clones share them.
#[derive(Debug, Clone, Default)]
pub struct MemorySnapshots(Arc<Mutex<HashMap<StreamName, Vec<Paged>>>>);

impl MemorySnapshots {
    /// [`Snapshots::core`] for those who don't wait.
    pub fn core_now(&self, stream: &StreamName, of: Schema) -> Option<Snapshot> {
        let all = lock(&self.0);
        all.get(stream)?.iter().find(|paged| paged.schema == of).map(|paged| paged.core.clone())
    }

    /// [`Snapshots::items`] for those who don't wait.
    pub fn items_now(&self, stream: &StreamName, of: Schema, keys: &[Uuid]) -> Vec<SnapshotItem> {
        let all = lock(&self.0);
        let paged = all.get(stream).and_then(|all| all.iter().find(|paged| paged.schema == of));
        let item = |key| paged.and_then(|paged| paged.items.get(key)).cloned();
        keys.iter().filter_map(item).collect()
    }

    /// [`Snapshots::save`] for those who don't wait.
    pub fn save_now(
        &self,
        stream: &StreamName,
        of: Schema,
        core: Snapshot,
        items: Vec<SnapshotItem>,
    ) {
        let mut all = lock(&self.0);
        let all = all.entry(stream.clone()).or_default();
        let items = items.into_iter().map(|item| (item.key, item));
        match all.iter_mut().find(|paged| paged.schema == of) {
            Some(paged) if paged.core.revision > core.revision => {}
            Some(paged) => {
                paged.core = core;
                paged.items.extend(items);
            }
            None => all.push(Paged { schema: of, core, items: items.collect() }),
        }
    }
}

#[async_trait]
impl Snapshots for MemorySnapshots {
    async fn core(&self, stream: &StreamName, of: Schema) -> Result<Option<Snapshot>, StoreError> {
        Ok(self.core_now(stream, of))
    }

    async fn items(
        &self,
        stream: &StreamName,
        of: Schema,
        keys: &[Uuid],
    ) -> Result<Vec<SnapshotItem>, StoreError> {
        Ok(self.items_now(stream, of, keys))
    }

    async fn save(
        &self,
        stream: &StreamName,
        of: Schema,
        snapshot: Snapshot,
        items: Vec<SnapshotItem>,
    ) -> Result<(), StoreError> {
        self.save_now(stream, of, snapshot, items);
        Ok(())
    }
}
