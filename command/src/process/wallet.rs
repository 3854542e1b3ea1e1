//! A wallet's beginning and end. Its parent, the stream of its owner or of its channel, commits to
//! it by `PersonalWalletOpened` or `GroupWalletOpened`, and its own stream begins with
//! `WalletOpened`. That ends with `WalletClosed`, and the parent is told. The node that has
//! carried the first step out does the second at once; this finishes what a crash left open.

use events::channel::GroupWalletOpened;
use events::codec::{self, DecodeError};
use events::personal::{KeyRing, OpenError};
use events::user::PersonalWalletOpened;
use events::{
    Category, ChannelEvent, ChannelId, CommandId, EventId, Recorded, StreamName, Timestamp,
    UserEvent, UserId, WalletId,
};
use uuid::Uuid;

use super::rules::Change;
use crate::domain::wallet::Open;

/// A wallet that its parent has committed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The wallet.
    pub wallet: WalletId,
    /// When it was committed to.
    pub at: Timestamp,
    /// The client's command.
    pub correlation: CommandId,
    parent: StreamName,
    event: EventId,
    to: Commitment,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Commitment {
    Personal(UserId, PersonalWalletOpened),
    Group(ChannelId, GroupWalletOpened),
}

impl Opening {
    /// What an event commits to, if it is that.
    pub fn of(event: &Recorded) -> Result<Option<Self>, DecodeError> {
        let parent = event.stream.entity();
        let to = match event.event.kind.as_str() {
            "PersonalWalletOpened" => match codec::decode::<UserEvent>(event)?.event {
                UserEvent::PersonalWalletOpened(opened) => {
                    parent.parse().ok().map(|owner| Commitment::Personal(owner, opened))
                }
                _ => None,
            },
            "GroupWalletOpened" => match codec::decode::<ChannelEvent>(event)?.event {
                ChannelEvent::GroupWalletOpened(opened) => {
                    parent.parse().ok().map(|channel| Commitment::Group(channel, opened))
                }
                _ => None,
            },
            _ => None,
        };
        let metadata = &event.event.metadata;
        Ok(to.map(|to| Self {
            wallet: match &to {
                Commitment::Personal(_, opened) => opened.wallet,
                Commitment::Group(_, opened) => opened.wallet,
            },
            at: metadata.recorded_at,
            correlation: metadata.correlation,
            parent: event.stream.clone(),
            event: metadata.event_id,
            to,
        }))
    }

    /// Its first member, under whose key its PIN is sealed.
    pub fn owner(&self) -> UserId {
        match &self.to {
            Commitment::Personal(owner, _) => *owner,
            Commitment::Group(_, opened) => opened.owner,
        }
    }

    /// The stream that has committed to it.
    pub fn parent(&self) -> &StreamName {
        &self.parent
    }

    /// The command that opens it; `None` once the owner's key is destroyed.
    pub fn open(&self, ring: &KeyRing) -> Result<Option<Open>, OpenError> {
        let pin = match &self.to {
            Commitment::Personal(_, opened) => &opened.pin,
            Commitment::Group(_, opened) => &opened.pin,
        };
        let pin = pin.open(ring, &self.parent, self.event)?;
        Ok(pin.map(|pin| match &self.to {
            Commitment::Personal(owner, opened) => Open::personal(*owner, opened, pin),
            Commitment::Group(channel, opened) => Open::group(*channel, opened, pin),
        }))
    }

    /// The id of the command that opens it.
    pub fn command_id(&self) -> CommandId {
        opening_id(self.wallet)
    }
}

/// A wallet that is closed, which its parent has to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    /// The wallet.
    pub wallet: WalletId,
    /// When it was closed.
    pub at: Timestamp,
    /// The client's command.
    pub correlation: CommandId,
}

impl Closing {
    /// What an event calls for, if it is a wallet's end.
    pub fn of(event: &Recorded) -> Option<Self> {
        if event.event.kind != "WalletClosed" {
            return None;
        }
        let wallet = event.stream.entity().parse().ok()?;
        let metadata = &event.event.metadata;
        let (at, correlation) = (metadata.recorded_at, metadata.correlation);
        Some(Self { wallet, at, correlation })
    }

    /// The id of the command that tells its parent.
    pub fn command_id(&self) -> CommandId {
        closing_id(self.wallet)
    }
}

// The commands' ids are the keys on the list, too.

fn opening_id(wallet: WalletId) -> CommandId {
    CommandId(wallet.0).derived("open")
}

fn closing_id(wallet: WalletId) -> CommandId {
    CommandId(wallet.0).derived("tell that it is closed")
}

pub(super) fn follow(event: &Recorded) -> Result<Vec<Change>, DecodeError> {
    let of_wallet = || event.stream.entity().parse().ok().map(WalletId);
    let change = match (event.stream.category(), event.event.kind.as_str()) {
        (Category::Wallet, "WalletOpened") => {
            of_wallet().map(|wallet| Change::Close(opening_id(wallet).0))
        }
        (Category::Wallet, "WalletClosed") => {
            Closing::of(event).map(|closing| Change::Open(closing.command_id().0))
        }
        (_, "PersonalWalletOpened" | "GroupWalletOpened") => {
            Opening::of(event)?.map(|opening| Change::Open(opening.command_id().0))
        }
        (_, "PersonalWalletClosed" | "GroupWalletClosed") => {
            closed(event)?.map(|wallet| Change::Close(closing_id(wallet).0))
        }
        _ => None,
    };
    Ok(change.into_iter().collect())
}

/// The wallet that a parent was told to be closed.
fn closed(event: &Recorded) -> Result<Option<WalletId>, DecodeError> {
    Ok(match event.stream.category() {
        Category::User => match codec::decode::<UserEvent>(event)?.event {
            UserEvent::PersonalWalletClosed(closed) => Some(closed.wallet),
            _ => None,
        },
        Category::Channel => match codec::decode::<ChannelEvent>(event)?.event {
            ChannelEvent::GroupWalletClosed(closed) => Some(closed.wallet),
            _ => None,
        },
        _ => None,
    })
}

pub(super) fn derive_opening(key: Uuid, event: &Recorded) -> Result<Option<Opening>, DecodeError> {
    Ok(Opening::of(event)?.filter(|opening| opening.command_id().0 == key))
}

pub(super) fn derive_closing(key: Uuid, event: &Recorded) -> Option<Closing> {
    Closing::of(event).filter(|closing| closing.command_id().0 == key)
}
