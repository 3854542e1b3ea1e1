//! What happened, as values: ids, envelope, one file a stream category, the codec that keeps
//! stored formats readable for good, and the port of the event log. No I/O lives here.

pub mod codec;
pub mod envelope;
pub mod hashing;
pub mod id;
pub mod keys;
pub mod money;
pub mod personal;
pub mod position;
pub mod stream;
pub mod time;
pub mod trace;

pub mod catalogue;
pub mod channel;
pub mod dues;
pub mod email;
pub mod feed;
pub mod grams;
pub mod payment;
pub mod readers;
pub mod recurrence;
pub mod settled;
pub mod user;
pub mod wallet;

pub mod log;
pub mod memory;

pub use channel::ChannelEvent;
pub use dues::DuesEvent;
pub use email::EmailEvent;
pub use envelope::{Actor, Fact, Metadata, NewEvent, Recorded};
pub use id::{
    ChannelId, CommandId, CycleId, EventId, MessageId, PaymentId, PlanId, SessionId, TransferId,
    UserId, WalletId,
};
pub use log::{Append, AppendError, Appended, EventLog, Expected, LogError, Revision};
pub use payment::PaymentEvent;
pub use position::{LogId, LogPosition, Position};
pub use readers::ReadersEvent;
pub use stream::{Category, StreamName};
pub use time::Timestamp;
pub use user::UserEvent;
pub use wallet::WalletEvent;
