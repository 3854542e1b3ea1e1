//! Everything of a viewer's channels and wallets in one stream.
//!
//! Who follows an inbox has a seat, and seats that ask for the same are a group, as with a single
//! channel; but a group here is told of all of them, so that its pushes come in the order of the
//! log. An event carries its audience along: the seats of those who were members at that place.
//! A reader of its own keeps who is in which channel or wallet, by the same rows that it hands
//! out, and goes as far as both feeds are known.

pub(crate) mod backlog;
pub(crate) mod group;
pub(crate) mod reader;
pub(crate) mod routes;
pub(crate) mod seats;

pub(crate) use seats::{Arrival, Inboxes, Joining};
