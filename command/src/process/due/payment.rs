//! Scheduled payments: each event of one tells when it has to be woken next. `OccurrenceStarted`
//! commits to a debit, which the node that started it asks for at once; this finishes what a crash
//! left open.

use events::codec::{self, DecodeError};
use events::payment::{debit_of, transfer_of};
use events::wallet::Terms;
use events::{
    Category, CommandId, EventId, PaymentEvent, PaymentId, Recorded, StreamName, Timestamp, id,
};
use uuid::Uuid;

use crate::process::rules::Change;

/// A payment that has something to do by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wake {
    /// Which.
    pub payment: PaymentId,
    /// When: the cause's time of the command that wakes it, so that it never comes too early.
    pub due_at: Timestamp,
    /// The client's command.
    pub correlation: CommandId,
    event: EventId,
}

impl Wake {
    /// What an event calls for, if it is that.
    pub fn of(event: &Recorded) -> Result<Option<Self>, DecodeError> {
        let Some((payment, told)) = read(event)? else { return Ok(None) };
        let metadata = &event.event.metadata;
        let (event, correlation) = (metadata.event_id, metadata.correlation);
        let wake_at = told.ahead().and_then(|ahead| ahead.wake_at);
        Ok(wake_at.map(|due_at| Self { payment, due_at, correlation, event }))
    }

    /// The id of the command that wakes it: another one after each event.
    pub fn command_id(&self) -> CommandId {
        CommandId(self.event.0).derived("start due")
    }

    /// The payment's stream.
    pub fn stream(&self) -> StreamName {
        StreamName::payment(self.payment)
    }
}

/// An occurrence that has started: its debit has to be asked for, and the payment to be told if
/// that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// Of which payment.
    pub payment: PaymentId,
    /// Which.
    pub number: u32,
    /// For the how manieth time.
    pub attempt: u32,
    /// Its transfer.
    pub terms: Terms,
    /// When that was recorded.
    pub at: Timestamp,
    /// The client's command.
    pub correlation: CommandId,
}

impl Occurrence {
    /// What an event commits to, if it is that.
    pub fn of(event: &Recorded) -> Result<Option<Self>, DecodeError> {
        if event.event.kind != "OccurrenceStarted" {
            return Ok(None);
        }
        let Some((payment, PaymentEvent::OccurrenceStarted(started))) = read(event)? else {
            return Ok(None);
        };
        let metadata = &event.event.metadata;
        Ok(Some(Self {
            payment,
            number: started.number,
            attempt: started.attempt,
            terms: started.terms,
            at: metadata.recorded_at,
            correlation: metadata.correlation,
        }))
    }

    /// The id of the command that asks the payer's wallet for the debit.
    pub fn debit_id(&self) -> CommandId {
        debit_of(self.payment, self.number, self.attempt)
    }

    /// The id of the command that tells the payment of a refusal.
    pub fn refusal_id(&self) -> CommandId {
        self.debit_id().derived("refused")
    }

    /// The payment's stream.
    pub fn stream(&self) -> StreamName {
        StreamName::payment(self.payment)
    }
}

fn wake_key(payment: PaymentId) -> Uuid {
    id::derive(payment.0, &[b"wake"])
}

fn occurrence_key(payment: PaymentId, number: u32) -> Uuid {
    id::derive(transfer_of(payment, number).0, &[b"debit"])
}

pub(super) fn follow(event: &Recorded) -> Result<Vec<Change>, DecodeError> {
    let Some((payment, told)) = read(event)? else { return Ok(Vec::new()) };
    let debited = |number| Some(Change::Close(occurrence_key(payment, number)));
    let debit = match &told {
        PaymentEvent::OccurrenceStarted(started) => {
            Some(Change::Open(occurrence_key(payment, started.number)))
        }
        PaymentEvent::OccurrenceWaiting(waiting) => debited(waiting.number),
        PaymentEvent::OccurrenceRetrying(retrying) => debited(retrying.number),
        PaymentEvent::OccurrenceSucceeded(succeeded) => debited(succeeded.number),
        PaymentEvent::OccurrenceFailed(failed) => debited(failed.number),
        _ => None,
    };
    let key = wake_key(payment);
    let wake = told.ahead().map(|ahead| match ahead.wake_at {
        Some(due_at) => Change::Schedule { key, due_at },
        None => Change::Close(key),
    });
    Ok(debit.into_iter().chain(wake).collect())
}

pub(super) fn derive_wake(key: Uuid, event: &Recorded) -> Result<Option<Wake>, DecodeError> {
    Ok(Wake::of(event)?.filter(|wake| wake_key(wake.payment) == key))
}

pub(super) fn derive_occurrence(
    key: Uuid,
    event: &Recorded,
) -> Result<Option<Occurrence>, DecodeError> {
    let occurrence = Occurrence::of(event)?;
    Ok(occurrence.filter(|started| occurrence_key(started.payment, started.number) == key))
}

fn read(event: &Recorded) -> Result<Option<(PaymentId, PaymentEvent)>, DecodeError> {
    if event.stream.category() != Category::Payment {
        return Ok(None);
    }
    let Ok(payment) = event.stream.entity().parse() else { return Ok(None) };
    Ok(Some((payment, codec::decode::<PaymentEvent>(event)?.event)))
}
