//! What the tables answer, on rows that the projector made of events.

mod ledger;
mod transfers;
mod wallets;

use std::sync::Arc;

use async_graphql::dataloader::Loader;
use async_trait::async_trait;
use events::codec;
use events::log::EventLog;
use events::memory::MemoryLog;
use events::money::{Amount, Currency, Day};
use events::personal::{KeyRing, KeyState, Keys, KeysUnavailable, Personal, UserKey};
use events::wallet::{
    Deposited, Origin, Terms, TransferCredited, TransferDebited, TransferRequested, WalletKind,
    WalletMemberJoined, WalletOpened,
};
use events::{
    Actor, Append, ChannelId, CommandId, EventId, Expected, Metadata, StreamName, Timestamp,
    TransferId, UserId, WalletEvent, WalletId,
};
use projections::{Projection, Projector, schema};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use testkit::Database;
use tokio_util::sync::CancellationToken;

use super::Tables;
use crate::cursor::{End, Window};
use crate::fault::Fault;

const START_US: i64 = 1_700_000_000_000_000;

/// Wallets' events name nobody in clear.
struct NoKeys;

#[async_trait]
impl Keys for NoKeys {
    async fn get(&self, _: &[UserId]) -> Result<KeyRing, KeysUnavailable> {
        Ok(KeyRing::new())
    }

    async fn get_or_create(&self, _: UserId) -> Result<KeyState, KeysUnavailable> {
        Ok(KeyState::Live(UserKey::new([7; 32])))
    }
}

/// A log of wallets and the tables that come of it.
struct Ledgers {
    log: MemoryLog,
    options: PgConnectOptions,
    tables: Tables,
    _database: Database,
}

impl Ledgers {
    async fn new() -> Self {
        let migrate =
            |pool: sqlx::PgPool| async move { Ok(schema::migrate(&pool.connect_options()).await?) };
        let database = Database::with("query_tables", migrate).await.unwrap();
        let options: PgConnectOptions = database.url().parse().unwrap();
        schema::migrate(&options).await.unwrap();
        let pool = PgPoolOptions::new().max_connections(3);
        let pool = pool.connect_lazy_with(schema::connect_options(options.clone()));
        let (log, tables) = (MemoryLog::default(), Tables::new(pool));
        Self { log, options, tables, _database: database }
    }

    /// Appends an event, recorded one second after the one before; gives its position.
    async fn append(&self, wallet: WalletId, event: impl Into<WalletEvent>) -> i64 {
        let (stream, mut event) = (StreamName::wallet(wallet), event.into());
        let head = self.log.head().await.unwrap();
        let last = self.log.last_revision(&stream).await.unwrap();
        let metadata = Metadata {
            event_id: EventId::generate(),
            correlation: CommandId::generate(),
            causation: CommandId::generate(),
            input_hash: None,
            actor: Actor::System,
            recorded_at: at(head + 1),
            version: 1,
            trace_parent: None,
        };
        let ring = match &event {
            WalletEvent::WalletOpened(opened) => {
                KeyRing::from([(opened.owner, KeyState::Live(UserKey::new([7; 32])))])
            }
            _ => KeyRing::new(),
        };
        let events = vec![codec::encode(&mut event, &stream, metadata, &ring).unwrap()];
        let append = Append { stream, expected: Expected::after(last), events };
        super::bigint(self.log.append_now(&append).unwrap().positions[0])
    }

    /// Projects all that is there.
    async fn project(&self) {
        let log = Arc::new(self.log.clone());
        let projector =
            Projector::of(Projection::Money, log, Arc::new(NoKeys), self.options.clone());
        let (mut projected, stop) = (projector.projected(), CancellationToken::new());
        let running = tokio::spawn(projector.run(stop.clone()));
        let head = self.log.head().await.unwrap();
        projected.wait_for(|at| *at >= head).await.unwrap();
        stop.cancel();
        running.await.unwrap().unwrap();
    }

    /// Asks for one thing.
    async fn one<K>(&self, key: K) -> Option<<Tables as Loader<K>>::Value>
    where
        K: Send + Sync + std::hash::Hash + Eq + Clone + 'static,
        Tables: Loader<K, Error = Fault>,
    {
        let found = <Tables as Loader<K>>::load(&self.tables, std::slice::from_ref(&key)).await;
        found.unwrap().remove(&key)
    }

    /// A wallet of its owner's, with some money in it.
    async fn wallet(&self, owner: UserId, channel: Option<ChannelId>, won: i64) -> WalletId {
        let wallet = WalletId::generate();
        let opened = WalletOpened {
            kind: if channel.is_some() { WalletKind::Group } else { WalletKind::Personal },
            owner,
            channel,
            name: "회비".into(),
            description: "동네".into(),
            currency: Currency::KRW,
            approvals_required: 1,
            pin: Personal::plain(owner, "$argon2id$…"),
        };
        self.append(wallet, opened).await;
        if won > 0 {
            let (amount, reference) = (amount(won), "입금".to_owned());
            let by = Some(owner);
            self.append(wallet, Deposited { amount, balance_after: amount, reference, by }).await;
        }
        wallet
    }

    async fn join(&self, wallet: WalletId, user: UserId) -> i64 {
        self.append(wallet, WalletMemberJoined { user, channel_revision: 0 }).await
    }

    async fn request(&self, terms: &Terms) -> i64 {
        let requested = TransferRequested {
            terms: terms.clone(),
            approvals_required: 2,
            expires_at: at(1_000),
            day: Some(today()),
            payee_revision: 0,
            channel: None,
        };
        self.append(terms.from, requested).await
    }

    async fn debit(&self, terms: &Terms, balance_after: i64, day: Option<Day>) -> i64 {
        let (terms, balance_after) = (terms.clone(), amount(balance_after));
        let (from, payee_revision) = (terms.from, 0);
        self.append(
            from,
            TransferDebited { terms, balance_after, day, payee_revision, channel: None },
        )
        .await
    }

    async fn credit(&self, terms: &Terms, balance_after: i64) -> i64 {
        let (terms, balance_after) = (terms.clone(), amount(balance_after));
        self.append(terms.to, TransferCredited { terms, balance_after, channel: None }).await
    }
}

fn amount(minor_units: i64) -> Amount {
    Amount::new(minor_units).unwrap()
}

/// When the event at a position was recorded.
fn at(position: u64) -> Timestamp {
    Timestamp::from_micros(START_US + super::bigint(position) * 1_000_000)
}

fn today() -> Day {
    "2026-03-01".parse().unwrap()
}

fn terms(from: WalletId, to: WalletId, won: i64, by: UserId) -> Terms {
    let (transfer, memo) = (TransferId::generate(), "3월".to_owned());
    Terms { transfer, from, to, amount: amount(won), memo, by, origin: Origin::Manual }
}

fn first<K>(len: i32, after: Option<K>) -> Window<K> {
    Window { end: End::First, len, after, before: None }
}
