//! Every bound of the process manager, with its unit last.

/// Events of one step of the checkpoint.
pub const BATCH_EVENTS_MAX: usize = 1_000;
/// Without anything to add or remove, the checkpoint is moved after so many events.
pub const CHECKPOINT_EVERY_EVENTS: u64 = 1_000;
/// The node that opened something has this long to finish it itself.
pub const DUE_AFTER_MS: u64 = 5_000;
/// How often the list is asked for what is due.
pub const DUE_EVERY_MS: u64 = 1_000;
/// Commands under way at a time: few, so that however much is due, those that clients wait for get
/// the stores' connections, too.
pub const RUNNING_LEN_MAX: usize = 8;
/// After a command that failed the next try comes so much later, twice that after the second…
pub const RETRY_FIRST_MS: u64 = 5_000;
/// … and at most so much later.
pub const RETRY_LAST_MS: u64 = 300_000;
/// Entries whose failures are counted; beyond, all counts start anew.
pub const TRIES_LEN_MAX: usize = 10_000;
/// How long after a failed call of a store it is tried again.
pub const STORE_RETRY_MS: u64 = 1_000;
