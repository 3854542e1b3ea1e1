//! `sendMessage`, `deleteMessage`.

use command::{Code, Command};
use events::{ChannelId, CommandId, MessageId};
use uuid::Uuid;

use crate::scene::{Scene, answer, delete, join, leave, message_of, new_id, send};

#[tokio::test]
async fn a_message_has_the_commands_id() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    let channel = scene.channel(minji).await;
    let id = new_id();
    let done = scene.submit(Some(minji), Some(&id), send(channel, "안녕")).await.unwrap();
    assert_eq!(message_of(&done).to_string(), id);
    let without_id = scene.submit(Some(minji), None, send(channel, "안녕")).await.unwrap();
    assert_eq!(message_of(&without_id).0, without_id.id.0);
}

#[tokio::test]
async fn bad_text_comes_before_an_unknown_channel_and_that_before_rights() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let channel = scene.channel(minji).await;
    let unknown = ChannelId::generate();
    let refused = scene.run(jun, send(unknown, " ")).await.unwrap_err();
    assert_eq!((refused.code, refused.field.as_deref()), (Code::InvalidInput, Some("text")));
    assert_eq!(scene.code(jun, send(unknown, "안녕")).await, Code::NotFound);
    assert_eq!(scene.code(jun, send(channel, "안녕")).await, Code::Forbidden);
    // The channel comes before the message that is answered.
    assert_eq!(scene.code(jun, answer(channel, "no uuid")).await, Code::Forbidden);
    assert_eq!(scene.code(minji, answer(channel, "no uuid")).await, Code::NotFound);
}

#[tokio::test]
async fn an_answer_is_to_a_message_of_that_channel_that_still_has_its_text() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    let (channel, other) = (scene.channel(minji).await, scene.channel(minji).await);
    let (here, there) = (scene.message(minji, channel).await, scene.message(minji, other).await);
    assert!(scene.run(minji, answer(channel, &here.to_string())).await.is_ok());
    assert_eq!(scene.code(minji, answer(channel, &there.to_string())).await, Code::NotFound);
    scene.run(minji, delete(here.0)).await.unwrap();
    for node in [&scene, &scene.other_node()] {
        let code = node.code(minji, answer(channel, &here.to_string())).await;
        assert_eq!(code, Code::MessageDeleted);
    }
}

#[tokio::test]
async fn authors_and_admins_delete_and_others_do_not() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let sora = scene.user("sora").await;
    let channel = scene.channel(minji).await;
    scene.run(jun, join(channel, None)).await.unwrap();
    scene.run(sora, join(channel, None)).await.unwrap();
    let (first, second) = (scene.message(jun, channel).await, scene.message(jun, channel).await);
    assert_eq!(scene.code(sora, delete(first.0)).await, Code::Forbidden);
    let node = scene.other_node();
    assert_eq!(message_of(&node.run(jun, delete(first.0)).await.unwrap()), first);
    assert_eq!(message_of(&scene.run(minji, delete(second.0)).await.unwrap()), second);
    assert_eq!(scene.code(jun, delete(first.0)).await, Code::MessageDeleted);
}

#[tokio::test]
async fn what_one_may_not_know_of_is_not_found() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let channel = scene.channel(minji).await;
    let message = scene.message(minji, channel).await;
    let unknown = [message.0, Uuid::now_v7(), channel.0, jun.user.0];
    for id in unknown {
        assert_eq!(scene.code(jun, delete(id)).await, Code::NotFound);
    }
    assert_eq!(scene.code(minji, delete(channel.0)).await, Code::NotFound);
    let command = Command::DeleteMessage { message: "no uuid".into() };
    assert_eq!(scene.code(jun, command).await, Code::NotFound);
    // Who has left is a stranger, to one's own messages too.
    scene.run(jun, join(channel, None)).await.unwrap();
    let own = scene.message(jun, channel).await;
    scene.run(jun, leave(channel)).await.unwrap();
    assert_eq!(scene.code(jun, delete(own.0)).await, Code::NotFound);
}

#[tokio::test]
async fn what_the_channel_says_itself_is_found_but_not_deleted() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let channel = scene.channel(minji).await;
    let (coming, going) = (new_id(), new_id());
    scene.submit(Some(jun), Some(&coming), join(channel, None)).await.unwrap();
    scene.submit(Some(jun), Some(&going), leave(channel)).await.unwrap();
    for (id, role) in [(coming, "enter"), (going, "leave")] {
        let message = MessageId::derived(CommandId::from_client(&id).unwrap(), role);
        for node in [&scene, &scene.other_node()] {
            assert_eq!(node.code(minji, delete(message.0)).await, Code::Forbidden);
            assert_eq!(node.code(jun, delete(message.0)).await, Code::NotFound);
        }
    }
}
