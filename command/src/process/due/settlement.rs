//! What the end of a transfer means to the payment or to the dues that it came from, which wait to
//! be told. Whoever ended it tells them at once; this finishes what a crash left open.

use events::codec::{self, DecodeError};
use events::payment::transfer_of;
use events::wallet::{BounceReason, DuesShare, Origin, Terms};
use events::{
    Category, CommandId, DuesEvent, EventId, PaymentEvent, PaymentId, Recorded, StreamName,
    Timestamp, TransferId, WalletEvent, id,
};
use uuid::Uuid;

use crate::domain::{dues, payment};
use crate::process::rules::Change;
use crate::rejection::Code;

/// Something that a payment or a plan of dues has to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settlement {
    /// What.
    pub told: Told,
    /// When it was recorded.
    pub at: Timestamp,
    /// The client's command.
    pub correlation: CommandId,
    event: EventId,
}

/// What has to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// What has become of an occurrence.
    Occurrence {
        /// Of which payment.
        payment: PaymentId,
        /// Which.
        number: u32,
        /// What.
        outcome: payment::Outcome,
    },
    /// What has become of a payment of dues.
    Dues {
        /// Whose part of which cycle.
        share: DuesShare,
        /// Its transfer.
        transfer: TransferId,
        /// What.
        outcome: dues::Outcome,
    },
    /// That a payment of dues went back.
    Refund(dues::Refund),
}

impl Settlement {
    /// What an event calls for, if it is that.
    pub fn of(event: &Recorded) -> Result<Option<Self>, DecodeError> {
        if !concerns(event) {
            return Ok(None);
        }
        let metadata = &event.event.metadata;
        let (at, correlation) = (metadata.recorded_at, metadata.correlation);
        let event_id = metadata.event_id;
        let told = told(&codec::decode::<WalletEvent>(event)?.event);
        Ok(told.map(|told| Self { told, at, correlation, event: event_id }))
    }

    /// The id of the command that tells it.
    pub fn command_id(&self) -> CommandId {
        CommandId(self.event.0).derived("settle")
    }

    /// The stream that is told.
    pub fn stream(&self) -> StreamName {
        match &self.told {
            Told::Occurrence { payment, .. } => StreamName::payment(*payment),
            Told::Dues { share, .. } => StreamName::dues(share.plan),
            Told::Refund(refund) => StreamName::dues(refund.share.plan),
        }
    }

    fn key(&self) -> Uuid {
        match self.told {
            Told::Occurrence { payment, number, outcome: payment::Outcome::Waiting } => {
                waiting_key(transfer_of(payment, number))
            }
            Told::Occurrence { payment, number, .. } => ended_key(transfer_of(payment, number)),
            Told::Dues { transfer, .. } => ended_key(transfer),
            Told::Refund(refund) => ended_key(refund.transfer),
        }
    }
}

/// Most transfers come from nothing that waits for them: their events are not even decoded. In
/// JSON no text can hold this word between quotes of its own.
fn concerns(event: &Recorded) -> bool {
    let ends = matches!(
        event.event.kind.as_str(),
        "TransferRequested"
            | "TransferCredited"
            | "TransferBounced"
            | "TransferDeclined"
            | "TransferExpired"
    );
    ends && !event.event.data.contains(r#""kind":"manual""#)
}

fn told(event: &WalletEvent) -> Option<Told> {
    match event {
        WalletEvent::TransferRequested(event) => waits(&event.terms),
        WalletEvent::TransferCredited(event) => arrived(&event.terms),
        WalletEvent::TransferBounced(event) => {
            let code = match event.reason {
                BounceReason::Closed => Code::WalletClosed,
                BounceReason::Overflow => Code::AmountTooLarge,
            };
            came_to_nothing(event.terms.origin, event.terms.transfer, code)
        }
        WalletEvent::TransferDeclined(event) => {
            came_to_nothing(event.origin, event.transfer, Code::TransferDeclined)
        }
        WalletEvent::TransferExpired(event) => {
            came_to_nothing(event.origin, event.transfer, Code::TransferExpired)
        }
        _ => None,
    }
}

fn waits(terms: &Terms) -> Option<Told> {
    let Origin::Scheduled { payment, number } = terms.origin else { return None };
    Some(Told::Occurrence { payment, number, outcome: payment::Outcome::Waiting })
}

fn arrived(terms: &Terms) -> Option<Told> {
    let Terms { transfer, amount, .. } = *terms;
    match terms.origin {
        Origin::Scheduled { payment, number } => {
            Some(Told::Occurrence { payment, number, outcome: payment::Outcome::Succeeded })
        }
        Origin::Dues(share) => Some(Told::Dues { share, transfer, outcome: dues::Outcome::Paid }),
        Origin::Refund { of, dues: Some(share) } => {
            Some(Told::Refund(dues::Refund { share, of, transfer, amount }))
        }
        Origin::Refund { dues: None, .. } | Origin::Manual => None,
    }
}

fn came_to_nothing(origin: Origin, transfer: TransferId, code: Code) -> Option<Told> {
    match origin {
        Origin::Scheduled { payment, number } => {
            Some(Told::Occurrence { payment, number, outcome: payment::Outcome::Failed(code) })
        }
        Origin::Dues(share) => {
            Some(Told::Dues { share, transfer, outcome: dues::Outcome::Released(code) })
        }
        // What has not gone back changes nothing.
        Origin::Refund { .. } | Origin::Manual => None,
    }
}

fn waiting_key(transfer: TransferId) -> Uuid {
    id::derive(transfer.0, &[b"tell that it waits"])
}

fn ended_key(transfer: TransferId) -> Uuid {
    id::derive(transfer.0, &[b"tell its end"])
}

pub(super) fn follow(event: &Recorded) -> Result<Vec<Change>, DecodeError> {
    match event.stream.category() {
        Category::Wallet => {
            let settlement = Settlement::of(event)?;
            Ok(settlement.map(|settlement| Change::Open(settlement.key())).into_iter().collect())
        }
        Category::Payment => payment_knows(event),
        Category::Dues => dues_know(event),
        _ => Ok(Vec::new()),
    }
}

fn payment_knows(event: &Recorded) -> Result<Vec<Change>, DecodeError> {
    let Ok(payment) = event.stream.entity().parse() else { return Ok(Vec::new()) };
    let ended = |number| {
        let transfer = transfer_of(payment, number);
        vec![Change::Close(waiting_key(transfer)), Change::Close(ended_key(transfer))]
    };
    Ok(match codec::decode::<PaymentEvent>(event)?.event {
        PaymentEvent::OccurrenceWaiting(waiting) => {
            vec![Change::Close(waiting_key(waiting.transfer))]
        }
        PaymentEvent::OccurrenceSucceeded(succeeded) => ended(succeeded.number),
        PaymentEvent::OccurrenceFailed(failed) => ended(failed.number),
        _ => Vec::new(),
    })
}

fn dues_know(event: &Recorded) -> Result<Vec<Change>, DecodeError> {
    if event.event.kind == "DuesAssessed" {
        return Ok(Vec::new());
    }
    Ok(match codec::decode::<DuesEvent>(event)?.event {
        DuesEvent::DuesPaid(paid) => vec![Change::Close(ended_key(paid.transfer))],
        DuesEvent::DuesPaymentReleased(released) => {
            vec![Change::Close(ended_key(released.transfer))]
        }
        DuesEvent::DuesRefunded(refunded) => vec![Change::Close(ended_key(refunded.transfer))],
        _ => Vec::new(),
    })
}

pub(super) fn derive(key: Uuid, event: &Recorded) -> Result<Option<Settlement>, DecodeError> {
    Ok(Settlement::of(event)?.filter(|settlement| settlement.key() == key))
}
