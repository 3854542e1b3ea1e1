//! Table `ended_sessions`.

use events::{SessionId, Timestamp};

use super::Tables;
use crate::fault::Fault;

impl Tables {
    /// Sessions that ended since an instant, and when.
    pub(crate) async fn sessions_ended_since(
        &self,
        since: Timestamp,
    ) -> Result<Vec<(SessionId, Timestamp)>, Fault> {
        let query = sqlx::query!(
            "SELECT session_id, ended_us FROM ended_sessions WHERE ended_us >= $1",
            since.as_micros(),
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let sessions = rows
            .into_iter()
            .map(|row| (SessionId(row.session_id), Timestamp::from_micros(row.ended_us)));
        Ok(sessions.collect())
    }

    /// Whether a session ended.
    pub(crate) async fn has_session_ended(&self, session: SessionId) -> Result<bool, Fault> {
        let query = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM ended_sessions WHERE session_id = $1) AS "ended!""#,
            session.0,
        );
        self.bounded(query.fetch_one(&self.pool)).await
    }
}
