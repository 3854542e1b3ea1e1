//! Which event makes which change.

mod dues;
mod payments;
mod transfers;

use events::feed::FeedKind;
use events::money::{Amount, Day};
use events::wallet::{
    Deposited, WalletLimitsChanged, WalletMemberJoined, WalletMemberLeft, WalletOpened, WalletRole,
    WalletRoleChanged, Withdrawn,
};
use events::{Fact, UserId, WalletEvent};
use uuid::Uuid;

use super::changes::{Changes, Entry, Joined, Limits, NewWallet};
use crate::checkpoint::bigint;
use crate::decode::{Item, Told};
use crate::feed::FeedRow;
use crate::fold::Refused;

const DEBIT: i16 = 1;
const CREDIT: i16 = 2;

/// Adds what an event changes.
pub(crate) fn fold<'a>(changes: &mut Changes<'a>, item: &'a Item) -> Result<(), Refused> {
    let told = item.told.as_ref().map_err(|error| Refused::Poison(error.clone()))?;
    let (position, us) = (bigint(item.position), item.at.as_micros());
    match told {
        Told::Wallet(wallet, fact) => {
            Context { changes, wallet: wallet.0, fact, position, us }.fold()
        }
        Told::Payment(payment, fact) => {
            payments::Context { changes, payment: *payment, position, us }.fold(&fact.event)
        }
        Told::Dues(plan, fact) => {
            dues::Context { changes, plan: *plan, position, us }.fold(&fact.event)
        }
        Told::User(..) | Told::Channel(..) | Told::Readers(..) | Told::Nothing => Ok(()),
    }
}

const fn role(role: WalletRole) -> i16 {
    match role {
        WalletRole::Admin => 1,
        WalletRole::Member => 2,
    }
}

struct Context<'c, 'a> {
    changes: &'c mut Changes<'a>,
    wallet: Uuid,
    fact: &'a Fact<WalletEvent>,
    position: i64,
    us: i64,
}

/// What an entry tells beside its amount.
#[derive(Clone, Copy)]
struct Line<'a> {
    direction: i16,
    transfer: Option<Uuid>,
    counterparty: Option<Uuid>,
    by: Option<UserId>,
    memo: &'a str,
}

impl<'a> Context<'_, 'a> {
    fn fold(self) -> Result<(), Refused> {
        match &self.fact.event {
            WalletEvent::WalletOpened(event) => self.opened(event),
            WalletEvent::WalletClosed(_) => self.closed(),
            WalletEvent::WalletFrozen(_) => self.froze(true),
            WalletEvent::WalletUnfrozen(_) => self.froze(false),
            WalletEvent::WalletMemberJoined(event) => self.joined(event),
            WalletEvent::WalletMemberLeft(event) => self.left(event),
            WalletEvent::WalletRoleChanged(event) => self.role_changed(event),
            WalletEvent::ApprovalsRequiredChanged(event) => {
                self.approvals_required(event.approvals_required);
            }
            WalletEvent::WalletLimitsChanged(event) => self.limits(event),
            WalletEvent::Deposited(event) => self.deposited(event),
            WalletEvent::Withdrawn(event) => return self.withdrawn(event),
            WalletEvent::TransferRequested(event) => return self.requested(event),
            WalletEvent::TransferApproved(event) => self.approved(event),
            WalletEvent::TransferDeclined(event) => self.declined(event.transfer),
            WalletEvent::TransferExpired(event) => self.expired(event.transfer),
            WalletEvent::TransferDebited(event) => return self.debited(event),
            WalletEvent::TransferCredited(event) => self.credited(event),
            WalletEvent::TransferBounced(event) => self.bounced(event),
            WalletEvent::TransferRefunded(event) => self.returned(event),
            WalletEvent::PinChanged(_)
            | WalletEvent::PinFailed(_)
            | WalletEvent::PinAccepted(_)
            | WalletEvent::ApprovalsLoweringVoted(_)
            | WalletEvent::ApprovalsVoteWithdrawn(_)
            | WalletEvent::RefundReserved(_)
            | WalletEvent::RefundReleased(_)
            | WalletEvent::CommandSettled(_) => {}
        }
        Ok(())
    }

    fn opened(mut self, event: &'a WalletOpened) {
        let (us, position, owner) = (self.us, self.position, event.owner.0);
        self.wallet().opened = Some(NewWallet { event, us, position });
        self.join(owner, WalletRole::Admin);
    }

    fn closed(mut self) {
        self.wallet().closed_us = Some(self.us);
        self.feed(FeedKind::WalletChanged, None);
    }

    fn froze(mut self, frozen: bool) {
        self.wallet().frozen = Some(frozen);
        self.feed(FeedKind::WalletChanged, None);
    }

    fn joined(mut self, event: &WalletMemberJoined) {
        self.join(event.user.0, WalletRole::Member);
    }

    fn join(&mut self, user: Uuid, first_role: WalletRole) {
        let (us, position) = (self.us, self.position);
        let member = self.changes.members.entry((self.wallet, user)).or_default();
        member.joined = Some(Joined { us, position });
        member.role = Some(role(first_role));
        member.left_us = None;
        self.changes.stays.begin(self.wallet, user, position);
        self.feed(FeedKind::WalletMemberJoined, Some(user));
    }

    fn left(mut self, event: &WalletMemberLeft) {
        let user = event.user.0;
        let member = self.changes.members.entry((self.wallet, user)).or_default();
        // Who lost a channel is told to be gone from its wallets, there or not.
        member.left_us.get_or_insert(self.us);
        self.changes.stays.end(self.wallet, user, self.position);
        self.feed(FeedKind::WalletMemberLeft, Some(user));
    }

    fn role_changed(mut self, event: &WalletRoleChanged) {
        let member = self.changes.members.entry((self.wallet, event.user.0)).or_default();
        member.role = Some(role(event.role));
        self.feed(FeedKind::WalletChanged, None);
    }

    fn approvals_required(mut self, required: u8) {
        self.wallet().approvals_required = Some(i16::from(required));
        self.feed(FeedKind::WalletChanged, None);
    }

    fn limits(mut self, event: &WalletLimitsChanged) {
        let (per_transfer, per_day) = (event.per_transfer, event.per_day);
        let (per_transfer, per_day) = (per_transfer.minor_units(), per_day.minor_units());
        self.wallet().limits = Some(Limits { per_transfer, per_day });
        self.feed(FeedKind::WalletChanged, None);
    }

    fn deposited(mut self, event: &'a Deposited) {
        let Deposited { amount, balance_after, reference, by } = event;
        let line = Line {
            direction: CREDIT,
            transfer: None,
            counterparty: None,
            by: *by,
            memo: reference,
        };
        self.post(*amount, *balance_after, line, FeedKind::EntryPosted);
    }

    fn withdrawn(mut self, event: &'a Withdrawn) -> Result<(), Refused> {
        let Withdrawn { amount, balance_after, reference, by, day } = event;
        self.spend(*day, *amount)?;
        let line = Line {
            direction: DEBIT,
            transfer: None,
            counterparty: None,
            by: Some(*by),
            memo: reference,
        };
        self.post(*amount, *balance_after, line, FeedKind::EntryPosted);
        Ok(())
    }

    /// Adds a line to the ledger, and the balance behind it to the wallet.
    fn post(&mut self, amount: Amount, balance_after: Amount, line: Line<'a>, kind: FeedKind) {
        let (id, balance_after) = (self.fact.id.0, balance_after.minor_units());
        self.wallet().balance = Some(balance_after);
        let Line { direction, transfer, counterparty, by, memo } = line;
        self.changes.entries.push(Entry {
            wallet: self.wallet,
            us: self.us,
            revision: bigint(self.fact.revision),
            id,
            direction,
            amount: amount.minor_units(),
            balance_after,
            transfer,
            counterparty,
            by: by.map(|user| user.0),
            memo,
        });
        self.feed(kind, Some(id));
    }

    /// Counts a spending on a day.
    fn spend(&mut self, day: Day, amount: Amount) -> Result<(), Refused> {
        let spent = self.changes.spendings.entry((self.wallet, day)).or_default();
        let sum = spent.checked_add(amount.minor_units());
        *spent = sum.ok_or_else(|| Refused::Poison("a day's spendings overflow".to_owned()))?;
        Ok(())
    }

    fn wallet(&mut self) -> &mut super::changes::WalletChange<'a> {
        self.changes.wallets.entry(self.wallet).or_default()
    }

    fn feed(&mut self, kind: FeedKind, reference: Option<Uuid>) {
        self.feed_of(self.wallet, kind, reference);
    }

    fn feed_of(&mut self, entity: Uuid, kind: FeedKind, reference: Option<Uuid>) {
        let (position, at_us) = (self.position, self.us);
        self.changes.feed.push(FeedRow { entity, position, kind, reference, at_us });
    }
}
