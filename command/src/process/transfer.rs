//! Transfers: `TransferDebited` commits to one, and `TransferCredited` in the payee's stream, or
//! `TransferRefunded` in the payer's, is its end. The payer's node does what follows at once; this
//! finishes what a crash left open. A transfer that waits for approvals lapses when its time has
//! come.

use events::codec::{self, DecodeError};
use events::wallet::Terms;
use events::{
    CommandId, Recorded, Revision, StreamName, Timestamp, TransferId, WalletEvent, WalletId,
};
use uuid::Uuid;

use super::rules::Change;

/// A transfer whose amount was taken from the payer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Debit {
    /// Of what.
    pub terms: Terms,
    /// The payee's revision when it was seen to be open.
    pub payee_revision: Revision,
    /// When it was recorded.
    pub at: Timestamp,
    /// The client's command.
    pub correlation: CommandId,
}

impl Debit {
    /// What an event commits to, if it is that.
    pub fn of(event: &Recorded) -> Result<Option<Self>, DecodeError> {
        if event.event.kind != "TransferDebited" {
            return Ok(None);
        }
        let fact = codec::decode::<WalletEvent>(event)?;
        let WalletEvent::TransferDebited(debited) = fact.event else { return Ok(None) };
        Ok(Some(Self {
            terms: debited.terms,
            payee_revision: debited.payee_revision,
            at: fact.at,
            correlation: event.event.metadata.correlation,
        }))
    }

    /// The id of the command that puts it to the payee.
    pub fn credit_id(&self) -> CommandId {
        credit_id(self.terms.transfer)
    }

    /// The id of the command that gives it back to the payer.
    pub fn refund_id(&self) -> CommandId {
        CommandId(self.terms.transfer.0).derived("give back")
    }
}

/// A transfer that waits for approvals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// The payer.
    pub wallet: WalletId,
    /// Which.
    pub transfer: TransferId,
    /// When it was recorded.
    pub at: Timestamp,
    /// When it lapses.
    pub expires_at: Timestamp,
    /// The client's command.
    pub correlation: CommandId,
}

impl Hold {
    fn of(event: &Recorded) -> Result<Option<Self>, DecodeError> {
        if event.event.kind != "TransferRequested" {
            return Ok(None);
        }
        let fact = codec::decode::<WalletEvent>(event)?;
        let WalletEvent::TransferRequested(requested) = fact.event else { return Ok(None) };
        Ok(Some(Self {
            wallet: requested.terms.from,
            transfer: requested.terms.transfer,
            at: fact.at,
            expires_at: requested.expires_at,
            correlation: event.event.metadata.correlation,
        }))
    }

    /// The id of the command that ends it.
    pub fn expiry_id(&self) -> CommandId {
        expiry_id(self.transfer)
    }

    /// The stream that it is held in.
    pub fn stream(&self) -> StreamName {
        StreamName::wallet(self.wallet)
    }
}

// The commands' ids are the keys on the list, too.

fn credit_id(transfer: TransferId) -> CommandId {
    CommandId(transfer.0).derived("credit")
}

fn expiry_id(transfer: TransferId) -> CommandId {
    CommandId(transfer.0).derived("expire")
}

pub(super) fn follow(event: &Recorded) -> Result<Vec<Change>, DecodeError> {
    if event.stream.category() != events::Category::Wallet {
        return Ok(Vec::new());
    }
    if !event.event.kind.starts_with("Transfer") {
        return Ok(Vec::new());
    }
    let open = |transfer| Change::Open(credit_id(transfer).0);
    let settled = |transfer| Change::Close(credit_id(transfer).0);
    let ended = |transfer| Change::Close(expiry_id(transfer).0);
    Ok(match codec::decode::<WalletEvent>(event)?.event {
        WalletEvent::TransferRequested(requested) => {
            let key = expiry_id(requested.terms.transfer).0;
            vec![Change::Schedule { key, due_at: requested.expires_at }]
        }
        WalletEvent::TransferDeclined(declined) => vec![ended(declined.transfer)],
        WalletEvent::TransferExpired(expired) => vec![ended(expired.transfer)],
        WalletEvent::TransferDebited(debited) => {
            let transfer = debited.terms.transfer;
            // What counts on a day now has not waited.
            let waited = debited.day.is_none().then(|| ended(transfer));
            waited.into_iter().chain([open(transfer)]).collect()
        }
        WalletEvent::TransferCredited(credited) => vec![settled(credited.terms.transfer)],
        WalletEvent::TransferRefunded(refunded) => vec![settled(refunded.terms.transfer)],
        _ => Vec::new(),
    })
}

pub(super) fn derive_debit(key: Uuid, event: &Recorded) -> Result<Option<Debit>, DecodeError> {
    Ok(Debit::of(event)?.filter(|debit| debit.credit_id().0 == key))
}

pub(super) fn derive_hold(key: Uuid, event: &Recorded) -> Result<Option<Hold>, DecodeError> {
    Ok(Hold::of(event)?.filter(|hold| hold.expiry_id().0 == key))
}
