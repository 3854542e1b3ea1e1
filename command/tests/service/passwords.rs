//! `changePassword`.

use command::{Code, Command, Outcome, Viewer};

use crate::scene::{PASSWORD, Scene, granted, log_in, new_id, secret, viewer};

const NEW: &str = "another horse battery";
const TRIES_MAX: usize = 10;

fn change(current: &str, new: &str) -> Command {
    Command::ChangePassword { current: secret(current), new: secret(new) }
}

async fn logged_in(scene: &Scene) -> Viewer {
    viewer(&granted(&scene.submit(None, None, log_in("minji", PASSWORD)).await.unwrap()))
}

#[tokio::test]
async fn the_new_password_counts_and_the_other_sessions_end() {
    let scene = Scene::new();
    let first = scene.user("minji").await;
    let second = logged_in(&scene).await;
    let done = scene.run(second, change(PASSWORD, NEW)).await.unwrap();
    assert_eq!(done.outcome, Outcome::Nothing);
    assert_eq!(scene.kinds()[4..], ["PasswordChanged", "SessionEnded"]);
    let refused = scene.submit(None, None, log_in("minji", PASSWORD)).await.unwrap_err();
    assert_eq!(refused.code, Code::WrongCredentials);
    assert!(scene.submit(None, None, log_in("minji", NEW)).await.is_ok());
    assert_eq!(scene.code(first, change(NEW, PASSWORD)).await, Code::Unauthenticated);
    assert!(scene.run(second, change(NEW, PASSWORD)).await.is_ok());
}

#[tokio::test]
async fn a_repeat_gives_the_first_answer_whatever_passwords_it_brings() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    let id = new_id();
    let first = scene.again(minji, &id, change(PASSWORD, NEW)).await.unwrap();
    for node in [&scene, &scene.other_node()] {
        assert_eq!(node.again(minji, &id, change(PASSWORD, NEW)).await.unwrap(), first);
        let other = change("whatever it is", "a third horse battery");
        assert_eq!(node.again(minji, &id, other).await.unwrap(), first);
    }
    assert_eq!(scene.count("PasswordChanged"), 1);
    assert_eq!(scene.count("LogInFailed"), 0);
}

#[tokio::test]
async fn a_new_password_that_is_none_is_bad_input_before_the_old_one_is_looked_at() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    for weak in ["12345678", "short", "minji@example.com"] {
        let refused = scene.run(minji, change("wrong", weak)).await.unwrap_err();
        let field = refused.field.as_deref();
        assert_eq!((refused.code, field), (Code::InvalidInput, Some("newPassword")));
    }
    assert_eq!(scene.count("LogInFailed"), 0);
}

#[tokio::test]
async fn wrong_passwords_are_counted_with_log_in_and_are_no_final_answers() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    let id = new_id();
    for _ in 0..TRIES_MAX / 2 {
        let refused = scene.again(minji, &id, change("wrong", NEW)).await.unwrap_err();
        assert_eq!(refused.code, Code::WrongCredentials);
        scene.submit(None, None, log_in("minji", "wrong")).await.unwrap_err();
    }
    assert_eq!(scene.count("LogInFailed"), TRIES_MAX);
    let refused = scene.again(minji, &id, change(PASSWORD, NEW)).await.unwrap_err();
    assert_eq!(refused.code, Code::RateLimited);
    assert!(refused.retry_after_ms.is_some());
    let refused = scene.submit(None, None, log_in("minji", PASSWORD)).await.unwrap_err();
    assert_eq!(refused.code, Code::RateLimited);
    assert_eq!(scene.count("LogInFailed"), TRIES_MAX, "what is locked is not counted");
    // The session goes on.
    let command = Command::UpdateProfile { email: None, username: Some("민지".into()) };
    assert!(scene.run(minji, command).await.is_ok());
}

#[tokio::test]
async fn two_changes_at_once_are_one_after_the_other() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    let node = scene.other_node();
    let here = scene.run(minji, change(PASSWORD, NEW));
    let there = node.run(minji, change(PASSWORD, "a third horse battery"));
    let (here, there) = futures::future::join(here, there).await;
    // The second finds its current password changed: that is a wrong one by now.
    assert!(here.is_ok() != there.is_ok(), "{here:?} {there:?}");
    let refused = here.err().or(there.err()).unwrap();
    assert_eq!(refused.code, Code::WrongCredentials);
}
