//! What mutations take.

pub(crate) mod channels;
pub(crate) mod messages;
pub(crate) mod money;
pub(crate) mod people;
pub(crate) mod schedules;
pub(crate) mod wallets;
