//! How many admins have to approve: one raises it, as many as it asks for lower it.

use events::wallet::{ApprovalsLoweringVoted, ApprovalsRequiredChanged, ApprovalsVoteWithdrawn};

use super::asking::Asker;
use super::{Decided, State, forbidden};
use crate::execution::aggregate::{Context, Decision};
use crate::parse::Approvals;

pub(super) fn set(
    state: &State,
    context: &Context<'_>,
    asker: Asker,
    approvals: Approvals,
) -> Decided {
    state.admin(asker)?;
    if state.channel().is_none() {
        return Err(forbidden("A personal wallet has one admin, who spends alone."));
    }
    state.open(context)?;
    let (by, wanted, now) = (asker.user, approvals.get(), state.approvals_required);
    if wanted == now {
        let withdrawn = state.votes.contains_key(&by);
        let withdrawn = withdrawn.then(|| ApprovalsVoteWithdrawn { by }.into());
        return Ok(Decision::Accept(withdrawn.into_iter().collect()));
    }
    let others = state.voters(wanted, context.now).filter(|other| *other != by).count();
    let event = if wanted > now || others + 1 >= usize::from(now) {
        ApprovalsRequiredChanged { approvals_required: wanted, by }.into()
    } else {
        ApprovalsLoweringVoted { approvals_required: wanted, by }.into()
    };
    Ok(Decision::Accept(vec![event]))
}
