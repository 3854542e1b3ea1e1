//! What becomes of payments.

use events::dues::{DuesCycleReopened, DuesPaid, DuesPaymentReleased, DuesRefunded, Sums};
use events::money::Amount;
use events::wallet::DuesShare;
use events::{DuesEvent, TransferId};

use super::cycles::paid_off;
use super::item::{Cycle, Gate, Item, Part, Payment, Stage};
use super::{Decided, Dues, Outcome, Refund, cycle, exact, key, part};
use crate::execution::aggregate::{Decision, View};
use crate::rejection::{Code, Rejection};

/// A payment with all that it counts in.
struct Found<'a> {
    cycle: &'a Cycle,
    part: &'a Part,
    payment: &'a Payment,
}

fn find<'a>(
    view: &'a View<'_, Dues>,
    share: &DuesShare,
    transfer: TransferId,
) -> Result<Found<'a>, Rejection> {
    let missing = || Rejection::new(Code::NotFound, "There is no such payment of dues.");
    let cycle = cycle(view, share.cycle)?;
    let part = part(view, key(share)).ok_or_else(missing)?;
    let Some(Item::Payment(payment)) = view.items.get(&transfer.0) else { return Err(missing()) };
    Ok(Found { cycle, part, payment })
}

/// What is on its way takes one outcome; anything after that is old news.
pub(super) fn settle(
    view: &View<'_, Dues>,
    share: &DuesShare,
    transfer: TransferId,
    outcome: Outcome,
) -> Decided {
    let found = find(view, share, transfer)?;
    let (event, sums) = match (found.payment.stage, outcome) {
        (Stage::Reserved, Outcome::Paid) => arrived(&found, share, transfer)?,
        (Stage::Reserved, Outcome::Released(code)) if code.is_final() => {
            released(&found, share, transfer, code)?
        }
        (Stage::Released(_), Outcome::Paid) => {
            tracing::error!(%transfer, "a payment of dues that was released has arrived");
            return Err(Rejection::internal());
        }
        _ => return Ok(Decision::Accept(Vec::new())),
    };
    let closes = paid_off(share.cycle, found.cycle, sums);
    Ok(Decision::Accept([event].into_iter().chain(closes).collect()))
}

fn arrived(
    found: &Found<'_>,
    share: &DuesShare,
    transfer: TransferId,
) -> Result<(DuesEvent, Sums), Rejection> {
    let (amount, sums) = (found.payment.amount, found.cycle.sums);
    let sums = Sums {
        collected: exact(sums.collected.plus(amount))?,
        reserved: exact(sums.reserved.minus(amount))?,
        ..sums
    };
    let paid = exact(found.part.paid.plus(amount))?;
    let (cycle, user) = key(share);
    Ok((DuesPaid { cycle, user, transfer, amount, paid, sums }.into(), sums))
}

fn released(
    found: &Found<'_>,
    share: &DuesShare,
    transfer: TransferId,
    code: Code,
) -> Result<(DuesEvent, Sums), Rejection> {
    let (amount, sums) = (found.payment.amount, found.cycle.sums);
    let reserved = exact(sums.reserved.minus(amount))?;
    let sums = Sums { reserved, ..owed_again(found.part, sums, amount)? };
    let ((cycle, user), code) = (key(share), code.as_str().to_owned());
    Ok((DuesPaymentReleased { cycle, user, transfer, amount, code, sums }.into(), sums))
}

/// Who is exempt doesn't owe what comes back.
fn owed_again(part: &Part, sums: Sums, amount: Amount) -> Result<Sums, Rejection> {
    if part.exempt {
        return Ok(sums);
    }
    Ok(Sums { outstanding: exact(sums.outstanding.plus(amount))?, ..sums })
}

/// A refund can be known here before the payment's arrival is, which it proves.
pub(super) fn refund(view: &View<'_, Dues>, refund: &Refund) -> Decided {
    let Refund { share, of, transfer, amount } = refund;
    let mut found = find(view, share, *of)?;
    if view.items.contains_key(&transfer.0) {
        return Ok(Decision::Accept(Vec::new()));
    }
    let mut events = Vec::new();
    let (mut cycle, mut part) = (*found.cycle, *found.part);
    if found.payment.stage == Stage::Reserved {
        let (event, sums) = arrived(&found, share, *of)?;
        cycle.sums = sums;
        part.paid = exact(part.paid.plus(found.payment.amount))?;
        part.reserved = exact(part.reserved.minus(found.payment.amount))?;
        events.push(event);
        found = Found { cycle: &cycle, part: &part, ..found };
    }
    // The wallets see to it that no more goes back than came.
    exact(found.payment.amount.minus(found.payment.refunded).and_then(|rest| rest.minus(*amount)))?;
    let collected = exact(found.cycle.sums.collected.minus(*amount))?;
    let sums = Sums { collected, ..owed_again(found.part, found.cycle.sums, *amount)? };
    let paid = exact(found.part.paid.minus(*amount))?;
    let ((cycle, user), of, transfer, amount) = (key(share), *of, *transfer, *amount);
    events.push(DuesRefunded { cycle, user, transfer, of, amount, paid, sums }.into());
    if found.cycle.gate == Gate::Paid && sums.outstanding > Amount::ZERO {
        events.push(DuesCycleReopened { cycle }.into());
    }
    events.extend(paid_off(cycle, found.cycle, sums));
    Ok(Decision::Accept(events))
}
