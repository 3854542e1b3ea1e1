//! `markRead`.

use command::{Code, Command, Outcome, Viewer};
use events::{ChannelId, ReadersEvent, StreamName, codec};

use crate::commands::{mark_read, remove};
use crate::scene::{Scene, join, leave, new_id};

const WAITING_MAX: usize = 1_000;

impl Scene {
    /// Without a client's id, as over GraphQL.
    async fn read(&self, viewer: Viewer, channel: ChannelId, up_to_seq: i64) {
        let done = self.submit(Some(viewer), None, mark_read(channel, up_to_seq)).await.unwrap();
        assert_eq!(done.outcome, Outcome::Nothing);
        assert!(done.position > 0);
    }

    /// What a channel's markers were moved to, one after another.
    fn markers(&self, channel: ChannelId) -> Vec<u32> {
        let events = self.log.read_all_now(0, 10_000).into_iter();
        let of_channel = events.filter(|event| event.stream == StreamName::readers(channel));
        let marker = |event| match codec::decode::<ReadersEvent>(&event).unwrap().event {
            ReadersEvent::ReadMarkerMoved(moved) => Some(moved.up_to_seq),
            ReadersEvent::CommandSettled(_) => None,
        };
        of_channel.filter_map(marker).collect()
    }
}

/// A channel of Minji's with so many messages of hers, and Jun in it from before.
async fn channel(scene: &Scene, minji: Viewer, jun: Viewer, messages: usize) -> ChannelId {
    let channel = scene.channel(minji).await;
    scene.run(jun, join(channel, None)).await.unwrap();
    for _ in 0..messages {
        scene.message(minji, channel).await;
    }
    channel
}

#[tokio::test]
async fn a_marker_goes_forward_to_the_end_at_most_and_never_back() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let channel = channel(&scene, minji, jun, 5).await;
    for up_to in [3, 2, 0, 3, 5, i64::from(i32::MAX), i64::MAX] {
        scene.read(jun, channel, up_to).await;
    }
    assert_eq!(scene.markers(channel), [3, 5, 6]);
    scene.message(minji, channel).await;
    scene.other_node().read(jun, channel, i64::MAX).await;
    assert_eq!(scene.markers(channel), [3, 5, 6, 7]);
}

#[tokio::test]
async fn who_may_not_is_told_so_after_bad_input() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let sora = scene.user("sora").await;
    let channel = channel(&scene, minji, jun, 1).await;
    for id in [None, Some(new_id())] {
        let refused = async |viewer: Viewer, command: Command| {
            scene.submit(Some(viewer), id.as_deref(), command).await.unwrap_err()
        };
        let negative = refused(sora, mark_read(ChannelId::generate(), -1)).await;
        assert_eq!(negative.code, Code::InvalidInput);
        assert_eq!(negative.field.as_deref(), Some("upToSeq"));
        let unknown = mark_read(ChannelId::generate(), 1);
        assert_eq!(refused(sora, unknown).await.code, Code::NotFound);
        let no_id = Command::MarkRead { channel: "no id".to_owned(), up_to_seq: 1 };
        assert_eq!(refused(sora, no_id).await.code, Code::NotFound);
        assert_eq!(refused(sora, mark_read(channel, 1)).await.code, Code::Forbidden);
    }
    scene.run(minji, remove(channel, &jun.user)).await.unwrap();
    let refused = scene.submit(Some(jun), None, mark_read(channel, 2)).await.unwrap_err();
    assert_eq!(refused.code, Code::Forbidden);
    assert!(scene.markers(channel).is_empty());
}

#[tokio::test]
async fn what_was_read_by_writing_or_before_the_latest_join_needs_no_marker() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let channel = channel(&scene, minji, jun, 3).await;
    scene.read(minji, channel, 4).await;
    scene.read(jun, channel, 1).await;
    assert!(scene.markers(channel).is_empty());
    scene.read(jun, channel, 2).await;
    scene.run(jun, leave(channel)).await.unwrap();
    scene.run(jun, join(channel, None)).await.unwrap();
    scene.read(jun, channel, 6).await;
    assert_eq!(scene.markers(channel), [2]);
    scene.message(minji, channel).await;
    scene.read(jun, channel, 7).await;
    assert_eq!(scene.markers(channel), [2, 7]);
}

#[tokio::test]
async fn what_comes_while_a_marker_moves_is_merged_into_its_next_move() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let channel = channel(&scene, minji, jun, 100).await;
    let marks = (1..=101).map(|up_to| scene.read(jun, channel, up_to));
    futures::future::join_all(marks).await;
    let markers = scene.markers(channel);
    assert_eq!(markers.last(), Some(&101));
    assert!(markers.len() <= 3, "{markers:?}");
    // Another's marker is another's.
    scene.run(minji, join(channel, None)).await.unwrap_err();
    scene.read(jun, channel, 50).await;
    assert_eq!(scene.markers(channel), markers);
}

#[tokio::test]
async fn so_many_wait_for_one_marker_and_no_more() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let channel = channel(&scene, minji, jun, 1).await;
    let mark = |_| scene.submit(Some(jun), None, mark_read(channel, 2));
    let all = futures::future::join_all((0..=WAITING_MAX).map(mark)).await;
    let refused: Vec<_> = all.into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].code, Code::Overloaded);
    assert!(refused[0].retry_after_ms.is_some());
    // There is room again.
    scene.read(jun, channel, 2).await;
}

#[tokio::test]
async fn it_goes_on_if_nobody_waits_for_it() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let channel = channel(&scene, minji, jun, 1).await;
    {
        let mark = scene.submit(Some(jun), None, mark_read(channel, 2));
        futures::pin_mut!(mark);
        assert!(futures::poll!(mark.as_mut()).is_pending());
    }
    scene.read(jun, channel, 1).await;
    assert_eq!(scene.markers(channel), [2]);
}

#[tokio::test]
async fn under_a_clients_id_it_is_carried_out_once() {
    let scene = Scene::new();
    let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
    let channel = channel(&scene, minji, jun, 3).await;
    let id = new_id();
    let first = scene.submit(Some(jun), Some(&id), mark_read(channel, 3)).await.unwrap();
    assert_eq!(first.id.to_string(), id);
    scene.run(jun, leave(channel)).await.unwrap();
    for node in [&scene, &scene.other_node()] {
        let repeat = node.submit(Some(jun), Some(&id), mark_read(channel, 3)).await;
        assert_eq!(repeat.as_ref(), Ok(&first));
        let other = node.submit(Some(jun), Some(&id), mark_read(channel, 4)).await;
        assert_eq!(other.unwrap_err().code, Code::IdempotencyConflict);
    }
    assert_eq!(scene.markers(channel), [3]);
}
