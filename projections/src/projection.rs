//! The projections that there are. Each has a schema of its own, with its own checkpoint, and
//! none writes or waits for another's rows; what a batch of events means to each stands in its
//! own module.

use events::personal::KeyRing;
use sqlx::PgConnection;
use sqlx::migrate::Migrator;

use crate::decode::Item;
use crate::failure::WriteError;
use crate::fold::Refused;
use crate::{messenger, money, search};

static MESSENGER: Migrator = sqlx::migrate!("./migrations/messenger");
static SEARCH: Migrator = sqlx::migrate!("./migrations/search");
static MONEY: Migrator = sqlx::migrate!("./migrations/money");

/// A read model with a checkpoint of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Projection {
    /// People, channels, messages, and the feed of what happened to them.
    Messenger,
    /// What messages are found by. It stays behind `messenger`, whose rows it points to.
    Search,
    /// Wallets, transfers, and the feed of what happened to them.
    Money,
}

/// What becomes of an event that can't be projected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnPoison {
    /// Its stream is left out from there on; all others go on.
    Park,
    /// Nothing goes on: sums that lack a part are worse than none.
    Stop,
}

/// Where a projection's tables are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schemas {
    /// The schema that is read and that the projector writes.
    pub(crate) live: &'static str,
    /// The one that a rebuild fills before it takes the place of the live one.
    pub(crate) next: &'static str,
    /// Where a rebuild puts what was live, until it is dropped.
    pub(crate) old: &'static str,
}

impl Projection {
    /// All of them, in the order in which they are to be built.
    pub const ALL: [Self; 3] = [Self::Messenger, Self::Search, Self::Money];

    /// Its name, for people and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Messenger => "messenger",
            Self::Search => "search",
            Self::Money => "money",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|projection| projection.name() == name)
    }

    pub(crate) const fn schemas(self) -> Schemas {
        match self {
            Self::Messenger => Schemas {
                live: "read_messenger",
                next: "read_messenger_next",
                old: "read_messenger_old",
            },
            Self::Search => {
                Schemas { live: "read_search", next: "read_search_next", old: "read_search_old" }
            }
            Self::Money => {
                Schemas { live: "read_money", next: "read_money_next", old: "read_money_old" }
            }
        }
    }

    pub(crate) fn migrator(self) -> &'static Migrator {
        match self {
            Self::Messenger => &MESSENGER,
            Self::Search => &SEARCH,
            Self::Money => &MONEY,
        }
    }

    /// Its tables but those that tell of the projector itself.
    pub(crate) const fn tables(self) -> &'static [&'static str] {
        match self {
            Self::Messenger => &messenger::TABLES,
            Self::Search => &search::TABLES,
            Self::Money => &money::TABLES,
        }
    }

    /// The tables that nearly every event adds a row to.
    pub(crate) const fn big_tables(self) -> &'static [&'static str] {
        match self {
            Self::Messenger => &messenger::BIG_TABLES,
            Self::Search => &search::TABLES,
            Self::Money => &money::BIG_TABLES,
        }
    }

    /// Of these, those whose rows never change and never come twice: their primary keys aren't
    /// needed while they are filled.
    pub(crate) const fn appended_tables(self) -> &'static [&'static str] {
        match self {
            Self::Messenger => &messenger::APPENDED_TABLES,
            Self::Search => &[],
            Self::Money => &money::APPENDED_TABLES,
        }
    }

    /// Whether an event that can't be projected stops all of it: nothing is left out.
    pub const fn stops(self) -> bool {
        matches!(self.on_poison(), OnPoison::Stop)
    }

    pub(crate) const fn on_poison(self) -> OnPoison {
        match self {
            Self::Messenger | Self::Search => OnPoison::Park,
            Self::Money => OnPoison::Stop,
        }
    }

    /// The channel on which its progress is told. Nobody waits for `search`.
    pub(crate) const fn notify_channel(self) -> Option<&'static str> {
        match self {
            Self::Messenger => Some(crate::NOTIFY_CHANNEL),
            Self::Search => None,
            Self::Money => Some(crate::MONEY_NOTIFY_CHANNEL),
        }
    }

    /// No changes yet.
    pub(crate) fn no_changes<'a>(self) -> Changes<'a> {
        match self {
            Self::Messenger => Changes::Messenger(Box::default()),
            Self::Search => Changes::Search(search::Changes::default()),
            Self::Money => Changes::Money(Box::default()),
        }
    }
}

/// What a batch of events changes in one projection's rows.
#[derive(Debug)]
pub(crate) enum Changes<'a> {
    Messenger(Box<messenger::Changes<'a>>),
    Search(search::Changes),
    Money(Box<money::Changes<'a>>),
}

impl<'a> Changes<'a> {
    /// Whether there surely is nothing to be written.
    pub(crate) fn is_nothing(&self) -> bool {
        match self {
            Self::Messenger(_) | Self::Search(_) => false,
            Self::Money(changes) => changes.is_nothing(),
        }
    }

    /// Adds what an event changes.
    pub(crate) fn fold(&mut self, item: &'a Item, ring: &KeyRing) -> Result<(), Refused> {
        match self {
            Self::Messenger(changes) => messenger::fold(changes, item, ring),
            Self::Search(changes) => search::fold(changes, item),
            Self::Money(changes) => money::fold(changes, item),
        }
    }

    /// Writes them, within the caller's transaction.
    pub(crate) async fn write(&self, db: &mut PgConnection) -> Result<(), WriteError> {
        match self {
            Self::Messenger(changes) => messenger::write(db, changes).await,
            Self::Search(changes) => search::write(db, changes).await,
            Self::Money(changes) => money::write(db, changes).await,
        }
    }

    /// The same by the ways that are fastest for many rows.
    pub(crate) async fn load(&self, db: &mut PgConnection) -> Result<(), WriteError> {
        match self {
            Self::Messenger(changes) => messenger::load(db, changes).await,
            Self::Search(changes) => search::load(db, changes).await,
            Self::Money(changes) => money::load(db, changes).await,
        }
    }
}
