//! Table `transfers`.

use std::collections::{BTreeMap, HashMap};

use events::wallet::Origin;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::failure::{WriteError, expect_rows};
use crate::money::changes::{Begun, Ending, TransferChange};

/// Columns that both sides' changes fill, as far as they know them.
#[derive(Default)]
struct Columns<'a> {
    ids: Vec<Uuid>,
    from: Vec<Option<Uuid>>,
    to: Vec<Option<Uuid>>,
    amounts: Vec<Option<i64>>,
    memos: Vec<Option<&'a str>>,
    requested_by: Vec<Option<Uuid>>,
    origins: Vec<Option<i16>>,
    origin_ids: Vec<Option<Uuid>>,
    origin_numbers: Vec<Option<i32>>,
    requested: Vec<Option<i64>>,
    positions: Vec<Option<i64>>,
    approvals_required: Vec<Option<i16>>,
    expires: Vec<Option<i64>>,
    days: Vec<Option<String>>,
}

/// Kind, id and number of where a transfer comes from.
fn origin(origin: Origin) -> (i16, Option<Uuid>, Option<i32>) {
    match origin {
        Origin::Manual => (1, None, None),
        // Occurrences are counted within the API's Int.
        Origin::Scheduled { payment, number } => {
            (2, Some(payment.0), Some(i32::try_from(number).unwrap_or(i32::MAX)))
        }
        Origin::Dues(share) => (3, Some(share.cycle.0), None),
        Origin::Refund { of, .. } => (4, Some(of.0), None),
    }
}

impl<'a> Columns<'a> {
    fn of(transfers: &'a BTreeMap<Uuid, TransferChange<'a>>) -> Self {
        let mut columns = Self::default();
        for (id, change) in transfers {
            columns.ids.push(*id);
            columns.push(change.begun);
        }
        columns
    }

    fn push(&mut self, begun: Option<Begun<'a>>) {
        let terms = begun.map(|begun| begun.terms);
        self.from.push(terms.map(|terms| terms.from.0));
        self.to.push(terms.map(|terms| terms.to.0));
        self.amounts.push(terms.map(|terms| terms.amount.minor_units()));
        self.memos.push(terms.map(|terms| terms.memo.as_str()));
        self.requested_by.push(terms.map(|terms| terms.by.0));
        let origin = terms.map(|terms| origin(terms.origin));
        self.origins.push(origin.map(|(kind, ..)| kind));
        self.origin_ids.push(origin.and_then(|(_, id, _)| id));
        self.origin_numbers.push(origin.and_then(|(.., number)| number));
        self.requested.push(begun.map(|begun| begun.us));
        self.positions.push(begun.map(|begun| begun.position));
        self.approvals_required.push(begun.map(|begun| begun.approvals_required));
        self.expires.push(begun.and_then(|begun| begun.expires_us));
        self.days.push(begun.and_then(|begun| begun.day).map(|day| day.to_string()));
    }
}

/// What either side tells, in one statement and in the order of ids: see [`TransferChange`]. The
/// first that the payer told of a transfer stays: the debit of one that waited knows less.
pub(super) async fn write(
    db: &mut PgConnection,
    transfers: &BTreeMap<Uuid, TransferChange<'_>>,
) -> Result<(), WriteError> {
    if transfers.is_empty() {
        return Ok(());
    }
    let of = Columns::of(transfers);
    let changes = || transfers.values();
    let debited: Vec<_> = changes().map(|change| change.debited_us).collect();
    let returned: Vec<_> = changes().map(|change| change.returned_us).collect();
    let credited: Vec<_> = changes().map(|change| change.credited_us).collect();
    let bounced: Vec<_> = changes().map(|change| change.bounced_us).collect();
    sqlx::query_file!(
        "src/money/write/transfers.sql",
        &of.ids,
        &of.from as &[Option<Uuid>],
        &of.to as &[Option<Uuid>],
        &of.amounts as &[Option<i64>],
        &of.memos as &[Option<&str>],
        &of.requested_by as &[Option<Uuid>],
        &of.origins as &[Option<i16>],
        &of.origin_ids as &[Option<Uuid>],
        &of.origin_numbers as &[Option<i32>],
        &of.requested as &[Option<i64>],
        &of.positions as &[Option<i64>],
        &of.approvals_required as &[Option<i16>],
        &of.expires as &[Option<i64>],
        &of.days as &[Option<String>],
        &debited as &[Option<i64>],
        &returned as &[Option<i64>],
        &credited as &[Option<i64>],
        &bounced as &[Option<i64>],
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Transfers that waited in vain. The payee's stream tells nothing of these.
pub(super) async fn end(
    db: &mut PgConnection,
    endings: &HashMap<Uuid, Ending>,
) -> Result<(), WriteError> {
    if endings.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = endings.keys().copied().collect();
    let wallets: Vec<Uuid> = endings.values().map(|ending| ending.wallet).collect();
    let declined: Vec<_> = endings.values().map(|ending| ending.declined_us).collect();
    let expired: Vec<_> = endings.values().map(|ending| ending.expired_us).collect();
    let updated = sqlx::query!(
        "UPDATE transfers SET declined_us = new.declined_us, expired_us = new.expired_us
         FROM UNNEST($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[])
              AS new (id, wallet_id, declined_us, expired_us)
         WHERE transfers.id = new.id AND transfers.from_id = new.wallet_id
           AND expires_us IS NOT NULL AND debited_us IS NULL
           AND transfers.declined_us IS NULL AND transfers.expired_us IS NULL",
        &ids,
        &wallets,
        &declined as &[Option<i64>],
        &expired as &[Option<i64>],
    )
    .execute(db)
    .await?;
    expect_rows("transfers", updated.rows_affected(), ids.len())
}
