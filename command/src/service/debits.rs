//! Debits that another stream has committed to: of an occurrence of a scheduled payment, of a
//! payment of dues. The wallet decides by the rights, limits and money of now, for whom it was
//! asked for then. The node that has committed does this at once; the process manager finishes it
//! after a crash, by the same commands.

use events::personal::KeyRing;
use events::wallet::Terms;
use events::{CommandId, LogPosition, StreamName, Timestamp};

use super::derived::Derived;
use super::{CommandService, refused, unreachable_store};
use crate::domain::dues::{self, Dues, Stage};
use crate::domain::payment::{self, Payment};
use crate::domain::wallet::{self, Asker, Item, Wallet, Warrant};
use crate::execution::machine::stored_refusal;
use crate::execution::{Policy, Settled};
use crate::parse::{Memo, PositiveAmount};
use crate::process::due::{Occurrence, Reservation};
use crate::rejection::{Code, Rejection};

/// What has become of a payment of dues.
pub(super) enum Reached {
    /// There is a transfer; its last step so far is there.
    Paid(LogPosition),
    /// It was refused, and is reserved no more.
    Released(Rejection),
}

/// A debit to be asked for.
struct Debit<'a> {
    id: CommandId,
    terms: &'a Terms,
    at: Timestamp,
    correlation: CommandId,
}

impl CommandService {
    /// Debits an occurrence that has started, or tells the payment why not; nothing if it knows.
    pub(super) async fn finish_occurrence(&self, occurrence: &Occurrence) -> Result<(), Rejection> {
        let Occurrence { payment, number, attempt, ref terms, at, correlation } = *occurrence;
        let (stream, id) = (occurrence.stream(), occurrence.debit_id());
        let state = self.execution.peek::<Payment>(&stream, &[]).await?.state;
        let running = state.running(payment);
        if running.is_none_or(|it| (it.number, it.attempt) != (number, attempt)) {
            return Ok(());
        }
        let code = match self.debit(Debit { id, terms, at, correlation }).await {
            Ok(settled) => return self.follow_debit(&settled).await.map(drop),
            Err(refused) if refused.code.is_final() => refused.code,
            Err(unknown) => return Err(unknown),
        };
        let outcome = payment::Outcome::Refused { attempt, code };
        let command = payment::Command::Settle { number, outcome };
        let (id, policy) = (occurrence.refusal_id(), Policy::Natural);
        let derived = Derived { id, correlation, cause_at: at, policy };
        let run = self.run_derived::<Payment>(&stream, derived, KeyRing::new(), command).await;
        run.map_err(refused).map(drop)
    }

    /// Debits a payment of dues that is reserved, or releases it; nothing if that is done.
    pub(super) async fn finish_reservation(
        &self,
        reservation: &Reservation,
    ) -> Result<Reached, Rejection> {
        let Reservation { share, ref terms, at, correlation } = *reservation;
        let (stream, id) = (reservation.stream(), reservation.debit_id());
        let key = terms.transfer.0;
        let peek = self.execution.peek::<Dues>(&stream, &[key]).await?;
        match peek.items.get(&key) {
            Some(dues::Item::Payment(payment)) => match payment.stage {
                Stage::Reserved => {}
                Stage::Paid => return Ok(Reached::Paid(peek.position)),
                Stage::Released(code) => return self.released(reservation, code).await,
            },
            _ => return Err(Rejection::internal()),
        }
        let why = match self.debit(Debit { id, terms, at, correlation }).await {
            Ok(settled) => return self.follow_debit(&settled).await.map(Reached::Paid),
            Err(refused) if refused.code.is_final() => refused,
            Err(unknown) => return Err(unknown),
        };
        let (transfer, outcome) = (terms.transfer, dues::Outcome::Released(why.code));
        let command = dues::Command::Settle { share, transfer, outcome };
        let (id, policy) = (reservation.refusal_id(), Policy::Natural);
        let derived = Derived { id, correlation, cause_at: at, policy };
        let run = self.run_derived::<Dues>(&stream, derived, KeyRing::new(), command).await;
        run.map_err(refused).map(|_| Reached::Released(why))
    }

    /// A payment that is reserved no more: refused, as it was told then; or its transfer has come
    /// to nothing, which can be looked at.
    async fn released(&self, of: &Reservation, code: Code) -> Result<Reached, Rejection> {
        let (payer, key) = (StreamName::wallet(of.terms.from), of.terms.transfer.0);
        let peek = self.execution.peek::<Wallet>(&payer, &[key]).await?;
        if let Some(Item::Paid(_)) = peek.items.get(&key) {
            return Ok(Reached::Paid(peek.position));
        }
        let claim = self.claims.find(of.debit_id()).await.map_err(|error| {
            tracing::warn!(%error, "a claim can't be read");
            unreachable_store()
        })?;
        let told = claim.and_then(|claim| stored_refusal(&claim.answer?));
        let told = told.filter(|told| told.code == code);
        let untold = || Rejection::new(code, "The payment was refused.");
        Ok(Reached::Released(told.unwrap_or_else(untold)))
    }

    /// Asks a wallet for a debit. What it refuses for good it refuses for this id for ever: whoever
    /// asks later can't bring about what was told to have failed.
    async fn debit(&self, debit: Debit<'_>) -> Result<Settled, Rejection> {
        let Debit { id, terms, at, correlation } = debit;
        let payee = self.payee(terms.to).await?;
        let amount = PositiveAmount::new(terms.amount).ok_or_else(Rejection::internal)?;
        let memo = Memo::parse(Some(&terms.memo)).map_err(|_| Rejection::internal())?;
        let command = wallet::Command::Transfer(wallet::Transfer {
            transfer: terms.transfer,
            asker: Asker::acquainted(terms.by),
            payee,
            amount,
            memo,
            origin: terms.origin,
            warrant: Warrant::Standing,
            day: self.today(),
        });
        // By its id the transfer is approved, declined and paid back, as any other.
        let things = vec![terms.transfer.0];
        let policy = Policy::Attempt { input_hash: self.input_hash(&("debit", terms)), things };
        let derived = Derived { id, correlation, cause_at: at, policy };
        let (stream, ring) = (StreamName::wallet(terms.from), KeyRing::new());
        self.run_derived::<Wallet>(&stream, derived, ring, command).await.map_err(refused)
    }
}
