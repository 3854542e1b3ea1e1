//! A channel's beginning and end, and what it is called between them.

use events::channel::{ChannelCreated, ChannelDeleted, ChannelUpdated};
use events::{UserId, WalletId};

use super::wallets::all_handled;
use super::{Create, Decided, State, Update};
use crate::execution::aggregate::Decision;
use crate::parse::{ChannelName, Description};
use crate::rejection::{Code, Rejection};

pub(super) fn create(state: &State, create: &Create) -> Decided {
    if state.settings.is_some() || state.deleted {
        // Ids are claimed before this is decided, so nobody gets here but by a lost claim.
        return Err(Rejection::new(Code::IdTaken, "This id is taken."));
    }
    let created = ChannelCreated {
        name: create.name.as_str().to_owned(),
        description: create.description.as_str().to_owned(),
        visibility: create.visibility,
        password: create.password.as_ref().map(|phc| phc.to_string()),
        creator: create.creator,
    };
    Ok(Decision::Accept(vec![created.into()]))
}

/// The event names only what becomes another.
pub(super) fn update(state: &State, update: &Update) -> Decided {
    state.admin(update.by)?;
    let settings = state.settings()?;
    let name = update.name.as_ref().map(ChannelName::as_str);
    let name = name.filter(|name| *name != settings.name).map(str::to_owned);
    let description = update.description.as_ref().map(Description::as_str);
    let description = description.filter(|text| *text != settings.description).map(str::to_owned);
    if name.is_none() && description.is_none() {
        return Ok(Decision::Accept(Vec::new()));
    }
    let updated = ChannelUpdated { name, description, by: update.by };
    Ok(Decision::Accept(vec![updated.into()]))
}

pub(super) fn delete(state: &State, by: UserId, handled: &[WalletId]) -> Decided {
    state.admin(by)?;
    all_handled(state, handled)?;
    Ok(Decision::Accept(vec![ChannelDeleted { by }.into()]))
}
