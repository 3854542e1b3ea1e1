//! `deleteAccount`.

use command::{Code, Command, Outcome, Viewer};
use events::personal::{KeyState, Keys};
use events::{ChannelId, MessageId};

use crate::scene::delete as clear;
use crate::scene::{
    PASSWORD, Scene, create, email, granted, join, leave, log_in, new_id, secret, send, sign_up,
};

fn delete(password: &str) -> Command {
    Command::DeleteAccount { password: secret(password) }
}

async fn refused_log_in(scene: &Scene, name: &str) -> Code {
    scene.submit(None, None, log_in(name, PASSWORD)).await.unwrap_err().code
}

async fn is_erased(scene: &Scene, viewer: Viewer) -> bool {
    scene.keys.get(&[viewer.user]).await.unwrap()[&viewer.user] == KeyState::Destroyed
}

struct Two {
    minji: Viewer,
    jun: Viewer,
    alone: ChannelId,
    shared: ChannelId,
    message: MessageId,
}

/// A user who is alone in one channel and the last admin among others in another.
async fn in_two_channels(scene: &Scene) -> Two {
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let (alone, shared) = (scene.channel(minji).await, scene.channel(minji).await);
    scene.run(jun, join(shared, None)).await.unwrap();
    let message = scene.message(minji, shared).await;
    Two { minji, jun, alone, shared, message }
}

/// Nothing is left of the account but its messages.
async fn is_gone(scene: &Scene, Two { minji, jun, alone, shared, message }: Two) {
    assert!(is_erased(scene, minji).await);
    assert_eq!(refused_log_in(scene, "minji").await, Code::WrongCredentials);
    assert_eq!(scene.count("UserDeleted"), 1);
    assert_eq!(scene.count("MemberLeft"), 2);
    assert_eq!(scene.count("ChannelDeleted"), 1);
    assert_eq!(scene.count("RoleChanged"), 1);
    assert_eq!(scene.count("EmailReleased"), 1);
    assert_eq!(scene.code(minji, send(shared, "안녕")).await, Code::Forbidden);
    assert_eq!(scene.code(jun, send(alone, "안녕")).await, Code::NotFound);
    let cleared = scene.run(jun, clear(message.0)).await;
    assert!(cleared.is_ok(), "who stays is admin now: {cleared:?}");
    let newcomer = scene.submit(None, None, sign_up("minji", PASSWORD)).await.unwrap();
    assert_ne!(granted(&newcomer).user, minji.user);
}

#[tokio::test]
async fn all_that_follows_is_done_when_the_answer_is_there() {
    let scene = Scene::new();
    scene.follow();
    let two = in_two_channels(&scene).await;
    let done = scene.submit(Some(two.minji), None, delete(PASSWORD)).await.unwrap();
    assert_eq!(done.outcome, Outcome::Nothing);
    assert_eq!(done.position, u64::try_from(scene.kinds().len()).unwrap(), "the last step's");
    is_gone(&scene, two).await;
}

#[tokio::test]
async fn whichever_step_a_node_dies_at_the_process_manager_finishes() {
    // The end itself, two channels, the address, the key.
    for steps in 1..=5 {
        let scene = Scene::new();
        scene.follow();
        let two = in_two_channels(&scene).await;
        scene.die_after(steps, two.minji, delete(PASSWORD)).await;
        assert_eq!(is_erased(&scene, two.minji).await, steps == 5, "after {steps}");
        let node = scene.other_node();
        assert_eq!(refused_log_in(&node, "minji").await, Code::WrongCredentials);
        node.work_off().await;
        is_gone(&node, two).await;
    }
}

#[tokio::test]
async fn a_node_that_dies_before_the_end_was_committed_to_leaves_everything() {
    let scene = Scene::new();
    scene.follow();
    let Two { minji, shared, .. } = in_two_channels(&scene).await;
    scene.die_after(0, minji, delete(PASSWORD)).await;
    let node = scene.other_node();
    node.work_off().await;
    assert!(node.submit(None, None, log_in("minji", PASSWORD)).await.is_ok());
    assert!(node.run(minji, send(shared, "안녕")).await.is_ok());
}

#[tokio::test]
async fn sessions_end_and_a_token_that_is_still_good_changes_nothing() {
    let scene = Scene::new();
    scene.follow();
    let grant = granted(&scene.submit(None, None, sign_up("minji", PASSWORD)).await.unwrap());
    let minji = crate::scene::viewer(&grant);
    scene.run(minji, delete(PASSWORD)).await.unwrap();
    let refresh = Command::RefreshSession { refresh_token: grant.refresh_token };
    let refused = scene.submit(None, None, refresh).await.unwrap_err();
    assert_eq!(refused.code, Code::Unauthenticated);
    let password = || secret(PASSWORD);
    for command in [
        delete(PASSWORD),
        Command::ChangePassword { current: password(), new: secret("another horse battery") },
        Command::UpdateProfile { email: Some(email("new")), username: None },
        Command::UpdateProfile { email: None, username: Some("x".into()) },
        Command::AddContact { email: email("minji") },
        Command::RemoveContact { user: minji.user.to_string() },
    ] {
        assert_eq!(scene.code(minji, command).await, Code::Unauthenticated);
    }
    assert_eq!(scene.kinds().iter().filter(|kind| kind.ends_with("Failed")).count(), 0);
}

#[tokio::test]
async fn a_channel_that_was_joined_or_made_after_the_end_is_left_too() {
    let scene = Scene::new();
    scene.follow();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let channel = scene.channel(jun).await;
    scene.run(minji, join(channel, None)).await.unwrap();
    scene.run(minji, delete(PASSWORD)).await.unwrap();
    for round in 1..=2 {
        // By a token that nobody knows yet to be over.
        scene.run(minji, join(channel, None)).await.unwrap();
        let own = create(events::channel::Visibility::Public, None);
        scene.run(minji, own).await.unwrap();
        scene.work_off().await;
        assert_eq!(scene.count("MemberLeft"), 1 + 2 * round);
        assert_eq!(scene.count("ChannelDeleted"), round);
    }
    assert_eq!(scene.code(minji, leave(channel)).await, Code::Forbidden);
}

#[tokio::test]
async fn a_wrong_password_ends_nothing_and_a_repeat_gets_the_first_answer() {
    let scene = Scene::new();
    scene.follow();
    let minji = scene.user("minji").await;
    let id = new_id();
    let refused = scene.again(minji, &id, delete("wrong")).await.unwrap_err();
    assert_eq!(refused.code, Code::WrongCredentials);
    assert_eq!(scene.count("LogInFailed"), 1);
    assert!(scene.again(minji, &id, delete(PASSWORD)).await.is_ok());
    assert_eq!(scene.count("UserDeleted"), 1);
}

#[tokio::test]
async fn an_account_that_ends_amid_a_change_of_address_holds_neither() {
    for steps in 1..=3 {
        let scene = Scene::new();
        scene.follow();
        let minji = scene.user("minji").await;
        let change = Command::UpdateProfile { email: Some(email("new")), username: None };
        scene.die_after(steps, minji, change).await;
        let node = scene.other_node();
        node.run(minji, delete(PASSWORD)).await.unwrap();
        node.work_off().await;
        assert!(is_erased(&node, minji).await);
        for name in ["minji", "new"] {
            let free = node.submit(None, None, sign_up(name, PASSWORD)).await;
            assert!(free.is_ok(), "{name} after {steps}: {free:?}");
        }
    }
}
