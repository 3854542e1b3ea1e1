//! The public API: what can be asked for, and the hub that pushes what happens.

pub mod document;
pub mod execution;
pub mod spending;
pub mod statement;
pub mod tokens;
pub mod transport;
mod web;

mod fault;
mod schema;
mod subscribe;

mod cursor;
mod eager;
mod loads;
mod order;
mod reads;
mod search;
mod tables;

mod hub;

pub use execution::{Api, Caller, Parts, Prepared, Pushed, Subscription};
pub use schema::schema_sdl;
pub use spending::Spending;
pub use statement::Statements;
pub use tokens::{Issued, TokenError, Tokens, Verified};
pub use transport::{Config, Transport};
