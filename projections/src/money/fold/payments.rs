//! Scheduled payments and their occurrences.

use events::feed::FeedKind;
use events::payment::{OccurrenceStarted, OccurrencesSkipped, PaymentScheduled};
use events::recurrence::Due;
use events::{PaymentEvent, PaymentId};
use uuid::Uuid;

use crate::fold::{Refused, integer};
use crate::money::changes::{Changes, Failure, NewPayment, OccurrenceChange, Teller, Told};

const ACTIVE: i16 = 1;
const PAUSED: i16 = 2;
const COMPLETED: i16 = 3;
const CANCELLED: i16 = 4;

const DUE: i16 = 1;
const AWAITING_APPROVAL: i16 = 2;
const RETRYING: i16 = 3;
const SUCCEEDED: i16 = 4;
const FAILED: i16 = 5;
const SKIPPED: i16 = 6;

/// An event of a scheduled payment.
pub(super) struct Context<'c, 'a> {
    pub(super) changes: &'c mut Changes<'a>,
    pub(super) payment: PaymentId,
    pub(super) position: i64,
    pub(super) us: i64,
}

impl<'a> Context<'_, 'a> {
    pub(super) fn fold(mut self, event: &'a PaymentEvent) -> Result<(), Refused> {
        let Some(ahead) = event.ahead() else { return Ok(()) };
        let payment = self.changes.payments.payments.entry(self.payment.0).or_default();
        payment.next_due_us = ahead.next.map(|due| due.due_at.as_micros());
        match event {
            PaymentEvent::PaymentScheduled(event) => self.scheduled(event)?,
            PaymentEvent::PaymentPaused(_) => payment.status = Some(PAUSED),
            PaymentEvent::PaymentResumed(_) => payment.status = Some(ACTIVE),
            PaymentEvent::PaymentCancelled(_) => payment.status = Some(CANCELLED),
            PaymentEvent::PaymentCompleted(_) => payment.status = Some(COMPLETED),
            PaymentEvent::OccurrencesSkipped(event) => self.skipped(event)?,
            PaymentEvent::OccurrenceStarted(event) => self.started(event)?,
            PaymentEvent::OccurrenceWaiting(event) => {
                self.went_on(event.number, AWAITING_APPROVAL, Failure::Nothing)?;
            }
            PaymentEvent::OccurrenceRetrying(event) => {
                self.went_on(event.number, RETRYING, Failure::Code(&event.code))?;
            }
            PaymentEvent::OccurrenceSucceeded(event) => {
                self.went_on(event.number, SUCCEEDED, Failure::Nothing)?;
            }
            PaymentEvent::OccurrenceFailed(event) => {
                self.went_on(event.number, FAILED, Failure::Code(&event.code))?;
            }
            PaymentEvent::CommandSettled(_) => {}
        }
        self.tell();
        Ok(())
    }

    fn scheduled(&mut self, event: &'a PaymentScheduled) -> Result<(), Refused> {
        // Kept as an integer of the database.
        event.recurrence.count.map(integer).transpose()?;
        let (us, position) = (self.us, self.position);
        let payment = self.changes.payments.payments.entry(self.payment.0).or_default();
        payment.scheduled = Some(NewPayment { event, us, position });
        payment.status = Some(ACTIVE);
        Ok(())
    }

    fn skipped(&mut self, event: &OccurrencesSkipped) -> Result<(), Refused> {
        for Due { number, due_at } in &event.skipped {
            let skipped = OccurrenceChange {
                due_us: Some(due_at.as_micros()),
                transfer: None,
                status: SKIPPED,
                failure: Failure::Nothing,
            };
            let key = (self.payment.0, integer(*number)?);
            self.changes.payments.occurrences.insert(key, skipped);
        }
        Ok(())
    }

    fn started(&mut self, event: &'a OccurrenceStarted) -> Result<(), Refused> {
        let occurrence = self.occurrence(event.number)?;
        occurrence.due_us = Some(event.due_at.as_micros());
        occurrence.transfer = Some(event.terms.transfer.0);
        if event.attempt == 1 {
            (occurrence.status, occurrence.failure) = (DUE, Failure::Nothing);
        } else {
            // What the attempt before failed with is told until this one has come to something.
            occurrence.status = RETRYING;
        }
        Ok(())
    }

    fn went_on(&mut self, number: u32, status: i16, failure: Failure<'a>) -> Result<(), Refused> {
        let occurrence = self.occurrence(number)?;
        (occurrence.status, occurrence.failure) = (status, failure);
        Ok(())
    }

    fn occurrence(&mut self, number: u32) -> Result<&mut OccurrenceChange<'a>, Refused> {
        let key: (Uuid, i32) = (self.payment.0, integer(number)?);
        Ok(self.changes.payments.occurrences.entry(key).or_default())
    }

    fn tell(&mut self) {
        let (position, at_us, payment) = (self.position, self.us, self.payment.0);
        self.changes.told.push(Told {
            by: Teller::Payment(payment),
            position,
            kind: FeedKind::ScheduledPaymentChanged,
            reference: Some(payment),
            at_us,
        });
    }
}
