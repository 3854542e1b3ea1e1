//! Who is in which channel, and which accounts are over: tables `command.memberships` and
//! `command.deleted_users`. They move with the checkpoint of the to-do list.

use command::ports::Step;
use events::{ChannelId, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

/// Takes in what happened within a step. Rows are locked in one order, as all that lock several.
pub(super) async fn change(connection: &mut PgConnection, step: &Step) -> sqlx::Result<()> {
    if !step.joined.is_empty() {
        let joined = step.joined.iter().map(|joined| (joined.user, joined.channel));
        insert(connection, joined).await?;
    }
    if !step.left.is_empty() {
        delete(connection, &step.left).await?;
    }
    if !step.gone.is_empty() {
        delete_all_of(connection, &step.gone).await?;
    }
    if !step.ended.is_empty() {
        bury(connection, &step.ended).await?;
    }
    Ok(())
}

fn columns(pairs: impl IntoIterator<Item = (UserId, ChannelId)>) -> (Vec<Uuid>, Vec<Uuid>) {
    pairs.into_iter().map(|(user, channel)| (user.0, channel.0)).unzip()
}

async fn insert(
    connection: &mut PgConnection,
    joined: impl Iterator<Item = (UserId, ChannelId)>,
) -> sqlx::Result<()> {
    let (users, channels) = columns(joined);
    let query = sqlx::query!(
        "INSERT INTO command.memberships (user_id, channel_id)
        SELECT * FROM UNNEST($1::uuid[], $2::uuid[])
        ON CONFLICT (user_id, channel_id) DO NOTHING",
        &users,
        &channels,
    );
    query.execute(connection).await.map(drop)
}

async fn delete(connection: &mut PgConnection, left: &[(UserId, ChannelId)]) -> sqlx::Result<()> {
    let (users, channels) = columns(left.iter().copied());
    let query = sqlx::query!(
        "DELETE FROM command.memberships AS member
        USING UNNEST($1::uuid[], $2::uuid[]) AS gone (user_id, channel_id)
        WHERE member.user_id = gone.user_id AND member.channel_id = gone.channel_id",
        &users,
        &channels,
    );
    query.execute(connection).await.map(drop)
}

async fn delete_all_of(connection: &mut PgConnection, gone: &[ChannelId]) -> sqlx::Result<()> {
    let channels: Vec<Uuid> = gone.iter().map(|channel| channel.0).collect();
    let query =
        sqlx::query!("DELETE FROM command.memberships WHERE channel_id = ANY($1)", &channels);
    query.execute(connection).await.map(drop)
}

async fn bury(connection: &mut PgConnection, ended: &[UserId]) -> sqlx::Result<()> {
    let users: Vec<Uuid> = ended.iter().map(|user| user.0).collect();
    let query = sqlx::query!(
        "INSERT INTO command.deleted_users (user_id) SELECT * FROM UNNEST($1::uuid[])
        ON CONFLICT (user_id) DO NOTHING",
        &users,
    );
    query.execute(connection).await.map(drop)
}

/// Those among them whose accounts are over.
pub(super) async fn deleted_among(
    connection: &mut PgConnection,
    users: &[Uuid],
) -> sqlx::Result<Vec<Uuid>> {
    let query = sqlx::query_scalar!(
        "SELECT user_id FROM command.deleted_users WHERE user_id = ANY($1)",
        users,
    );
    query.fetch_all(connection).await
}

/// Channels that a user is in, by id, those after `after`.
pub(super) async fn channels_of(
    connection: &mut PgConnection,
    user: UserId,
    after: Option<ChannelId>,
    limit: usize,
) -> sqlx::Result<Vec<Uuid>> {
    let query = sqlx::query_scalar!(
        "SELECT channel_id FROM command.memberships
        WHERE user_id = $1 AND ($2::uuid IS NULL OR channel_id > $2)
        ORDER BY channel_id LIMIT $3",
        user.0,
        after.map(|channel| channel.0),
        i64::try_from(limit).unwrap_or(i64::MAX),
    );
    query.fetch_all(connection).await
}
