//! Table `ended_sessions`.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::failure::WriteError;
use crate::messenger::changes::EndedSession;

/// A session that ended before stays as it ended first.
pub(super) async fn insert(
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
