//! The channel of the domain under simulation. The model is written from the contract: who is a
//! member and an admin, what stands at which place, in which order refusals come. A command that
//! is new to the channel is added in five places: `Wish`, `invent`, `command`, `expect` with its
//! rule in `rules`, and `fold` for its events.

mod rules;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use command::Code;
use command::domain::channel::{self, Channel, Create, Proof, SendMessage};
use command::domain::{Verdict as Checked, Verified};
use command::execution::Peek;
use command::parse::{ChannelName, Description, MessageText};
use events::channel::{MemberLeft, Visibility};
use events::{Actor, ChannelEvent, CommandId, EventId, Fact, MessageId, Timestamp, UserId};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::dice::Dice;
use super::subject::{Asked, Expected, Id, Invented, Scene, Subject, Verdict, ensure, user};

/// "Wrong channel passwords: five per user, channel and hour".
const WRONG_MAX: usize = 5;
const HOUR: Duration = Duration::from_hours(1);
const NAME: &str = "a channel";
const TEXT: &str = "a message";
const HASH: &str = "$argon2id$";

pub(crate) enum Channels {}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Wish {
    Create { visibility: Visibility, password: bool },
    Join(Proof),
    Leave,
    Send { reply_to: Option<MessageId> },
    Delete(MessageId),
}

/// What a channel's stream tells.
#[derive(Clone, Default)]
pub(crate) struct Told {
    settings: Option<Settings>,
    created: bool,
    /// Who is in it, and whether as an admin.
    members: BTreeMap<UserId, bool>,
    seq: u32,
    number: u32,
    messages: HashMap<MessageId, Message>,
    wrong: Vec<(UserId, Timestamp)>,
    /// When the last event was recorded.
    at: Timestamp,
}

#[derive(Clone, Copy)]
struct Settings {
    private: bool,
    password: Option<EventId>,
}

#[derive(Clone, Copy)]
struct Message {
    author: UserId,
    seq: u32,
    is_talk: bool,
    deleted: bool,
}

impl Told {
    fn is_locked(&self, user: UserId, at: Timestamp) -> bool {
        let counts = |(who, when): &&(UserId, Timestamp)| *who == user && at.since(*when) < HOUR;
        self.wrong.iter().filter(counts).count() >= WRONG_MAX
    }

    fn password(&self) -> Option<EventId> {
        self.settings?.password
    }

    fn place(&mut self, id: MessageId, message: Message, number: u32) -> Verdict {
        ensure(message.seq == self.seq + 1, "seq has a gap")?;
        self.number += u32::from(message.is_talk);
        ensure(number == self.number, "another number")?;
        self.seq = message.seq;
        ensure(self.messages.insert(id, message).is_none(), "a message stands there twice")
    }

    fn left(&self, actor: UserId, id: CommandId) -> MemberLeft {
        let message = MessageId::derived(id, channel::LEAVE);
        let (seq, number) = (self.seq + 1, self.number);
        MemberLeft { user: actor, removed_by: None, message, seq, number }
    }
}

impl Subject for Channels {
    type Aggregate = Channel;
    type Wish = Wish;
    type Told = Told;

    const REFUSALS: &[Code] = &[
        Code::NotFound,
        Code::Forbidden,
        Code::WrongChannelPassword,
        Code::RateLimited,
        Code::AlreadyMember,
        Code::LastAdmin,
        Code::MessageDeleted,
        Code::IdTaken,
        Code::IdempotencyConflict,
    ];

    fn invent(dice: &mut Dice, scene: &Scene<'_, Told>) -> Invented<Wish> {
        let Scene { told, ids, .. } = scene;
        let message = |dice: &mut Dice| {
            let mut known: Vec<_> = told.messages.keys().copied().collect();
            known.sort_unstable();
            if known.is_empty() || dice.percent(20) {
                known.extend(ids.iter().map(|id| MessageId(id.0)));
            }
            dice.pick(&known).unwrap_or(MessageId(Uuid::nil()))
        };
        let chance = if told.created { 1 } else { 60 };
        if dice.percent(chance) {
            let visibility = dice.pick(&[Visibility::Public, Visibility::Private]).unwrap();
            let password = visibility == Visibility::Private && dice.percent(80);
            let wish = Wish::Create { visibility, password };
            return Invented { wish, id: Id::Given(CommandId(scene.entity)) };
        }
        let wish = match dice.below(20) {
            0..7 => Wish::Join(proof(dice, told)),
            7 => Wish::Leave,
            8..15 => {
                let reply_to = dice.percent(30).then(|| message(dice));
                Wish::Send { reply_to }
            }
            _ => Wish::Delete(message(dice)),
        };
        Invented { wish, id: Id::Fresh }
    }

    fn command(actor: &Actor, wish: &Wish) -> channel::Command {
        let user = user(actor);
        match *wish {
            Wish::Create { visibility, password } => channel::Command::Create(Create {
                creator: user,
                name: ChannelName::parse(NAME).unwrap(),
                description: Description::parse(None).unwrap(),
                visibility,
                password: password.then(|| Zeroizing::new(HASH.to_owned())),
            }),
            Wish::Join(password) => channel::Command::Join { user, password },
            Wish::Leave => channel::Command::Leave { user, handled: Vec::new() },
            Wish::Send { reply_to } => {
                let text = MessageText::parse(TEXT).unwrap();
                channel::Command::SendMessage(SendMessage { author: user, text, reply_to })
            }
            Wish::Delete(message) => channel::Command::DeleteMessage { user, message },
        }
    }

    fn input(wish: &Wish) -> String {
        match wish {
            Wish::Join(_) => "join".into(),
            other => format!("{other:?}"),
        }
    }

    fn try_another_secret(dice: &mut Dice, told: &Told, wish: &mut Wish) {
        if let Wish::Join(sent) = wish {
            *sent = proof(dice, told);
        }
    }

    fn verify_anew(told: &Told, wish: &mut Wish) {
        if let (Wish::Join(proof), Some(against)) = (wish, told.password()) {
            let verdict = match proof {
                Proof::Verified(Verified { verdict, .. }) => *verdict,
                Proof::LeftOut | Proof::Unverified => Checked::Right,
            };
            *proof = Proof::Verified(Verified { against, verdict });
        }
    }

    fn fold(told: &mut Told, fact: &Fact<ChannelEvent>) -> Verdict {
        told.at = fact.at;
        match &fact.event {
            ChannelEvent::ChannelCreated(created) => {
                ensure(!told.created, "it was created twice")?;
                let private = created.visibility == Visibility::Private;
                let password = created.password.as_ref().map(|_| fact.id);
                told.settings = Some(Settings { private, password });
                told.created = true;
                told.members.insert(created.creator, true);
            }
            ChannelEvent::ChannelDeleted(_) => {
                ensure(told.members.is_empty(), "it was deleted from under its members")?;
                told.settings = None;
                // All that is over: nobody is locked out of what is gone.
                told.wrong.clear();
            }
            ChannelEvent::MemberJoined(joined) => {
                let user = joined.user;
                ensure(told.members.insert(user, false).is_none(), "a member came twice")?;
                let message = entered(user, joined.seq);
                told.place(joined.message, message, joined.number)?;
            }
            ChannelEvent::MemberLeft(left) => {
                ensure(told.members.remove(&left.user).is_some(), "who left was no member")?;
                told.place(left.message, entered(left.user, left.seq), left.number)?;
                let admins = told.members.values().any(|is_admin| *is_admin);
                ensure(admins || told.members.is_empty(), "nobody is admin")?;
            }
            ChannelEvent::ChannelPasswordFailed(failed) => {
                ensure(!told.is_locked(failed.user, fact.at), "a wrong try too many")?;
                told.wrong.push((failed.user, fact.at));
            }
            ChannelEvent::MessageSent(sent) => {
                ensure(told.members.contains_key(&sent.author), "a stranger wrote")?;
                let (author, seq) = (sent.author, sent.seq);
                let message = Message { author, seq, is_talk: true, deleted: false };
                told.place(sent.message, message, sent.number)?;
            }
            ChannelEvent::MessageDeleted(deleted) => {
                let message = told.messages.get_mut(&deleted.message).ok_or("no such message")?;
                ensure(!message.deleted && message.is_talk, "it can't be deleted")?;
                message.deleted = true;
            }
            _ => {}
        }
        Ok(())
    }

    fn expect(told: &Told, asked: &Asked<'_>, wish: &Wish) -> Expected {
        let expected = match *wish {
            Wish::Create { visibility, password } => {
                rules::create(told, asked, visibility, password)
            }
            Wish::Join(proof) => rules::join(told, asked, proof),
            Wish::Leave => rules::leave(told, asked),
            Wish::Send { reply_to } => rules::send(told, asked, reply_to),
            Wish::Delete(message) => rules::delete(told, asked, message),
        };
        expected.unwrap_or_else(Expected::Refused)
    }

    fn shows(told: &Told, keys: &[Uuid], peek: &Peek<Channel>) -> Verdict {
        let password = peek.state.password().map(|password| password.event);
        ensure(password == told.password(), "another password")?;
        for (user, _) in &told.wrong {
            let locked = peek.state.locked_for(*user, told.at).is_some();
            ensure(locked == told.is_locked(*user, told.at), "another lock")?;
        }
        let known = |key: &Uuid| told.messages.contains_key(&MessageId(*key));
        let same = |key: &Uuid| known(key) == peek.items.contains_key(key);
        ensure(keys.iter().all(same), "an item differs")
    }
}

fn proof(dice: &mut Dice, told: &Told) -> Proof {
    let verdict = if dice.percent(60) { Checked::Right } else { Checked::Wrong };
    match (dice.below(10), told.password()) {
        (0, _) => Proof::LeftOut,
        (1, _) | (_, None) => Proof::Unverified,
        (2, _) => Proof::Verified(Verified { against: EventId(dice.uuid()), verdict }),
        (_, Some(against)) => Proof::Verified(Verified { against, verdict }),
    }
}

fn entered(author: UserId, seq: u32) -> Message {
    Message { author, seq, is_talk: false, deleted: false }
}
