//! The same command id again: same input, other input, other actor, at the same time.

use command::{Code, Command, Viewer};
use events::ChannelId;
use events::channel::Visibility;
use uuid::Uuid;

use crate::scene::{Scene, create, delete, join, leave, new_id, send};

/// A command about that channel or that message.
type Make = fn(ChannelId, Uuid) -> Command;

#[tokio::test]
async fn a_repeat_gets_the_first_answer_and_changes_nothing() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let channel = scene.channel(minji).await;
    let message = scene.message(minji, channel).await;
    let commands: [(Viewer, Make); 5] = [
        (minji, |_, _| create(Visibility::Public, None)),
        (jun, |channel, _| join(channel, None)),
        (jun, |channel, _| send(channel, "안녕")),
        (minji, |_, message| delete(message)),
        (jun, |channel, _| leave(channel)),
    ];
    for (viewer, command) in commands {
        let id = new_id();
        let first = scene.again(viewer, &id, command(channel, message.0)).await.unwrap();
        let kinds = scene.kinds();
        for node in [&scene, &scene.other_node()] {
            let repeat = node.again(viewer, &id, command(channel, message.0)).await.unwrap();
            assert_eq!(repeat, first);
        }
        assert_eq!(scene.kinds(), kinds);
    }
}

#[tokio::test]
async fn a_repeat_of_a_kept_refusal_is_refused_though_it_would_do_now() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let channel = scene.channel(minji).await;
    scene.run(jun, join(channel, None)).await.unwrap();
    let id = new_id();
    let refused = scene.again(jun, &id, join(channel, None)).await.unwrap_err();
    assert_eq!(refused.code, Code::AlreadyMember);
    scene.run(jun, leave(channel)).await.unwrap();
    for node in [&scene, &scene.other_node()] {
        assert_eq!(node.again(jun, &id, join(channel, None)).await, Err(refused.clone()));
    }
}

#[tokio::test]
async fn an_id_that_stands_for_another_input_is_a_conflict_before_anything_else() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    let channel = scene.channel(minji).await;
    let id = new_id();
    scene.again(minji, &id, send(channel, "안녕")).await.unwrap();
    let message = "no uuid".to_owned();
    let others = [
        send(channel, "안녕!"),
        send(channel, " "),
        send(ChannelId::generate(), "안녕"),
        Command::DeleteMessage { message },
        join(channel, None),
        create(Visibility::Public, None),
    ];
    for other in others {
        let refused = scene.again(minji, &id, other).await.unwrap_err();
        assert_eq!(refused.code, Code::IdempotencyConflict);
    }
}

#[tokio::test]
async fn passwords_are_no_part_of_what_is_compared() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let id = new_id();
    let first = scene.again(minji, &id, create(Visibility::Private, Some("first"))).await.unwrap();
    let repeat = scene.again(minji, &id, create(Visibility::Private, Some("other"))).await.unwrap();
    assert_eq!(repeat, first);
    let (channel, id) = (ChannelId(first.id.0), new_id());
    let first = scene.again(jun, &id, join(channel, Some("first"))).await.unwrap();
    assert_eq!(scene.again(jun, &id, join(channel, None)).await.unwrap(), first);
    assert_eq!(scene.again(jun, &id, join(channel, Some("other"))).await.unwrap(), first);
    assert_eq!(scene.count("ChannelPasswordFailed"), 0);
}

#[tokio::test]
async fn somebody_elses_id_is_taken_which_is_told_after_rights_and_before_conflicts() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let channel = scene.channel(minji).await;
    let id = new_id();
    scene.again(minji, &id, send(channel, "안녕")).await.unwrap();
    let refused = |command| async { scene.again(jun, &id, command).await.unwrap_err().code };
    assert_eq!(refused(send(channel, " ")).await, Code::InvalidInput);
    assert_eq!(refused(send(channel, "안녕")).await, Code::Forbidden);
    assert_eq!(refused(join(ChannelId::generate(), None)).await, Code::NotFound);
    assert_eq!(refused(join(channel, None)).await, Code::IdTaken);
    scene.run(jun, join(channel, None)).await.unwrap();
    assert_eq!(refused(send(channel, "안녕")).await, Code::IdTaken);
    assert_eq!(refused(join(channel, None)).await, Code::IdTaken);
    assert_eq!(scene.count("MessageSent"), 1);
}

#[tokio::test]
async fn the_same_command_many_times_at_once_on_two_nodes_is_carried_out_once() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    let channel = scene.channel(minji).await;
    let (node, id) = (scene.other_node(), new_id());
    let submit = |at| {
        let scene = if at % 2 == 0 { &scene } else { &node };
        scene.again(minji, &id, send(channel, "안녕"))
    };
    let all = futures::future::join_all((0..50).map(submit)).await;
    let first = all[0].as_ref().unwrap();
    assert!(all.iter().all(|answer| answer.as_ref() == Ok(first)), "{all:?}");
    assert_eq!(scene.count("MessageSent"), 1);
}
