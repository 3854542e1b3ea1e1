//! The write side: a command is parsed, claimed, decided on its entity's state and appended.

pub mod bus;
pub mod execution;
pub mod ports;
pub mod rejection;

pub use bus::{Command, CommandBus, Done, Outcome, Request, Viewer};
pub use rejection::{Code, Rejection};
