//! A member's part of a cycle: paying it, and being exempt from it.

use events::dues::{DuesExempted, DuesPaymentReserved, Sums};
use events::money::Amount;
use events::wallet::{DuesShare, Origin, Terms};
use events::{CycleId, UserId};

use super::cycles::{closed, paid_off};
use super::item::{Cycle, Gate, Part};
use super::{Decided, Dues, Pay, Standing, cycle, exact, part, plan};
use crate::domain::Permit;
use crate::execution::aggregate::{Context, Decision, View};
use crate::rejection::{Code, Details, Rejection};

pub(super) fn pay(view: &View<'_, Dues>, context: &Context<'_>, pay: &Pay) -> Decided {
    let about = view.state.existing()?;
    let cycle = cycle(view, pay.cycle)?;
    let part = part(view, (pay.cycle, pay.user)).ok_or_else(|| not_assessed(pay.standing))?;
    pay.permit.clone()?;
    if view.items.contains_key(&pay.transfer.0) {
        // Ids are claimed before this is decided, so nobody gets here but by a lost claim.
        return Err(Rejection::new(Code::IdTaken, "This id is taken."));
    }
    takes_more(cycle, part)?;
    let amount = pay.amount.get();
    if amount > part.outstanding() {
        return Err(refused(Code::DuesOverpaid, part, "This is more than is outstanding."));
    }
    pay.able.clone()?;
    let share = DuesShare { plan: plan(context)?, cycle: pay.cycle, user: pay.user };
    let terms = Terms {
        transfer: pay.transfer,
        from: pay.from,
        to: about.wallet,
        amount,
        memo: about.name.clone(),
        by: pay.user,
        origin: Origin::Dues(share),
    };
    let sums = Sums {
        reserved: exact(cycle.sums.reserved.plus(amount))?,
        outstanding: exact(cycle.sums.outstanding.minus(amount))?,
        ..cycle.sums
    };
    let reserved = DuesPaymentReserved { cycle: pay.cycle, user: pay.user, terms, sums };
    Ok(Decision::Accept(vec![reserved.into()]))
}

pub(super) fn exempt(
    view: &View<'_, Dues>,
    by: UserId,
    id: CycleId,
    user: UserId,
    permit: &Permit,
) -> Decided {
    let cycle = cycle(view, id)?;
    permit.clone()?;
    let missing = || Rejection::new(Code::NotFound, "This user wasn't assessed.");
    let part = part(view, (id, user)).ok_or_else(missing)?;
    takes_more(cycle, part)?;
    let outstanding = exact(cycle.sums.outstanding.minus(part.outstanding()))?;
    let sums = Sums { outstanding, ..cycle.sums };
    let exempted = DuesExempted { cycle: id, user, by, sums };
    Ok(Decision::Accept([exempted.into()].into_iter().chain(paid_off(id, cycle, sums)).collect()))
}

/// What is on its way doesn't count as one's own part paid.
fn takes_more(cycle: &Cycle, part: &Part) -> Result<(), Rejection> {
    if part.exempt {
        return Err(refused(Code::DuesExempt, part, "This part need not be paid."));
    }
    if part.paid == part.amount {
        return Err(refused(Code::DuesAlreadyPaid, part, "This part is paid."));
    }
    if cycle.gate != Gate::Open {
        return Err(closed(part.outstanding()));
    }
    Ok(())
}

fn refused(code: Code, part: &Part, message: &str) -> Rejection {
    let outstanding: Amount = part.outstanding();
    Rejection::new(code, message).with(Details::Dues { outstanding })
}

fn not_assessed(standing: Standing) -> Rejection {
    match standing {
        Standing::Member => Rejection::new(Code::Forbidden, "You weren't assessed."),
        Standing::Stranger => Rejection::new(Code::NotFound, "There is no such cycle of dues."),
    }
}
