use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    Create,
    Join(usize, Option<bool>),
    Leave(usize),
    Send(usize, Option<usize>),
    Delete(usize, usize),
}

const USERS_LEN: usize = 4;

fn step() -> impl Strategy<Value = Step> {
    let who = 0..USERS_LEN;
    prop_oneof![
        1 => Just(Step::Create),
        4 => (who.clone(), any::<Option<bool>>()).prop_map(|(who, right)| Step::Join(who, right)),
        2 => who.clone().prop_map(Step::Leave),
        6 => (who.clone(), any::<Option<usize>>()).prop_map(|(who, to)| Step::Send(who, to)),
        3 => (who, any::<usize>()).prop_map(|(who, which)| Step::Delete(who, which)),
    ]
}

fn command(
    step: &Step,
    users: [UserId; USERS_LEN],
    given: &Given<Channel>,
    messages: &[MessageId],
) -> Command {
    let message = |which: usize| match messages.len() {
        0 => fresh::<MessageId>(),
        len => messages[which % len],
    };
    match step {
        Step::Create => create(users[0], Visibility::Private, Some("$phc")),
        Step::Join(who, Some(right)) if given.state.password().is_some() => {
            let verdict = if *right { Verdict::Right } else { Verdict::Wrong };
            join_with(given, users[*who], verdict)
        }
        Step::Join(who, _) => join(users[*who]),
        Step::Leave(who) => Command::Leave { user: users[*who] },
        Step::Send(who, reply_to) => send(users[*who], reply_to.map(message)),
        Step::Delete(who, which) => {
            Command::DeleteMessage { user: users[*who], message: message(*which) }
        }
    }
}

/// The message that an event brings, and its place.
fn message_of(event: &ChannelEvent) -> Option<(MessageId, u32)> {
    match event {
        ChannelEvent::MessageSent(sent) => Some((sent.message, sent.seq)),
        ChannelEvent::MemberJoined(joined) => Some((joined.message, joined.seq)),
        ChannelEvent::MemberLeft(left) => Some((left.message, left.seq)),
        _ => None,
    }
}

proptest! {
    #[test]
    fn a_repeated_command_changes_nothing(steps in prop::collection::vec(step(), 1..60)) {
        let users = users::<USERS_LEN>();
        let (mut given, mut messages) = (nothing(), Vec::new());
        for step in &steps {
            let command = command(step, users, &given, &messages);
            let id = fresh::<CommandId>();
            let Decision::Accept(events) = given.run(id, &command) else { continue };
            messages.extend(events.iter().filter_map(message_of).map(|(message, _)| message));
            let state = given.state.clone();
            // A message has no other name than its command's: its repeat is told by the claim.
            if !matches!(command, Command::SendMessage(_)) {
                let again = given.run(id, &command);
                prop_assert!(matches!(again, Decision::Refuse(_)), "{:?}", again);
                prop_assert_eq!(&given.state, &state);
            }
        }
    }

    #[test]
    fn places_have_no_gap_and_someone_is_always_admin(
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let users = users::<USERS_LEN>();
        let (mut given, mut messages, mut talks) = (nothing(), Vec::new(), 0);
        let mut present = BTreeSet::new();
        for step in &steps {
            let command = command(step, users, &given, &messages);
            let Decision::Accept(events) = given.run(fresh::<CommandId>(), &command) else {
                continue;
            };
            for event in &events {
                if let Some((message, seq)) = message_of(event) {
                    messages.push(message);
                    prop_assert_eq!(seq as usize, messages.len());
                }
                match event {
                    ChannelEvent::ChannelCreated(created) => present = [created.creator].into(),
                    ChannelEvent::MemberJoined(joined) => prop_assert!(present.insert(joined.user)),
                    ChannelEvent::MemberLeft(left) => prop_assert!(present.remove(&left.user)),
                    ChannelEvent::ChannelDeleted(_) => prop_assert!(present.is_empty()),
                    ChannelEvent::MessageSent(sent) => {
                        talks += 1;
                        prop_assert_eq!(sent.number, talks);
                    }
                    _ => {}
                }
            }
            let state = &given.state;
            prop_assert_eq!(&present, &state.members.keys().copied().collect::<BTreeSet<_>>());
            let admins = users.iter().filter(|user| state.is_admin(**user)).count();
            prop_assert!(state.settings.is_none() || admins > 0);
        }
    }
}
