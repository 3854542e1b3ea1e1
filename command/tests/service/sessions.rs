//! `logIn`, `refreshSession`, `logOut`.

use command::{Code, Command, Done, Rejection};

use crate::scene::{PASSWORD, Scene, granted, log_in, secret, sign_up};

const TRIES_MAX: usize = 10;

fn refresh(token: &str) -> Command {
    Command::RefreshSession { refresh_token: secret(token) }
}

fn log_out(token: &str) -> Command {
    Command::LogOut { refresh_token: secret(token) }
}

impl Scene {
    async fn ask(&self, command: Command) -> Result<Done, Rejection> {
        self.submit(None, None, command).await
    }
}

#[tokio::test]
async fn the_right_password_starts_another_session() {
    let scene = Scene::new();
    let user = scene.user("minji").await;
    let command =
        Command::LogIn { email: " MINJI@example.com ".into(), password: secret(PASSWORD) };
    let grant = granted(&scene.ask(command).await.unwrap());
    assert_eq!(grant.user, user.user);
    assert_ne!(grant.session, user.session);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_told_alike_and_locked_alike() {
    let scene = Scene::new();
    scene.user("minji").await;
    for _ in 0..TRIES_MAX {
        let wrong = scene.ask(log_in("minji", "wrong")).await.unwrap_err();
        let unknown = scene.ask(log_in("nobody", "wrong")).await.unwrap_err();
        assert_eq!(wrong.code, Code::WrongCredentials);
        assert_eq!(wrong, unknown);
    }
    for (name, password) in [("minji", PASSWORD), ("minji", "wrong"), ("nobody", "wrong")] {
        let refused = scene.ask(log_in(name, password)).await.unwrap_err();
        assert_eq!(refused.code, Code::RateLimited);
        assert!(refused.retry_after_ms.is_some_and(|ms| ms > 14 * 60 * 1_000), "{refused:?}");
    }
    assert_eq!(scene.count("LogInFailed"), TRIES_MAX, "what is locked is not counted");
    let elsewhere = scene.other_node().ask(log_in("minji", PASSWORD)).await.unwrap_err();
    assert_eq!(elsewhere.code, Code::RateLimited);
}

#[tokio::test]
async fn a_refused_log_in_takes_a_whole_number_of_steps() {
    let scene = Scene::new();
    scene.user("minji").await;
    for name in ["minji", "nobody"] {
        let since = std::time::Instant::now();
        scene.ask(log_in(name, "wrong")).await.unwrap_err();
        assert!(since.elapsed() >= std::time::Duration::from_millis(100), "{name}");
    }
}

#[tokio::test]
async fn many_wrong_passwords_at_once_are_no_way_round_the_lock() {
    let scene = Scene::new();
    scene.user("minji").await;
    let tries = (0..4 * TRIES_MAX).map(|_| scene.ask(log_in("minji", "wrong")));
    futures::future::join_all(tries).await;
    assert_eq!(scene.count("LogInFailed"), TRIES_MAX);
}

#[tokio::test]
async fn an_address_that_is_none_is_bad_input() {
    let command = Command::LogIn { email: "nonsense".into(), password: secret(PASSWORD) };
    let refused = Scene::new().ask(command).await.unwrap_err();
    assert_eq!((refused.code, refused.field.as_deref()), (Code::InvalidInput, Some("email")));
}

#[tokio::test]
async fn a_refresh_token_is_good_for_one_use_and_the_second_ends_the_session() {
    let scene = Scene::new();
    let first = granted(&scene.ask(sign_up("minji", PASSWORD)).await.unwrap());
    let second = granted(&scene.ask(refresh(&first.refresh_token)).await.unwrap());
    assert_eq!((second.user, second.session), (first.user, first.session));
    let third = granted(&scene.ask(refresh(&second.refresh_token)).await.unwrap());
    let refused = scene.ask(refresh(&first.refresh_token)).await.unwrap_err();
    assert_eq!(refused.code, Code::Unauthenticated);
    assert_eq!(scene.kinds().last().unwrap(), "SessionEnded");
    let refused = scene.ask(refresh(&third.refresh_token)).await.unwrap_err();
    assert_eq!(refused.code, Code::Unauthenticated);
}

#[tokio::test]
async fn a_refresh_token_used_by_two_at_once_ends_the_session() {
    let scene = Scene::new();
    let grant = granted(&scene.ask(sign_up("minji", PASSWORD)).await.unwrap());
    let node = scene.other_node();
    let here = scene.ask(refresh(&grant.refresh_token));
    let (here, there) = futures::future::join(here, node.ask(refresh(&grant.refresh_token))).await;
    assert!(here.is_ok() != there.is_ok());
    assert_eq!(scene.count("SessionEnded"), 1);
}

#[tokio::test]
async fn a_forged_token_is_refused_and_ends_nothing() {
    let scene = Scene::new();
    let grant = granted(&scene.ask(sign_up("minji", PASSWORD)).await.unwrap());
    let mut forged = grant.refresh_token.to_string();
    let other = if forged.starts_with('A') { "B" } else { "A" };
    forged.replace_range(60..61, other);
    for token in ["", "nonsense", &forged] {
        for command in [refresh(token), log_out(token)] {
            assert_eq!(scene.ask(command).await.unwrap_err().code, Code::Unauthenticated);
        }
    }
    assert!(scene.ask(refresh(&grant.refresh_token)).await.is_ok());
}

#[tokio::test]
async fn logging_out_ends_the_session_and_may_be_repeated() {
    let scene = Scene::new();
    let grant = granted(&scene.ask(sign_up("minji", PASSWORD)).await.unwrap());
    assert!(scene.ask(log_out(&grant.refresh_token)).await.is_ok());
    assert!(scene.ask(log_out(&grant.refresh_token)).await.is_ok());
    assert_eq!(scene.count("SessionEnded"), 1);
    let refused = scene.ask(refresh(&grant.refresh_token)).await.unwrap_err();
    assert_eq!(refused.code, Code::Unauthenticated);
}
