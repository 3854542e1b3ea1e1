//! What is known of transfers, occurrences and members' parts of dues, spilled to files.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::PathBuf;

use events::LogPosition;
use uuid::Uuid;

/// Files that facts are spread over by a hash of their key.
pub const FILES_LEN: usize = 64;
/// Bytes of facts that are in memory at a time; a file that is larger is read in parts.
pub const PART_BYTES_MAX: u64 = 64 << 20;
/// Of a fact as it is written.
const FACT_BYTES: usize = 16 * 4 + 8 * 2 + 1;

/// What a fact tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// The key is a transfer: it waits, its amount held.
    Requested = 1,
    /// Its hold has ended.
    Declined = 2,
    /// Its hold has ended.
    Expired = 3,
    /// It was taken from the payer.
    Debited = 4,
    /// It is with the payee.
    Credited = 5,
    /// The payee couldn't take it.
    Bounced = 6,
    /// It is back with the payer.
    Returned = 7,
    /// A refund of it counts.
    RefundReserved = 8,
    /// A refund of it counts no more.
    RefundReleased = 9,
    /// The occurrence that it is of has succeeded.
    Succeeded = 10,
    /// The occurrence that it is of has failed.
    Failed = 11,
    /// The occurrence that it would have been of was left out.
    Skipped = 12,
    /// The dues that it pays are paid.
    DuesPaid = 13,
    /// The dues that it was to pay are not paid.
    DuesReleased = 14,
    /// The dues that it pays back are owed again.
    DuesRefunded = 15,
    /// The key is a member's part of a cycle: it is owed.
    PartAssessed = 16,
    /// Some of it was paid.
    PartPaid = 17,
    /// Some of it went back.
    PartRefunded = 18,
    /// What is left of it is waived.
    PartExempted = 19,
}

impl Kind {
    const ALL: [Self; 19] = [
        Self::Requested,
        Self::Declined,
        Self::Expired,
        Self::Debited,
        Self::Credited,
        Self::Bounced,
        Self::Returned,
        Self::RefundReserved,
        Self::RefundReleased,
        Self::Succeeded,
        Self::Failed,
        Self::Skipped,
        Self::DuesPaid,
        Self::DuesReleased,
        Self::DuesRefunded,
        Self::PartAssessed,
        Self::PartPaid,
        Self::PartRefunded,
        Self::PartExempted,
    ];
}

/// One event as one thing's history knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fact {
    /// The transfer, or the member's part of a cycle.
    pub key: Uuid,
    /// What it tells.
    pub kind: Kind,
    /// Where it stands.
    pub position: LogPosition,
    /// How much, in minor units.
    pub amount: i64,
    /// Of a transfer the payer; of a part the cycle.
    pub from: Uuid,
    /// Of a transfer the payee; of a part the user.
    pub to: Uuid,
    /// What it names besides, if anything: the transfer of a payment of dues.
    pub other: Uuid,
}

impl Fact {
    fn write(&self) -> [u8; FACT_BYTES] {
        let mut bytes = [0; FACT_BYTES];
        let ids = [self.key, self.from, self.to, self.other];
        for (slot, id) in bytes.chunks_exact_mut(16).zip(ids) {
            slot.copy_from_slice(id.as_bytes());
        }
        bytes[64..72].copy_from_slice(&self.position.to_be_bytes());
        bytes[72..80].copy_from_slice(&self.amount.to_be_bytes());
        bytes[80] = self.kind as u8;
        bytes
    }

    fn read(bytes: &[u8; FACT_BYTES]) -> io::Result<Self> {
        let id = |nth: usize| {
            let mut id = [0; 16];
            id.copy_from_slice(&bytes[nth * 16..(nth + 1) * 16]);
            Uuid::from_bytes(id)
        };
        let number = |at: usize| {
            let mut number = [0; 8];
            number.copy_from_slice(&bytes[at..at + 8]);
            number
        };
        let kind = Kind::ALL.into_iter().find(|kind| *kind as u8 == bytes[80]);
        Ok(Self {
            key: id(0),
            from: id(1),
            to: id(2),
            other: id(3),
            position: u64::from_be_bytes(number(64)),
            amount: i64::from_be_bytes(number(72)),
            kind: kind.ok_or_else(|| io::Error::other("a spilled fact can't be read"))?,
        })
    }
}

/// A folder that goes with whoever holds it.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // It lies among temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The files.
pub(super) struct Facts {
    folder: Folder,
    files: Vec<BufWriter<File>>,
}

impl Facts {
    pub(super) fn new() -> io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("moim-audit-{}", Uuid::new_v4()));
        fs::create_dir(&folder)?;
        let folder = Folder(folder);
        let open = |nth| Ok(BufWriter::new(File::create(folder.0.join(format!("{nth}")))?));
        let files = (0..FILES_LEN).map(open).collect::<io::Result<_>>()?;
        Ok(Self { folder, files })
    }

    pub(super) fn add(&mut self, fact: &Fact) -> io::Result<()> {
        // Ids end in random bits, or in those of a hash.
        let nth = usize::from(fact.key.as_bytes()[15]) % FILES_LEN;
        self.files[nth].write_all(&fact.write())
    }

    /// What can be read from now on.
    pub(super) fn closed(self) -> io::Result<Spilled> {
        for file in self.files {
            file.into_inner().map_err(io::IntoInnerError::into_error)?;
        }
        Ok(Spilled { folder: self.folder })
    }
}

/// Facts that are all written.
pub(super) struct Spilled {
    folder: Folder,
}

impl Spilled {
    /// In how many parts a file is read, so that one of them fits into memory.
    pub(super) fn parts(&self, nth: usize) -> io::Result<u64> {
        let bytes = fs::metadata(self.path(nth))?.len();
        Ok(bytes.div_ceil(PART_BYTES_MAX).max(1))
    }

    /// One part of a file, in log order: all facts of some keys.
    pub(super) fn part(&self, nth: usize, part: u64, parts: u64) -> io::Result<Vec<Fact>> {
        let mut file = BufReader::new(File::open(self.path(nth))?);
        let (mut facts, mut bytes) = (Vec::new(), [0; FACT_BYTES]);
        loop {
            match file.read_exact(&mut bytes) {
                Ok(()) => {
                    let fact = Fact::read(&bytes)?;
                    // Other bits of the id than those that chose the file.
                    let (_, low) = fact.key.as_u64_pair();
                    if (low >> 8) % parts == part {
                        facts.push(fact);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(facts),
                Err(error) => return Err(error),
            }
        }
    }

    fn path(&self, nth: usize) -> PathBuf {
        self.folder.0.join(format!("{nth}"))
    }
}
