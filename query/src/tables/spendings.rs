//! Table `spendings` of `money`, less what `transfers` tells was given back.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use events::WalletId;
use events::money::Day;

use super::Tables;
use crate::fault::Fault;

/// Asks what of a wallet's limit for a day is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SpentOn {
    pub(crate) wallet: WalletId,
    pub(crate) day: Day,
}

impl Loader<SpentOn> for Tables {
    /// Minor units; there is no answer where nothing was asked for.
    type Value = i64;
    type Error = Fault;

    async fn load(&self, of: &[SpentOn]) -> Result<HashMap<SpentOn, i64>, Fault> {
        let wallets: Vec<_> = of.iter().map(|of| of.wallet.0).collect();
        let days: Vec<_> = of.iter().map(|of| of.day.to_string()).collect();
        let query = sqlx::query!(
            r#"SELECT k.number AS "number!", s.amount - coalesce(b.amount, 0) AS "amount!"
               FROM UNNEST($1::uuid[], $2::text[]) WITH ORDINALITY k (wallet_id, day, number)
               JOIN read_money.spendings s
                 ON s.wallet_id = k.wallet_id AND s.day = k.day::date
               CROSS JOIN LATERAL (
                   SELECT sum(t.amount)::bigint AS amount FROM read_money.transfers t
                   WHERE t.from_id = s.wallet_id AND t.day = s.day
                     AND (t.declined_us IS NOT NULL OR t.expired_us IS NOT NULL)
               ) b"#,
            &wallets,
            &days,
        );
        let rows = self.bounded(query.fetch_all(&self.pool)).await?;
        let spent = rows.into_iter().filter_map(|row| {
            // Numbers count from 1.
            let of = usize::try_from(row.number - 1).ok().and_then(|index| of.get(index))?;
            Some((*of, row.amount))
        });
        Ok(spent.collect())
    }
}
