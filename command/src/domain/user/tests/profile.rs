//! Name and address.

use super::*;

pub(super) fn rename(session: SessionId, name: &str) -> Command {
    let username = Some(Username::parse(name).unwrap());
    Command::ChangeProfile(ChangeProfile { session, email: None, username })
}

pub(super) fn respell(given: &Given<User>, session: SessionId, text: &str) -> Command {
    let against = given.state.account.as_ref().unwrap().email.event;
    let email = Some(Respelled { text: Zeroizing::new(text.to_owned()), against });
    Command::ChangeProfile(ChangeProfile { session, email, username: None })
}

pub(super) fn exchange(user: UserId, since: EventId, name: Option<&str>) -> Command {
    let text = |text: &str| Zeroizing::new(text.to_owned());
    let (email, username) = (text("other@example.com"), name.map(text));
    Command::Exchange(Exchange { user, email, username, since })
}

fn profile(given: &Given<User>) -> (String, String) {
    let account = given.state.account.as_ref().unwrap();
    let open = |kept: &Kept| kept.open(given.ring(), given.stream()).unwrap().unwrap().to_string();
    (open(&account.email), open(&account.username))
}

#[test]
fn a_name_is_changed_and_the_address_stays() {
    let (given, session, _) = logged_in(&Scene::new());
    let given = given.after(&rename(session, "김민지"));
    assert_eq!(profile(&given), ("minji@example.com".into(), "김민지".into()));
}

#[test]
fn what_is_the_same_already_is_no_event() {
    let (given, session, _) = logged_in(&Scene::new());
    assert_eq!(accepted(given.when(&rename(session, "민지"))), []);
    assert_eq!(accepted(given.when(&respell(&given, session, "minji@example.com"))), []);
    let nothing = ChangeProfile { session, email: None, username: None };
    assert_eq!(accepted(given.when(&Command::ChangeProfile(nothing))), []);
}

#[test]
fn the_same_address_may_be_spelled_anew() {
    let (given, session, _) = logged_in(&Scene::new());
    let command = respell(&given, session, "Minji@Example.com");
    let given = given.after(&command);
    assert_eq!(profile(&given).0, "Minji@Example.com");
    // It was found to be the same as an address that is not the current one any more.
    assert_eq!(given.when(&command), Decision::Stale);
}

#[test]
fn an_address_is_exchanged_for_the_one_that_it_was_to_replace() {
    let scene = Scene::new();
    let given = scene.registered();
    let since = given.state.account.as_ref().unwrap().email.event;
    let given = given.after(&exchange(scene.user, since, Some("지")));
    assert_eq!(profile(&given), ("other@example.com".into(), "지".into()));
}

#[test]
fn a_change_that_comes_after_another_one_is_void() {
    let scene = Scene::new();
    let given = scene.registered();
    let since = given.state.account.as_ref().unwrap().email.event;
    let given = given.after(&exchange(scene.user, since, None));
    assert_eq!(refusal(given.when(&exchange(scene.user, since, None))).code, Code::Conflict);
}
