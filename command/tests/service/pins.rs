//! `changePin` and `authorizeSpending`.

use std::time::Duration;

use command::secrets::SpendToken;
use command::{Code, Command, Outcome, Viewer};
use events::{CommandId, SessionId, Timestamp};

use crate::purse::{PIN, authorize, change_pin, join_wallet, transfer};
use crate::scene::{Scene, granted, join, log_in, new_id, secrets, viewer};

const NEW: &str = "654321";

#[tokio::test]
async fn five_wrong_pins_lock_even_the_right_one() {
    let scene = Scene::new();
    let purse = scene.purse("minji", 0).await;
    for tries_left in [4, 3, 2, 1, 0] {
        // In `changePin` they count, too.
        let command = if tries_left % 2 == 0 {
            authorize(purse.id, "000000")
        } else {
            change_pin(purse.id, Some("000000"), NEW)
        };
        let refused = scene.run(purse.owner, command).await.unwrap_err();
        assert_eq!(refused.code, Code::WrongPin);
        let told = serde_json::to_value(refused.details).unwrap();
        assert_eq!(told["triesLeft"], tries_left);
    }
    assert_eq!(scene.code(purse.owner, authorize(purse.id, PIN)).await, Code::PinLocked);
    assert_eq!(
        scene.code(purse.owner, change_pin(purse.id, Some(PIN), NEW)).await,
        Code::PinLocked
    );
    assert_eq!(scene.count("PinFailed"), 5);
}

#[tokio::test]
async fn a_right_pin_forgives_wrong_ones_and_a_malformed_one_is_no_try() {
    let scene = Scene::new();
    let purse = scene.purse("minji", 0).await;
    for _ in 0..2 {
        for _ in 0..4 {
            let code = scene.code(purse.owner, authorize(purse.id, "000000")).await;
            assert_eq!(code, Code::WrongPin);
        }
        assert_eq!(scene.code(purse.owner, authorize(purse.id, "12")).await, Code::PinMalformed);
        scene.token(purse.owner, purse.id).await;
    }
    assert_eq!(scene.count("PinAccepted"), 2);
}

#[tokio::test]
async fn a_token_is_verified_for_anew_at_each_repeat() {
    let scene = Scene::new();
    let purse = scene.purse("minji", 0).await;
    let id = new_id();
    let first = scene.again(purse.owner, &id, authorize(purse.id, PIN)).await.unwrap();
    assert!(matches!(first.outcome, Outcome::SpendAuthorization(_)));
    let wrong = scene.again(purse.owner, &id, authorize(purse.id, "000000")).await.unwrap_err();
    assert_eq!(wrong.code, Code::WrongPin);
}

#[tokio::test]
async fn a_changed_pin_voids_the_tokens_and_a_repeat_of_the_change_does_nothing() {
    let scene = Scene::new();
    let (minji, jun) = (scene.purse("minji", 100).await, scene.purse("jun", 0).await);
    let token = scene.token(minji.owner, minji.id).await;
    let pay = || transfer(minji.id, jun.id, 1, &token);
    scene.run(minji.owner, pay()).await.unwrap();
    let (id, change) = (new_id(), || change_pin(minji.id, Some(PIN), NEW));
    let first = scene.again(minji.owner, &id, change()).await.unwrap();
    assert_eq!(scene.again(minji.owner, &id, change()).await.unwrap(), first);
    assert_eq!(scene.count("PinChanged"), 1);
    assert_eq!(scene.count("PinFailed"), 0);
    assert_eq!(scene.code(minji.owner, pay()).await, Code::SpendTokenInvalid);
    assert_eq!(scene.code(minji.owner, authorize(minji.id, PIN)).await, Code::WrongPin);
    let left_out = scene.run(minji.owner, change_pin(minji.id, None, PIN)).await.unwrap_err();
    let told = (left_out.code, left_out.field.as_deref());
    assert_eq!(told, (Code::InvalidInput, Some("currentPin")));
}

#[tokio::test]
async fn only_admins_have_pins_and_a_new_admin_sets_theirs() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let channel = scene.channel(minji).await;
    scene.run(jun, join(channel, None)).await.unwrap();
    let purse = scene.group_purse(minji, channel, 1).await;
    assert_eq!(scene.code(jun, authorize(purse.id, PIN)).await, Code::Forbidden);
    scene.run(jun, join_wallet(purse.id)).await.unwrap();
    assert_eq!(scene.code(jun, change_pin(purse.id, None, PIN)).await, Code::Forbidden);
    let (wallet, user) = (purse.id.to_string(), jun.user.to_string());
    let role = events::wallet::WalletRole::Admin;
    scene.run(minji, Command::SetWalletRole { wallet, user, role }).await.unwrap();
    assert_eq!(scene.code(jun, authorize(purse.id, PIN)).await, Code::Forbidden, "no PIN yet");
    // What is sent without need is ignored.
    scene.run(jun, change_pin(purse.id, Some("000000"), NEW)).await.unwrap();
    assert!(scene.run(jun, authorize(purse.id, NEW)).await.is_ok());
    let stranger = scene.user("sora").await;
    assert_eq!(scene.code(stranger, authorize(purse.id, PIN)).await, Code::NotFound);
}

#[tokio::test]
async fn a_token_is_good_for_its_wallet_user_and_session_until_it_runs_out() {
    let scene = Scene::new();
    let (minji, jun) = (scene.purse("minji", 100).await, scene.purse("jun", 100).await);
    let again = scene.submit(None, None, log_in("minji", crate::scene::PASSWORD)).await.unwrap();
    let elsewhere = viewer(&granted(&again));
    let token = scene.token(minji.owner, minji.id).await;
    let pay = |token: &str| transfer(minji.id, jun.id, 1, token);
    assert_eq!(scene.code(elsewhere, pay(&token)).await, Code::SpendTokenInvalid);
    let key = secrets().hash_key;
    let known = SpendToken::verify(&key, &token).unwrap();
    let altered = [
        SpendToken { expires_at: Timestamp::now(), ..known },
        SpendToken { wallet: jun.id, ..known },
        SpendToken { user: jun.owner.user, ..known },
        SpendToken { session: SessionId::generate(), ..known },
        SpendToken { pin: events::EventId(CommandId::generate().0), ..known },
    ];
    for token in altered {
        let code = scene.code(minji.owner, pay(&token.sign(&key))).await;
        assert_eq!(code, Code::SpendTokenInvalid, "{token:?}");
    }
    for none in ["", "x", &token[1..]] {
        assert_eq!(scene.code(minji.owner, pay(none)).await, Code::SpendTokenInvalid);
    }
    let of_jun: Viewer = jun.owner;
    assert_eq!(scene.code(of_jun, pay(&token)).await, Code::NotFound);
    assert!(scene.run(minji.owner, pay(&token)).await.is_ok());
    let left = known.expires_at.since(Timestamp::now());
    assert!(left <= Duration::from_mins(5));
}
