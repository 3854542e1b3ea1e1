//! How commands are run: machines without I/O, and a thin shell that carries their effects out.

pub mod aggregate;
pub mod ask;
pub mod limits;
pub mod machine;
pub mod shell;

pub use aggregate::{Aggregate, Context, Decision, Touch, View};
pub use ask::{Ask, Peek, Policy, Refused, Settled};
pub use limits::Limits;
pub use shell::Execution;
