//! Table `contacts`.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::failure::WriteError;
use crate::messenger::changes::{Contact, Latest};

type Contacts = Latest<(Uuid, Uuid), Contact>;

/// Those who are contacts at the batch's end.
pub(super) async fn add(db: &mut PgConnection, contacts: &Contacts) -> Result<(), WriteError> {
    let (mut users, mut others, mut times, mut positions) = (vec![], vec![], vec![], vec![]);
    for (&(user, other), contact) in contacts {
        let Some(contact) = contact else { continue };
        users.push(user);
        others.push(other);
        times.push(contact.us);
        positions.push(contact.position);
    }
    if users.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO contacts (user_id, contact_id, added_us, added_position)
         SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[])
         ON CONFLICT (user_id, contact_id) DO UPDATE SET
            added_us = excluded.added_us, added_position = excluded.added_position",
        &users,
        &others,
        &times,
        &positions,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Those who are none any more; somebody who came and went within the batch never had a row.
pub(super) async fn remove(db: &mut PgConnection, contacts: &Contacts) -> Result<(), WriteError> {
    let (users, others): (Vec<Uuid>, Vec<Uuid>) =
        contacts.iter().filter(|(_, contact)| contact.is_none()).map(|(&key, _)| key).unzip();
    if users.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "DELETE FROM contacts USING UNNEST($1::uuid[], $2::uuid[]) AS gone (user_id, contact_id)
         WHERE contacts.user_id = gone.user_id AND contacts.contact_id = gone.contact_id",
        &users,
        &others,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// All contacts of accounts that are over.
pub(super) async fn remove_all(db: &mut PgConnection, of: &[Uuid]) -> Result<(), WriteError> {
    if of.is_empty() {
        return Ok(());
    }
    sqlx::query!("DELETE FROM contacts WHERE user_id = ANY($1)", of).execute(db).await?;
    Ok(())
}
