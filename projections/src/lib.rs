//! Read models: rows made from the log, for the questions of the API. A projector follows the
//! log and writes rows, feed and checkpoint in one transaction; a rebuild makes a read model
//! anew beside the live one and takes its place. There are three: `messenger`; `search`, which
//! stays behind it; and `money`.
//!
//! On purpose there is no side effect but rows and `NOTIFY`, no row of another stream is read to
//! write one, and no time is known but the events' own.

pub mod schema;

mod copy;
mod decode;
mod failure;
mod feed;
mod fold;
mod projection;

mod messenger;
mod money;
mod search;

mod checkpoint;
mod notify;
mod parked;
mod projector;
mod source;
mod telemetry;
mod writer;

pub mod rebuild;
pub mod status;
pub mod unpark;

pub use failure::ProjectorError;
pub use notify::{MONEY_NOTIFY_CHANNEL, NOTIFY_CHANNEL};
pub use projection::Projection;
pub use projector::Projector;
pub use rebuild::rebuild;
pub use status::status;
pub use unpark::unpark;
