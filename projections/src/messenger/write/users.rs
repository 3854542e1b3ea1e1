//! Table `users`.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::failure::{WriteError, expect_rows};
use crate::messenger::changes::UserChange;

type Users = HashMap<Uuid, UserChange>;

/// The columns of names, and whether there are any.
#[derive(Default)]
struct Columns<'c> {
    ids: Vec<Uuid>,
    names: Vec<Option<&'c str>>,
    emails: Vec<Option<&'c str>>,
    keys: Vec<Option<&'c str>>,
    gone: Vec<bool>,
}

impl<'c> Columns<'c> {
    fn push(&mut self, id: Uuid, change: &'c UserChange) {
        let email = change.email.as_ref();
        self.ids.push(id);
        self.names.push(text(change.username.as_ref()));
        self.emails.push(text(email.map(|email| &email.written)));
        self.keys.push(text(email.and_then(|email| email.key.as_ref())));
        self.gone.push(change.gone);
    }
}

fn text(text: Option<&Zeroizing<String>>) -> Option<&str> {
    text.map(|text| text.as_str())
}

/// Accounts that are new in this batch, as they stand at its end.
pub(super) async fn insert(db: &mut PgConnection, users: &Users) -> Result<(), WriteError> {
    let (mut columns, mut created) = (Columns::default(), vec![]);
    for (&id, change) in users {
        let Some(created_us) = change.created_us else { continue };
        columns.push(id, change);
        created.push(created_us);
    }
    if created.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO users (id, username, email, email_key, created_us, active)
         SELECT id, username, email, email_key, created_us, NOT gone
         FROM UNNEST($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::boolean[])
              AS new (id, username, email, email_key, created_us, gone)",
        &columns.ids,
        &columns.names as &[Option<&str>],
        &columns.emails as &[Option<&str>],
        &columns.keys as &[Option<&str>],
        &created,
        &columns.gone,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Accounts from before this batch. Nothing names one again that is over.
pub(super) async fn update(db: &mut PgConnection, users: &Users) -> Result<(), WriteError> {
    let mut columns = Columns::default();
    for (&id, change) in users.iter().filter(|(_, change)| change.created_us.is_none()) {
        columns.push(id, change);
    }
    if columns.ids.is_empty() {
        return Ok(());
    }
    let updated = sqlx::query!(
        "UPDATE users SET
            active = active AND NOT gone,
            username = CASE WHEN active AND NOT gone
                            THEN coalesce(new.username, users.username) END,
            email = CASE WHEN active AND NOT gone THEN coalesce(new.email, users.email) END,
            email_key = CASE WHEN NOT active OR gone THEN NULL
                             WHEN new.email IS NULL THEN users.email_key
                             ELSE new.email_key END
         FROM UNNEST($1::uuid[], $2::text[], $3::text[], $4::text[], $5::boolean[])
              AS new (id, username, email, email_key, gone)
         WHERE users.id = new.id",
        &columns.ids,
        &columns.names as &[Option<&str>],
        &columns.emails as &[Option<&str>],
        &columns.keys as &[Option<&str>],
        &columns.gone,
    )
    .execute(db)
    .await?;
    expect_rows("users", updated.rows_affected(), columns.ids.len())
}
