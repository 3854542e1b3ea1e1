//! The SQL that writes changes: sets of rows by `UNNEST`, one statement a table and kind of
//! change. The order within a table matters where a comment says so; tables don't depend on each
//! other.

mod channels;
mod contacts;
mod markers;
mod members;
mod messages;
mod reactions;
mod sessions;
mod stays;
mod users;

use sqlx::PgConnection;
use uuid::Uuid;

use super::changes::Changes;
use crate::failure::WriteError;
use crate::feed;

/// Writes all changes, within the caller's transaction.
pub(crate) async fn write(db: &mut PgConnection, changes: &Changes<'_>) -> Result<(), WriteError> {
    messages::insert(db, &changes.messages).await?;
    feed::insert(db, &changes.feed).await?;
    write_rest(db, changes).await
}

/// The same for many rows at once: most are new ones of two tables, which are copied in.
pub(crate) async fn load(db: &mut PgConnection, changes: &Changes<'_>) -> Result<(), WriteError> {
    messages::copy(db, &changes.messages).await?;
    feed::copy(db, &changes.feed).await?;
    write_rest(db, changes).await
}

/// Writes all but new messages and the feed.
async fn write_rest(db: &mut PgConnection, changes: &Changes<'_>) -> Result<(), WriteError> {
    messages::update(db, &changes.messages).await?;
    users::insert(db, &changes.users).await?;
    users::update(db, &changes.users).await?;
    contacts::add(db, &changes.contacts).await?;
    contacts::remove(db, &changes.contacts).await?;
    contacts::remove_all(db, &gone(changes)).await?;
    sessions::insert(db, &changes.ended_sessions).await?;
    channels::insert(db, &changes.channels).await?;
    channels::update(db, &changes.channels).await?;
    members::join(db, &changes.members).await?;
    members::update(db, &changes.members).await?;
    // A stay that ends may be followed by a new one of the same user.
    stays::end(db, &changes.stays).await?;
    stays::begin(db, &changes.stays).await?;
    // Whom a deletion finds are all who had joined before, in this batch or earlier.
    members::leave_deleted(db, &changes.channels).await?;
    stays::end_deleted(db, &changes.channels).await?;
    reactions::add(db, &changes.reactions).await?;
    reactions::remove(db, &changes.reactions).await?;
    markers::raise(db, &changes.read_markers).await
}

/// Accounts that end in this batch.
fn gone(changes: &Changes<'_>) -> Vec<Uuid> {
    changes.users.iter().filter(|(_, change)| change.gone).map(|(&id, _)| id).collect()
}
