//! Reactions.

use events::channel::{ReactionAdded, ReactionRemoved};

use super::messages::edit;
use super::*;
use crate::parse::Emoji;

pub(super) fn add(user: UserId, message: MessageId, emoji: &str) -> Command {
    Command::AddReaction(Reaction { user, message, emoji: Emoji::parse(emoji).unwrap() })
}

pub(super) fn remove(user: UserId, message: MessageId, emoji: &str) -> Command {
    Command::RemoveReaction(Reaction { user, message, emoji: Emoji::parse(emoji).unwrap() })
}

#[test]
fn a_member_reacts_and_takes_it_back() {
    let [minji, jun] = users();
    let (given, message) = with_message(public(minji).after(&join(jun)), minji);
    let (user, emoji) = (jun, "👍".to_owned());
    let added = ReactionAdded { message, seq: 2, user, emoji: emoji.clone() };
    assert_eq!(accepted(given.when(&add(jun, message, "👍"))), [added.into()]);
    let given = given.after(&add(jun, message, "👍"));
    let removed = ReactionRemoved { message, seq: 2, user, emoji };
    assert_eq!(accepted(given.when(&remove(jun, message, "👍"))), [removed.into()]);
}

#[test]
fn adding_twice_and_removing_what_is_not_there_is_no_event_and_no_error() {
    let [minji, jun] = users();
    let (given, message) = with_message(public(minji).after(&join(jun)), minji);
    let given = given.after(&add(jun, message, "👍"));
    assert_eq!(accepted(given.when(&add(jun, message, "👍"))), []);
    for other in [remove(jun, message, "🎉"), remove(minji, message, "👍")] {
        assert_eq!(accepted(given.when(&other)), []);
    }
    let given = given.after(&remove(jun, message, "👍"));
    assert_eq!(accepted(given.when(&remove(jun, message, "👍"))), []);
    assert_eq!(kinds(&accepted(given.when(&add(jun, message, "👍")))), ["ReactionAdded"]);
}

#[test]
fn reactions_outlive_an_edit_and_the_stay_of_who_made_them() {
    let [minji, jun] = users();
    let (given, message) = with_message(public(minji).after(&join(jun)), minji);
    let given = given.after(&add(jun, message, "👍")).after(&edit(minji, message, "안녕"));
    let given = given.after(&Command::Leave { user: jun, handled: Vec::new() });
    assert_eq!(refusal(given.when(&remove(jun, message, "👍"))).code, Code::NotFound);
    let given = given.after(&join(jun));
    assert_eq!(accepted(given.when(&add(jun, message, "👍"))), []);
    assert_eq!(kinds(&accepted(given.when(&remove(jun, message, "👍")))), ["ReactionRemoved"]);
}

#[test]
fn nobody_reacts_to_a_deleted_message_or_takes_back_what_was_there() {
    let [minji] = users();
    let (given, message) = with_message(public(minji), minji);
    let given = given.after(&add(minji, message, "👍"));
    let given = given.after(&Command::DeleteMessage { user: minji, message });
    for command in [add(minji, message, "👍"), remove(minji, message, "👍")] {
        assert_eq!(refusal(given.when(&command)).code, Code::MessageDeleted);
    }
}

#[test]
fn what_the_channel_says_itself_can_be_reacted_to() {
    let [minji, jun] = users();
    let mut given = public(minji);
    let (enter, leave) = (fresh::<CommandId>(), fresh::<CommandId>());
    accepted(given.run(enter, &join(jun)));
    accepted(given.run(leave, &Command::Leave { user: jun, handled: Vec::new() }));
    for message in [MessageId::derived(enter, "enter"), MessageId::derived(leave, "leave")] {
        given = given.after(&add(minji, message, "👋")).after(&remove(minji, message, "👋"));
    }
}

#[test]
fn strangers_are_not_told_of_messages_and_unknown_ones_are_not_found() {
    let [minji, jun] = users();
    let (given, message) = with_message(public(minji), minji);
    let unknown = fresh::<MessageId>();
    for command in [add, remove] {
        assert_eq!(refusal(given.when(&command(jun, message, "👍"))).code, Code::NotFound);
        assert_eq!(refusal(given.when(&command(minji, unknown, "👍"))).code, Code::NotFound);
    }
}

#[test]
fn a_message_has_room_for_fifty_emojis_each_by_anybody() {
    let [minji, jun] = users();
    let (given, message) = with_message(public(minji).after(&join(jun)), minji);
    let emoji = |at: u32| char::from_u32(u32::from('가') + at).unwrap().to_string();
    let given = (0..50).fold(given, |given, at| given.after(&add(minji, message, &emoji(at))));
    assert_eq!(refusal(given.when(&add(jun, message, &emoji(50)))).code, Code::Forbidden);
    accepted(given.when(&add(jun, message, &emoji(0))));
    assert_eq!(accepted(given.when(&add(minji, message, &emoji(0)))), [], "it is there");
    let given = given.after(&remove(minji, message, &emoji(0)));
    accepted(given.when(&add(jun, message, &emoji(50))));
}

#[test]
fn ten_thousand_reactions_are_kept_in_little_room_and_there_is_none_for_more() {
    let mut reactions = Reactions::default();
    let users: Vec<UserId> = (0..REACTIONS_LEN_MAX).map(|_| fresh::<UserId>()).collect();
    for (at, user) in users.iter().enumerate() {
        reactions.insert(*user, if at % 2 == 0 { "👍" } else { "👎" });
    }
    let json = serde_json::to_string(&reactions).unwrap();
    assert!(json.len() < 22 * REACTIONS_LEN_MAX, "{} bytes", json.len());
    assert_eq!(serde_json::from_str::<Reactions>(&json).unwrap(), reactions);
    for emoji in ["👍", "🎉"] {
        assert_eq!(reactions.has_room(emoji).unwrap_err().code, Code::Forbidden);
    }
    reactions.remove(users[0], "👍");
    assert!(reactions.has_room("👍").is_ok());
    assert!(serde_json::from_str::<Reactions>(r#"{"👍":"AAAA"}"#).is_err());
}
