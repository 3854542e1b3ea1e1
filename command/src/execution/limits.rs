//! Every bound of the execution, with its unit last.

/// Commands and peeks that wait in one mailbox; a further one is answered `OVERLOADED`.
pub const QUEUE_LEN_MAX: usize = 2_000;
/// Claims of one call.
pub const CLAIMS_LEN_MAX: usize = 500;
/// Events of one page when a stream is read.
pub const PAGE_EVENTS_MAX: usize = 500;
/// How often one command is decided anew after conflicts before it is answered `CONFLICT`.
pub const DECISIONS_MAX: u32 = 10;
/// How far behind its claim's `from_revision` a command's events may stand. A repeat looks for
/// them that far and no farther.
pub const CLAIM_REVISIONS_MAX: u64 = 10_000;
/// How long a command may take before it is answered `UNAVAILABLE`.
pub const ANSWER_WITHIN_MS: u64 = 4_500;
/// How long one waits for another node that has taken a command up, before `IN_PROGRESS`.
pub const WATCH_MS: u64 = 2_000;
/// How often one looks meanwhile.
pub const WATCH_EVERY_MS: u64 = 100;
/// What a client is told to wait when a mailbox is full.
pub const OVERLOADED_RETRY_MS: u64 = 200;
/// Causations kept in memory per mailbox; older ones are read from the log.
pub const RECENT_EVENTS_MAX: usize = 2_048;
/// Items kept in memory per mailbox beside those that are not saved yet.
pub const ITEMS_LEN_MAX: usize = 2_048;
/// A snapshot is written after so many events.
pub const SNAPSHOT_EVERY_EVENTS: u64 = 500;
/// With so many events not in a snapshot, a mailbox saves before it goes on.
pub const UNSAVED_EVENTS_MAX: u64 = 20_000;
/// How long after a failed snapshot the next one is tried.
pub const SNAPSHOT_RETRY_MS: u64 = 1_000;
/// Mailboxes of a node; a command for a further stream is answered `OVERLOADED`.
pub const MAILBOXES_LEN_MAX: usize = 50_000;
/// A mailbox without commands is dropped after this time.
pub const IDLE_MS: u64 = 60_000;

/// The bounds that tests make small, so that what is rare happens often.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// See [`QUEUE_LEN_MAX`].
    pub queue_len: usize,
    /// See [`PAGE_EVENTS_MAX`].
    pub page_events: usize,
    /// See [`CLAIM_REVISIONS_MAX`].
    pub claim_revisions: u64,
    /// See [`RECENT_EVENTS_MAX`].
    pub recent_events: usize,
    /// See [`ITEMS_LEN_MAX`].
    pub items_len: usize,
    /// See [`SNAPSHOT_EVERY_EVENTS`].
    pub snapshot_every_events: u64,
    /// See [`UNSAVED_EVENTS_MAX`].
    pub unsaved_events: u64,
    /// See [`IDLE_MS`].
    pub idle_ms: u64,
}

impl Limits {
    /// The bounds as they stand above.
    pub const STANDARD: Self = Self {
        queue_len: QUEUE_LEN_MAX,
        page_events: PAGE_EVENTS_MAX,
        claim_revisions: CLAIM_REVISIONS_MAX,
        recent_events: RECENT_EVENTS_MAX,
        items_len: ITEMS_LEN_MAX,
        snapshot_every_events: SNAPSHOT_EVERY_EVENTS,
        unsaved_events: UNSAVED_EVENTS_MAX,
        idle_ms: IDLE_MS,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::STANDARD
    }
}
