//! Table `wallet_members` of `money`.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use events::wallet::WalletRole;
use events::{Timestamp, UserId, WalletId};

use super::Tables;
use super::pages::paged;
use crate::cursor::{Found, Window};
use crate::fault::Fault;

/// Somebody in a wallet; also in one that was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WalletMemberRow {
    pub(crate) user: UserId,
    pub(crate) role: WalletRole,
    pub(crate) joined_at: Timestamp,
    /// Grows along the list of members, and along a user's list of wallets.
    pub(crate) joined_position: i64,
}

fn role(code: i16) -> WalletRole {
    if code == 1 { WalletRole::Admin } else { WalletRole::Member }
}

/// Asks for somebody's place in a wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct WalletMemberOf {
    pub(crate) wallet: WalletId,
    pub(crate) user: UserId,
}

impl Loader<WalletMemberOf> for Tables {
    /// There is an answer only if that one is in it.
    type Value = WalletMemberRow;
    type Error = Fault;

    async fn load(
        &self,
        of: &[WalletMemberOf],
    ) -> Result<HashMap<WalletMemberOf, WalletMemberRow>, Fault> {
        let wallets: Vec<_> = of.iter().map(|of| of.wallet.0).collect();
        let users: Vec<_> = of.iter().map(|of| of.user.0).collect();
        let query = sqlx::query!(
            "SELECT m.wallet_id, m.user_id, m.role, m.joined_us, m.joined_position
             FROM UNNEST($1::uuid[], $2::uuid[]) k (wallet_id, user_id)
             JOIN read_money.wallet_members m
               ON m.wallet_id = k.wallet_id AND m.user_id = k.user_id AND m.left_us IS NULL",
            &wallets,
            &users,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let members = rows.into_iter().map(|row| {
            let (wallet, user) = (WalletId(row.wallet_id), UserId(row.user_id));
            let (role, joined_position) = (role(row.role), row.joined_position);
            let joined_at = Timestamp::from_micros(row.joined_us);
            let member = WalletMemberRow { user, role, joined_at, joined_position };
            (WalletMemberOf { wallet, user }, member)
        });
        Ok(members.collect())
    }
}

/// Asks for a page of a wallet's members, in the order of joining.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct WalletMembersPage {
    pub(crate) wallet: WalletId,
    /// Its keys are `joined_position`.
    pub(crate) window: Window,
}

impl Loader<WalletMembersPage> for Tables {
    type Value = Found<WalletMemberRow>;
    type Error = Fault;

    async fn load(
        &self,
        pages: &[WalletMembersPage],
    ) -> Result<HashMap<WalletMembersPage, Self::Value>, Fault> {
        let wallets: Vec<_> = pages.iter().map(|page| page.wallet.0).collect();
        let above: Vec<_> = pages.iter().map(|page| page.window.after.unwrap_or(-1)).collect();
        let limits: Vec<_> = pages.iter().map(|page| page.window.len + 1).collect();
        let query = sqlx::query!(
            r#"SELECT p.number AS "number!", m.user_id, m.role, m.joined_us, m.joined_position
               FROM UNNEST($1::uuid[], $2::bigint[], $3::int[])
                   WITH ORDINALITY p (wallet_id, above, len, number)
               CROSS JOIN LATERAL (
                   SELECT * FROM read_money.wallet_members m
                   WHERE m.wallet_id = p.wallet_id AND m.left_us IS NULL
                     AND m.joined_position > p.above
                   ORDER BY m.joined_position LIMIT p.len
               ) m
               ORDER BY p.number, m.joined_position"#,
            &wallets,
            &above,
            &limits,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let rows = rows.into_iter().map(|row| {
            let item = WalletMemberRow {
                user: UserId(row.user_id),
                role: role(row.role),
                joined_at: Timestamp::from_micros(row.joined_us),
                joined_position: row.joined_position,
            };
            (row.number, item)
        });
        Ok(paged(pages, |page| page.window, rows))
    }
}

/// Asks how many are in a wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct WalletMemberCountOf(pub(crate) WalletId);

impl Loader<WalletMemberCountOf> for Tables {
    type Value = i32;
    type Error = Fault;

    async fn load(
        &self,
        of: &[WalletMemberCountOf],
    ) -> Result<HashMap<WalletMemberCountOf, i32>, Fault> {
        let wallets: Vec<_> = of.iter().map(|of| of.0.0).collect();
        let query = sqlx::query!(
            r#"SELECT wallet_id, count(*) AS "count!" FROM read_money.wallet_members
               WHERE wallet_id = ANY($1) AND left_us IS NULL GROUP BY wallet_id"#,
            &wallets,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let counts = rows.into_iter();
        Ok(counts
            .map(|row| (WalletMemberCountOf(WalletId(row.wallet_id)), super::count(row.count)))
            .collect())
    }
}
