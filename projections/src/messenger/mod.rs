//! The read model "messenger": folding events into changes of its rows, and writing these, one
//! statement a table and kind of change.

mod changes;
mod fold;
mod write;

pub(crate) use changes::Changes;
pub(crate) use fold::{Folded, fold};
pub(crate) use write::{load, write};
