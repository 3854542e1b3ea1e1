//! Table `contacts`.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use events::UserId;

use super::Tables;
use crate::cursor::{Found, Window};
use crate::fault::Fault;

/// A contact in the order of their adding.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Contact {
    pub(crate) user: UserId,
    /// Grows along the list.
    pub(crate) added_position: i64,
}

impl Tables {
    /// A user's contacts, the earliest added first.
    pub(crate) async fn contacts_of(
        &self,
        user: UserId,
        window: Window,
    ) -> Result<Found<Contact>, Fault> {
        let query = sqlx::query!(
            "SELECT contact_id, added_position FROM contacts
             WHERE user_id = $1 AND added_position > $2
             ORDER BY added_position
             LIMIT $3",
            user.0,
            window.after.unwrap_or(-1),
            i64::from(window.len) + 1,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let contacts = rows.into_iter().map(|row| Contact {
            user: UserId(row.contact_id),
            added_position: row.added_position,
        });
        Ok(Found::of(&window, contacts.collect()))
    }

    /// How many contacts a user has.
    pub(crate) async fn contact_count_of(&self, user: UserId) -> Result<i32, Fault> {
        let query = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM contacts WHERE user_id = $1"#,
            user.0,
        );
        Ok(super::count(self.bounded(query.fetch_one(&self.pool)).await?))
    }
}

/// Asks whether somebody has somebody as a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ContactOf {
    pub(crate) user: UserId,
    pub(crate) contact: UserId,
}

impl Loader<ContactOf> for Tables {
    /// There is an answer only if that one is a contact.
    type Value = ();
    type Error = Fault;

    async fn load(&self, of: &[ContactOf]) -> Result<HashMap<ContactOf, ()>, Fault> {
        let users: Vec<_> = of.iter().map(|of| of.user.0).collect();
        let contacts: Vec<_> = of.iter().map(|of| of.contact.0).collect();
        let query = sqlx::query!(
            "SELECT c.user_id, c.contact_id
             FROM UNNEST($1::uuid[], $2::uuid[]) k (user_id, contact_id)
             JOIN contacts c ON c.user_id = k.user_id AND c.contact_id = k.contact_id",
            &users,
            &contacts,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let found = rows.into_iter().map(|row| {
            let (user, contact) = (UserId(row.user_id), UserId(row.contact_id));
            (ContactOf { user, contact }, ())
        });
        Ok(found.collect())
    }
}
