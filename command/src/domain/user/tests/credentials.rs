//! Another password, and the end of the account.

use super::*;

fn verified(given: &Given<User>, verdict: Verdict) -> Verified {
    let against = given.state.account.as_ref().unwrap().password.event;
    Verified { against, verdict }
}

pub(super) fn change(given: &Given<User>, session: SessionId, verdict: Verdict) -> Command {
    let password = Zeroizing::new("$another".to_owned());
    let verified = verified(given, verdict);
    Command::ChangePassword(ChangePassword { session, verified, password })
}

pub(super) fn delete(given: &Given<User>, session: SessionId, verdict: Verdict) -> Command {
    Command::Delete { session, verified: verified(given, verdict), handled: Vec::new() }
}

/// With two sessions, of which the second asks.
fn twice_logged_in(scene: &Scene) -> (Given<User>, SessionId, SessionId) {
    let (given, first, _) = logged_in(scene);
    let second = fresh::<SessionId>();
    let command = log_in(&given, second, scene.token(second), Verdict::Right);
    (given.after(&command), first, second)
}

#[test]
fn another_password_ends_the_other_sessions() {
    let (given, first, second) = twice_logged_in(&Scene::new());
    let events = accepted(given.when(&change(&given, second, Verdict::Right)));
    assert_eq!(kinds(&events), ["PasswordChanged", "SessionEnded"]);
    let reason = SessionEnd::PasswordChanged;
    assert_eq!(events[1], SessionEnded { session: first, reason }.into());
}

#[test]
fn after_it_the_old_password_is_stale() {
    let (given, _, session) = twice_logged_in(&Scene::new());
    let command = change(&given, session, Verdict::Right);
    let given = given.after(&command);
    assert_eq!(given.when(&command), Decision::Stale);
    let phc = given.state.account.as_ref().unwrap().password.clone();
    assert_eq!(phc.open(given.ring(), given.stream()).unwrap().unwrap().as_str(), "$another");
}

#[test]
fn a_wrong_password_is_counted_with_log_in_and_locks_both() {
    let scene = Scene::new();
    let (mut given, session, _) = logged_in(&scene);
    for round in 0..LOG_IN_ALLOWANCE.tries_max {
        let command = match round % 2 {
            0 => change(&given, session, Verdict::Wrong),
            _ => delete(&given, session, Verdict::Wrong),
        };
        let decision = given.run(fresh(), &command);
        let Decision::CountAndRefuse(event, refused) = decision else { panic!("not counted") };
        assert_eq!((event, refused.code), (LogInFailed {}.into(), Code::WrongCredentials));
    }
    for command in [
        change(&given, session, Verdict::Right),
        delete(&given, session, Verdict::Right),
        right(&given, &scene),
    ] {
        assert_eq!(refusal(given.when(&command)).code, Code::RateLimited);
    }
}

#[test]
fn a_session_that_is_over_needs_no_password_to_be_refused() {
    let (given, first, second) = twice_logged_in(&Scene::new());
    let given = given.after(&Command::LogOut { session: first });
    let commands = [change(&given, first, Verdict::Wrong), delete(&given, first, Verdict::Right)];
    for command in commands {
        let Decision::Refuse(refused) = given.when(&command) else { panic!("counted") };
        assert_eq!(refused.code, Code::Unauthenticated);
    }
    let late = given.later(GOOD_FOR);
    let command = delete(&late, second, Verdict::Right);
    assert_eq!(refusal(late.when(&command)).code, Code::Unauthenticated);
}

#[test]
fn an_account_ends_with_all_its_sessions_in_one_append() {
    let scene = Scene::new();
    let (mut given, session, _) = logged_in(&scene);
    for _ in 1..SESSIONS_LEN_MAX {
        given.run(fresh::<CommandId>(), &right(&given, &scene));
    }
    let events = accepted(given.when(&delete(&given, session, Verdict::Right)));
    assert_eq!(events.len(), SESSIONS_LEN_MAX + 1);
    assert!(events.len() <= events::log::APPEND_EVENTS_MAX);
    let reason = SessionEnd::AccountDeleted;
    assert_eq!(events[0], SessionEnded { session, reason }.into());
    assert_eq!(kinds(&events).last(), Some(&"UserDeleted"));
}

#[test]
fn after_its_end_an_account_does_nothing_and_is_not_registered_again() {
    let scene = Scene::new();
    let (given, session, token) = logged_in(&scene);
    let (login, deletion) = (right(&given, &scene), delete(&given, session, Verdict::Right));
    let address = given.state.account.as_ref().unwrap().email.clone();
    let given = given.after(&deletion);
    assert_eq!(given.state, State { deleted: Some(address), ..State::default() });
    assert_eq!(accepted(given.when(&scene.register())), []);
    assert_eq!(refusal(given.when(&login)).code, Code::WrongCredentials);
    for command in [
        sessions::refresh(&scene, session, token),
        deletion,
        contacts::add(session, fresh()),
        profile::rename(session, "x"),
    ] {
        assert_eq!(refusal(given.when(&command)).code, Code::Unauthenticated);
    }
}
