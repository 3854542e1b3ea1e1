//! Editing messages, and what writing says of reading.

use events::channel::MessageEdited;

use super::*;

pub(super) fn edit(user: UserId, message: MessageId, text: &str) -> Command {
    Command::EditMessage { user, message, text: MessageText::parse(text).unwrap() }
}

#[test]
fn an_author_edits_a_message() {
    let [minji, jun] = users();
    let (given, message) = with_message(public(minji).after(&join(jun)), jun);
    let events = accepted(given.when(&edit(jun, message, "안녕히 가세요")));
    let text = "안녕히 가세요".to_owned();
    assert_eq!(events, [MessageEdited { message, seq: 2, text }.into()]);
}

#[test]
fn the_text_that_is_there_is_no_edit() {
    let [minji] = users();
    let (given, message) = with_message(public(minji), minji);
    assert_eq!(accepted(given.when(&edit(minji, message, "안녕하세요"))), []);
    let given = given.after(&edit(minji, message, "안녕"));
    assert_eq!(accepted(given.when(&edit(minji, message, "안녕"))), []);
    // Messages stay as sent: white space makes another text.
    let events = accepted(given.when(&edit(minji, message, "안녕 ")));
    assert_eq!(kinds(&events), ["MessageEdited"]);
}

#[test]
fn nobody_else_edits_it_not_even_an_admin() {
    let [minji, jun, sora] = users();
    let given = public(minji).after(&join(jun)).after(&join(sora));
    let (given, message) = with_message(given, jun);
    for user in [minji, sora] {
        assert_eq!(refusal(given.when(&edit(user, message, "안녕"))).code, Code::Forbidden);
    }
}

#[test]
fn a_deleted_message_is_not_edited_and_its_text_not_told() {
    let [minji, jun] = users();
    let (given, message) = with_message(public(minji).after(&join(jun)), minji);
    let given = given.after(&Command::DeleteMessage { user: minji, message });
    for text in ["안녕하세요", "안녕"] {
        assert_eq!(refusal(given.when(&edit(minji, message, text))).code, Code::MessageDeleted);
        assert_eq!(refusal(given.when(&edit(jun, message, text))).code, Code::Forbidden);
    }
}

#[test]
fn what_the_channel_says_itself_is_not_edited_by_whom_it_speaks_of() {
    let [minji, jun] = users();
    let mut given = public(minji);
    let id = fresh::<CommandId>();
    accepted(given.run(id, &join(jun)));
    let enter = MessageId::derived(id, "enter");
    for user in [minji, jun] {
        assert_eq!(refusal(given.when(&edit(user, enter, "안녕"))).code, Code::Forbidden);
    }
}

#[test]
fn who_has_left_knows_nothing_of_messages_and_who_is_back_edits_ones_own() {
    let [minji, jun] = users();
    let (given, message) = with_message(public(minji).after(&join(jun)), jun);
    let given = given.after(&Command::Leave { user: jun, handled: Vec::new() });
    assert_eq!(refusal(given.when(&edit(jun, message, "안녕"))).code, Code::NotFound);
    let given = given.after(&join(jun));
    assert_eq!(kinds(&accepted(given.when(&edit(jun, message, "안녕")))), ["MessageEdited"]);
}

#[test]
fn an_unknown_message_is_not_found() {
    let [minji] = users();
    let unknown = edit(minji, fresh::<MessageId>(), "안녕");
    for given in [public(minji), nothing()] {
        assert_eq!(refusal(given.when(&unknown)).code, Code::NotFound);
    }
}

#[test]
fn one_has_read_up_to_ones_own_newest_message_or_ones_coming() {
    let [minji, jun] = users();
    let given = public(minji);
    assert_eq!(given.state.standing(minji), Standing::Member { read: 0, last: 0 });
    let (given, _) = with_message(given, minji);
    let given = given.after(&join(jun));
    assert_eq!(given.state.standing(minji), Standing::Member { read: 1, last: 2 });
    assert_eq!(given.state.standing(jun), Standing::Member { read: 2, last: 2 });
    let (given, _) = with_message(given, jun);
    assert_eq!(given.state.standing(jun), Standing::Member { read: 3, last: 3 });
    assert_eq!(given.state.standing(fresh::<UserId>()), Standing::Stranger);
}
