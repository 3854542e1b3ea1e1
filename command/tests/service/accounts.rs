//! `signUp`.

use command::domain::email::{self, Email};
use command::execution::{Ask, Execution, Limits, Policy};
use command::parse::{EmailAddress, Username};
use command::secrets::Hasher;
use command::{Code, Command};
use events::personal::{KeyRing, Keys};
use events::{Actor, CommandId, StreamName, UserId};

use crate::scene::{PASSWORD, QUICK, Scene, granted, log_in, new_id, secret, secrets, sign_up};

#[tokio::test]
async fn an_account_has_the_commands_id_and_a_session() {
    let scene = Scene::new();
    let id = new_id();
    let done = scene.submit(None, Some(&id), sign_up("minji", PASSWORD)).await.unwrap();
    assert_eq!(granted(&done).user.to_string(), id);
    assert_eq!(done.id.to_string(), id);
    assert_eq!(scene.kinds(), ["EmailReserved", "UserRegistered", "SessionStarted"]);
    assert_eq!(done.position, 3);
}

#[tokio::test]
async fn nothing_personal_is_readable_in_the_log() {
    let scene = Scene::new();
    let command = Command::SignUp {
        email: "Minji.Kim@example.com".into(),
        username: "김민지".into(),
        password: secret(PASSWORD),
    };
    let done = scene.submit(None, None, command).await.unwrap();
    let token = granted(&done).refresh_token;
    for recorded in scene.log.read_all_now(0, 100) {
        let stored = format!("{recorded:?}").to_lowercase();
        for text in ["minji", "김민지", "argon2", "example.com", &token.to_lowercase()] {
            assert!(!stored.contains(text), "{text} in {stored}");
        }
    }
}

#[tokio::test]
async fn input_that_is_no_good_is_refused_by_field() {
    let scene = Scene::new();
    let bad = [
        ("email", "nonsense", "민지", PASSWORD),
        ("username", "minji@example.com", " ", PASSWORD),
        ("password", "minji@example.com", "민지", "12345678"),
        ("password", "minji@example.com", "민지", "minji@example.com"),
    ];
    for (field, email, username, password) in bad {
        let (email, username) = (email.to_owned(), username.to_owned());
        let command = Command::SignUp { email, username, password: secret(password) };
        let refused = scene.submit(None, Some(&new_id()), command).await.unwrap_err();
        assert_eq!((refused.code, refused.field.as_deref()), (Code::InvalidInput, Some(field)));
    }
    let refused = scene.submit(None, Some("7"), sign_up("minji", PASSWORD)).await.unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("commandId"));
    assert_eq!(scene.kinds().len(), 0);
    assert_eq!(scene.keys.len(), 0, "no key for an account that isn't");
}

#[tokio::test]
async fn an_address_has_one_account_however_it_is_written() {
    let scene = Scene::new();
    scene.user("minji").await;
    let command = Command::SignUp {
        email: " MINJI@Example.com".into(),
        username: "other".into(),
        password: secret("another horse battery"),
    };
    let refused = scene.submit(None, None, command).await.unwrap_err();
    assert_eq!(refused.code, Code::EmailTaken);
    assert_eq!(scene.keys.len(), 1, "no key for an account that isn't");
}

#[tokio::test]
async fn a_repeat_with_the_password_gives_a_fresh_session_of_the_same_account() {
    let scene = Scene::new();
    let id = new_id();
    let first = scene.submit(None, Some(&id), sign_up("minji", PASSWORD)).await.unwrap();
    let again = scene.submit(None, Some(&id), sign_up("minji", PASSWORD)).await.unwrap();
    assert_eq!(granted(&first).user, granted(&again).user);
    assert_ne!(granted(&first).session, granted(&again).session);
    assert_eq!(scene.count("UserRegistered"), 1);
    let restarted = scene.other_node();
    let again = restarted.submit(None, Some(&id), sign_up("minji", PASSWORD)).await.unwrap();
    assert_eq!(granted(&first).user, granted(&again).user);
    assert_eq!(scene.count("EmailReserved"), 1);
}

#[tokio::test]
async fn a_repeat_with_another_password_is_a_wrong_log_in() {
    let scene = Scene::new();
    let id = new_id();
    scene.submit(None, Some(&id), sign_up("minji", PASSWORD)).await.unwrap();
    for (tries, password) in [(1, "another horse battery"), (2, "weak")] {
        let refused = scene.submit(None, Some(&id), sign_up("minji", password)).await.unwrap_err();
        assert_eq!(refused.code, Code::WrongCredentials);
        assert_eq!(scene.count("LogInFailed"), tries);
    }
}

#[tokio::test]
async fn a_repeat_with_another_name_is_no_repeat() {
    let scene = Scene::new();
    let id = new_id();
    scene.submit(None, Some(&id), sign_up("minji", PASSWORD)).await.unwrap();
    for (username, password) in [("jun", PASSWORD), ("\0", PASSWORD), ("jun", "weak")] {
        let (email, username) = ("minji@example.com".to_owned(), username.to_owned());
        let command = Command::SignUp { email, username, password: secret(password) };
        let refused = scene.submit(None, Some(&id), command).await.unwrap_err();
        assert_eq!(refused.code, Code::IdempotencyConflict);
    }
}

#[tokio::test]
async fn somebody_elses_id_is_taken() {
    let scene = Scene::new();
    let id = new_id();
    scene.submit(None, Some(&id), sign_up("minji", PASSWORD)).await.unwrap();
    let refused = scene.submit(None, Some(&id), sign_up("jun", PASSWORD)).await.unwrap_err();
    assert_eq!(refused.code, Code::IdTaken);
}

#[tokio::test]
async fn the_same_sign_up_many_times_at_once_makes_one_account() {
    let scene = Scene::new();
    let id = new_id();
    let submit = || scene.submit(None, Some(&id), sign_up("minji", PASSWORD));
    let all = futures::future::join_all((0..10).map(|_| submit())).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(scene.count("EmailReserved"), 1);
    assert_eq!(scene.count("UserRegistered"), 1);
    assert_eq!(scene.count("SessionStarted"), 10);
}

#[tokio::test]
async fn many_who_want_one_address_get_one_account() {
    let scene = Scene::new();
    let node = scene.other_node();
    let submit = |at| {
        let scene = if at % 2 == 0 { &scene } else { &node };
        scene.submit(None, None, sign_up("minji", PASSWORD))
    };
    let all = futures::future::join_all((0..10).map(submit)).await;
    let refused: Vec<_> = all.iter().filter_map(|answer| answer.as_ref().err()).collect();
    assert_eq!(refused.len(), 9);
    assert!(refused.iter().all(|refused| refused.code == Code::EmailTaken), "{refused:?}");
}

/// Commits to an account as a node would that dies right then.
async fn reserve_and_die(scene: &Scene) -> StreamName {
    let stores = scene.stores.clone();
    let limits = Limits::default();
    let execution = Execution::new(stores.log, stores.claims, stores.snapshots, limits);
    let hasher = Hasher::new(&secrets().pepper, QUICK).unwrap();
    let password = hasher.run(|argon| argon.hash(PASSWORD)).await.unwrap().unwrap();
    let address = EmailAddress::parse("minji@example.com").unwrap();
    let hash = secrets().hash_key.email(address.normalised());
    let (id, stream) = (CommandId::generate(), StreamName::email(&hash));
    let user = UserId(id.0);
    let ring = KeyRing::from([(user, scene.keys.get_or_create(user).await.unwrap())]);
    let username = Username::parse("minji").unwrap();
    let sign_up = email::SignUp { user, email: address, username, password };
    let input_hash = secrets().hash_key.input(b"an input");
    let ask = Ask::<Email> {
        id,
        correlation: id,
        actor: Actor::Email(hash),
        policy: Policy::Claimed { input_hash, things: Vec::new() },
        ring,
        cause_at: None,
        trace_parent: None,
        fresh_id: CommandId::generate(),
        command: email::Command::SignUp(sign_up),
    };
    execution.run(&stream, ask).await.unwrap();
    assert_eq!(scene.kinds(), ["EmailReserved"]);
    stream
}

#[tokio::test]
async fn an_account_that_was_committed_to_is_registered_once_whoever_finishes_it() {
    let scene = Scene::new();
    let stream = reserve_and_die(&scene).await;
    let node = scene.other_node();
    let (here, there) =
        futures::future::join(scene.service.follow_up(&stream), node.service.follow_up(&stream))
            .await;
    assert!(here.is_ok() && there.is_ok());
    assert!(scene.service.follow_up(&stream).await.is_ok());
    assert_eq!(scene.kinds(), ["EmailReserved", "UserRegistered"]);
    let [reserved, registered] = &scene.log.read_all_now(0, 2)[..] else { panic!() };
    let (cause, effect) = (&reserved.event.metadata, &registered.event.metadata);
    assert_eq!(effect.correlation, cause.causation);
    assert_eq!(effect.actor, Actor::System);
    assert!(effect.recorded_at >= cause.recorded_at);
}

#[tokio::test]
async fn who_committed_to_an_account_can_log_in_although_the_node_died() {
    let scene = Scene::new();
    reserve_and_die(&scene).await;
    let done = scene.submit(None, None, log_in("minji", PASSWORD)).await.unwrap();
    assert_eq!(scene.kinds(), ["EmailReserved", "UserRegistered", "SessionStarted"]);
    assert_eq!(done.position, 3);
}
