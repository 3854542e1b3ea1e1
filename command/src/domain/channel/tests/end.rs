//! What can be in a channel's stream after its end.

use events::codec::CategoryEvent as _;
use events::settled::CommandSettled;

use super::reactions;
use super::roles::{add, set_role};
use super::settings::update;
use super::*;

/// A channel that was deleted, by the admin, with a member and a message in it.
fn ended(minji: UserId, jun: UserId) -> (Given<Channel>, MessageId) {
    let (given, message) = with_message(public(minji).after(&join(jun)), minji);
    (given.after(&Command::Delete { by: minji, handled: Vec::new() }), message)
}

#[test]
fn no_command_makes_an_event_in_a_channel_that_is_deleted() {
    let [minji, jun, sora] = users();
    let (given, message) = ended(minji, jun);
    let edit = super::messages::edit;
    for user in [minji, jun, sora] {
        for command in [
            create(user, Visibility::Public, None),
            update(user, Some("산악회"), None),
            Command::Delete { by: user, handled: Vec::new() },
            join(user),
            Command::Join { user, password: Proof::Unverified },
            add(user, sora),
            Command::Leave { user, handled: Vec::new() },
            Command::RemoveMember { by: user, user: jun, handled: Vec::new() },
            Command::RemoveMember { by: user, user, handled: Vec::new() },
            set_role(user, jun, Role::Admin),
            send(user, None),
            send(user, Some(message)),
            edit(user, message, "안녕"),
            Command::DeleteMessage { user, message },
            reactions::add(user, message, "👍"),
            reactions::remove(user, message, "👍"),
        ] {
            let Decision::Refuse(refused) = given.when(&command) else { panic!("{command:?}") };
            let created = matches!(command, Command::Create(_));
            let code = if created { Code::IdTaken } else { Code::NotFound };
            assert_eq!(refused.code, code, "{command:?}");
        }
        assert_eq!(accepted(given.when(&Command::Depart { user })), []);
    }
}

/// Whoever takes up a command that was given up on lays an answer into the stream, whatever has
/// happened there since: it is the one event that may follow the end, and it changes nothing.
#[test]
fn an_answer_laid_into_the_stream_after_the_end_changes_nothing() {
    let [minji, jun] = users();
    let (mut given, message) = ended(minji, jun);
    let state = given.state.clone();
    let settled: ChannelEvent = CommandSettled { answer: serde_json::json!("refused") }.into();
    assert_eq!(settled.kind().0, "CommandSettled");
    given.happened(settled);
    assert_eq!(given.state, state);
    assert_eq!(refusal(given.when(&send(minji, Some(message)))).code, Code::NotFound);
}
