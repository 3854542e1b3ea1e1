//! What events mean to the audit.

use std::io;

use events::codec::{self, CategoryEvent};
use events::dues::part_of;
use events::money::Currency;
use events::payment::transfer_of;
use events::wallet::Terms;
use events::{
    Category, CycleId, DuesEvent, Fact as Told, LogPosition, PaymentEvent, Recorded, TransferId,
    UserId, WalletEvent, WalletId,
};
use uuid::Uuid;

use super::Audit;
use super::facts::{Fact, Kind};
use super::wallets::At;

impl Audit {
    pub(super) fn read(&mut self, event: &Recorded) -> io::Result<()> {
        match event.stream.category() {
            Category::Wallet => {
                let Some((wallet, told)) = self.decoded::<WalletEvent, Uuid>(event) else {
                    return Ok(());
                };
                self.wallet(WalletId(wallet), event.position, &told.event)
            }
            Category::Payment => match self.decoded::<PaymentEvent, Uuid>(event) {
                Some((payment, told)) => self.payment(payment, event.position, &told.event),
                None => Ok(()),
            },
            Category::Dues => match self.decoded::<DuesEvent, Uuid>(event) {
                Some((_, told)) => self.dues(event.position, &told.event),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn decoded<E: CategoryEvent, I: std::str::FromStr>(
        &mut self,
        event: &Recorded,
    ) -> Option<(I, Told<E>)> {
        let unreadable = match (event.stream.entity().parse(), codec::decode::<E>(event)) {
            (Ok(id), Ok(told)) => return Some((id, told)),
            (Err(_), _) => "its stream names nothing".to_owned(),
            (_, Err(error)) => error.to_string(),
        };
        let (stream, revision) = (&event.stream, event.revision);
        let what = format!("{stream} at {revision} can't be read: {unreadable}");
        self.breaches.note(0, what, &[event.position]);
        None
    }

    fn wallet(
        &mut self,
        wallet: WalletId,
        position: LogPosition,
        event: &WalletEvent,
    ) -> io::Result<()> {
        let mut at = At { wallet, position, breaches: &mut self.breaches };
        if let WalletEvent::WalletOpened(opened) = event {
            self.wallets.open(&mut at, opened);
            return Ok(());
        }
        let Some(known) = self.wallets.of(&mut at) else { return Ok(()) };
        let currency = known.currency;
        match event {
            WalletEvent::Deposited(event) => {
                let amount = i128::from(event.amount.minor_units());
                known.moves(&mut at, amount, event.balance_after);
                self.comes_in(currency, position, amount);
            }
            WalletEvent::Withdrawn(event) => {
                let amount = i128::from(event.amount.minor_units());
                known.moves(&mut at, -amount, event.balance_after);
                self.comes_in(currency, position, -amount);
            }
            WalletEvent::TransferDebited(event) => {
                let amount = i128::from(event.terms.amount.minor_units());
                known.pay(&mut at, (event.terms.transfer, event.terms.by));
                known.moves(&mut at, -amount, event.balance_after);
                self.flies(currency, position, amount);
                return self.transfer(&event.terms, Kind::Debited, position);
            }
            WalletEvent::TransferCredited(event) => {
                let amount = i128::from(event.terms.amount.minor_units());
                known.moves(&mut at, amount, event.balance_after);
                self.flies(currency, position, -amount);
                return self.transfer(&event.terms, Kind::Credited, position);
            }
            WalletEvent::TransferRefunded(event) => {
                let amount = i128::from(event.terms.amount.minor_units());
                known.moves(&mut at, amount, event.balance_after);
                self.flies(currency, position, -amount);
                return self.transfer(&event.terms, Kind::Returned, position);
            }
            WalletEvent::TransferBounced(event) => {
                return self.transfer(&event.terms, Kind::Bounced, position);
            }
            WalletEvent::TransferRequested(event) => {
                known.hold(&mut at, event);
                return self.transfer(&event.terms, Kind::Requested, position);
            }
            WalletEvent::TransferApproved(event) => {
                known.approve(&mut at, event.transfer, event.by);
            }
            WalletEvent::TransferDeclined(event) => {
                known.give_up(&mut at, event.transfer);
                return self.note(event.transfer.0, Kind::Declined, position, (0, Uuid::nil()));
            }
            WalletEvent::TransferExpired(event) => {
                known.give_up(&mut at, event.transfer);
                return self.note(event.transfer.0, Kind::Expired, position, (0, Uuid::nil()));
            }
            WalletEvent::RefundReserved(event) => {
                let more = (event.amount.minor_units(), event.refund.0);
                return self.note(event.transfer.0, Kind::RefundReserved, position, more);
            }
            WalletEvent::RefundReleased(event) => {
                let more = (event.amount.minor_units(), event.refund.0);
                return self.note(event.transfer.0, Kind::RefundReleased, position, more);
            }
            WalletEvent::WalletClosed(_) => known.close(&mut at),
            WalletEvent::WalletRoleChanged(event) => known.set_role(event.user, Some(event.role)),
            WalletEvent::ApprovalsRequiredChanged(event) => known.require(event.approvals_required),
            WalletEvent::WalletMemberLeft(event) => known.set_role(event.user, None),
            // They change nothing that is promised.
            _ => {}
        }
        Ok(())
    }

    /// Money comes in from outside; out where it is below zero.
    fn comes_in(&mut self, currency: Currency, at: LogPosition, amount: i128) {
        self.moved(currency, at, |sums| {
            sums.external += amount;
            sums.balances += amount;
        });
    }

    /// Money leaves a wallet for another, or comes out of the air into one.
    fn flies(&mut self, currency: Currency, at: LogPosition, amount: i128) {
        self.moved(currency, at, |sums| {
            sums.balances -= amount;
            sums.in_flight += amount;
        });
    }

    fn transfer(&mut self, terms: &Terms, kind: Kind, position: LogPosition) -> io::Result<()> {
        let (from, to, other) = (terms.from.0, terms.to.0, Uuid::nil());
        let amount = terms.amount.minor_units();
        let key = terms.transfer.0;
        self.facts.add(&Fact { key, kind, position, amount, from, to, other })
    }

    fn note(
        &mut self,
        key: Uuid,
        kind: Kind,
        position: LogPosition,
        (amount, other): (i64, Uuid),
    ) -> io::Result<()> {
        let (from, to) = (Uuid::nil(), Uuid::nil());
        self.facts.add(&Fact { key, kind, position, amount, from, to, other })
    }

    fn payment(
        &mut self,
        payment: Uuid,
        position: LogPosition,
        event: &PaymentEvent,
    ) -> io::Result<()> {
        let of = |number| transfer_of(events::PaymentId(payment), number).0;
        let nothing = (0, Uuid::nil());
        match event {
            PaymentEvent::OccurrenceSucceeded(event) => {
                self.note(of(event.number), Kind::Succeeded, position, nothing)
            }
            PaymentEvent::OccurrenceFailed(event) => {
                self.note(of(event.number), Kind::Failed, position, nothing)
            }
            PaymentEvent::OccurrencesSkipped(event) => event
                .skipped
                .iter()
                .try_for_each(|due| self.note(of(due.number), Kind::Skipped, position, nothing)),
            _ => Ok(()),
        }
    }

    fn dues(&mut self, position: LogPosition, event: &DuesEvent) -> io::Result<()> {
        match event {
            DuesEvent::DuesAssessed(event) => event.users.iter().try_for_each(|user| {
                let share = (event.cycle, *user, TransferId(Uuid::nil()));
                self.part(share, Kind::PartAssessed, position, event.amount.minor_units())
            }),
            DuesEvent::DuesExempted(event) => {
                let share = (event.cycle, event.user, TransferId(Uuid::nil()));
                self.part(share, Kind::PartExempted, position, 0)
            }
            DuesEvent::DuesPaid(event) => {
                let (amount, transfer) = (event.amount.minor_units(), event.transfer);
                let share = (event.cycle, event.user, transfer);
                self.part(share, Kind::PartPaid, position, amount)?;
                self.note(transfer.0, Kind::DuesPaid, position, (amount, Uuid::nil()))
            }
            DuesEvent::DuesPaymentReleased(event) => {
                let more = (event.amount.minor_units(), Uuid::nil());
                self.note(event.transfer.0, Kind::DuesReleased, position, more)
            }
            DuesEvent::DuesRefunded(event) => {
                let (amount, transfer) = (event.amount.minor_units(), event.transfer);
                let share = (event.cycle, event.user, transfer);
                self.part(share, Kind::PartRefunded, position, amount)?;
                self.note(transfer.0, Kind::DuesRefunded, position, (amount, Uuid::nil()))
            }
            _ => Ok(()),
        }
    }

    fn part(
        &mut self,
        (cycle, user, transfer): (CycleId, UserId, TransferId),
        kind: Kind,
        position: LogPosition,
        amount: i64,
    ) -> io::Result<()> {
        let key = part_of(cycle, user);
        let (from, to, other) = (cycle.0, user.0, transfer.0);
        self.facts.add(&Fact { key, kind, position, amount, from, to, other })
    }
}
