//! What a channel is called, and its deletion.

use events::channel::{ChannelDeleted, ChannelUpdated};

use super::*;

pub(super) fn update(by: UserId, name: Option<&str>, description: Option<&str>) -> Command {
    let name = name.map(|name| ChannelName::parse(name).unwrap());
    let description = description.map(|text| Description::parse(Some(text)).unwrap());
    Command::Update(Update { by, name, description })
}

#[test]
fn an_admin_gives_a_channel_another_name_and_description() {
    let [minji] = users();
    let given = public(minji);
    let both = update(minji, Some("산악회"), Some("토요일마다"));
    let (name, description) = (Some("산악회".to_owned()), Some("토요일마다".to_owned()));
    let updated = ChannelUpdated { name: name.clone(), description, by: minji };
    assert_eq!(accepted(given.when(&both)), [updated.into()]);
    // The event tells what became another, and no more.
    let only_name = ChannelUpdated { name, description: None, by: minji };
    let events = accepted(given.when(&update(minji, Some("산악회"), Some(""))));
    assert_eq!(events, [only_name.into()]);
}

#[test]
fn nothing_given_or_nothing_changed_is_no_event_and_no_error() {
    let [minji] = users();
    let given = public(minji).after(&update(minji, Some("산악회"), Some("토요일마다")));
    for same in [
        update(minji, None, None),
        update(minji, Some("산악회"), None),
        update(minji, Some(" 산악회 "), Some("토요일마다")),
    ] {
        assert_eq!(accepted(given.when(&same)), []);
    }
    let emptied = accepted(given.when(&update(minji, None, Some(""))));
    let description = Some(String::new());
    assert_eq!(emptied, [ChannelUpdated { name: None, description, by: minji }.into()]);
}

#[test]
fn an_admin_deletes_a_channel_with_all_its_members() {
    let [minji, jun] = users();
    let given = public(minji).after(&join(jun));
    let delete = Command::Delete { by: minji, handled: Vec::new() };
    let events = accepted(given.when(&delete));
    assert_eq!(events, [ChannelDeleted { by: minji }.into()]);
    let given = given.after(&delete);
    assert_eq!(refusal(given.when(&delete)).code, Code::NotFound);
    assert_eq!(
        refusal(given.when(&Command::Leave { user: jun, handled: Vec::new() })).code,
        Code::NotFound
    );
    assert_eq!(given.state.standing(jun), Standing::NoChannel);
}

#[test]
fn settings_are_for_admins() {
    let [minji, jun, sora] = users();
    let given = public(minji).after(&join(jun));
    for by in [jun, sora] {
        for command in [update(by, Some("산악회"), None), update(by, None, None)] {
            assert_eq!(refusal(given.when(&command)).code, Code::Forbidden);
            assert_eq!(refusal(nothing().when(&command)).code, Code::NotFound);
        }
        assert_eq!(
            refusal(given.when(&Command::Delete { by, handled: Vec::new() })).code,
            Code::Forbidden
        );
    }
}
