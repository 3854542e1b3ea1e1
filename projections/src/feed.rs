//! Table `feed`, which `messenger` and `money` have each: what happened to whom.

use events::feed::FeedKind;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::copy::Rows;
use crate::failure::{WriteError, expect_rows};
use crate::money::{Teller, Told};

/// A row of the feed.
#[derive(Debug)]
pub(crate) struct FeedRow {
    pub(crate) entity: Uuid,
    pub(crate) position: i64,
    pub(crate) kind: FeedKind,
    pub(crate) reference: Option<Uuid>,
    pub(crate) at_us: i64,
}

/// New rows.
pub(crate) async fn insert(db: &mut PgConnection, rows: &[FeedRow]) -> Result<(), WriteError> {
    if rows.is_empty() {
        return Ok(());
    }
    let entities: Vec<Uuid> = rows.iter().map(|row| row.entity).collect();
    let positions: Vec<i64> = rows.iter().map(|row| row.position).collect();
    let kinds: Vec<i16> = rows.iter().map(|row| row.kind.code()).collect();
    let references: Vec<_> = rows.iter().map(|row| row.reference).collect();
    let times: Vec<i64> = rows.iter().map(|row| row.at_us).collect();
    sqlx::query!(
        "INSERT INTO feed (entity_id, position, kind, ref, at_us)
         SELECT * FROM UNNEST($1::uuid[], $2::bigint[], $3::smallint[], $4::uuid[], $5::bigint[])",
        &entities,
        &positions,
        &kinds,
        &references as &[Option<Uuid>],
        &times,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The same for many of them. No macro checks a `COPY`: the tests of the rebuild do.
pub(crate) async fn copy(db: &mut PgConnection, feed: &[FeedRow]) -> Result<(), WriteError> {
    if feed.is_empty() {
        return Ok(());
    }
    let mut rows = Rows::new(5);
    for row in feed {
        let of = rows.row().field(row.entity).field(row.position).field(row.kind.code());
        of.field(row.reference).field(row.at_us);
    }
    rows.copy(db, "COPY feed (entity_id, position, kind, ref, at_us) FROM STDIN (FORMAT binary)")
        .await
}

/// New rows of wallets that are named by rows of the events' own streams, which are there already.
pub(crate) async fn tell(db: &mut PgConnection, told: &[Told]) -> Result<(), WriteError> {
    tell_payers(db, told).await?;
    tell_collectors(db, told).await
}

async fn tell_payers(db: &mut PgConnection, told: &[Told]) -> Result<(), WriteError> {
    let of = |one: &Told| match one.by {
        Teller::Payment(payment) => Some((payment, *one)),
        Teller::Plan(_) => None,
    };
    let (payments, told): (Vec<Uuid>, Vec<Told>) = told.iter().filter_map(of).unzip();
    if told.is_empty() {
        return Ok(());
    }
    let columns = Columns::of(&told);
    let inserted = sqlx::query!(
        "INSERT INTO feed (entity_id, position, kind, ref, at_us)
         SELECT payment.from_id, new.position, new.kind, new.ref, new.at_us
         FROM UNNEST($1::uuid[], $2::bigint[], $3::smallint[], $4::uuid[], $5::bigint[])
              AS new (payment_id, position, kind, ref, at_us)
         JOIN scheduled_payments payment ON payment.id = new.payment_id",
        &payments,
        &columns.positions,
        &columns.kinds,
        &columns.references as &[Option<Uuid>],
        &columns.times,
    )
    .execute(db)
    .await?;
    expect_rows("scheduled_payments", inserted.rows_affected(), told.len())
}

/// A plan that ends opens no more cycles: what is its newest now is so for good.
async fn tell_collectors(db: &mut PgConnection, told: &[Told]) -> Result<(), WriteError> {
    let of = |one: &Told| match one.by {
        Teller::Plan(plan) => Some((plan, *one)),
        Teller::Payment(_) => None,
    };
    let (plans, told): (Vec<Uuid>, Vec<Told>) = told.iter().filter_map(of).unzip();
    if told.is_empty() {
        return Ok(());
    }
    let columns = Columns::of(&told);
    let inserted = sqlx::query!(
        "INSERT INTO feed (entity_id, position, kind, ref, at_us)
         SELECT plan.wallet_id, new.position, new.kind, coalesce(new.ref, newest.id), new.at_us
         FROM UNNEST($1::uuid[], $2::bigint[], $3::smallint[], $4::uuid[], $5::bigint[])
              AS new (plan_id, position, kind, ref, at_us)
         JOIN dues_plans plan ON plan.id = new.plan_id
         CROSS JOIN LATERAL (
             SELECT id FROM dues_cycles WHERE plan_id = plan.id ORDER BY number DESC LIMIT 1
         ) newest",
        &plans,
        &columns.positions,
        &columns.kinds,
        &columns.references as &[Option<Uuid>],
        &columns.times,
    )
    .execute(db)
    .await?;
    expect_rows("dues_plans", inserted.rows_affected(), told.len())
}

struct Columns {
    positions: Vec<i64>,
    kinds: Vec<i16>,
    references: Vec<Option<Uuid>>,
    times: Vec<i64>,
}

impl Columns {
    fn of(told: &[Told]) -> Self {
        Self {
            positions: told.iter().map(|one| one.position).collect(),
            kinds: told.iter().map(|one| one.kind.code()).collect(),
            references: told.iter().map(|one| one.reference).collect(),
            times: told.iter().map(|one| one.at_us).collect(),
        }
    }
}
