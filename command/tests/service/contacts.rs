//! `addContact`, `removeContact`.

use command::{Code, Command, Outcome};

use crate::scene::{Scene, email, new_id};

fn add(name: &str) -> Command {
    Command::AddContact { email: email(name) }
}

fn remove(user: &impl ToString) -> Command {
    Command::RemoveContact { user: user.to_string() }
}

#[tokio::test]
async fn a_contact_is_found_by_the_address_however_it_is_written() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let command = Command::AddContact { email: " JUN@Example.com ".into() };
    let done = scene.run(minji, command).await.unwrap();
    assert_eq!(done.outcome, Outcome::User(jun.user));
    assert_eq!(scene.code(minji, add("jun")).await, Code::AlreadyContact);
    assert_eq!(scene.run(jun, add("minji")).await.unwrap().outcome, Outcome::User(minji.user));
}

#[tokio::test]
async fn nobody_oneself_and_nonsense_are_no_contacts() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    assert_eq!(scene.code(minji, add("nobody")).await, Code::NotFound);
    assert_eq!(scene.code(minji, add("minji")).await, Code::SelfContact);
    let refused = scene.run(minji, Command::AddContact { email: "x".into() }).await.unwrap_err();
    assert_eq!((refused.code, refused.field.as_deref()), (Code::InvalidInput, Some("email")));
}

#[tokio::test]
async fn a_contact_is_removed_once() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    assert_eq!(scene.code(minji, remove(&jun.user)).await, Code::NotFound);
    scene.run(minji, add("jun")).await.unwrap();
    let done = scene.run(minji, remove(&jun.user)).await.unwrap();
    assert_eq!(done.outcome, Outcome::Nothing);
    assert_eq!(scene.code(minji, remove(&jun.user)).await, Code::NotFound);
    assert_eq!(scene.code(minji, remove(&"no id")).await, Code::NotFound);
    assert!(scene.run(minji, add("jun")).await.is_ok());
}

#[tokio::test]
async fn a_repeat_names_the_first_contact_although_the_address_is_somebody_elses_by_now() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let id = new_id();
    let first = scene.again(minji, &id, add("jun")).await.unwrap();
    let command = Command::UpdateProfile { email: Some(email("other")), username: None };
    scene.run(jun, command).await.unwrap();
    assert_eq!(scene.again(minji, &id, add("jun")).await.unwrap(), first);
    let newcomer = scene.user("jun").await;
    for node in [&scene, &scene.other_node()] {
        assert_eq!(node.again(minji, &id, add("jun")).await.unwrap(), first);
    }
    assert_eq!(first.outcome, Outcome::User(jun.user));
    let second = scene.run(minji, add("jun")).await.unwrap();
    assert_eq!(second.outcome, Outcome::User(newcomer.user));
}

#[tokio::test]
async fn a_contact_refused_for_its_state_stays_refused_and_an_unknown_one_does_not() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    let id = new_id();
    let refused = scene.again(minji, &id, add("jun")).await.unwrap_err();
    assert_eq!(refused.code, Code::NotFound);
    scene.user("jun").await;
    assert!(scene.again(minji, &id, add("jun")).await.is_ok());
    let id = new_id();
    let refused = scene.again(minji, &id, add("jun")).await.unwrap_err();
    assert_eq!(refused.code, Code::AlreadyContact);
    assert_eq!(scene.again(minji, &id, add("jun")).await.unwrap_err(), refused);
}
