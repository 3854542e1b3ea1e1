//! The event log on PostgreSQL.
//!
//! The trap is sequence visibility: with `bigserial` a reader can pass over a row whose
//! transaction commits late, and lose it for good. Here every append takes its positions from
//! one row, `log.log_head`, whose lock is held to the commit: position order is commit order
//! over all nodes, without gaps, and a reader asks for nothing but `position > cursor`.
//!
//! A node sends all appends that wait as one statement (`batcher`). A conflict among them
//! fails that statement; it is redone in a transaction that answers each by itself (`lane`).

mod batch;
mod batcher;
mod clock;
mod engine;
mod head;
mod lane;
mod seen;
mod sql;
mod tail;

pub use clock::{CLOCK_OFFSET_MAX, ClockOffset};
pub use engine::PostgresLog;
