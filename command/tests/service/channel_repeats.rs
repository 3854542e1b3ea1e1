//! What changes a channel or a message, again under the same command id.

use command::bus::Role;
use command::{Code, Command, Viewer};
use events::ChannelId;
use uuid::Uuid;

use crate::commands::{add, edit, end, mark_read, react, remove, set_role, unreact, update};
use crate::scene::{Scene, join, new_id, send};

/// A channel of Minji's with Jun in it, a message by Minji, and others around.
struct Stage {
    scene: Scene,
    minji: Viewer,
    jun: Viewer,
    sora: Viewer,
    channel: ChannelId,
    message: Uuid,
}

impl Stage {
    async fn new() -> Self {
        let scene = Scene::new();
        let (minji, jun) = (scene.user("minji").await, scene.user("jun").await);
        let sora = scene.user("sora").await;
        let channel = scene.channel(minji).await;
        scene.run(jun, join(channel, None)).await.unwrap();
        let message = scene.message(minji, channel).await.0;
        scene.run(minji, react(message, "🎉")).await.unwrap();
        Self { scene, minji, jun, sora, channel, message }
    }
}

/// What Minji may do, once and in this order, and the same with other input.
type Make = fn(&Stage) -> (Command, Command);

const ALL: [(&str, Make); 9] = [
    ("updateChannel", |on| {
        (update(on.channel, Some("산악회"), None), update(on.channel, None, Some("산악회")))
    }),
    ("editMessage", |on| (edit(on.message, "네"), edit(on.message, "아니요"))),
    ("addReaction", |on| (react(on.message, "👍"), react(on.message, "👎"))),
    ("removeReaction", |on| (unreact(on.message, "🎉"), unreact(on.message, "👍"))),
    ("markRead", |on| (mark_read(on.channel, 3), mark_read(on.channel, 1))),
    ("addChannelMember", |on| (add(on.channel, &on.sora.user), add(on.channel, &on.jun.user))),
    ("setChannelRole", |on| {
        let role = |role| set_role(on.channel, &on.jun.user, role);
        (role(Role::Admin), role(Role::Member))
    }),
    ("removeChannelMember", |on| {
        (remove(on.channel, &on.sora.user), remove(on.channel, &on.jun.user))
    }),
    ("deleteChannel", |on| (end(on.channel), end(ChannelId::generate()))),
];

#[tokio::test]
async fn a_repeat_gets_the_first_answer_whatever_has_happened_since() {
    let stage = Stage::new().await;
    let (scene, other, mut firsts) = (&stage.scene, stage.scene.other_node(), Vec::new());
    scene.run(stage.jun, send(stage.channel, "안녕")).await.unwrap();
    for (what, make) in ALL {
        let (command, _) = make(&stage);
        assert_eq!(command.name(), what);
        let id = new_id();
        let first = scene.submit(Some(stage.minji), Some(&id), command).await;
        firsts.push((id, first.unwrap_or_else(|refused| panic!("{what}: {refused:?}"))));
        let kinds = scene.kinds();
        // Those before, too: some would be refused by now, some would change something.
        for ((what, make), (id, first)) in ALL.iter().zip(&firsts) {
            for node in [scene, &other] {
                let repeat = node.submit(Some(stage.minji), Some(id), make(&stage).0).await;
                assert_eq!(repeat.as_ref(), Ok(first), "{what}");
            }
        }
        assert_eq!(scene.kinds(), kinds, "{what}");
    }
}

#[tokio::test]
async fn what_changes_nothing_has_an_answer_that_is_kept_too() {
    let stage = Stage::new().await;
    let (scene, id) = (&stage.scene, new_id());
    let kinds = scene.kinds();
    let first = scene.submit(Some(stage.minji), Some(&id), react(stage.message, "🎉")).await;
    assert_eq!(scene.kinds(), kinds);
    scene.run(stage.minji, unreact(stage.message, "🎉")).await.unwrap();
    for node in [scene, &scene.other_node()] {
        let repeat = node.submit(Some(stage.minji), Some(&id), react(stage.message, "🎉")).await;
        assert_eq!(repeat, first);
    }
    assert_eq!(scene.count("ReactionAdded"), 1);
}

#[tokio::test]
async fn other_input_under_the_same_id_is_a_conflict() {
    let stage = Stage::new().await;
    for (what, make) in ALL {
        let ((command, other), id) = (make(&stage), new_id());
        let first = stage.scene.submit(Some(stage.minji), Some(&id), command).await;
        assert!(first.is_ok(), "{what}: {first:?}");
        let refused = stage.scene.submit(Some(stage.minji), Some(&id), other).await.unwrap_err();
        assert_eq!(refused.code, Code::IdempotencyConflict, "{what}");
        let bad = edit(stage.message, "");
        let refused = stage.scene.submit(Some(stage.minji), Some(&id), bad).await.unwrap_err();
        assert_eq!(refused.code, Code::IdempotencyConflict, "{what}, before bad input");
    }
}

#[tokio::test]
async fn somebody_elses_id_is_taken_but_rights_are_told_first() {
    for (what, make) in ALL {
        let stage = Stage::new().await;
        let (scene, id) = (&stage.scene, new_id());
        scene.submit(Some(stage.jun), Some(&id), send(stage.channel, "안녕")).await.unwrap();
        let kinds = scene.kinds();
        let refused = async |viewer: Viewer| {
            let command = make(&stage).0;
            scene.submit(Some(viewer), Some(&id), command).await.unwrap_err().code
        };
        let is_about_message = ["editMessage", "addReaction", "removeReaction"].contains(&what);
        let stranger = if is_about_message { Code::NotFound } else { Code::Forbidden };
        assert_eq!(refused(stage.sora).await, stranger, "{what}");
        if what != "removeChannelMember" {
            assert_eq!(refused(stage.minji).await, Code::IdTaken, "{what}");
        }
        assert_eq!(scene.kinds(), kinds, "{what}");
    }
}

#[tokio::test]
async fn a_refusal_that_came_before_conflicts_of_state_leaves_the_id_free() {
    let stage = Stage::new().await;
    let (scene, id) = (&stage.scene, new_id());
    let promote = || set_role(stage.channel, &stage.sora.user, Role::Admin);
    let refused = scene.submit(Some(stage.minji), Some(&id), promote()).await.unwrap_err();
    assert_eq!(refused.code, Code::NotFound);
    scene.run(stage.minji, add(stage.channel, &stage.sora.user)).await.unwrap();
    assert!(scene.submit(Some(stage.minji), Some(&id), promote()).await.is_ok());
    // A conflict of state is kept.
    let id = new_id();
    let again = || add(stage.channel, &stage.jun.user);
    let refused = scene.submit(Some(stage.minji), Some(&id), again()).await.unwrap_err();
    assert_eq!(refused.code, Code::AlreadyMember);
    scene.run(stage.minji, remove(stage.channel, &stage.jun.user)).await.unwrap();
    assert_eq!(scene.submit(Some(stage.minji), Some(&id), again()).await, Err(refused));
}
