//! Sessions and their refresh tokens.

use super::*;

#[test]
fn existing_sessions_go_on_while_log_in_is_locked() {
    let scene = Scene::new();
    let (mut given, session, token) = logged_in(&scene);
    for _ in 0..LOG_IN_ALLOWANCE.tries_max {
        given.run(fresh::<CommandId>(), &wrong(&given, &scene));
    }
    let events = accepted(given.when(&refresh(&scene, session, token)));
    assert_eq!(kinds(&events), ["SessionRefreshed"]);
}

pub(super) fn refresh(scene: &Scene, session: SessionId, presented: TokenHash) -> Command {
    Command::Refresh { session, presented, next: scene.token(session), good_for: GOOD_FOR }
}

#[test]
fn a_refresh_token_is_replaced_when_used() {
    let scene = Scene::new();
    let (given, session, first) = logged_in(&scene);
    let second = scene.token(session);
    let good_for = GOOD_FOR;
    let command = Command::Refresh { session, presented: first, next: second.clone(), good_for };
    let given = given.later(MINUTE).after(&command);
    let events = accepted(given.when(&refresh(&scene, session, second)));
    let [UserEvent::SessionRefreshed(refreshed)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(refreshed.expires_at, given.now.plus(GOOD_FOR));
}

#[test]
fn a_refresh_token_used_twice_ends_its_session() {
    let scene = Scene::new();
    let (given, session, first) = logged_in(&scene);
    let mut given = given.after(&refresh(&scene, session, first.clone()));
    let decision = given.run(fresh::<CommandId>(), &refresh(&scene, session, first.clone()));
    let reason = SessionEnd::RefreshReused;
    let Decision::CountAndRefuse(event, rejection) = decision else { panic!("not ended") };
    assert_eq!(event, UserEvent::from(SessionEnded { session, reason }));
    assert_eq!(rejection.code, Code::Unauthenticated);
    let after = given.when(&refresh(&scene, session, first));
    assert!(matches!(after, Decision::Refuse(refused) if refused.code == Code::Unauthenticated));
}

#[test]
fn a_refresh_token_runs_out() {
    let scene = Scene::new();
    let (given, session, token) = logged_in(&scene);
    let given = given.later(GOOD_FOR);
    assert_eq!(refusal(given.when(&refresh(&scene, session, token))).code, Code::Unauthenticated);
}

#[test]
fn logging_out_ends_the_session_and_again_changes_nothing() {
    let scene = Scene::new();
    let (given, session, token) = logged_in(&scene);
    let events = accepted(given.when(&Command::LogOut { session }));
    assert_eq!(events, [SessionEnded { session, reason: SessionEnd::LoggedOut }.into()]);
    let given = given.after(&Command::LogOut { session });
    assert_eq!(accepted(given.when(&Command::LogOut { session })), []);
    let refused = refusal(given.when(&refresh(&scene, session, token)));
    assert_eq!(refused.code, Code::Unauthenticated);
}

#[test]
fn one_session_too_many_displaces_the_oldest() {
    let scene = Scene::new();
    let (mut given, oldest, _) = logged_in(&scene);
    for _ in 1..SESSIONS_LEN_MAX {
        given.run(fresh::<CommandId>(), &right(&given, &scene));
    }
    let events = accepted(given.when(&right(&given, &scene)));
    assert_eq!(kinds(&events), ["SessionEnded", "SessionStarted"]);
    assert_eq!(events[0], SessionEnded { session: oldest, reason: SessionEnd::Displaced }.into());
    // Sessions that ran out make room by themselves.
    let given = given.later(GOOD_FOR);
    assert_eq!(kinds(&accepted(given.when(&right(&given, &scene)))), ["SessionStarted"]);
}

#[test]
fn an_erased_user_refreshes_nothing() {
    let scene = Scene::new();
    let (given, session, token) = logged_in(&scene);
    let given = given.forgetting(scene.user);
    let refused = refusal(given.when(&refresh(&scene, session, token)));
    assert_eq!(refused.code, Code::Unauthenticated);
}
