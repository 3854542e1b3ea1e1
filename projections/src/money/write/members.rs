//! Table `wallet_members`.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::failure::{WriteError, expect_rows};
use crate::money::changes::MemberChange;

type Members = HashMap<(Uuid, Uuid), MemberChange>;

/// Those who came, as they stand at the batch's end. Who was there before begins anew.
pub(super) async fn join(db: &mut PgConnection, members: &Members) -> Result<(), WriteError> {
    let (mut wallets, mut users, mut roles) = (vec![], vec![], vec![]);
    let (mut joined, mut positions, mut left) = (vec![], vec![], vec![]);
    for (&(wallet, user), change) in members {
        let (Some(stay), Some(role)) = (change.joined, change.role) else { continue };
        wallets.push(wallet);
        users.push(user);
        roles.push(role);
        joined.push(stay.us);
        positions.push(stay.position);
        left.push(change.left_us);
    }
    if wallets.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO wallet_members (wallet_id, user_id, role, joined_us, joined_position, left_us)
         SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::smallint[], $4::bigint[], $5::bigint[],
                              $6::bigint[])
         ON CONFLICT (wallet_id, user_id) DO UPDATE SET
            role = excluded.role,
            joined_us = excluded.joined_us,
            joined_position = excluded.joined_position,
            left_us = excluded.left_us",
        &wallets,
        &users,
        &roles,
        &joined,
        &positions,
        &left as &[Option<i64>],
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Members from before this batch who have another role.
pub(super) async fn change_roles(
    db: &mut PgConnection,
    members: &Members,
) -> Result<(), WriteError> {
    let (mut wallets, mut users, mut roles) = (vec![], vec![], vec![]);
    for (&(wallet, user), change) in members.iter().filter(|(_, m)| m.joined.is_none()) {
        let Some(role) = change.role else { continue };
        wallets.push(wallet);
        users.push(user);
        roles.push(role);
    }
    if wallets.is_empty() {
        return Ok(());
    }
    let updated = sqlx::query!(
        "UPDATE wallet_members SET role = new.role
         FROM UNNEST($1::uuid[], $2::uuid[], $3::smallint[]) AS new (wallet_id, user_id, role)
         WHERE wallet_members.wallet_id = new.wallet_id AND wallet_members.user_id = new.user_id
           AND wallet_members.left_us IS NULL",
        &wallets,
        &users,
        &roles,
    )
    .execute(db)
    .await?;
    expect_rows("wallet_members", updated.rows_affected(), wallets.len())
}

/// Members from before this batch who left. Of who lost the channel it is told even if they were
/// none.
pub(super) async fn leave(db: &mut PgConnection, members: &Members) -> Result<(), WriteError> {
    let (mut wallets, mut users, mut left) = (vec![], vec![], vec![]);
    for (&(wallet, user), change) in members.iter().filter(|(_, m)| m.joined.is_none()) {
        let Some(left_us) = change.left_us else { continue };
        wallets.push(wallet);
        users.push(user);
        left.push(left_us);
    }
    if wallets.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "UPDATE wallet_members SET left_us = new.left_us
         FROM UNNEST($1::uuid[], $2::uuid[], $3::bigint[]) AS new (wallet_id, user_id, left_us)
         WHERE wallet_members.wallet_id = new.wallet_id AND wallet_members.user_id = new.user_id
           AND wallet_members.left_us IS NULL",
        &wallets,
        &users,
        &left,
    )
    .execute(db)
    .await?;
    Ok(())
}
