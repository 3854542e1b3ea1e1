//! What lists sort by, as cursors carry it.

use uuid::Uuid;

/// What a list sorts by; no two items have the same.
pub(crate) trait Key: Sized {
    fn write(&self, bytes: &mut Vec<u8>);
    fn read(bytes: &[u8]) -> Option<Self>;
}

impl Key for i64 {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.to_be_bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(i64::from_be_bytes)
    }
}

/// A line's place in a wallet's ledger: its instant never falls along the wallet's stream, so that
/// both together grow with the revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct EntryKey {
    pub(crate) at_us: i64,
    pub(crate) revision: i64,
}

impl Key for EntryKey {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.at_us.write(bytes);
        self.revision.write(bytes);
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (at_us, revision) = bytes.split_first_chunk::<8>()?;
        Some(Self { at_us: i64::from_be_bytes(*at_us), revision: i64::read(revision)? })
    }
}

/// A member's place among those who were assessed in a cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct AssessmentKey {
    /// Of the event that assessed.
    pub(crate) position: i64,
    /// In that event.
    pub(crate) nth: i32,
}

impl Key for AssessmentKey {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.position.write(bytes);
        bytes.extend(self.nth.to_be_bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (position, nth) = bytes.split_first_chunk::<8>()?;
        let nth = nth.try_into().ok().map(i32::from_be_bytes)?;
        Some(Self { position: i64::from_be_bytes(*position), nth })
    }
}

/// A name, and the id of whose name it is: equal names are told apart by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) id: Uuid,
}

impl Key for Named {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.id.as_bytes());
        bytes.extend(self.name.as_bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (id, name) = bytes.split_first_chunk::<16>()?;
        // The database takes no NUL, and no name has one.
        let name = std::str::from_utf8(name).ok().filter(|name| !name.contains('\0'))?;
        Some(Self { name: name.to_owned(), id: Uuid::from_bytes(*id) })
    }
}
