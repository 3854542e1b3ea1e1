//! The SQL that writes changes: sets of rows by `UNNEST`, one statement a table and kind of
//! change. Tables don't depend on each other.

mod approvals;
mod entries;
mod members;
mod spendings;
mod stays;
mod transfers;
mod wallets;

use sqlx::PgConnection;

use super::changes::Changes;
use crate::failure::WriteError;
use crate::feed;

/// Writes all changes, within the caller's transaction.
pub(crate) async fn write(db: &mut PgConnection, changes: &Changes<'_>) -> Result<(), WriteError> {
    entries::insert(db, &changes.entries).await?;
    feed::insert(db, &changes.feed).await?;
    write_rest(db, changes).await
}

/// The same for many rows at once: most are new ones of two tables, which are copied in.
pub(crate) async fn load(db: &mut PgConnection, changes: &Changes<'_>) -> Result<(), WriteError> {
    entries::copy(db, &changes.entries).await?;
    feed::copy(db, &changes.feed).await?;
    write_rest(db, changes).await
}

/// Writes all but entries and the feed.
async fn write_rest(db: &mut PgConnection, changes: &Changes<'_>) -> Result<(), WriteError> {
    wallets::insert(db, &changes.wallets).await?;
    wallets::update(db, &changes.wallets).await?;
    members::join(db, &changes.members).await?;
    members::change_roles(db, &changes.members).await?;
    members::leave(db, &changes.members).await?;
    // A stay that ends may be followed by a new one of the same user.
    stays::end(db, &changes.stays).await?;
    stays::begin(db, &changes.stays).await?;
    spendings::add(db, &changes.spendings).await?;
    approvals::insert(db, &changes.approvals).await?;
    transfers::write(db, &changes.transfers).await?;
    // What ends may have begun in this batch.
    transfers::end(db, &changes.endings).await
}
