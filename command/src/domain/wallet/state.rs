//! A wallet as far as deciding needs it, and what is asked of it by those who don't decide.

use std::time::Duration;

use events::money::{Amount, Currency, Day};
use events::personal::Kept;
use events::wallet::{Terms, WalletKind, WalletRole};
use events::{ChannelId, Revision, Timestamp, TransferId, UserId, WalletId};
use imbl::{HashMap, OrdMap, Vector};
use serde::{Deserialize, Serialize};

use super::asking::Payee;
use super::leavers::Leavers;
use super::pins::WrongPins;
use crate::parse::{PER_DAY_MAX, PER_TRANSFER_MAX};

/// A wallet without the transfers that wait no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// None until it is opened.
    pub(super) about: Option<About>,
    pub(super) status: Status,
    /// At most [`MEMBERS_LEN_MAX`](super::MEMBERS_LEN_MAX).
    pub(super) members: HashMap<UserId, Member>,
    pub(super) approvals_required: u8,
    /// Who wants fewer approvals; only admins at the time.
    pub(super) votes: HashMap<UserId, Vote>,
    pub(super) per_transfer: Amount,
    pub(super) per_day: Amount,
    /// What was spent on the newest days, at most
    /// [`DAYS_LEN_MAX`](super::DAYS_LEN_MAX) of them.
    pub(super) spent: OrdMap<Day, Amount>,
    pub(super) balance: Amount,
    /// The sum of the holds.
    pub(super) held: Amount,
    /// At most [`HOLDS_LEN_MAX`](super::HOLDS_LEN_MAX).
    pub(super) holds: OrdMap<TransferId, Hold>,
    /// Its newest debit.
    pub(super) last_debit: Option<Revision>,
    pub(super) leavers: Leavers,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct About {
    pub(super) channel: Option<ChannelId>,
    pub(super) name: String,
    pub(super) currency: Currency,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    Open,
    Frozen,
    Closed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Member {
    pub(super) role: WalletRole,
    /// Where one came in: lower is longer.
    pub(super) since: Revision,
    /// Hash of an admin's PIN; the event that it came with is its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pin: Option<Kept>,
    #[serde(default, skip_serializing_if = "WrongPins::is_none")]
    pub(super) wrong_pins: WrongPins,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Vote {
    pub(super) approvals: u8,
    pub(super) at: Timestamp,
}

/// A transfer that waits for approvals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Of what.
    pub terms: Terms,
    /// Admins who must approve, the asker included.
    pub approvals_required: u8,
    /// Who did, the asker first.
    pub approved_by: Vector<UserId>,
    /// When it lapses.
    pub expires_at: Timestamp,
    /// The day that it counts on.
    pub day: Option<Day>,
    /// The payee's revision when it was seen to be open.
    pub payee_revision: Revision,
}

impl Default for State {
    fn default() -> Self {
        Self {
            about: None,
            status: Status::Open,
            members: HashMap::new(),
            approvals_required: 1,
            votes: HashMap::new(),
            per_transfer: PER_TRANSFER_MAX,
            per_day: PER_DAY_MAX,
            spent: OrdMap::new(),
            balance: Amount::ZERO,
            held: Amount::ZERO,
            holds: OrdMap::new(),
            last_debit: None,
            leavers: Leavers::default(),
        }
    }
}

impl State {
    /// Whose it is; `None` if there is no such wallet.
    pub fn kind(&self) -> Option<WalletKind> {
        let about = self.about.as_ref()?;
        Some(if about.channel.is_some() { WalletKind::Group } else { WalletKind::Personal })
    }

    /// The channel of a group wallet.
    pub fn channel(&self) -> Option<ChannelId> {
        self.about.as_ref()?.channel
    }

    /// What it is called; `None` if there is no such wallet.
    pub fn name(&self) -> Option<&str> {
        self.about.as_ref().map(|about| about.name.as_str())
    }

    /// What its money is counted in; `None` if there is no such wallet.
    pub fn currency(&self) -> Option<Currency> {
        self.about.as_ref().map(|about| about.currency)
    }

    /// Whether it takes and gives no more.
    pub fn is_closed(&self) -> bool {
        self.status == Status::Closed
    }

    /// What a user may do; `None` for who is no member.
    pub fn role(&self, user: UserId) -> Option<WalletRole> {
        self.members.get(&user).map(|member| member.role)
    }

    /// Its members, in no order. Those of a closed wallet are its last.
    pub fn members(&self) -> impl Iterator<Item = (UserId, WalletRole)> {
        self.members.iter().map(|(user, member)| (*user, member.role))
    }

    /// What an admin's PIN has to be verified against; `None` if they have none.
    pub fn pin(&self, user: UserId) -> Option<&Kept> {
        self.members.get(&user)?.pin.as_ref()
    }

    /// An admin's PIN is locked at `now`: until when.
    pub fn pin_locked_until(&self, user: UserId, now: Timestamp) -> Option<Timestamp> {
        self.members.get(&user)?.wrong_pins.locked_until(now)
    }

    /// What is in it.
    pub fn balance(&self) -> Amount {
        self.balance
    }

    /// What may be spent: the balance less what is held.
    pub fn available(&self) -> Amount {
        self.balance.minus(self.held).unwrap_or_default()
    }

    /// Admins who must approve a spending, the asker included.
    pub fn approvals_required(&self) -> u8 {
        self.approvals_required
    }

    /// A transfer that waits for approvals.
    pub fn hold(&self, transfer: TransferId) -> Option<&Hold> {
        self.holds.get(&transfer)
    }

    /// Its newest debit: before the wallet may be closed, somebody has to look whether all up to
    /// there have arrived or come back.
    pub fn last_debit(&self) -> Option<Revision> {
        self.last_debit
    }

    /// What it is to who wants to pay it; `wallet` and `revision` are its own.
    pub fn as_payee(&self, wallet: WalletId, revision: Option<Revision>) -> Payee {
        match (&self.about, revision) {
            (Some(_), _) if self.is_closed() => Payee::Closed { wallet },
            (Some(about), Some(revision)) => {
                Payee::Open { wallet, currency: about.currency, revision }
            }
            _ => Payee::Unknown,
        }
    }

    /// What is left to be spent on a day.
    pub fn remaining_on(&self, day: Day) -> Amount {
        let spent = self.spent.get(&day).copied().unwrap_or_default();
        self.per_day.minus(spent).unwrap_or_default()
    }

    pub(super) fn is_admin(&self, user: UserId) -> bool {
        self.role(user) == Some(WalletRole::Admin)
    }

    pub(super) fn is_last_admin(&self, user: UserId) -> bool {
        let mut admins = self.members().filter(|(_, role)| *role == WalletRole::Admin);
        self.is_admin(user) && admins.nth(1).is_none()
    }

    pub(super) fn longest_standing_but(&self, user: UserId) -> Option<UserId> {
        let others = self.members.iter().filter(|(other, _)| **other != user);
        others.min_by_key(|(other, member)| (member.since, **other)).map(|(other, _)| *other)
    }

    /// Who votes for that number at `now`: admins, within [`VOTE_TTL`].
    pub(super) fn voters(&self, approvals: u8, now: Timestamp) -> impl Iterator<Item = UserId> {
        let counts = move |(user, vote): &(&UserId, &Vote)| {
            vote.approvals == approvals && now.since(vote.at) < VOTE_TTL && self.is_admin(**user)
        };
        self.votes.iter().filter(counts).map(|(user, _)| *user)
    }
}

/// How long a vote for fewer approvals counts.
pub const VOTE_TTL: Duration = Duration::from_hours(72);
