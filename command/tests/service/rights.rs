//! Who may do what in a channel, and what everybody else is told.

use command::Code::{
    self, AlreadyMember, Forbidden, InvalidInput, LastAdmin, MessageDeleted, NotFound,
};
use command::bus::Role;
use command::{Command, Viewer};
use events::{ChannelId, CommandId, MessageId, UserId};
use uuid::Uuid;

use crate::commands::{add, edit, end, mark_read, react, remove, set_role, unreact, update};
use crate::scene::{Scene, answer, delete, join, leave, message_of, new_id, send};

/// Those who try.
struct Cast {
    stranger: Viewer,
    member: Viewer,
    admin: Viewer,
    former: Viewer,
    author: Viewer,
}

/// What they try it on: a new channel each time, with a message by the author, a deleted one by
/// the author, one by the former member, and the author's ENTER message.
struct Stage {
    channel: ChannelId,
    message: Uuid,
    deleted: Uuid,
    old: Uuid,
    enter: Uuid,
    me: UserId,
    member: UserId,
    /// Another account, which is in no channel.
    nobody: UserId,
}

type Row = (&'static str, fn(&Stage) -> Command, [Option<Code>; 5]);

impl Cast {
    async fn meet(scene: &Scene) -> Self {
        Self {
            stranger: scene.user("stranger").await,
            member: scene.user("member").await,
            admin: scene.user("admin").await,
            former: scene.user("former").await,
            author: scene.user("author").await,
        }
    }

    fn all(&self) -> [(&'static str, Viewer); 5] {
        [
            ("stranger", self.stranger),
            ("member", self.member),
            ("admin", self.admin),
            ("former", self.former),
            ("author", self.author),
        ]
    }

    async fn stage(&self, scene: &Scene, me: UserId, nobody: UserId) -> Stage {
        let channel = scene.channel(self.admin).await;
        let entry = new_id();
        scene.run(self.former, join(channel, None)).await.unwrap();
        let old = scene.message(self.former, channel).await.0;
        scene.run(self.former, leave(channel)).await.unwrap();
        scene.run(self.member, join(channel, None)).await.unwrap();
        scene.submit(Some(self.author), Some(&entry), join(channel, None)).await.unwrap();
        let message = scene.message(self.author, channel).await.0;
        let deleted = scene.message(self.author, channel).await.0;
        scene.run(self.author, delete(deleted)).await.unwrap();
        let enter = MessageId::derived(CommandId::from_client(&entry).unwrap(), "enter").0;
        let member = self.member.user;
        Stage { channel, message, deleted, old, enter, me, member, nobody }
    }
}

const FINE: Option<Code> = None;
const NO: Option<Code> = Some(Forbidden);
const NONE: Option<Code> = Some(NotFound);
const IN: Option<Code> = Some(AlreadyMember);
const LAST: Option<Code> = Some(LastAdmin);
const GONE: Option<Code> = Some(MessageDeleted);
const BAD: Option<Code> = Some(InvalidInput);

/// Rows of what is tried; columns: stranger, member, admin, former member, author.
const CHANNELS: [Row; 20] = [
    ("update", |on| update(on.channel, Some("산악회"), None), [NO, NO, FINE, NO, NO]),
    ("update nothing", |on| update(on.channel, None, None), [NO, NO, FINE, NO, NO]),
    ("update badly", |on| update(on.channel, Some(" "), None), [BAD, BAD, BAD, BAD, BAD]),
    ("delete channel", |on| end(on.channel), [NO, NO, FINE, NO, NO]),
    ("join", |on| join(on.channel, None), [FINE, IN, IN, FINE, IN]),
    ("leave", |on| leave(on.channel), [NO, FINE, LAST, NO, FINE]),
    ("add", |on| add(on.channel, &on.nobody), [NO, FINE, FINE, NO, FINE]),
    ("add a member", |on| add(on.channel, &on.member), [NO, IN, IN, NO, IN]),
    ("add oneself", |on| add(on.channel, &on.me), [NO, IN, IN, NO, IN]),
    ("add an unknown", |on| add(on.channel, &Uuid::now_v7()), [NO, NONE, NONE, NO, NONE]),
    ("add no id", |on| add(on.channel, &"no id"), [NO, NONE, NONE, NO, NONE]),
    ("remove", |on| remove(on.channel, &on.member), [NO, FINE, FINE, NO, NO]),
    ("remove oneself", |on| remove(on.channel, &on.me), [NO, FINE, LAST, NO, FINE]),
    ("remove nobody", |on| remove(on.channel, &on.nobody), [NO, NO, NONE, NO, NO]),
    ("remove no id", |on| remove(on.channel, &"no id"), [NO, NO, NONE, NO, NO]),
    ("promote", |on| set_role(on.channel, &on.member, Role::Admin), [NO, NO, FINE, NO, NO]),
    ("promote nobody", |on| set_role(on.channel, &on.nobody, Role::Admin), [NO, NO, NONE, NO, NO]),
    ("promote no id", |on| set_role(on.channel, &"no id", Role::Admin), [NO, NO, NONE, NO, NO]),
    ("step down", |on| set_role(on.channel, &on.me, Role::Member), [NO, NO, LAST, NO, NO]),
    ("mark read", |on| mark_read(on.channel, 3), [NO, FINE, FINE, NO, FINE]),
];

const MESSAGES: [Row; 18] = [
    ("send", |on| send(on.channel, "안녕"), [NO, FINE, FINE, NO, FINE]),
    ("answer", |on| answer(on.channel, &on.old.to_string()), [NO, FINE, FINE, NO, FINE]),
    (
        "answer what is gone",
        |on| answer(on.channel, &on.deleted.to_string()),
        [NO, GONE, GONE, NO, GONE],
    ),
    ("edit", |on| edit(on.message, "네"), [NONE, NO, NO, NONE, FINE]),
    ("edit badly", |on| edit(on.message, " "), [BAD, BAD, BAD, BAD, BAD]),
    ("edit an old one", |on| edit(on.old, "네"), [NONE, NO, NO, NONE, NO]),
    ("edit what is gone", |on| edit(on.deleted, "네"), [NONE, NO, NO, NONE, GONE]),
    ("edit ENTER", |on| edit(on.enter, "네"), [NONE, NO, NO, NONE, NO]),
    ("delete", |on| delete(on.message), [NONE, NO, FINE, NONE, FINE]),
    ("delete an old one", |on| delete(on.old), [NONE, NO, FINE, NONE, NO]),
    ("delete what is gone", |on| delete(on.deleted), [NONE, NO, GONE, NONE, GONE]),
    ("delete ENTER", |on| delete(on.enter), [NONE, NO, NO, NONE, NO]),
    ("react", |on| react(on.message, "👍"), [NONE, FINE, FINE, NONE, FINE]),
    ("react badly", |on| react(on.message, "no"), [BAD, BAD, BAD, BAD, BAD]),
    ("react to what is gone", |on| react(on.deleted, "👍"), [NONE, GONE, GONE, NONE, GONE]),
    ("react to ENTER", |on| react(on.enter, "👍"), [NONE, FINE, FINE, NONE, FINE]),
    ("take back", |on| unreact(on.message, "👍"), [NONE, FINE, FINE, NONE, FINE]),
    ("take back from ENTER", |on| unreact(on.enter, "👍"), [NONE, FINE, FINE, NONE, FINE]),
];

#[tokio::test]
async fn whoever_tries_whatever_is_told_what_the_contract_says() {
    let scene = Scene::new();
    let (cast, nobody) = (Cast::meet(&scene).await, scene.user("nobody").await);
    let mut wrong = Vec::new();
    for (what, command, expected) in CHANNELS.iter().chain(&MESSAGES) {
        for ((who, viewer), expected) in cast.all().into_iter().zip(expected) {
            let stage = cast.stage(&scene, viewer.user, nobody.user).await;
            let answer = scene.run(viewer, command(&stage)).await;
            let code = answer.err().map(|refused| refused.code);
            if code != *expected {
                wrong.push(format!("{who}: {what}: {code:?}, not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn an_unknown_channel_or_message_is_not_found_after_bad_input() {
    let scene = Scene::new();
    let minji = scene.user("minji").await;
    for channel in [ChannelId::generate(), ChannelId(minji.user.0)] {
        let commands = [
            update(channel, None, None),
            end(channel),
            add(channel, &minji.user),
            remove(channel, &minji.user),
            set_role(channel, &minji.user, Role::Admin),
            mark_read(channel, 1),
            edit(channel.0, "네"),
            react(channel.0, "👍"),
            unreact(channel.0, "👍"),
        ];
        for command in commands {
            assert_eq!(scene.code(minji, command).await, NotFound);
        }
        let bad = [
            ("description", update(channel, None, Some(" "))),
            ("upToSeq", mark_read(channel, -1)),
            ("text", edit(channel.0, "\0")),
            ("emoji", react(channel.0, "👍👍")),
            ("emoji", unreact(channel.0, "")),
        ];
        for (field, command) in bad {
            let refused = scene.run(minji, command).await.unwrap_err();
            assert_eq!((refused.code, refused.field.as_deref()), (InvalidInput, Some(field)));
        }
    }
    assert_eq!(scene.kinds().len(), 3, "nothing but a sign-up");
}

#[tokio::test]
async fn nothing_is_written_to_a_channel_after_its_end() {
    let scene = Scene::new();
    let (cast, nobody) = (Cast::meet(&scene).await, scene.user("nobody").await);
    let stage = cast.stage(&scene, cast.member.user, nobody.user).await;
    scene.run(cast.admin, end(stage.channel)).await.unwrap();
    let kinds = scene.kinds();
    assert_eq!(kinds.last().unwrap(), "ChannelDeleted");
    for node in [&scene, &scene.other_node()] {
        for (what, command, _) in CHANNELS.iter().chain(&MESSAGES) {
            for (who, viewer) in cast.all() {
                let code = node.code(viewer, command(&stage)).await;
                assert!([NotFound, InvalidInput].contains(&code), "{who}: {what}: {code:?}");
            }
        }
    }
    assert_eq!(scene.kinds(), kinds);
}

#[tokio::test]
async fn leaving_and_being_put_out_are_told_apart_by_who_did_it() {
    let scene = Scene::new();
    let (cast, nobody) = (Cast::meet(&scene).await, scene.user("nobody").await);
    let channel = cast.stage(&scene, cast.member.user, nobody.user).await.channel;
    let id = new_id();
    scene.submit(Some(cast.admin), Some(&id), remove(channel, &cast.member.user)).await.unwrap();
    let id = CommandId::from_client(&id).unwrap();
    // The LEAVE message is there, under the id that follows from the command's.
    let left = react(MessageId::derived(id, "leave").0, "👋");
    assert_eq!(message_of(&scene.run(cast.author, left).await.unwrap()).0.get_version_num(), 8);
    let id = new_id();
    scene.submit(Some(cast.admin), Some(&id), add(channel, &nobody.user)).await.unwrap();
    let id = CommandId::from_client(&id).unwrap();
    let entered = react(MessageId::derived(id, "enter").0, "👋");
    assert!(scene.run(nobody, entered).await.is_ok());
}
