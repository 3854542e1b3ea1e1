//! From stored events to facts about entities, with the keys that open what is personal.

use events::codec::{self, CategoryEvent};
use events::personal::{KeyRing, Keys, Personal};
use events::{
    Category, ChannelEvent, ChannelId, DuesEvent, Fact, LogPosition, PaymentEvent, PaymentId,
    PlanId, ReadersEvent, Recorded, StreamName, Timestamp, UserEvent, UserId, WalletEvent,
    WalletId,
};

use crate::failure::Failure;
use crate::projection::Projection;

/// What an event tells, about whom.
#[derive(Debug)]
pub(crate) enum Told {
    User(UserId, Fact<UserEvent>),
    Channel(ChannelId, Fact<ChannelEvent>),
    Readers(ChannelId, Fact<ReadersEvent>),
    Wallet(WalletId, Fact<WalletEvent>),
    Payment(PaymentId, Fact<PaymentEvent>),
    Dues(PlanId, Fact<DuesEvent>),
    /// Nothing that this read model shows.
    Nothing,
}

/// An event ready to be folded. One that can't be read keeps the reason until its stream is
/// parked.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) position: LogPosition,
    pub(crate) stream: StreamName,
    pub(crate) kind: String,
    pub(crate) at: Timestamp,
    pub(crate) told: Result<Told, String>,
}

/// Decoded events in log order.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) items: Vec<Item>,
    /// Keys of those whose names are in it, as far as the vault has them.
    pub(crate) ring: KeyRing,
}

/// Decodes events and asks the vault, once, for the keys that they need.
pub(crate) async fn decode(
    projection: Projection,
    events: Vec<Recorded>,
    keys: &dyn Keys,
) -> Result<Batch, Failure> {
    let items: Vec<Item> = events.into_iter().map(|event| item(projection, event)).collect();
    let mut users: Vec<UserId> = items.iter().filter_map(named).collect();
    users.sort_unstable();
    users.dedup();
    let ring = if users.is_empty() { KeyRing::new() } else { keys.get(&users).await? };
    Ok(Batch { items, ring })
}

fn item(projection: Projection, event: Recorded) -> Item {
    let told = match (projection, event.stream.category()) {
        (Projection::Messenger | Projection::Search, Category::Channel) => {
            about(&event, Told::Channel)
        }
        (Projection::Messenger, Category::User) => about(&event, Told::User),
        (Projection::Messenger, Category::Readers) => about(&event, Told::Readers),
        (Projection::Money, Category::Wallet) => about(&event, Told::Wallet),
        (Projection::Money, Category::Payment) => about(&event, Told::Payment),
        (Projection::Money, Category::Dues) => about(&event, Told::Dues),
        (
            Projection::Messenger,
            Category::Email | Category::Wallet | Category::Payment | Category::Dues,
        )
        | (Projection::Search | Projection::Money, _) => Ok(Told::Nothing),
    };
    let at = event.event.metadata.recorded_at;
    Item { position: event.position, stream: event.stream, kind: event.event.kind, at, told }
}

fn about<I: std::str::FromStr, E: CategoryEvent>(
    event: &Recorded,
    told: impl FnOnce(I, Fact<E>) -> Told,
) -> Result<Told, String> {
    let name = event.stream.entity();
    let id = name.parse().map_err(|_| format!("{name:?} is not an id"))?;
    let fact = codec::decode(event).map_err(|error| error.to_string())?;
    Ok(told(id, fact))
}

/// Whose key is needed: only the name and address of an account are shown.
fn named(item: &Item) -> Option<UserId> {
    let Ok(Told::User(_, fact)) = &item.told else { return None };
    match &fact.event {
        UserEvent::UserRegistered(event) => Some(event.username.user()),
        UserEvent::ProfileChanged(event) => {
            event.username.as_ref().or(event.email.as_ref()).map(Personal::user)
        }
        _ => None,
    }
}
