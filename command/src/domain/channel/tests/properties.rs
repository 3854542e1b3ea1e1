use std::collections::BTreeSet;

use proptest::prelude::*;

use super::departures::remove;
use super::messages::edit;
use super::reactions;
use super::roles::{add, set_role};
use super::settings::update;
use super::*;

#[derive(Debug, Clone)]
enum Step {
    Create,
    Update(usize, bool),
    End(usize),
    Join(usize, Option<bool>),
    Add(usize, usize),
    Leave(usize),
    Remove(usize, usize),
    Depart(usize),
    SetRole(usize, usize, bool),
    Send(usize, Option<usize>),
    Edit(usize, usize, bool),
    Delete(usize, usize),
    React(usize, usize, bool),
    Unreact(usize, usize, bool),
}

const USERS_LEN: usize = 4;

fn step() -> impl Strategy<Value = Step> {
    let (who, which) = (0..USERS_LEN, any::<usize>());
    let pair = (who.clone(), 0..USERS_LEN);
    let either = (who.clone(), which, any::<bool>());
    prop_oneof![
        2 => Just(Step::Create),
        2 => (who.clone(), any::<bool>()).prop_map(|(who, other)| Step::Update(who, other)),
        1 => Just(Step::End(0)),
        6 => (who.clone(), any::<Option<bool>>()).prop_map(|(who, right)| Step::Join(who, right)),
        4 => pair.clone().prop_map(|(by, whom)| Step::Add(by, whom)),
        2 => who.clone().prop_map(Step::Leave),
        2 => pair.clone().prop_map(|(by, whom)| Step::Remove(by, whom)),
        1 => who.clone().prop_map(Step::Depart),
        4 => (pair, any::<bool>()).prop_map(|((by, whom), up)| Step::SetRole(by, whom, up)),
        9 => (who.clone(), any::<Option<usize>>()).prop_map(|(who, to)| Step::Send(who, to)),
        3 => either.clone().prop_map(|(who, which, other)| Step::Edit(who, which, other)),
        3 => (who, which).prop_map(|(who, which)| Step::Delete(who, which)),
        6 => either.clone().prop_map(|(who, which, other)| Step::React(who, which, other)),
        4 => either.prop_map(|(who, which, other)| Step::Unreact(who, which, other)),
    ]
}

/// Either of two.
fn one(of: [&'static str; 2], other: bool) -> &'static str {
    of[usize::from(other)]
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
    match *step {
        Step::Create => create(users[0], Visibility::Private, Some("$phc")),
        Step::Update(who, other) => update(users[who], Some(one(["모임", "산악회"], other)), None),
        Step::End(who) => Command::Delete { by: users[who], handled: Vec::new() },
        Step::Join(who, Some(right)) if given.state.password().is_some() => {
            let verdict = if right { Verdict::Right } else { Verdict::Wrong };
            join_with(given, users[who], verdict)
        }
        Step::Join(who, _) => join(users[who]),
        Step::Add(by, whom) => add(users[by], users[whom]),
        Step::Leave(who) => Command::Leave { user: users[who], handled: Vec::new() },
        Step::Remove(by, whom) => remove(users[by], users[whom]),
        Step::Depart(who) => Command::Depart { user: users[who] },
        Step::SetRole(by, whom, up) => {
            set_role(users[by], users[whom], if up { Role::Admin } else { Role::Member })
        }
        Step::Send(who, reply_to) => send(users[who], reply_to.map(message)),
        Step::Edit(who, which, other) => {
            edit(users[who], message(which), one(["안녕하세요", "안녕"], other))
        }
        Step::Delete(who, which) => {
            Command::DeleteMessage { user: users[who], message: message(which) }
        }
        Step::React(who, which, other) => {
            reactions::add(users[who], message(which), one(["👍", "🎉"], other))
        }
        Step::Unreact(who, which, other) => {
            reactions::remove(users[who], message(which), one(["👍", "🎉"], other))
        }
    }
}

/// The message that an event brings, and its place.
fn message_of(event: &ChannelEvent) -> Option<(MessageId, u32, u32)> {
    match event {
        ChannelEvent::MessageSent(sent) => Some((sent.message, sent.seq, sent.number)),
        ChannelEvent::MemberJoined(joined) => Some((joined.message, joined.seq, joined.number)),
        ChannelEvent::MemberLeft(left) => Some((left.message, left.seq, left.number)),
        _ => None,
    }
}

/// What events say, told without the aggregate.
#[derive(Default)]
struct Model {
    messages: Vec<MessageId>,
    talks: u32,
    present: BTreeSet<UserId>,
    reactions: BTreeSet<(MessageId, UserId, String)>,
    deleted: BTreeSet<MessageId>,
}

impl Model {
    fn take(&mut self, event: &ChannelEvent) -> Result<(), TestCaseError> {
        if let ChannelEvent::MessageSent(_) = event {
            self.talks += 1;
        }
        if let Some((message, seq, number)) = message_of(event) {
            self.messages.push(message);
            prop_assert_eq!(seq as usize, self.messages.len());
            prop_assert_eq!(number, self.talks);
        }
        match event {
            ChannelEvent::ChannelCreated(created) => self.present = [created.creator].into(),
            ChannelEvent::ChannelDeleted(_) => self.present.clear(),
            ChannelEvent::MemberJoined(joined) => prop_assert!(self.present.insert(joined.user)),
            ChannelEvent::MemberLeft(left) => prop_assert!(self.present.remove(&left.user)),
            ChannelEvent::RoleChanged(changed) => {
                prop_assert!(self.present.contains(&changed.user));
            }
            ChannelEvent::MessageDeleted(deleted) => {
                prop_assert!(self.deleted.insert(deleted.message));
            }
            ChannelEvent::MessageEdited(edited) => {
                prop_assert!(!self.deleted.contains(&edited.message));
            }
            ChannelEvent::ReactionAdded(added) => {
                prop_assert!(!self.deleted.contains(&added.message));
                let reaction = (added.message, added.user, added.emoji.clone());
                prop_assert!(self.reactions.insert(reaction));
            }
            ChannelEvent::ReactionRemoved(removed) => {
                let reaction = (removed.message, removed.user, removed.emoji.clone());
                prop_assert!(self.reactions.remove(&reaction));
            }
            _ => {}
        }
        Ok(())
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
            messages.extend(events.iter().filter_map(message_of).map(|(message, ..)| message));
            let state = given.state.clone();
            // A message has no other name than its command's: its repeat is told by the claim.
            if !matches!(command, Command::SendMessage(_)) {
                let again = given.run(id, &command);
                let nothing = matches!(&again, Decision::Accept(events) if events.is_empty());
                prop_assert!(nothing || matches!(again, Decision::Refuse(_)), "{:?}", again);
                prop_assert_eq!(&given.state, &state);
            }
        }
    }

    #[test]
    fn places_have_no_gap_someone_is_always_admin_and_each_change_is_one(
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let users = users::<USERS_LEN>();
        let (mut given, mut model) = (nothing(), Model::default());
        for step in &steps {
            let command = command(step, users, &given, &model.messages);
            let Decision::Accept(events) = given.run(fresh::<CommandId>(), &command) else {
                continue;
            };
            for event in &events {
                model.take(event)?;
            }
            let state = &given.state;
            let present: BTreeSet<_> = state.members.keys().copied().collect();
            prop_assert_eq!(&model.present, &present);
            let admins = users.iter().filter(|user| state.is_admin(**user)).count();
            prop_assert!(state.settings.is_none() || admins > 0);
            prop_assert_eq!(state.seq as usize, model.messages.len());
        }
    }
}
