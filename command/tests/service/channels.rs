//! `createChannel`, `joinChannel`, `leaveChannel`.

use command::{Code, Command, Viewer};
use events::ChannelId;
use events::channel::Visibility;

use crate::scene::{Scene, channel_of, create, join, leave, new_id, send};

const TRIES_MAX: usize = 5;

async fn locked_channel(scene: &Scene, creator: Viewer) -> ChannelId {
    let command = create(Visibility::Private, Some("열려라참깨"));
    channel_of(&scene.run(creator, command).await.unwrap())
}

#[tokio::test]
async fn nobody_does_anything_without_logging_in() {
    let scene = Scene::new();
    let channel = ChannelId::generate();
    let commands =
        [create(Visibility::Public, None), join(channel, None), leave(channel), send(channel, "")];
    for command in commands {
        let refused = scene.submit(None, Some("no id"), command).await.unwrap_err();
        assert_eq!(refused.code, Code::Unauthenticated);
    }
}

#[tokio::test]
async fn a_channel_has_the_commands_id() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    let id = new_id();
    let command = create(Visibility::Public, None);
    let done = scene.submit(Some(minji), Some(&id), command).await.unwrap();
    assert_eq!(channel_of(&done).to_string(), id);
    assert_eq!(scene.kinds().last().unwrap(), "ChannelCreated");
}

#[tokio::test]
async fn a_channel_that_is_no_good_is_refused_by_field() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    let channel = |name: &str, description: Option<String>, password: Option<&str>| {
        let visibility = Visibility::Private;
        let password = password.map(crate::scene::secret);
        Command::CreateChannel { name: name.to_owned(), description, visibility, password }
    };
    let bad = [
        ("name", channel(" ", None, None)),
        ("name", channel("모\n임", None, None)),
        ("description", channel("모임", Some("글".repeat(1_001)), None)),
        ("password", channel("모임", None, Some("123"))),
        ("password", create(Visibility::Public, Some("열려라참깨"))),
    ];
    for (field, command) in bad {
        let refused = scene.run(minji, command).await.unwrap_err();
        assert_eq!((refused.code, refused.field.as_deref()), (Code::InvalidInput, Some(field)));
    }
}

#[tokio::test]
async fn one_joins_a_public_channel_once() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let channel = scene.channel(minji).await;
    assert_eq!(channel_of(&scene.run(jun, join(channel, None)).await.unwrap()), channel);
    assert_eq!(scene.code(jun, join(channel, Some("ignored"))).await, Code::AlreadyMember);
}

#[tokio::test]
async fn what_is_no_channel_is_not_found() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    let unknown = ChannelId::generate();
    assert_eq!(scene.code(minji, join(unknown, None)).await, Code::NotFound);
    assert_eq!(scene.code(minji, join(unknown, Some("열려라"))).await, Code::NotFound);
    assert_eq!(scene.code(minji, leave(unknown)).await, Code::NotFound);
    let channel = "no uuid".to_owned();
    let command = Command::JoinChannel { channel, password: None };
    assert_eq!(scene.code(minji, command).await, Code::NotFound);
}

#[tokio::test]
async fn a_private_channel_without_a_password_is_closed_and_the_id_stays_free() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let closed = create(Visibility::Private, None);
    let closed = channel_of(&scene.run(minji, closed).await.unwrap());
    let id = new_id();
    let refused = scene.submit(Some(jun), Some(&id), join(closed, None)).await.unwrap_err();
    assert_eq!(refused.code, Code::Forbidden);
    let open = scene.channel(minji).await;
    assert!(scene.submit(Some(jun), Some(&id), join(open, None)).await.is_ok());
}

#[tokio::test]
async fn a_wrong_password_is_no_final_answer_and_the_right_one_opens() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let channel = locked_channel(&scene, minji).await;
    let id = new_id();
    for password in [None, Some("wrong"), Some("no")] {
        let command = join(channel, password);
        let refused = scene.submit(Some(jun), Some(&id), command).await.unwrap_err();
        assert_eq!(refused.code, Code::WrongChannelPassword);
    }
    assert_eq!(scene.count("ChannelPasswordFailed"), 2, "left out is no try");
    let command = join(channel, Some("열려라참깨"));
    assert!(scene.submit(Some(jun), Some(&id), command).await.is_ok());
}

#[tokio::test]
async fn five_wrong_passwords_lock_out_the_right_one_too_on_every_node() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let channel = locked_channel(&scene, minji).await;
    let wrong = (0..4 * TRIES_MAX).map(|_| scene.run(jun, join(channel, Some("wrong"))));
    futures::future::join_all(wrong).await;
    assert_eq!(scene.count("ChannelPasswordFailed"), TRIES_MAX);
    for node in [&scene, &scene.other_node()] {
        for password in [Some("열려라참깨"), Some("wrong"), None] {
            let refused = node.run(jun, join(channel, password)).await.unwrap_err();
            assert_eq!(refused.code, Code::RateLimited);
            assert!(refused.retry_after_ms.is_some());
        }
    }
    let sora = scene.user("sora").await;
    assert!(scene.run(sora, join(channel, Some("열려라참깨"))).await.is_ok());
}

#[tokio::test]
async fn strangers_do_not_leave_and_the_last_admin_does_not_leave_others() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let channel = scene.channel(minji).await;
    assert_eq!(scene.code(jun, leave(channel)).await, Code::Forbidden);
    scene.run(jun, join(channel, None)).await.unwrap();
    assert_eq!(scene.code(minji, leave(channel)).await, Code::LastAdmin);
    scene.run(jun, leave(channel)).await.unwrap();
    assert_eq!(scene.code(jun, leave(channel)).await, Code::Forbidden);
}

#[tokio::test]
async fn leaving_alone_deletes_the_channel() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let channel = scene.channel(minji).await;
    let done = scene.run(minji, leave(channel)).await.unwrap();
    assert_eq!(scene.kinds()[scene.kinds().len() - 2..], ["MemberLeft", "ChannelDeleted"]);
    assert_eq!(done.position, scene.kinds().len() as u64);
    for node in [&scene, &scene.other_node()] {
        assert_eq!(node.code(jun, join(channel, None)).await, Code::NotFound);
        assert_eq!(node.code(minji, leave(channel)).await, Code::NotFound);
        assert_eq!(node.code(minji, send(channel, "안녕")).await, Code::NotFound);
    }
}
