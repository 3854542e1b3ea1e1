//! The read model "money": folding events of wallets, scheduled payments and dues into changes of
//! its rows, and writing these, one statement a table and kind of change.

mod changes;
mod fold;
mod write;

pub(crate) use changes::{Changes, Teller, Told};
pub(crate) use fold::fold;
pub(crate) use write::{load, write};

/// All tables but those that tell of the projector itself.
pub(crate) const TABLES: [&str; 13] = [
    "wallets",
    "wallet_members",
    "wallet_stays",
    "entries",
    "transfers",
    "transfer_approvals",
    "spendings",
    "scheduled_payments",
    "payment_occurrences",
    "dues_plans",
    "dues_cycles",
    "dues_assessments",
    "feed",
];

/// The tables that nearly every event adds a row to.
pub(crate) const BIG_TABLES: [&str; 3] = ["entries", "transfers", "feed"];

/// Those of them whose primary keys aren't needed while they are filled.
pub(crate) const APPENDED_TABLES: [&str; 2] = ["entries", "feed"];
