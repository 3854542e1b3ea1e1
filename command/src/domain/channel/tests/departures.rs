//! Being put out, and going because one's account ends.

use events::channel::{ChannelDeleted, RoleChanged};

use super::roles::set_role;
use super::*;

pub(super) fn remove(by: UserId, user: UserId) -> Command {
    Command::RemoveMember { by, user, handled: Vec::new() }
}

#[test]
fn an_admin_puts_members_and_admins_out() {
    let [minji, jun] = users();
    for given in [
        public(minji).after(&join(jun)),
        public(minji).after(&join(jun)).after(&set_role(minji, jun, Role::Admin)),
    ] {
        let (mut given, id) = (given, fresh::<CommandId>());
        let events = accepted(given.run(id, &remove(minji, jun)));
        let (message, removed_by) = (MessageId::derived(id, "leave"), Some(minji));
        let left = MemberLeft { user: jun, removed_by, message, seq: 2, number: 0 };
        assert_eq!(events, [left.into()]);
        assert_eq!(refusal(given.when(&remove(minji, jun))).code, Code::NotFound);
        assert_eq!(given.state.standing(jun), Standing::Stranger);
    }
}

#[test]
fn only_admins_put_others_out() {
    let [minji, jun, sora] = users();
    let given = public(minji).after(&join(jun));
    for by in [jun, sora] {
        for user in [minji, fresh::<UserId>()] {
            assert_eq!(refusal(given.when(&remove(by, user))).code, Code::Forbidden);
        }
    }
    assert_eq!(refusal(given.when(&remove(sora, sora))).code, Code::Forbidden);
    assert_eq!(refusal(nothing().when(&remove(minji, minji))).code, Code::NotFound);
    assert_eq!(refusal(nothing().when(&remove(minji, jun))).code, Code::NotFound);
}

#[test]
fn removing_oneself_is_leaving_but_does_not_end_the_channel() {
    let [minji, jun] = users();
    let given = public(minji);
    assert_eq!(refusal(given.when(&remove(minji, minji))).code, Code::Forbidden);
    let given = given.after(&join(jun));
    assert_eq!(refusal(given.when(&remove(minji, minji))).code, Code::LastAdmin);
    let events = accepted(given.when(&remove(jun, jun)));
    let [ChannelEvent::MemberLeft(MemberLeft { user, removed_by: None, .. })] = events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(user, jun);
    let given = given.after(&set_role(minji, jun, Role::Admin));
    assert_eq!(kinds(&accepted(given.when(&remove(minji, minji)))), ["MemberLeft"]);
}

#[test]
fn where_an_account_ends_that_was_the_last_admin_who_was_there_longest_takes_over() {
    let [minji, jun, sora, haru] = users();
    let given = public(minji).after(&join(jun)).after(&join(sora)).after(&join(haru));
    // Who has left and come back has been there for less time.
    let mut given =
        given.after(&Command::Leave { user: jun, handled: Vec::new() }).after(&join(jun));
    let (id, depart) = (fresh::<CommandId>(), Command::Depart { user: minji });
    let events = accepted(given.run(id, &depart));
    let message = MessageId::derived(id, "leave");
    let heir = RoleChanged { user: sora, role: Role::Admin, by: None };
    let left = MemberLeft { user: minji, removed_by: None, message, seq: 6, number: 0 };
    assert_eq!(events, [heir.into(), left.into()]);
    assert!(given.state.is_admin(sora));
    assert_eq!(accepted(given.run(id, &depart)), [], "a repeat changes nothing");
}

#[test]
fn where_there_is_another_admin_or_one_was_none_nobody_takes_over() {
    let [minji, jun, sora] = users();
    let given = public(minji).after(&join(jun)).after(&join(sora));
    let plain = given.when(&Command::Depart { user: sora });
    assert_eq!(kinds(&accepted(plain)), ["MemberLeft"]);
    let given = given.after(&set_role(minji, sora, Role::Admin));
    let one_of_two = given.when(&Command::Depart { user: minji });
    assert_eq!(kinds(&accepted(one_of_two)), ["MemberLeft"]);
}

#[test]
fn where_an_account_ends_that_was_alone_the_channel_ends_too() {
    let [minji] = users();
    let mut given = public(minji);
    let depart = Command::Depart { user: minji };
    let events = accepted(given.run(fresh::<CommandId>(), &depart));
    assert_eq!(kinds(&events), ["MemberLeft", "ChannelDeleted"]);
    assert_eq!(events[1], ChannelDeleted { by: minji }.into());
    assert_eq!(accepted(given.when(&depart)), []);
}

#[test]
fn where_one_is_not_there_is_nothing_to_depart_from() {
    let [minji, jun] = users();
    let depart = Command::Depart { user: jun };
    assert_eq!(accepted(nothing().when(&depart)), []);
    assert_eq!(accepted(public(minji).when(&depart)), []);
}

#[test]
fn departing_is_possible_however_full_the_channel_is() {
    let [minji, jun] = users();
    let mut given = public(minji).after(&join(jun));
    given.state.seq = SEQ_MAX;
    accepted(given.when(&Command::Depart { user: minji }));
    accepted(given.when(&remove(minji, jun)));
}
