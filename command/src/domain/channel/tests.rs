//! Sentences about beginning, coming and writing; about the rest in files by what it is, and
//! `properties` of them all.

mod departures;
mod end;
mod messages;
mod properties;
mod reactions;
mod roles;
mod settings;
mod wallets;

use events::channel::{MemberJoined, MemberLeft, MessageSent};
use events::{ChannelId, CommandId, MessageId, StreamName};

use zeroize::Zeroizing;

use super::*;
use crate::domain::testing::{Given, accepted, fresh, kinds, refusal};
use crate::domain::{Verdict, Verified};
use crate::parse::{ChannelName, Description, MessageText};

const MINUTE: Duration = Duration::from_mins(1);

fn users<const N: usize>() -> [UserId; N] {
    std::array::from_fn(|_| fresh::<UserId>())
}

fn nothing() -> Given<Channel> {
    Given::nothing(StreamName::channel(fresh::<ChannelId>()), HashMap::new().into_iter().collect())
}

fn create(creator: UserId, visibility: Visibility, password: Option<&str>) -> Command {
    Command::Create(Create {
        creator,
        name: ChannelName::parse("모임").unwrap(),
        description: Description::parse(None).unwrap(),
        visibility,
        password: password.map(|phc| Zeroizing::new(phc.to_owned())),
    })
}

fn public(creator: UserId) -> Given<Channel> {
    nothing().after(&create(creator, Visibility::Public, None))
}

fn locked(creator: UserId) -> Given<Channel> {
    nothing().after(&create(creator, Visibility::Private, Some("$phc")))
}

fn join(user: UserId) -> Command {
    Command::Join { user, password: Proof::LeftOut }
}

fn join_with(given: &Given<Channel>, user: UserId, verdict: Verdict) -> Command {
    let against = given.state.password().unwrap().event;
    Command::Join { user, password: Proof::Verified(Verified { against, verdict }) }
}

fn send(author: UserId, reply_to: Option<MessageId>) -> Command {
    let text = MessageText::parse("안녕하세요").unwrap();
    Command::SendMessage(SendMessage { author, text, reply_to })
}

/// The given with one more message, and its id.
fn with_message(mut given: Given<Channel>, author: UserId) -> (Given<Channel>, MessageId) {
    let id = fresh::<CommandId>();
    accepted(given.run(id, &send(author, None)));
    (given, MessageId(id.0))
}

#[test]
fn the_creator_is_an_admin_without_an_enter_message() {
    let [minji] = users();
    let given = public(minji);
    assert!(given.state.is_admin(minji));
    assert_eq!(given.state.seq, 0);
    let again = create(minji, Visibility::Public, None);
    assert_eq!(refusal(given.when(&again)).code, Code::IdTaken);
}

#[test]
fn who_joins_a_public_channel_gets_an_enter_message_that_does_not_count_as_unread() {
    let [minji, jun] = users();
    let (given, _) = with_message(public(minji), minji);
    let id = fresh::<CommandId>();
    let mut given = given;
    let events = accepted(given.run(id, &join(jun)));
    let message = MessageId::derived(id, "enter");
    assert_eq!(
        events,
        [MemberJoined { user: jun, added_by: None, message, seq: 2, number: 1 }.into()]
    );
    assert_eq!(refusal(given.when(&join(jun))).code, Code::AlreadyMember);
}

#[test]
fn a_private_channel_without_a_password_can_not_be_joined() {
    let [minji, jun] = users();
    let given = nothing().after(&create(minji, Visibility::Private, None));
    assert_eq!(refusal(given.when(&join(jun))).code, Code::Forbidden);
}

#[test]
fn a_private_channel_with_a_password_takes_the_right_one() {
    let [minji, jun] = users();
    let given = locked(minji);
    let events = accepted(given.when(&join_with(&given, jun, Verdict::Right)));
    assert_eq!(kinds(&events), ["MemberJoined"]);
}

#[test]
fn a_password_left_out_is_refused_but_never_counted() {
    let [minji, jun] = users();
    let decision = locked(minji).when(&join(jun));
    let Decision::Refuse(refused) = decision else { panic!("counted: {decision:?}") };
    assert_eq!(refused.code, Code::WrongChannelPassword);
}

#[test]
fn five_wrong_passwords_lock_out_the_right_one_for_that_user_alone() {
    let [minji, jun, sora] = users();
    let mut given = locked(minji);
    for _ in 0..TRIES_PER_USER_MAX {
        let wrong = join_with(&given, jun, Verdict::Wrong);
        let decision = given.run(fresh::<CommandId>(), &wrong);
        let Decision::CountAndRefuse(_, refused) = decision else { panic!("{decision:?}") };
        assert_eq!(refused.code, Code::WrongChannelPassword);
        given = given.later(MINUTE);
    }
    let refused = refusal(given.when(&join_with(&given, jun, Verdict::Right)));
    assert_eq!(refused.code, Code::RateLimited);
    assert_eq!(refused.retry_after_ms, Some(55 * 60 * 1_000));
    accepted(given.when(&join_with(&given, sora, Verdict::Right)));
    let given = given.later(55 * MINUTE);
    accepted(given.when(&join_with(&given, jun, Verdict::Right)));
}

#[test]
fn a_password_verified_against_nothing_or_another_hash_is_verified_again() {
    let [minji, jun] = users();
    let given = locked(minji);
    let old = Verified { against: fresh::<EventId>(), verdict: Verdict::Right };
    for password in [Proof::Unverified, Proof::Verified(old)] {
        assert_eq!(given.when(&Command::Join { user: jun, password }), Decision::Stale);
    }
}

#[test]
fn a_channel_has_room_for_ten_thousand() {
    let [minji, jun] = users();
    let mut given = public(minji);
    let member = Member { role: Role::Member, since: 1, read: 1 };
    let others = (1..MEMBERS_LEN_MAX).map(|_| (fresh::<UserId>(), member));
    given.state.members.extend(others);
    assert_eq!(given.state.members.len(), MEMBERS_LEN_MAX);
    assert_eq!(refusal(given.when(&join(jun))).code, Code::Forbidden);
    assert_eq!(refusal(given.when(&join(minji))).code, Code::AlreadyMember);
}

#[test]
fn who_leaves_gets_a_leave_message() {
    let [minji, jun] = users();
    let mut given = public(minji).after(&join(jun));
    let id = fresh::<CommandId>();
    let events = accepted(given.run(id, &Command::Leave { user: jun, handled: Vec::new() }));
    let message = MessageId::derived(id, "leave");
    let left = MemberLeft { user: jun, removed_by: None, message, seq: 2, number: 0 };
    assert_eq!(events, [left.into()]);
    assert_eq!(
        refusal(given.when(&Command::Leave { user: jun, handled: Vec::new() })).code,
        Code::Forbidden
    );
}

#[test]
fn the_last_admin_does_not_leave_others_alone() {
    let [minji, jun] = users();
    let given = public(minji).after(&join(jun));
    assert_eq!(
        refusal(given.when(&Command::Leave { user: minji, handled: Vec::new() })).code,
        Code::LastAdmin
    );
}

#[test]
fn the_only_member_leaving_deletes_the_channel() {
    let [minji, jun] = users();
    let given = public(minji);
    let leave = Command::Leave { user: minji, handled: Vec::new() };
    assert_eq!(kinds(&accepted(given.when(&leave))), ["MemberLeft", "ChannelDeleted"]);
    let given = given.after(&leave);
    for command in [leave, join(jun), send(minji, None)] {
        assert_eq!(refusal(given.when(&command)).code, Code::NotFound);
    }
}

#[test]
fn members_write_and_strangers_may_not() {
    let [minji, jun] = users();
    let (mut given, _) = with_message(public(minji), minji);
    let id = fresh::<CommandId>();
    let events = accepted(given.run(id, &send(minji, None)));
    let [ChannelEvent::MessageSent(MessageSent { message, seq: 2, number: 2, .. })] = events[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!(message.0, id.0);
    assert_eq!(refusal(given.when(&send(jun, None))).code, Code::Forbidden);
    assert_eq!(refusal(nothing().when(&send(jun, None))).code, Code::NotFound);
}

#[test]
fn an_answer_is_to_a_message_of_the_same_channel_that_is_not_deleted() {
    let [minji, jun] = users();
    let (given, message) = with_message(public(minji), minji);
    accepted(given.when(&send(minji, Some(message))));
    let unknown = Some(fresh::<MessageId>());
    assert_eq!(refusal(given.when(&send(minji, unknown))).code, Code::NotFound);
    // Rights come before other ids in the input.
    assert_eq!(refusal(given.when(&send(jun, unknown))).code, Code::Forbidden);
    let given = given.after(&Command::DeleteMessage { user: minji, message });
    assert_eq!(refusal(given.when(&send(minji, Some(message)))).code, Code::MessageDeleted);
}

#[test]
fn authors_and_admins_delete_messages() {
    let [minji, jun, sora] = users();
    let given = public(minji).after(&join(jun)).after(&join(sora));
    let (given, message) = with_message(given, jun);
    for user in [minji, jun] {
        let events = accepted(given.when(&Command::DeleteMessage { user, message }));
        assert_eq!(kinds(&events), ["MessageDeleted"]);
    }
    let other = Command::DeleteMessage { user: sora, message };
    assert_eq!(refusal(given.when(&other)).code, Code::Forbidden);
}

#[test]
fn a_message_is_deleted_once() {
    let [minji] = users();
    let (given, message) = with_message(public(minji), minji);
    let delete = Command::DeleteMessage { user: minji, message };
    let given = given.after(&delete);
    assert_eq!(refusal(given.when(&delete)).code, Code::MessageDeleted);
}

#[test]
fn strangers_are_not_told_of_messages() {
    let [minji, jun] = users();
    let (given, message) = with_message(public(minji), minji);
    let delete = Command::DeleteMessage { user: jun, message };
    assert_eq!(refusal(given.when(&delete)).code, Code::NotFound);
    let message = fresh::<MessageId>();
    let unknown = Command::DeleteMessage { user: minji, message };
    assert_eq!(refusal(given.when(&unknown)).code, Code::NotFound);
}

#[test]
fn enter_and_leave_messages_can_not_be_deleted_by_anyone() {
    let [minji, jun] = users();
    let mut given = public(minji);
    let (enter, leave) = (fresh::<CommandId>(), fresh::<CommandId>());
    accepted(given.run(enter, &join(jun)));
    accepted(given.run(leave, &Command::Leave { user: jun, handled: Vec::new() }));
    for message in [MessageId::derived(enter, "enter"), MessageId::derived(leave, "leave")] {
        let delete = Command::DeleteMessage { user: minji, message };
        assert_eq!(refusal(given.when(&delete)).code, Code::Forbidden);
    }
}

#[test]
fn the_places_of_messages_end_before_they_overflow_and_members_can_still_leave() {
    let [minji, jun, sora] = users();
    let mut given = public(minji).after(&join(jun));
    given.state.seq = SEQ_MAX;
    assert_eq!(refusal(given.when(&send(minji, None))).code, Code::Forbidden);
    assert_eq!(refusal(given.when(&join(sora))).code, Code::Forbidden);
    accepted(given.when(&Command::Leave { user: jun, handled: Vec::new() }));
}
