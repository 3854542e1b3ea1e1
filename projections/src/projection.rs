//! The projections that there are. Each has a schema of its own, with its own checkpoint, and
//! none writes or waits for another's rows; what a batch of events means to each stands in its
//! own module.

use events::personal::KeyRing;
use sqlx::PgConnection;
use sqlx::migrate::Migrator;

use crate::decode::Item;
use crate::failure::WriteError;
use crate::fold::Refused;
use crate::{messenger, search};

static MESSENGER: Migrator = sqlx::migrate!("./migrations/messenger");
static SEARCH: Migrator = sqlx::migrate!("./migrations/search");

/// A read model with a checkpoint of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Projection {
    /// People, channels, messages, and the feed of what happened to them.
    Messenger,
    /// What messages are found by. It stays behind `messenger`, whose rows it points to.
    Search,
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
    pub const ALL: [Self; 2] = [Self::Messenger, Self::Search];

    /// Its name, for people and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Messenger => "messenger",
            Self::Search => "search",
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
        }
    }

    pub(crate) fn migrator(self) -> &'static Migrator {
        match self {
            Self::Messenger => &MESSENGER,
            Self::Search => &SEARCH,
        }
    }

    /// Its tables but those that tell of the projector itself.
    pub(crate) const fn tables(self) -> &'static [&'static str] {
        match self {
            Self::Messenger => &messenger::TABLES,
            Self::Search => &search::TABLES,
        }
    }

    /// The tables that nearly every event adds a row to.
    pub(crate) const fn big_tables(self) -> &'static [&'static str] {
        match self {
            Self::Messenger => &messenger::BIG_TABLES,
            Self::Search => &search::TABLES,
        }
    }

    /// Of these, the one whose rows never change and never come twice: its primary key isn't
    /// needed while it is filled.
    pub(crate) const fn appended_table(self) -> Option<&'static str> {
        match self {
            Self::Messenger => Some(messenger::APPENDED_TABLE),
            Self::Search => None,
        }
    }

    /// The channel on which its progress is told. Nobody waits for `search`.
    pub(crate) const fn notify_channel(self) -> Option<&'static str> {
        match self {
            Self::Messenger => Some(crate::NOTIFY_CHANNEL),
            Self::Search => None,
        }
    }

    /// No changes yet.
    pub(crate) fn no_changes<'a>(self) -> Changes<'a> {
        match self {
            Self::Messenger => Changes::Messenger(Box::default()),
            Self::Search => Changes::Search(search::Changes::default()),
        }
    }
}

/// What a batch of events changes in one projection's rows.
#[derive(Debug)]
pub(crate) enum Changes<'a> {
    Messenger(Box<messenger::Changes<'a>>),
    Search(search::Changes),
}

impl<'a> Changes<'a> {
    /// Adds what an event changes.
    pub(crate) fn fold(&mut self, item: &'a Item, ring: &KeyRing) -> Result<(), Refused> {
        match self {
            Self::Messenger(changes) => messenger::fold(changes, item, ring),
            Self::Search(changes) => search::fold(changes, item),
        }
    }

    /// Writes them, within the caller's transaction.
    pub(crate) async fn write(&self, db: &mut PgConnection) -> Result<(), WriteError> {
        match self {
            Self::Messenger(changes) => messenger::write(db, changes).await,
            Self::Search(changes) => search::write(db, changes).await,
        }
    }

    /// The same by the ways that are fastest for many rows.
    pub(crate) async fn load(&self, db: &mut PgConnection) -> Result<(), WriteError> {
        match self {
            Self::Messenger(changes) => messenger::load(db, changes).await,
            Self::Search(changes) => search::load(db, changes).await,
        }
    }
}
