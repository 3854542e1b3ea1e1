//! The SQL that writes changes: sets of rows by `UNNEST`, one statement a table and kind of
//! change. Tables don't depend on each other, but for
//! rows of the feed whose wallet stands in another.

mod approvals;
mod dues_assessments;
mod dues_cycles;
mod dues_plans;
mod entries;
mod members;
mod occurrences;
mod payments;
mod recurrence;
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
    transfers::end(db, &changes.endings).await?;
    write_schedules(db, changes).await
}

/// Writes scheduled payments and dues, and then tells of them whom their rows name.
async fn write_schedules(
    db: &mut PgConnection,
    Changes { payments, dues, told, .. }: &Changes<'_>,
) -> Result<(), WriteError> {
    payments::insert(db, &payments.payments).await?;
    payments::update(db, &payments.payments).await?;
    occurrences::start(db, &payments.occurrences).await?;
    occurrences::update(db, &payments.occurrences).await?;
    dues_plans::insert(db, &dues.plans).await?;
    dues_plans::end(db, &dues.ended).await?;
    dues_cycles::insert(db, &dues.cycles).await?;
    dues_cycles::update(db, &dues.cycles).await?;
    dues_assessments::insert(db, &dues.assessments).await?;
    dues_assessments::update(db, &dues.assessments).await?;
    feed::tell(db, told).await
}
