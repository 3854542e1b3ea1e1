//! Where resolvers get their rows: what a push brought along, else the node's caches, else the
//! read model, asked in batches over all requests of the node.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_graphql::dataloader::{DataLoader, Loader};
use events::{
    ChannelId, CycleId, EventId, MessageId, PaymentId, PlanId, TransferId, UserId, WalletId,
};
use uuid::Uuid;

use crate::fault::Fault;
use crate::hub::batch::{Batch, split};
use crate::hub::cache::Caches;
use crate::hub::progress::Progress;
use crate::tables::Tables;
use crate::tables::channels::ChannelRow;
use crate::tables::dues_cycles::CycleRow;
use crate::tables::dues_plans::PlanRow;
use crate::tables::entries::EntryRow;
use crate::tables::members::UnreadOf;
use crate::tables::messages::MessageRow;
use crate::tables::reactions::{ReactionRow, ReactionsTo};
use crate::tables::scheduled_payments::PaymentRow;
use crate::tables::transfers::{ApprovalsOf, RefundedOf, TransferRow};
use crate::tables::users::UserRow;
use crate::tables::wallets::{ReceivingOf, WalletRow};

/// The most keys that one query asks for.
const LOAD_KEYS_MAX: usize = 1_000;
/// How long a query waits for more keys. Executions ask for all that they can ask for at once, so
/// that this need only outlast one's poll; a page has four such waits, one after another.
const LOAD_DELAY: Duration = Duration::from_micros(100);

/// Rows for resolvers; a clone a request.
#[derive(Clone)]
pub(crate) struct Loads {
    tables: Arc<DataLoader<Tables>>,
    caches: Arc<Caches>,
    money: Arc<Progress>,
    /// None for queries.
    seed: Option<Arc<Mutex<Seed>>>,
}

/// What is known of the push that is being made.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seed {
    /// The rows of the feed batch that it came in.
    pub(crate) batch: Arc<Batch>,
    /// Only members of this channel or wallet are told: what members may see of it needs no check.
    pub(crate) members_of: Option<Uuid>,
}

impl Loads {
    /// Loads from these tables, without a seed.
    pub(crate) fn new(tables: Tables, caches: Arc<Caches>, money: Arc<Progress>) -> Self {
        let tables = DataLoader::new(tables, tokio::spawn);
        let tables = tables.max_batch_size(LOAD_KEYS_MAX).delay(LOAD_DELAY);
        Self { tables: Arc::new(tables), caches, money, seed: None }
    }

    /// The same, looking into a seed first.
    pub(crate) fn seeded(&self, seed: Arc<Mutex<Seed>>) -> Self {
        Self { seed: Some(seed), ..self.clone() }
    }

    /// The read model itself.
    pub(crate) fn tables(&self) -> &Tables {
        self.tables.loader()
    }

    /// The node's caches.
    pub(crate) fn caches(&self) -> &Caches {
        &self.caches
    }

    /// Asks the read model, together with whoever asks at the same time.
    pub(crate) async fn one<K>(&self, key: K) -> Result<Option<<Tables as Loader<K>>::Value>, Fault>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        Tables: Loader<K, Error = Fault>,
    {
        self.tables.load_one(key).await
    }

    /// The same for many.
    pub(crate) async fn many<K>(
        &self,
        keys: HashSet<K>,
    ) -> Result<HashMap<K, <Tables as Loader<K>>::Value>, Fault>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        Tables: Loader<K, Error = Fault>,
    {
        self.tables.load_many(keys).await
    }

    /// An account.
    pub(crate) async fn user(&self, id: UserId) -> Result<Option<Arc<UserRow>>, Fault> {
        let known = self.batch().and_then(|seed| seed.users.get(&id).cloned());
        match known.or_else(|| self.caches.user(id)) {
            Some(user) => Ok(Some(user)),
            None => self.one(id).await,
        }
    }

    /// Many accounts.
    pub(crate) async fn users(
        &self,
        ids: impl Iterator<Item = UserId>,
    ) -> Result<HashMap<UserId, Arc<UserRow>>, Fault> {
        let batch = self.batch().unwrap_or_default();
        let known = |id| batch.users.get(&id).cloned().or_else(|| self.caches.user(id));
        let (mut found, missing) = split(ids, known);
        if !missing.is_empty() {
            found.extend(self.many(missing).await?);
        }
        Ok(found)
    }

    /// A channel.
    pub(crate) async fn channel(&self, id: ChannelId) -> Result<Option<Arc<ChannelRow>>, Fault> {
        let known = self.batch().and_then(|seed| seed.channels.get(&id).cloned());
        match known.or_else(|| self.caches.channel(id)) {
            Some(channel) => Ok(Some(channel)),
            None => self.one(id).await,
        }
    }

    /// A message.
    pub(crate) async fn message(&self, id: MessageId) -> Result<Option<Arc<MessageRow>>, Fault> {
        let known = self.batch().and_then(|seed| seed.messages.get(&id).cloned());
        match known.or_else(|| self.caches.message(id)) {
            Some(message) => Ok(Some(message)),
            None => self.one(id).await,
        }
    }

    /// A wallet.
    pub(crate) async fn wallet(&self, id: WalletId) -> Result<Option<Arc<WalletRow>>, Fault> {
        self.money()?;
        match self.batch().and_then(|seed| seed.money.wallets.get(&id).cloned()) {
            Some(wallet) => Ok(Some(wallet)),
            None => self.one(id).await,
        }
    }

    /// A user's open personal wallet in a currency.
    pub(crate) async fn receiving_wallet(
        &self,
        user: UserId,
        currency: String,
    ) -> Result<Option<Arc<WalletRow>>, Fault> {
        self.money()?;
        self.one(ReceivingOf { user, currency }).await
    }

    /// A line of a wallet's ledger.
    pub(crate) async fn entry(&self, id: EventId) -> Result<Option<Arc<EntryRow>>, Fault> {
        self.money()?;
        match self.batch().and_then(|seed| seed.money.entries.get(&id).cloned()) {
            Some(entry) => Ok(Some(entry)),
            None => self.one(id).await,
        }
    }

    /// A transfer.
    pub(crate) async fn transfer(&self, id: TransferId) -> Result<Option<Arc<TransferRow>>, Fault> {
        self.money()?;
        match self.batch().and_then(|seed| seed.money.transfers.get(&id).cloned()) {
            Some(transfer) => Ok(Some(transfer)),
            None => self.one(id).await,
        }
    }

    /// A scheduled payment.
    pub(crate) async fn scheduled_payment(
        &self,
        id: PaymentId,
    ) -> Result<Option<Arc<PaymentRow>>, Fault> {
        self.money()?;
        match self.batch().and_then(|seed| seed.money.payments.get(&id).cloned()) {
            Some(payment) => Ok(Some(payment)),
            None => self.one(id).await,
        }
    }

    /// A plan of dues.
    pub(crate) async fn dues_plan(&self, id: PlanId) -> Result<Option<Arc<PlanRow>>, Fault> {
        self.money()?;
        match self.batch().and_then(|seed| seed.money.plans.get(&id).cloned()) {
            Some(plan) => Ok(Some(plan)),
            None => self.one(id).await,
        }
    }

    /// A cycle of dues.
    pub(crate) async fn dues_cycle(&self, id: CycleId) -> Result<Option<Arc<CycleRow>>, Fault> {
        self.money()?;
        match self.batch().and_then(|seed| seed.money.cycles.get(&id).cloned()) {
            Some(cycle) => Ok(Some(cycle)),
            None => self.one(id).await,
        }
    }

    /// Who approved a transfer, the requester aside.
    pub(crate) async fn approvals(&self, of: ApprovalsOf) -> Result<Arc<[UserId]>, Fault> {
        match self.batch().and_then(|seed| seed.money.approvals.get(&of).cloned()) {
            Some(approvals) => Ok(approvals),
            None => Ok(self.one(of).await?.unwrap_or_default()),
        }
    }

    /// How much of a transfer was paid back.
    pub(crate) async fn refunded(&self, of: RefundedOf) -> Result<i64, Fault> {
        match self.batch().and_then(|seed| seed.money.refunded.get(&of).copied()) {
            Some(refunded) => Ok(refunded),
            None => Ok(self.one(of).await?.unwrap_or(0)),
        }
    }

    /// Refuses while money stands still: what is known of it is not to be relied upon.
    pub(crate) fn money(&self) -> Result<(), Fault> {
        if self.money.is_stopped() { Err(Fault::money_stopped()) } else { Ok(()) }
    }

    /// How many members have not read a message.
    pub(crate) async fn unread(&self, of: UnreadOf) -> Result<i32, Fault> {
        match self.batch().and_then(|seed| seed.unread.get(&of).copied()) {
            Some(unread) => Ok(unread),
            None => Ok(self.one(of).await?.unwrap_or(0)),
        }
    }

    /// How a message was reacted to.
    pub(crate) async fn reactions(&self, to: ReactionsTo) -> Result<Arc<[ReactionRow]>, Fault> {
        match self.batch().and_then(|seed| seed.reactions.get(&to).cloned()) {
            Some(reactions) => Ok(reactions),
            None => Ok(self.one(to).await?.unwrap_or_default()),
        }
    }

    /// The channel or wallet whose members alone are told the push that is being made.
    pub(crate) fn members_of(&self) -> Option<Uuid> {
        let seed = self.seed.as_ref()?;
        seed.lock().unwrap_or_else(PoisonError::into_inner).members_of
    }

    fn batch(&self) -> Option<Arc<Batch>> {
        let seed = self.seed.as_ref()?;
        Some(seed.lock().unwrap_or_else(PoisonError::into_inner).batch.clone())
    }
}
