//! The process manager: follows the log, keeps a list of what is to be done, and finishes what
//! nobody else has finished, after a crash for instance. The list only wakes: what is put to a
//! stream is a derived command, and that stream's own rules tell whether it still is to be done.

pub mod due;
pub mod limits;
pub mod machine;
pub mod notice;
pub mod rules;
mod shell;

mod address;
mod deletion;
mod leaving;
mod sign_up;
mod transfer;
mod wallet;
mod work;

pub use deletion::{Deletion, Departure};
pub use leaving::{Leaver, Leaving};
pub use rules::{Change, Rules};
pub use shell::{CarryOut, ProcessManager};
pub use transfer::{Debit, Hold};
pub use wallet::{Closing, Opening};
pub use work::{Work, rules};
