//! Contacts.

use super::*;

pub(super) fn add(session: SessionId, contact: UserId) -> Command {
    Command::AddContact { session, contact: Some(contact) }
}

pub(super) fn remove(session: SessionId, contact: UserId) -> Command {
    Command::RemoveContact { session, contact }
}

#[test]
fn somebody_is_a_contact_once() {
    let (given, session, _) = logged_in(&Scene::new());
    let other = fresh::<UserId>();
    assert_eq!(kinds(&accepted(given.when(&add(session, other)))), ["ContactAdded"]);
    let given = given.after(&add(session, other));
    assert_eq!(refusal(given.when(&add(session, other))).code, Code::AlreadyContact);
}

#[test]
fn who_was_removed_may_be_added_again() {
    let (given, session, _) = logged_in(&Scene::new());
    let other = fresh::<UserId>();
    assert_eq!(refusal(given.when(&remove(session, other))).code, Code::NotFound);
    let given = given.after(&add(session, other)).after(&remove(session, other));
    assert_eq!(refusal(given.when(&remove(session, other))).code, Code::NotFound);
    assert_eq!(kinds(&accepted(given.when(&add(session, other)))), ["ContactAdded"]);
}

#[test]
fn nobody_and_oneself_are_no_contacts() {
    let scene = Scene::new();
    let (given, session, _) = logged_in(&scene);
    let nobody = Command::AddContact { session, contact: None };
    assert_eq!(refusal(given.when(&nobody)).code, Code::NotFound);
    assert_eq!(refusal(given.when(&add(session, scene.user))).code, Code::SelfContact);
}

#[test]
fn there_is_room_for_so_many_contacts() {
    let (mut given, session, _) = logged_in(&Scene::new());
    given.state.contacts = CONTACTS_LEN_MAX - 1;
    let given = given.after(&add(session, fresh()));
    assert_eq!(refusal(given.when(&add(session, fresh()))).code, Code::Forbidden);
}

#[test]
fn a_session_that_is_over_changes_nothing() {
    let scene = Scene::new();
    let (given, session, _) = logged_in(&scene);
    let other = fresh::<UserId>();
    let given = given.after(&Command::LogOut { session });
    for command in [add(session, other), remove(session, other), add(fresh(), other)] {
        assert_eq!(refusal(given.when(&command)).code, Code::Unauthenticated);
    }
}
