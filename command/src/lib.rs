//! The write side: a command is parsed, claimed, decided on its entity's state and appended.

pub mod bus;
pub mod clock;
pub mod parse;
pub mod secrets;

pub mod domain;
pub mod execution;
pub mod memory;
pub mod ports;
pub mod process;
pub mod rejection;
pub mod service;

pub mod http;

pub use bus::{Command, CommandBus, Done, Outcome, Request, Viewer};
pub use clock::Clock;
pub use rejection::{Code, Details, Rejection};
pub use service::{CommandService, ServiceConfig, ServiceSecrets, Stores};
