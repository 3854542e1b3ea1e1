//! Transfers, on either side.

use events::TransferId;
use events::feed::FeedKind;
use events::wallet::{
    Terms, TransferApproved, TransferBounced, TransferCredited, TransferDebited, TransferRefunded,
    TransferRequested,
};

use super::{CREDIT, Context, DEBIT, Line};
use crate::fold::Refused;
use crate::money::changes::{Approval, Begun, Ending, TransferChange};

impl<'a> Context<'_, 'a> {
    pub(super) fn requested(mut self, event: &'a TransferRequested) -> Result<(), Refused> {
        let terms = &event.terms;
        if let Some(day) = event.day {
            self.spend(day, terms.amount)?;
        }
        let begun = Begun {
            terms,
            us: self.us,
            position: self.position,
            approvals_required: i16::from(event.approvals_required),
            expires_us: Some(event.expires_at.as_micros()),
            day: event.day,
        };
        self.transfer(terms.transfer).begun = Some(begun);
        self.feed(FeedKind::TransferChanged, Some(terms.transfer.0));
        Ok(())
    }

    pub(super) fn approved(mut self, event: &TransferApproved) {
        let (transfer, user) = (event.transfer.0, event.by.0);
        self.changes.approvals.push(Approval { transfer, position: self.position, user });
        self.feed(FeedKind::TransferChanged, Some(transfer));
    }

    pub(super) fn declined(self, transfer: TransferId) {
        let (wallet, declined_us) = (self.wallet, Some(self.us));
        self.ended(transfer, Ending { wallet, declined_us, expired_us: None });
    }

    pub(super) fn expired(self, transfer: TransferId) {
        let (wallet, expired_us) = (self.wallet, Some(self.us));
        self.ended(transfer, Ending { wallet, declined_us: None, expired_us });
    }

    fn ended(mut self, transfer: TransferId, ending: Ending) {
        self.changes.endings.insert(transfer.0, ending);
        self.feed(FeedKind::TransferChanged, Some(transfer.0));
    }

    pub(super) fn debited(mut self, event: &'a TransferDebited) -> Result<(), Refused> {
        let TransferDebited { terms, balance_after, day, .. } = event;
        if let Some(day) = *day {
            self.spend(day, terms.amount)?;
        }
        let begun = Begun {
            terms,
            us: self.us,
            position: self.position,
            approvals_required: 1,
            expires_us: None,
            day: *day,
        };
        let us = self.us;
        let transfer = self.transfer(terms.transfer);
        // Who waited began with the request.
        transfer.begun.get_or_insert(begun);
        transfer.debited_us = Some(us);
        let line = Line { counterparty: Some(terms.to.0), ..line(DEBIT, terms) };
        self.post(terms.amount, *balance_after, line, FeedKind::TransferPosted);
        Ok(())
    }

    pub(super) fn credited(mut self, event: &'a TransferCredited) {
        let TransferCredited { terms, balance_after, .. } = event;
        self.transfer(terms.transfer).credited_us = Some(self.us);
        let line = Line { counterparty: Some(terms.from.0), ..line(CREDIT, terms) };
        self.post(terms.amount, *balance_after, line, FeedKind::TransferPosted);
        let (payer, transfer) = (terms.from.0, Some(terms.transfer.0));
        self.feed_of(payer, FeedKind::OtherSideChanged, transfer);
    }

    /// Nobody sees it: the amount is still on its way until it is back.
    pub(super) fn bounced(mut self, event: &TransferBounced) {
        self.transfer(event.terms.transfer).bounced_us = Some(self.us);
    }

    pub(super) fn returned(mut self, event: &'a TransferRefunded) {
        let TransferRefunded { terms, balance_after, .. } = event;
        self.transfer(terms.transfer).returned_us = Some(self.us);
        let line = Line { counterparty: Some(terms.to.0), ..line(CREDIT, terms) };
        self.post(terms.amount, *balance_after, line, FeedKind::TransferPosted);
        let (payee, transfer) = (terms.to.0, Some(terms.transfer.0));
        self.feed_of(payee, FeedKind::OtherSideChanged, transfer);
    }

    fn transfer(&mut self, id: TransferId) -> &mut TransferChange<'a> {
        self.changes.transfers.entry(id.0).or_default()
    }
}

/// A line of the transfer's amount.
fn line(direction: i16, terms: &Terms) -> Line<'_> {
    let (transfer, by) = (Some(terms.transfer.0), Some(terms.by));
    Line { direction, transfer, counterparty: None, by, memo: &terms.memo }
}
