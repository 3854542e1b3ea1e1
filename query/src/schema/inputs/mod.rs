//! What mutations take.

pub(crate) mod channels;
pub(crate) mod messages;
pub(crate) mod people;
