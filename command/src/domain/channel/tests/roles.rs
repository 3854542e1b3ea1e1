//! Adding members, and what they may do.

use events::channel::RoleChanged;

use super::*;

pub(super) fn add(by: UserId, user: UserId) -> Command {
    Command::AddMember { by, candidate: Candidate::Account(user) }
}

pub(super) fn set_role(by: UserId, user: UserId, role: Role) -> Command {
    Command::SetRole { by, user, role }
}

#[test]
fn any_member_adds_somebody_which_is_how_one_comes_into_a_private_channel() {
    let [minji, jun, sora] = users();
    let given = nothing().after(&create(minji, Visibility::Private, None));
    let mut given = given.after(&add(minji, jun));
    let id = fresh::<CommandId>();
    let events = accepted(given.run(id, &add(jun, sora)));
    let (message, added_by) = (MessageId::derived(id, "enter"), Some(jun));
    let joined = MemberJoined { user: sora, added_by, message, seq: 2, number: 0 };
    assert_eq!(events, [joined.into()]);
    assert!(!given.state.is_admin(sora));
}

#[test]
fn who_is_added_needs_no_password_and_wrong_ones_do_not_keep_anybody_out() {
    let [minji, jun] = users();
    let mut given = locked(minji);
    for _ in 0..TRIES_PER_USER_MAX {
        let wrong = join_with(&given, jun, Verdict::Wrong);
        given.run(fresh::<CommandId>(), &wrong);
    }
    assert_eq!(kinds(&accepted(given.when(&add(minji, jun)))), ["MemberJoined"]);
}

#[test]
fn who_is_in_already_is_not_added_oneself_included() {
    let [minji, jun] = users();
    let given = public(minji).after(&join(jun));
    for command in [add(minji, jun), add(jun, minji), add(jun, jun)] {
        assert_eq!(refusal(given.when(&command)).code, Code::AlreadyMember);
    }
}

#[test]
fn what_one_may_do_comes_before_whether_there_is_such_a_user() {
    let [minji, jun] = users();
    let given = public(minji);
    let unknown = |by| Command::AddMember { by, candidate: Candidate::Unknown };
    assert_eq!(refusal(nothing().when(&unknown(minji))).code, Code::NotFound);
    assert_eq!(refusal(given.when(&unknown(jun))).code, Code::Forbidden);
    assert_eq!(refusal(given.when(&add(jun, jun))).code, Code::Forbidden);
    assert_eq!(refusal(given.when(&unknown(minji))).code, Code::NotFound);
}

#[test]
fn nobody_is_added_beyond_ten_thousand() {
    let [minji, jun] = users();
    let mut given = public(minji);
    let member = Member { role: Role::Member, since: 1, read: 1 };
    given.state.members.extend((1..MEMBERS_LEN_MAX).map(|_| (fresh::<UserId>(), member)));
    assert_eq!(refusal(given.when(&add(minji, jun))).code, Code::Forbidden);
    assert_eq!(refusal(given.when(&add(minji, minji))).code, Code::AlreadyMember);
}

#[test]
fn an_admin_makes_admins_and_takes_it_back() {
    let [minji, jun] = users();
    let given = public(minji).after(&join(jun));
    let change = |role| RoleChanged { user: jun, role, by: Some(minji) }.into();
    let up = set_role(minji, jun, Role::Admin);
    assert_eq!(accepted(given.when(&up)), [change(Role::Admin)]);
    let given = given.after(&up);
    assert!(given.state.is_admin(jun));
    assert_eq!(accepted(given.when(&up)), [], "the same role is no change");
    let down = set_role(minji, jun, Role::Member);
    assert_eq!(accepted(given.when(&down)), [change(Role::Member)]);
    // Who is one of two may step down oneself.
    assert_eq!(kinds(&accepted(given.when(&set_role(jun, jun, Role::Member)))), ["RoleChanged"]);
}

#[test]
fn the_last_admin_stays_one_alone_or_among_others() {
    let [minji, jun] = users();
    let step_down = set_role(minji, minji, Role::Member);
    for given in [public(minji), public(minji).after(&join(jun))] {
        assert_eq!(refusal(given.when(&step_down)).code, Code::LastAdmin);
        assert_eq!(accepted(given.when(&set_role(minji, minji, Role::Admin))), []);
    }
}

#[test]
fn roles_are_for_admins_to_give_and_of_members() {
    let [minji, jun, sora] = users();
    let given = public(minji).after(&join(jun));
    for by in [jun, sora] {
        for user in [by, minji, sora] {
            let command = set_role(by, user, Role::Admin);
            assert_eq!(refusal(given.when(&command)).code, Code::Forbidden);
        }
    }
    assert_eq!(refusal(given.when(&set_role(minji, sora, Role::Admin))).code, Code::NotFound);
    let nowhere = nothing().when(&set_role(minji, jun, Role::Admin));
    assert_eq!(refusal(nowhere).code, Code::NotFound);
}

#[test]
fn a_new_stay_starts_as_a_plain_member() {
    let [minji, jun] = users();
    let given = public(minji).after(&join(jun)).after(&set_role(minji, jun, Role::Admin));
    let given = given.after(&Command::Leave { user: jun, handled: Vec::new() }).after(&join(jun));
    assert!(!given.state.is_admin(jun));
    assert_eq!(given.state.standing(jun), Standing::Member { read: 3, last: 3 });
}
