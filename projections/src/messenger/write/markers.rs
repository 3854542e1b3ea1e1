//! Table `read_markers`.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::failure::WriteError;

/// Markers, which never fall.
pub(super) async fn raise(
    db: &mut PgConnection,
    markers: &HashMap<(Uuid, Uuid), i32>,
) -> Result<(), WriteError> {
    if markers.is_empty() {
        return Ok(());
    }
    let (channels, users): (Vec<Uuid>, Vec<Uuid>) = markers.keys().copied().unzip();
    let seqs: Vec<i32> = markers.values().copied().collect();
    sqlx::query!(
        "INSERT INTO read_markers (channel_id, user_id, up_to_seq)
         SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::integer[])
         ON CONFLICT (channel_id, user_id) DO UPDATE
            SET up_to_seq = GREATEST(read_markers.up_to_seq, excluded.up_to_seq)",
        &channels,
        &users,
        &seqs,
    )
    .execute(db)
    .await?;
    Ok(())
}
