mod contacts;
mod credentials;
mod profile;
mod properties;
mod sessions;
mod wallets;

use events::hashing::HashKey;
use events::user::{LogInFailed, SessionEnd, SessionEnded};
use events::{CommandId, EventId, StreamName, UserId};
use zeroize::Zeroizing;

use super::*;
use crate::domain::testing::{Given, accepted, fresh, kinds, refusal, ring};
use crate::domain::{Verdict, Verified};
use crate::parse::Username;
use crate::secrets::{RefreshToken, TokenHash};

const GOOD_FOR: Duration = Duration::from_hours(30 * 24);
const MINUTE: Duration = Duration::from_mins(1);

struct Scene {
    user: UserId,
    key: HashKey,
}

impl Scene {
    fn new() -> Self {
        Self { user: fresh::<UserId>(), key: HashKey::new([5; 32]) }
    }

    fn nothing(&self) -> Given<User> {
        Given::nothing(StreamName::user(self.user), ring(&[self.user]))
    }

    fn register(&self) -> Command {
        let text = |text: &str| Zeroizing::new(text.to_owned());
        let (email, username) = (text("minji@example.com"), text("민지"));
        Command::Register(Register { user: self.user, email, username, password: text("$phc") })
    }

    fn registered(&self) -> Given<User> {
        self.nothing().after(&self.register())
    }

    fn token(&self, session: SessionId) -> TokenHash {
        RefreshToken::generate(&self.key, self.user, session).hash()
    }
}

fn log_in(
    given: &Given<User>,
    session: SessionId,
    refresh: TokenHash,
    verdict: Verdict,
) -> Command {
    let against = given.state.account.as_ref().unwrap().password.event;
    let verified = Verified { against, verdict };
    Command::LogIn { verified, session: NewSession { id: session, refresh, good_for: GOOD_FOR } }
}

/// A registered user with one session, and that session's current token.
fn logged_in(scene: &Scene) -> (Given<User>, SessionId, TokenHash) {
    let given = scene.registered();
    let session = fresh::<SessionId>();
    let token = scene.token(session);
    let command = log_in(&given, session, token.clone(), Verdict::Right);
    (given.after(&command), session, token)
}

fn wrong(given: &Given<User>, scene: &Scene) -> Command {
    let session = fresh::<SessionId>();
    log_in(given, session, scene.token(session), Verdict::Wrong)
}

fn right(given: &Given<User>, scene: &Scene) -> Command {
    let session = fresh::<SessionId>();
    log_in(given, session, scene.token(session), Verdict::Right)
}

/// After so many wrong passwords, a minute apart.
fn after_wrong(scene: &Scene, times: usize) -> Given<User> {
    (0..times).fold(scene.registered(), |mut given, _| {
        given.run(fresh::<CommandId>(), &wrong(&given, scene));
        given.later(MINUTE)
    })
}

#[test]
fn an_account_is_registered_once() {
    let scene = Scene::new();
    let given = scene.registered();
    let account = given.state.account.as_ref().unwrap();
    let name = account.username.open(given.ring(), given.stream()).unwrap().unwrap();
    assert_eq!(name.as_str(), "민지");
    assert_eq!(accepted(given.when(&scene.register())), []);
}

#[test]
fn the_right_password_starts_a_session_for_thirty_days() {
    let scene = Scene::new();
    let given = scene.registered();
    let events = accepted(given.when(&right(&given, &scene)));
    let [UserEvent::SessionStarted(started)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(started.expires_at, given.now.plus(GOOD_FOR));
}

#[test]
fn nobody_logs_in_before_the_account_is_there() {
    let scene = Scene::new();
    let command = wrong(&scene.registered(), &scene);
    assert_eq!(refusal(scene.nothing().when(&command)).code, Code::WrongCredentials);
}

#[test]
fn a_wrong_password_is_refused_and_counted() {
    let scene = Scene::new();
    let given = scene.registered();
    let Decision::CountAndRefuse(event, rejection) = given.when(&wrong(&given, &scene)) else {
        panic!("not counted")
    };
    assert_eq!(event, UserEvent::from(LogInFailed {}));
    assert_eq!(rejection.code, Code::WrongCredentials);
}

#[test]
fn a_password_verified_against_an_old_hash_is_verified_again() {
    let scene = Scene::new();
    let given = scene.registered();
    for verdict in [Verdict::Right, Verdict::Wrong] {
        let session = fresh::<SessionId>();
        let verified = Verified { against: fresh::<EventId>(), verdict };
        let new = NewSession { id: session, refresh: scene.token(session), good_for: GOOD_FOR };
        let command = Command::LogIn { verified, session: new };
        assert_eq!(given.when(&command), Decision::Stale);
    }
}

#[test]
fn ten_wrong_passwords_within_a_quarter_of_an_hour_lock_out_the_right_one_too() {
    let scene = Scene::new();
    let nine = after_wrong(&scene, 9);
    assert_eq!(kinds(&accepted(nine.when(&right(&nine, &scene)))), ["SessionStarted"]);
    let ten = after_wrong(&scene, 10);
    for command in [right(&ten, &scene), wrong(&ten, &scene)] {
        let Decision::Refuse(refused) = ten.when(&command) else { panic!("counted or accepted") };
        assert_eq!(refused.code, Code::RateLimited);
        // The first of them lies ten minutes back.
        assert_eq!(refused.retry_after_ms, Some(5 * 60 * 1_000));
    }
}

#[test]
fn a_lock_ends_when_the_first_wrong_password_is_a_quarter_of_an_hour_old() {
    let scene = Scene::new();
    let locked = after_wrong(&scene, 10).later(Duration::from_micros(5 * 60 * 1_000_000 - 1));
    assert_eq!(refusal(locked.when(&right(&locked, &scene))).code, Code::RateLimited);
    let open = locked.later(Duration::from_micros(1));
    assert_eq!(kinds(&accepted(open.when(&right(&open, &scene)))), ["SessionStarted"]);
}
