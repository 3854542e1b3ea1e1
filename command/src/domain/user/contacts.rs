//! Taking people up as contacts, and out.

use events::user::{ContactAdded, ContactRemoved};
use events::{SessionId, UserId};

use super::{CONTACTS_LEN_MAX, Decided, User};
use crate::execution::aggregate::{Context, Decision, View};
use crate::rejection::{Code, Rejection};

pub(super) fn add(
    view: &View<'_, User>,
    context: &Context<'_>,
    session: SessionId,
    contact: Option<UserId>,
) -> Decided {
    let account = view.state.signed_in(session, context.now)?;
    let unknown = || Rejection::new(Code::NotFound, "Nobody has this e-mail address.");
    let contact = contact.ok_or_else(unknown)?;
    if view.state.contacts >= CONTACTS_LEN_MAX {
        let message = format!("There is no room for more than {CONTACTS_LEN_MAX} contacts.");
        return Err(Rejection::new(Code::Forbidden, message));
    }
    if contact == account.email.sealed.user() {
        return Err(Rejection::new(Code::SelfContact, "This is your own address."));
    }
    if is_contact(view, contact) {
        let message = "This person is among your contacts already.";
        return Err(Rejection::new(Code::AlreadyContact, message));
    }
    Ok(Decision::Accept(vec![ContactAdded { contact }.into()]))
}

pub(super) fn remove(
    view: &View<'_, User>,
    context: &Context<'_>,
    session: SessionId,
    contact: UserId,
) -> Decided {
    view.state.signed_in(session, context.now)?;
    if !is_contact(view, contact) {
        return Err(Rejection::new(Code::NotFound, "This person is none of your contacts."));
    }
    Ok(Decision::Accept(vec![ContactRemoved { contact }.into()]))
}

fn is_contact(view: &View<'_, User>, user: UserId) -> bool {
    view.items.get(&user.0).is_some_and(|contact| !contact.removed)
}
