//! A wallet's ledger from old to new, in one snapshot.

use events::{Timestamp, TransferId, UserId, WalletId};
use sqlx::{PgPool, Postgres, Transaction};

/// Lines that are read at once.
const PAGE_LEN: i64 = 500;

/// What stands before the lines.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) name: String,
    pub(crate) currency: String,
    /// The viewer is in the wallet.
    pub(crate) is_member: bool,
    /// The viewer is in its channel.
    pub(crate) is_in_channel: bool,
    /// What was in the wallet before.
    pub(crate) opening: i64,
}

/// A line of it. Amounts are minor units.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) at: Timestamp,
    pub(crate) is_debit: bool,
    pub(crate) amount: i64,
    pub(crate) balance_after: i64,
    pub(crate) transfer: Option<TransferId>,
    /// The other wallet's name.
    pub(crate) counterparty: Option<String>,
    /// Who caused it.
    pub(crate) by: Option<String>,
    pub(crate) memo: String,
    revision: i64,
}

impl Line {
    /// What happened, as people say it.
    pub(crate) fn kind(&self) -> &'static str {
        match (self.transfer.is_some(), self.is_debit) {
            (true, true) => "paid",
            (true, false) => "received",
            (false, true) => "withdrawal",
            (false, false) => "deposit",
        }
    }

    /// Below zero where it left the wallet.
    pub(crate) fn signed_amount(&self) -> i64 {
        if self.is_debit { -self.amount } else { self.amount }
    }
}

/// The ledger, as it is being read.
pub(crate) struct Ledger {
    snapshot: Transaction<'static, Postgres>,
    wallet: WalletId,
    after: (i64, i64),
}

impl Ledger {
    pub(crate) async fn open(pool: &PgPool, wallet: WalletId) -> sqlx::Result<Self> {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        Ok(Self { snapshot: pool.begin_with(begin).await?, wallet, after: (i64::MIN, i64::MIN) })
    }

    /// What stands before its lines from an instant on, for somebody; none if there is no such
    /// wallet.
    pub(crate) async fn head(
        &mut self,
        viewer: UserId,
        from: Timestamp,
    ) -> sqlx::Result<Option<Head>> {
        self.after = (from.as_micros(), i64::MIN);
        sqlx::query_as!(
            Head,
            r#"SELECT w.name, w.currency,
                   EXISTS (SELECT FROM read_money.wallet_members m WHERE m.wallet_id = w.id
                           AND m.user_id = $2 AND m.left_us IS NULL) AS "is_member!",
                   EXISTS (SELECT FROM members m WHERE m.channel_id = w.channel_id
                           AND m.user_id = $2 AND m.left_us IS NULL) AS "is_in_channel!",
                   coalesce((SELECT e.balance_after FROM read_money.entries e
                             WHERE e.wallet_id = w.id AND e.at_us < $3
                             ORDER BY e.at_us DESC, e.revision DESC LIMIT 1), 0) AS "opening!"
               FROM read_money.wallets w WHERE w.id = $1"#,
            self.wallet.0,
            viewer.0,
            from.as_micros(),
        )
        .fetch_optional(&mut *self.snapshot)
        .await
    }

    /// The next lines before an instant; none at the end.
    pub(crate) async fn next(&mut self, to: Timestamp) -> sqlx::Result<Vec<Line>> {
        let rows = sqlx::query!(
            r#"SELECT e.at_us, e.revision, e.direction, e.amount, e.balance_after, e.transfer_id,
                   c.name AS "counterparty?",
                   CASE WHEN u.id IS NULL THEN NULL ELSE coalesce(u.username, 'deleted user')
                       END AS by_name, e.memo
               FROM read_money.entries e
               LEFT JOIN read_money.wallets c ON c.id = e.counterparty
               LEFT JOIN users u ON u.id = e.by_user
               WHERE e.wallet_id = $1 AND (e.at_us, e.revision) > ($2, $3) AND e.at_us < $4
               ORDER BY e.at_us, e.revision LIMIT $5"#,
            self.wallet.0,
            self.after.0,
            self.after.1,
            to.as_micros(),
            PAGE_LEN,
        )
        .fetch_all(&mut *self.snapshot)
        .await?;
        let lines = rows.into_iter().map(|row| Line {
            at: Timestamp::from_micros(row.at_us),
            is_debit: row.direction == 1,
            amount: row.amount,
            balance_after: row.balance_after,
            transfer: row.transfer_id.map(TransferId),
            counterparty: row.counterparty,
            by: row.by_name,
            memo: row.memo,
            revision: row.revision,
        });
        let lines: Vec<Line> = lines.collect();
        if let Some(last) = lines.last() {
            self.after = (last.at.as_micros(), last.revision);
        }
        Ok(lines)
    }
}
