//! Whether the read model "money" is what a replay gives, in one snapshot of the database.

use events::{LogId, LogPosition, WalletId};
use sqlx::{PgPool, Postgres, Transaction};
use uuid::Uuid;

use super::{Breaches, Expected};

/// Rows that are compared at once.
const PAGE_LEN: usize = 1_000;

/// The rows of one snapshot.
pub struct Rows {
    snapshot: Transaction<'static, Postgres>,
    /// Up to where the log is projected in it.
    pub position: LogPosition,
    transfers: i64,
    parts: i64,
}

impl Rows {
    /// Takes the snapshot; none where nothing of this log is projected yet. Between statements it
    /// may stand still as long as the log is being read.
    pub async fn open(pool: &PgPool, log: LogId) -> sqlx::Result<Option<Self>> {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        let mut snapshot = pool.begin_with(begin).await?;
        let position = sqlx::query_scalar!(
            "SELECT min(position) FROM read_money.checkpoint WHERE log_id = $1",
            log.0,
        )
        .fetch_one(&mut *snapshot)
        .await?;
        let Some(position) = position.and_then(|position| position.try_into().ok()) else {
            return Ok(None);
        };
        Ok(Some(Self { snapshot, position, transfers: 0, parts: 0 }))
    }

    /// Compares all wallets' balances, given in the order of their ids.
    pub async fn compare_wallets(
        &mut self,
        balances: impl Iterator<Item = (WalletId, i64)>,
        breaches: &mut Breaches,
    ) -> sqlx::Result<()> {
        let mut balances = balances.peekable();
        let mut after = Uuid::nil();
        loop {
            let page = sqlx::query!(
                "SELECT id, balance FROM read_money.wallets WHERE id > $1 ORDER BY id LIMIT $2",
                after,
                bigint(PAGE_LEN),
            )
            .fetch_all(&mut *self.snapshot)
            .await?;
            for row in &page {
                while let Some((missing, _)) = balances.next_if(|(id, _)| id.0 < row.id) {
                    note(breaches, format!("wallet {missing} has no row"));
                }
                match balances.next_if(|(id, _)| id.0 == row.id) {
                    Some((_, balance)) if balance == row.balance => {}
                    Some((id, balance)) => {
                        let told = row.balance;
                        note(breaches, format!("wallet {id} has {balance}, its row says {told}"));
                    }
                    None => note(breaches, format!("there is no wallet {}, but a row", row.id)),
                }
            }
            match page.last() {
                Some(last) if page.len() == PAGE_LEN => after = last.id,
                _ => break,
            }
        }
        for (missing, _) in balances {
            note(breaches, format!("wallet {missing} has no row"));
        }
        Ok(())
    }

    /// Compares transfers and members' parts.
    pub async fn compare(
        &mut self,
        expected: &[Expected],
        breaches: &mut Breaches,
    ) -> sqlx::Result<()> {
        for page in expected.chunks(PAGE_LEN) {
            self.compare_transfers(page, breaches).await?;
            self.compare_parts(page, breaches).await?;
        }
        Ok(())
    }

    async fn compare_transfers(
        &mut self,
        page: &[Expected],
        breaches: &mut Breaches,
    ) -> sqlx::Result<()> {
        let id = |expected: &Expected| match expected {
            Expected::Transfer { id, .. } => Some(*id),
            Expected::Part { .. } => None,
        };
        let ids: Vec<Uuid> = page.iter().filter_map(id).collect();
        self.transfers += bigint(ids.len());
        let rows = sqlx::query!(
            r#"SELECT id, coalesce(amount, 0) AS "amount!", from_id IS NOT NULL AS "known!",
                   debited_us IS NOT NULL AS "debited!", credited_us IS NOT NULL AS "credited!",
                   (declined_us IS NOT NULL OR expired_us IS NOT NULL) AS "given_up!",
                   returned_us IS NOT NULL AS "returned!"
               FROM read_money.transfers WHERE id = ANY($1)"#,
            &ids,
        )
        .fetch_all(&mut *self.snapshot)
        .await?;
        let rows = rows.into_iter().map(|row| Expected::Transfer {
            id: row.id,
            debited: row.debited,
            credited: row.credited,
            given_up: row.given_up,
            returned: row.returned,
            amount: row.amount,
        });
        let rows: std::collections::HashMap<_, _> =
            rows.filter_map(|row| id(&row).map(|id| (id, row))).collect();
        for (id, expected) in page.iter().filter_map(|it| id(it).map(|id| (id, it))) {
            if rows.get(&id) != Some(expected) {
                let told = rows.get(&id);
                note(breaches, format!("transfer {id} is {expected:?}, its row says {told:?}"));
            }
        }
        Ok(())
    }

    async fn compare_parts(
        &mut self,
        page: &[Expected],
        breaches: &mut Breaches,
    ) -> sqlx::Result<()> {
        let key = |expected: &Expected| match expected {
            Expected::Part { cycle, user, .. } => Some((*cycle, *user)),
            Expected::Transfer { .. } => None,
        };
        let (cycles, users): (Vec<Uuid>, Vec<Uuid>) = page.iter().filter_map(key).unzip();
        self.parts += bigint(cycles.len());
        let rows = sqlx::query!(
            "SELECT a.cycle_id, a.user_id, a.amount, a.paid, a.exempt
             FROM read_money.dues_assessments a
             JOIN UNNEST($1::uuid[], $2::uuid[]) k (cycle_id, user_id)
                 ON a.cycle_id = k.cycle_id AND a.user_id = k.user_id",
            &cycles,
            &users,
        )
        .fetch_all(&mut *self.snapshot)
        .await?;
        let rows = rows.into_iter().map(|row| Expected::Part {
            cycle: row.cycle_id,
            user: row.user_id,
            amount: row.amount,
            paid: row.paid,
            exempt: row.exempt,
        });
        let rows: std::collections::HashMap<_, _> =
            rows.filter_map(|row| key(&row).map(|key| (key, row))).collect();
        for (key, expected) in page.iter().filter_map(|it| key(it).map(|key| (key, it))) {
            if rows.get(&key) != Some(expected) {
                let told = rows.get(&key);
                note(breaches, format!("a part is {expected:?}, its row says {told:?}"));
            }
        }
        Ok(())
    }

    /// Looks whether there are rows that nothing in the log has made.
    pub async fn finish(mut self, breaches: &mut Breaches) -> sqlx::Result<()> {
        let rows = sqlx::query!(
            r#"SELECT (SELECT count(*) FROM read_money.transfers) AS "transfers!",
                   (SELECT count(*) FROM read_money.dues_assessments) AS "parts!""#,
        )
        .fetch_one(&mut *self.snapshot)
        .await?;
        let told = [
            ("transfers", self.transfers, rows.transfers),
            ("parts of dues", self.parts, rows.parts),
        ];
        for (what, expected, rows) in told {
            if expected != rows {
                note(breaches, format!("there are {expected} {what}, and {rows} rows"));
            }
        }
        self.snapshot.rollback().await
    }
}

fn note(breaches: &mut Breaches, what: String) {
    breaches.note(6, what, &[]);
}

fn bigint(len: usize) -> i64 {
    i64::try_from(len).unwrap_or(i64::MAX)
}
