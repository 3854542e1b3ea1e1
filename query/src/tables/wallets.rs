//! Table `wallets` of `money`.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use events::wallet::WalletKind;
use events::{ChannelId, Timestamp, UserId, WalletId};
use uuid::Uuid;

use super::pages::paged;
use super::{Tables, uuids};
use crate::cursor::{Found, Window};
use crate::fault::Fault;

/// A wallet. Amounts are minor units of its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WalletRow {
    pub(crate) id: WalletId,
    pub(crate) kind: WalletKind,
    pub(crate) owner: UserId,
    /// Of a group wallet.
    pub(crate) channel: Option<ChannelId>,
    pub(crate) name: String,
    pub(crate) description: String,
    /// ISO 4217 code.
    pub(crate) currency: String,
    pub(crate) approvals_required: i32,
    /// The most that one transfer and all of a day may take; `None`: the server's.
    pub(crate) limits: Option<(i64, i64)>,
    /// Posted.
    pub(crate) balance: i64,
    pub(crate) frozen: bool,
    /// In the order of opening.
    pub(crate) opened_position: i64,
    /// `None`: it is open.
    pub(crate) closed_at: Option<Timestamp>,
}

/// As the columns come.
struct Row {
    id: Uuid,
    kind: i16,
    owner: Uuid,
    channel_id: Option<Uuid>,
    name: String,
    description: String,
    currency: String,
    approvals_required: i16,
    per_transfer: Option<i64>,
    per_day: Option<i64>,
    balance: i64,
    frozen: bool,
    opened_position: i64,
    closed_us: Option<i64>,
}

impl From<Row> for Arc<WalletRow> {
    fn from(row: Row) -> Self {
        Self::new(WalletRow {
            id: WalletId(row.id),
            kind: if row.kind == 1 { WalletKind::Personal } else { WalletKind::Group },
            owner: UserId(row.owner),
            channel: row.channel_id.map(ChannelId),
            name: row.name,
            description: row.description,
            currency: row.currency,
            approvals_required: i32::from(row.approvals_required),
            limits: row.per_transfer.zip(row.per_day),
            balance: row.balance,
            frozen: row.frozen,
            opened_position: row.opened_position,
            closed_at: row.closed_us.map(Timestamp::from_micros),
        })
    }
}

impl Tables {
    /// Wallets by id.
    async fn wallets(&self, ids: &[Uuid]) -> Result<HashMap<WalletId, Arc<WalletRow>>, Fault> {
        let query = sqlx::query_as!(
            Row,
            "SELECT id, kind, owner, channel_id, name, description, currency, approvals_required,
                 per_transfer, per_day, balance, frozen, opened_position, closed_us
             FROM read_money.wallets WHERE id = ANY($1)",
            ids,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let wallets = rows.into_iter().map(Arc::<WalletRow>::from);
        Ok(wallets.map(|wallet| (wallet.id, wallet)).collect())
    }
}

impl Loader<WalletId> for Tables {
    type Value = Arc<WalletRow>;
    type Error = Fault;

    async fn load(&self, ids: &[WalletId]) -> Result<HashMap<WalletId, Self::Value>, Fault> {
        self.wallets(&uuids(ids)).await
    }
}

/// Asks for somebody's open personal wallet in a currency.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ReceivingOf {
    pub(crate) user: UserId,
    /// ISO 4217 code.
    pub(crate) currency: String,
}

impl Loader<ReceivingOf> for Tables {
    type Value = Arc<WalletRow>;
    type Error = Fault;

    async fn load(&self, of: &[ReceivingOf]) -> Result<HashMap<ReceivingOf, Self::Value>, Fault> {
        // No text with a NUL can be asked for, and no currency has one.
        let of: Vec<_> = of.iter().filter(|of| !of.currency.contains('\0')).collect();
        let users: Vec<_> = of.iter().map(|of| of.user.0).collect();
        let currencies: Vec<_> = of.iter().map(|of| of.currency.clone()).collect();
        let query = sqlx::query!(
            r#"SELECT k.number AS "number!", w.id
               FROM UNNEST($1::uuid[], $2::text[])
                   WITH ORDINALITY k (user_id, currency, number)
               JOIN read_money.wallets w ON w.owner = k.user_id AND w.currency = k.currency
                AND w.kind = 1 AND w.closed_us IS NULL"#,
            &users,
            &currencies,
        );
        let found = self.bounded(query.fetch_all(&self.pool)).await?;
        let ids: Vec<_> = found.iter().map(|row| row.id).collect();
        let wallets = if ids.is_empty() { HashMap::new() } else { self.wallets(&ids).await? };
        let receiving = found.into_iter().filter_map(|row| {
            // Numbers count from 1.
            let of = usize::try_from(row.number - 1).ok().and_then(|index| of.get(index))?;
            Some(((*of).clone(), wallets.get(&WalletId(row.id))?.clone()))
        });
        Ok(receiving.collect())
    }
}

/// Asks for a page of a channel's wallets, in the order of opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ChannelWalletsPage {
    pub(crate) channel: ChannelId,
    /// Its keys are `opened_position`.
    pub(crate) window: Window,
}

impl Loader<ChannelWalletsPage> for Tables {
    type Value = Found<Arc<WalletRow>>;
    type Error = Fault;

    async fn load(
        &self,
        pages: &[ChannelWalletsPage],
    ) -> Result<HashMap<ChannelWalletsPage, Self::Value>, Fault> {
        let channels: Vec<_> = pages.iter().map(|page| page.channel.0).collect();
        let above: Vec<_> = pages.iter().map(|page| page.window.after.unwrap_or(-1)).collect();
        let limits: Vec<_> = pages.iter().map(|page| page.window.len + 1).collect();
        let query = sqlx::query!(
            r#"SELECT p.number AS "number!", w.id
               FROM UNNEST($1::uuid[], $2::bigint[], $3::int[])
                   WITH ORDINALITY p (channel_id, above, len, number)
               CROSS JOIN LATERAL (
                   SELECT id, opened_position FROM read_money.wallets w
                   WHERE w.channel_id = p.channel_id AND w.opened_position > p.above
                   ORDER BY w.opened_position LIMIT p.len
               ) w
               ORDER BY p.number, w.opened_position"#,
            &channels,
            &above,
            &limits,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let wallets = if ids.is_empty() { HashMap::new() } else { self.wallets(&ids).await? };
        let rows = rows
            .into_iter()
            .filter_map(|row| Some((row.number, wallets.get(&WalletId(row.id))?.clone())));
        Ok(paged(pages, |page| page.window, rows))
    }
}

/// Asks how many wallets a channel has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ChannelWalletCountOf(pub(crate) ChannelId);

impl Loader<ChannelWalletCountOf> for Tables {
    type Value = i32;
    type Error = Fault;

    async fn load(
        &self,
        of: &[ChannelWalletCountOf],
    ) -> Result<HashMap<ChannelWalletCountOf, i32>, Fault> {
        let channels: Vec<_> = of.iter().map(|of| of.0.0).collect();
        let query = sqlx::query!(
            r#"SELECT channel_id AS "channel_id!", count(*) AS "count!"
               FROM read_money.wallets WHERE channel_id = ANY($1) GROUP BY channel_id"#,
            &channels,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let counts = rows.into_iter();
        Ok(counts
            .map(|row| (ChannelWalletCountOf(ChannelId(row.channel_id)), super::count(row.count)))
            .collect())
    }
}

/// Asks what of a wallet's balance is not held for transfers that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct AvailableIn(pub(crate) WalletId);

impl Loader<AvailableIn> for Tables {
    type Value = i64;
    type Error = Fault;

    async fn load(&self, of: &[AvailableIn]) -> Result<HashMap<AvailableIn, i64>, Fault> {
        let ids: Vec<_> = of.iter().map(|of| of.0.0).collect();
        let query = sqlx::query!(
            r#"SELECT w.id, w.balance - coalesce(h.amount, 0) AS "available!"
               FROM read_money.wallets w
               CROSS JOIN LATERAL (
                   SELECT sum(t.amount)::bigint AS amount FROM read_money.transfers t
                   WHERE t.from_id = w.id AND t.expires_us IS NOT NULL AND t.debited_us IS NULL
                     AND t.declined_us IS NULL AND t.expired_us IS NULL
               ) h
               WHERE w.id = ANY($1)"#,
            &ids,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        Ok(rows.into_iter().map(|row| (AvailableIn(WalletId(row.id)), row.available)).collect())
    }
}

impl Tables {
    /// The wallets that a user is in, in the order of joining: with the position of that, which
    /// is the key.
    pub(crate) async fn wallets_of(
        &self,
        user: UserId,
        window: Window,
    ) -> Result<Found<(i64, Arc<WalletRow>)>, Fault> {
        let query = sqlx::query!(
            "SELECT wallet_id, joined_position FROM read_money.wallet_members
             WHERE user_id = $1 AND left_us IS NULL AND joined_position > $2
             ORDER BY joined_position LIMIT $3",
            user.0,
            window.after.unwrap_or(-1),
            i64::from(window.len) + 1,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let ids: Vec<_> = rows.iter().map(|row| row.wallet_id).collect();
        let wallets = if ids.is_empty() { HashMap::new() } else { self.wallets(&ids).await? };
        let joined = rows.into_iter().filter_map(|row| {
            Some((row.joined_position, wallets.get(&WalletId(row.wallet_id))?.clone()))
        });
        Ok(Found::of(&window, joined.collect()))
    }

    /// How many wallets a user is in.
    pub(crate) async fn wallet_count_of(&self, user: UserId) -> Result<i32, Fault> {
        let query = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM read_money.wallet_members
               WHERE user_id = $1 AND left_us IS NULL"#,
            user.0,
        );
        Ok(super::count(self.bounded(query.fetch_one(&self.pool)).await?))
    }
}
