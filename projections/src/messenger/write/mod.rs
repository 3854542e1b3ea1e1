//! The SQL that writes changes: sets of rows by `UNNEST`, one statement a table and kind of
//! change. The order within a table matters where a comment says so; tables don't depend on each
//! other, so that a rebuild may write some of them side by side.

mod channels;
mod feed;
mod members;
mod messages;
mod stays;
mod users;

use sqlx::PgConnection;

use super::changes::Changes;
use crate::failure::WriteError;

/// Writes all changes, within the caller's transaction.
pub(crate) async fn write(db: &mut PgConnection, changes: &Changes<'_>) -> Result<(), WriteError> {
    write_messages(db, changes).await?;
    write_rest(db, changes).await?;
    write_feed(db, changes).await
}

/// Writes the messages.
pub(crate) async fn write_messages(
    db: &mut PgConnection,
    changes: &Changes<'_>,
) -> Result<(), WriteError> {
    messages::insert(db, &changes.messages).await?;
    messages::delete(db, &changes.messages).await
}

/// Writes the feed.
pub(crate) async fn write_feed(
    db: &mut PgConnection,
    changes: &Changes<'_>,
) -> Result<(), WriteError> {
    feed::insert(db, &changes.feed).await
}

/// Writes people, channels, members and sessions.
pub(crate) async fn write_rest(
    db: &mut PgConnection,
    changes: &Changes<'_>,
) -> Result<(), WriteError> {
    users::insert(db, &changes.users).await?;
    users::end_sessions(db, &changes.ended_sessions).await?;
    channels::insert(db, &changes.channels).await?;
    channels::update(db, &changes.channels).await?;
    members::join(db, &changes.members).await?;
    members::update(db, &changes.members).await?;
    // A stay that ends may be followed by a new one of the same user.
    stays::end(db, &changes.stays).await?;
    stays::begin(db, &changes.stays).await?;
    // Whom a deletion finds are all who had joined before, in this batch or earlier.
    members::leave_deleted(db, &changes.channels).await?;
    stays::end_deleted(db, &changes.channels).await
}
