//! Table `users`.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use events::{Timestamp, UserId};

use super::{Tables, uuids};
use crate::fault::Fault;

/// A person's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UserRow {
    pub(crate) id: UserId,
    /// `None`: erased.
    pub(crate) username: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) active: bool,
}

impl Loader<UserId> for Tables {
    type Value = Arc<UserRow>;
    type Error = Fault;

    async fn load(&self, ids: &[UserId]) -> Result<HashMap<UserId, Self::Value>, Fault> {
        let query = sqlx::query!(
            "SELECT id, username, email, created_us, active FROM users WHERE id = ANY($1)",
            &uuids(ids),
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let users = rows.into_iter().map(|row| UserRow {
            id: UserId(row.id),
            username: row.username,
            email: row.email,
            created_at: Timestamp::from_micros(row.created_us),
            active: row.active,
        });
        Ok(users.map(|user| (user.id, Arc::new(user))).collect())
    }
}

impl Tables {
    /// Who has an address, which the caller has normalised.
    pub(crate) async fn user_by_email(&self, key: &str) -> Result<Option<UserId>, Fault> {
        // One address may stand at two accounts for as long as it takes to project an exchange.
        let query = sqlx::query_scalar!(
            "SELECT id FROM users WHERE email_key = $1 AND active ORDER BY id LIMIT 1",
            key,
        );
        Ok(self.bounded(query.fetch_optional(&self.pool)).await?.map(UserId))
    }
}
