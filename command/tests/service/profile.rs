//! `updateProfile`.

use command::{Code, Command, Outcome, Viewer};

use crate::scene::{PASSWORD, Scene, email, log_in, new_id, sign_up};

pub(crate) fn rename(name: &str) -> Command {
    Command::UpdateProfile { email: None, username: Some(name.to_owned()) }
}

pub(crate) fn readdress(name: &str) -> Command {
    Command::UpdateProfile { email: Some(email(name)), username: None }
}

async fn can_log_in(scene: &Scene, name: &str) -> bool {
    scene.submit(None, None, log_in(name, PASSWORD)).await.is_ok()
}

/// The kinds of the events since the sign-up.
fn since_sign_up(scene: &Scene) -> Vec<String> {
    scene.kinds().split_off(3)
}

#[tokio::test]
async fn a_name_is_changed_on_the_accounts_own_stream() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    let done = scene.run(minji, rename("김민지")).await.unwrap();
    assert_eq!((done.outcome, done.position), (Outcome::User(minji.user), 4));
    assert_eq!(since_sign_up(&scene), ["ProfileChanged"]);
}

#[tokio::test]
async fn nothing_given_or_nothing_new_is_no_event() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    let nothing = Command::UpdateProfile { email: None, username: None };
    for command in [nothing, rename("minji"), readdress("minji")] {
        let done = scene.run(minji, command).await.unwrap();
        assert_eq!(done.outcome, Outcome::User(minji.user));
    }
    assert_eq!(since_sign_up(&scene).len(), 0);
}

#[tokio::test]
async fn another_spelling_needs_no_reservation() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    let command =
        Command::UpdateProfile { email: Some("MinJi@example.com".into()), username: None };
    scene.run(minji, command).await.unwrap();
    assert_eq!(since_sign_up(&scene), ["ProfileChanged"]);
}

#[tokio::test]
async fn another_address_is_reserved_taken_and_the_old_one_released() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    let command =
        Command::UpdateProfile { email: Some(email("new")), username: Some("새".into()) };
    let done = scene.run(minji, command).await.unwrap();
    assert_eq!(since_sign_up(&scene), ["EmailReserved", "ProfileChanged", "EmailReleased"]);
    assert_eq!(done.position, 5, "where the profile was changed");
    assert!(can_log_in(&scene, "new").await && !can_log_in(&scene, "minji").await);
    let somebody = scene.user("minji").await;
    assert_ne!(somebody.user, minji.user);
}

#[tokio::test]
async fn an_address_that_is_somebodys_is_taken_and_that_answer_stays() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let id = new_id();
    let refused = scene.again(minji, &id, readdress("jun")).await.unwrap_err();
    assert_eq!(refused.code, Code::EmailTaken);
    scene.run(jun, readdress("other")).await.unwrap();
    assert_eq!(scene.again(minji, &id, readdress("jun")).await.unwrap_err(), refused);
    assert!(scene.run(minji, readdress("jun")).await.is_ok());
}

#[tokio::test]
async fn bad_input_is_refused_by_field() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    let update = |email: Option<&str>, username: Option<&str>| Command::UpdateProfile {
        email: email.map(str::to_owned),
        username: username.map(str::to_owned),
    };
    for (field, command) in
        [("email", update(Some("x"), None)), ("username", update(Some("a@b.kr"), Some(" ")))]
    {
        let refused = scene.run(minji, command).await.unwrap_err();
        assert_eq!((refused.code, refused.field.as_deref()), (Code::InvalidInput, Some(field)));
    }
}

#[tokio::test]
async fn a_repeat_gives_the_first_answer_however_the_profile_went_on() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    let ids = [new_id(), new_id(), new_id()];
    let commands = || [readdress("new"), readdress("minji"), rename("민지")];
    let mut first = Vec::new();
    for (id, command) in ids.iter().zip(commands()) {
        first.push(scene.again(minji, id, command).await.unwrap());
    }
    scene.run(minji, readdress("third")).await.unwrap();
    let events = scene.kinds().len();
    for node in [&scene, &scene.other_node()] {
        for ((id, command), first) in ids.iter().zip(commands()).zip(&first) {
            assert_eq!(&node.again(minji, id, command).await.unwrap(), first);
        }
    }
    assert_eq!(scene.kinds().len(), events);
    let refused = scene.again(minji, &ids[0], readdress("fourth")).await.unwrap_err();
    assert_eq!(refused.code, Code::IdempotencyConflict);
}

#[tokio::test]
async fn there_and_back_again() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    for name in ["new", "minji", "new", "minji"] {
        scene.run(minji, readdress(name)).await.unwrap();
        assert!(can_log_in(&scene, name).await);
    }
    assert_eq!(scene.count("EmailReserved"), 5);
    assert_eq!(scene.count("EmailReleased"), 4);
}

/// Whatever was asked at once: one address is the account's, and all others are free.
async fn holds_only_one_of(scene: &Scene, minji: Viewer, names: &[&str]) {
    let mut held = Vec::new();
    for name in names {
        if can_log_in(scene, name).await {
            held.push(*name);
        } else {
            let free = scene.submit(None, None, sign_up(name, PASSWORD)).await;
            assert!(free.is_ok(), "{name}: {free:?}");
        }
    }
    assert_eq!(held.len(), 1, "{held:?}");
    assert!(scene.run(minji, rename("still there")).await.is_ok());
}

#[tokio::test]
async fn many_changes_at_once_leave_one_address() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    let nodes = [scene.other_node(), scene.other_node()];
    let names = ["a", "b", "c", "minji"];
    for round in 0..5 {
        let change = |at: usize| nodes[at % 2].run(minji, readdress(names[(at + round) % 4]));
        let answers = futures::future::join_all((0..8).map(change)).await;
        let refused = answers.iter().filter_map(|answer| answer.as_ref().err());
        for refused in refused {
            assert_eq!(refused.code, Code::Conflict, "{refused}");
        }
        assert!(answers.iter().any(Result::is_ok), "{answers:?}");
    }
    holds_only_one_of(&scene, minji, &names).await;
}

#[tokio::test]
async fn whichever_step_a_node_dies_at_the_process_manager_finishes() {
    for steps in 0..=3 {
        let scene = Scene::new();
        let minji = scene.user("minji").await;
        scene.die_after(steps, minji, readdress("new")).await;
        let node = scene.other_node();
        node.work_off().await;
        let committed = steps > 0;
        assert_eq!(can_log_in(&node, "new").await, committed, "after {steps}");
        assert_eq!(can_log_in(&node, "minji").await, !committed, "after {steps}");
        holds_only_one_of(&node, minji, &["minji", "new"]).await;
    }
}

#[tokio::test]
async fn what_an_earlier_change_left_is_finished_before_another_one() {
    for steps in 1..=3 {
        let scene = Scene::new();
        let minji = scene.user("minji").await;
        scene.die_after(steps, minji, readdress("new")).await;
        let node = scene.other_node();
        // Nobody has finished it yet. Committed to, it comes first; then the old address is free
        // to be wanted back.
        let wanted = if steps == 1 { "new" } else { "minji" };
        let done = node.run(minji, readdress(wanted)).await;
        assert!(done.is_ok(), "after {steps}: {done:?}");
        assert!(can_log_in(&node, wanted).await, "after {steps}");
        node.work_off().await;
        assert!(can_log_in(&node, wanted).await, "after {steps}");
        holds_only_one_of(&node, minji, &["minji", "new"]).await;
    }
}

#[tokio::test]
async fn a_change_that_is_overtaken_is_void_and_its_address_free() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    scene.die_after(1, minji, readdress("new")).await;
    let node = scene.other_node();
    node.run(minji, readdress("third")).await.unwrap();
    node.work_off().await;
    assert!(can_log_in(&node, "third").await);
    holds_only_one_of(&node, minji, &["minji", "new", "third"]).await;
}
