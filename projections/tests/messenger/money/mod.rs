//! The read model "money".

mod batches;
mod dues;
mod members;
mod payments;
mod rebuilding;
mod rows;
mod schedules;
mod script;
mod stopping;

use std::sync::Arc;

use events::money::{Amount, Currency, Day};
use events::personal::Personal;
use events::wallet::{
    Deposited, Origin, Terms, TransferCredited, TransferDebited, TransferRequested, WalletKind,
    WalletOpened,
};
use events::{
    ChannelId, EventLog, LogPosition, StreamName, Timestamp, TransferId, UserId, WalletEvent,
    WalletId,
};
use projections::{Projection, Projector};
use serde_json::Value;
use sqlx::AssertSqlSafe;

use crate::world::{Running, World};

const TABLES: [&str; 13] = [
    "wallets",
    "wallet_members",
    "wallet_stays",
    "entries",
    "transfers",
    "transfer_approvals",
    "spendings",
    "scheduled_payments",
    "payment_occurrences",
    "dues_plans",
    "dues_cycles",
    "dues_assessments",
    "feed",
];

fn projector_of(world: &World, log: Arc<dyn EventLog>) -> Projector {
    Projector::of(Projection::Money, log, world.vault.clone(), world.options.clone())
}

fn start(world: &World) -> Running {
    Running::start(projector_of(world, Arc::new(world.log.clone())))
}

/// Projects all that is there.
async fn project(world: &World) {
    let running = start(world);
    running.reach(world.head()).await;
    running.stop().await.unwrap();
}

/// Every row of every table, as text.
async fn dump(world: &World) -> Vec<String> {
    let mut rows = Vec::new();
    for table in TABLES {
        let sql =
            format!("SELECT '{table} ' || to_jsonb(t)::text FROM read_money.{table} t ORDER BY 1");
        let of_table: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&world.pool).await.unwrap();
        rows.extend(of_table);
    }
    rows
}

async fn clear(world: &World) {
    let tables = TABLES.map(|table| format!("read_money.{table}")).join(", ");
    world.sql(&format!("TRUNCATE {tables}, read_money.checkpoint, read_money.parked")).await;
}

async fn checkpoint(world: &World) -> LogPosition {
    let sql = "SELECT coalesce(max(position), 0) FROM read_money.checkpoint";
    world.scalar(sql).await as LogPosition
}

/// The one row of a table that a condition finds, with those columns that are not NULL.
async fn row(world: &World, table: &str, condition: &str) -> Value {
    let mut row = world.row(&format!("read_money.{table}"), condition).await;
    row.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    row
}

async fn count(world: &World, table: &str) -> i64 {
    world.scalar(&format!("SELECT count(*) FROM read_money.{table}")).await
}

fn amount(minor_units: i64) -> Amount {
    Amount::new(minor_units).unwrap()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn append(world: &World, wallet: WalletId, event: impl Into<WalletEvent>) -> LogPosition {
    world.append(&StreamName::wallet(wallet), event.into())
}

fn opened(owner: UserId, channel: Option<ChannelId>) -> WalletOpened {
    WalletOpened {
        kind: if channel.is_some() { WalletKind::Group } else { WalletKind::Personal },
        owner,
        channel,
        name: "회비".into(),
        description: String::new(),
        currency: Currency::KRW,
        approvals_required: 1,
        pin: Personal::plain(owner, "$argon2id$…"),
    }
}

/// Two wallets, the first with 10,000 won in it.
struct Purses {
    world: World,
    owner: UserId,
    from: WalletId,
    to: WalletId,
}

impl Purses {
    async fn new() -> Self {
        let world = World::new().await;
        let owner = world.register("민지");
        let (from, to) = (WalletId::generate(), WalletId::generate());
        append(&world, from, opened(owner, None));
        append(&world, to, opened(owner, Some(ChannelId::generate())));
        append(&world, from, deposited(10_000, 10_000, owner));
        Self { world, owner, from, to }
    }

    fn terms(&self, won: i64) -> Terms {
        Terms {
            transfer: TransferId::generate(),
            from: self.from,
            to: self.to,
            amount: amount(won),
            memo: "3월".into(),
            by: self.owner,
            origin: Origin::Manual,
        }
    }

    fn debit(&self, terms: &Terms, balance_after: i64) -> LogPosition {
        append(&self.world, terms.from, debited(terms, balance_after))
    }

    fn credit(&self, terms: &Terms, balance_after: i64) -> LogPosition {
        let (terms, balance_after) = (terms.clone(), amount(balance_after));
        append(&self.world, terms.to, TransferCredited { terms, balance_after, channel: None })
    }

    fn request(&self, terms: &Terms) -> LogPosition {
        append(&self.world, terms.from, requested(terms))
    }
}

fn deposited(won: i64, balance_after: i64, by: UserId) -> Deposited {
    let (amount, balance_after) = (amount(won), amount(balance_after));
    Deposited { amount, balance_after, reference: "입금".into(), by: Some(by) }
}

fn debited(terms: &Terms, balance_after: i64) -> TransferDebited {
    TransferDebited {
        terms: terms.clone(),
        balance_after: amount(balance_after),
        day: Some(day("2026-03-01")),
        payee_revision: 0,
        channel: None,
    }
}

fn requested(terms: &Terms) -> TransferRequested {
    TransferRequested {
        terms: terms.clone(),
        approvals_required: 2,
        expires_at: Timestamp::from_micros(1_800_000_000_000_000),
        day: Some(day("2026-03-01")),
        payee_revision: 0,
        channel: None,
    }
}

/// When the event at a position was recorded.
fn at_us(position: LogPosition) -> u64 {
    1_700_000_000_000_000 + (position - 1) * 1_000_000
}
