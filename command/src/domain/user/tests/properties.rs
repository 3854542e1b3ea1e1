//! Whatever is asked, in whatever order.

use proptest::prelude::*;

use super::*;

/// What may be asked next, from two numbers.
fn next(
    scene: &Scene,
    given: &Given<User>,
    sessions: &mut Vec<(SessionId, TokenHash)>,
    (what, which): (u8, usize),
) -> Command {
    let known = sessions.get(which).cloned();
    let people = [UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)), scene.user];
    let verdict = if which == 0 { Verdict::Right } else { Verdict::Wrong };
    let (Some(account), Some((session, token))) = (&given.state.account, known) else {
        return log_in_anew(scene, given, sessions);
    };
    match what {
        0 => log_in_anew(scene, given, sessions),
        1 => wrong(given, scene),
        2 => super::sessions::refresh(scene, session, token),
        3 => Command::LogOut { session },
        4 => contacts::add(session, people[which]),
        5 => contacts::remove(session, people[which]),
        6 => profile::rename(session, ["a", "b", "c"][which]),
        7 => profile::respell(given, session, ["a@b.kr", "A@b.kr", "a@B.kr"][which]),
        8 => profile::exchange(scene.user, account.email.event, None),
        9 => credentials::change(given, session, verdict),
        _ => credentials::delete(given, session, verdict),
    }
}

fn log_in_anew(
    scene: &Scene,
    given: &Given<User>,
    sessions: &mut Vec<(SessionId, TokenHash)>,
) -> Command {
    let session = fresh::<SessionId>();
    let token = scene.token(session);
    sessions.insert(0, (session, token.clone()));
    let account = given.state.account.as_ref();
    let against = account.map_or_else(fresh, |account| account.password.event);
    let verified = Verified { against, verdict: Verdict::Right };
    Command::LogIn {
        verified,
        session: NewSession { id: session, refresh: token, good_for: GOOD_FOR },
    }
}

proptest! {
    #[test]
    fn a_repeated_command_changes_nothing(
        steps in prop::collection::vec((0..11u8, 0..3usize, 0..40u64), 1..60),
    ) {
        let scene = Scene::new();
        let mut given = scene.registered();
        let mut sessions: Vec<(SessionId, TokenHash)> = Vec::new();
        for (what, which, minutes) in steps {
            given = given.later(MINUTE * u32::try_from(minutes).unwrap());
            let command = next(&scene, &given, &mut sessions, (what, which));
            let id = fresh::<CommandId>();
            let first = given.run(id, &command);
            let state = given.state.clone();
            // What was accepted, asked for again: nothing more, but that a refresh token used
            // twice ends its session, and that is what it is for.
            if matches!(first, Decision::Accept(_)) && !matches!(command, Command::Refresh { .. }) {
                given.run(id, &command);
                prop_assert_eq!(&given.state, &state);
            }
            prop_assert!(given.state.sessions.len() <= SESSIONS_LEN_MAX);
            prop_assert!(given.state.account.is_some() != given.state.deleted.is_some());
        }
    }
}
