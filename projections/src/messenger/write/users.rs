//! Tables `users` and `ended_sessions`.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::failure::WriteError;
use crate::messenger::changes::{EndedSession, NewUser};

/// Whose name was erased has no account any more.
pub(super) async fn insert(db: &mut PgConnection, users: &[NewUser]) -> Result<(), WriteError> {
    if users.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = users.iter().map(|user| user.id).collect();
    let names: Vec<_> =
        users.iter().map(|user| user.username.as_ref().map(|t| t.as_str())).collect();
    let emails: Vec<_> = users.iter().map(|user| user.email.as_ref().map(|t| t.as_str())).collect();
    let created: Vec<i64> = users.iter().map(|user| user.created_us).collect();
    sqlx::query!(
        "INSERT INTO users (id, username, email, created_us, active)
         SELECT id, username, email, created_us, username IS NOT NULL
         FROM UNNEST($1::uuid[], $2::text[], $3::text[], $4::bigint[])
              AS new (id, username, email, created_us)",
        &ids,
        &names as &[Option<&str>],
        &emails as &[Option<&str>],
        &created,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A session that ended before stays as it ended first.
pub(super) async fn end_sessions(
    db: &mut PgConnection,
    ended: &HashMap<Uuid, EndedSession>,
) -> Result<(), WriteError> {
    if ended.is_empty() {
        return Ok(());
    }
    let sessions: Vec<Uuid> = ended.keys().copied().collect();
    let users: Vec<Uuid> = ended.values().map(|session| session.user).collect();
    let times: Vec<i64> = ended.values().map(|session| session.us).collect();
    sqlx::query!(
        "INSERT INTO ended_sessions (session_id, user_id, ended_us)
         SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::bigint[])
         ON CONFLICT (session_id) DO NOTHING",
        &sessions,
        &users,
        &times,
    )
    .execute(db)
    .await?;
    Ok(())
}
