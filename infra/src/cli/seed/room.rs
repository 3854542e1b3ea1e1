//! What happens in one channel, event by event.

use std::collections::VecDeque;

use events::channel::{
    ChannelCreated, MemberJoined, MessageDeleted, MessageEdited, MessageSent, ReactionAdded,
    Visibility,
};
use events::{ChannelEvent, ChannelId, CommandId, MessageId, StreamName, Timestamp, UserId};

use super::dice::Dice;
use super::plan::Plan;
use super::words;

/// Messages that are still talked about.
const RECENT_LEN: usize = 30;
/// People write this many messages, and then none for a while.
const BURST_LEN: u64 = 8;
/// Between two messages of a burst, at most.
const WITHIN_BURST_US: i64 = 20_000_000;
/// In a thousand.
const REPLIES: usize = 120;
const REACTED_TO: usize = 150;
const EDITED: usize = 15;
const DELETED: usize = 4;
const ADDED: usize = 300;

/// An event with what surrounds it.
pub(super) struct Happening {
    pub(super) event: ChannelEvent,
    pub(super) by: UserId,
    pub(super) command: CommandId,
    pub(super) at: Timestamp,
}

struct Recent {
    message: MessageId,
    seq: u32,
    author: usize,
    reactions: Vec<(usize, &'static str)>,
}

/// A channel that tells what happens next.
pub(super) struct Room<'a> {
    plan: &'a Plan,
    number: usize,
    id: ChannelId,
    users: Vec<UserId>,
    dice: Dice,
    /// What is to be told before anything else happens.
    told: VecDeque<Happening>,
    recent: VecDeque<Recent>,
    joined: usize,
    seq: u32,
    written: u64,
    commands: u64,
    open: (Timestamp, Timestamp),
    burst_at: i64,
    now: Timestamp,
}

impl<'a> Room<'a> {
    /// The channel with that number, before it is there.
    pub(super) fn new(plan: &'a Plan, number: usize) -> Self {
        let users = plan.members_of(number).into_iter().map(|user| plan.user(user)).collect();
        let open = plan.open_from(number);
        let mut room = Self {
            plan,
            number,
            id: plan.channel(number),
            users,
            dice: plan.dice(b"room", number),
            told: VecDeque::new(),
            recent: VecDeque::new(),
            joined: 1,
            seq: 0,
            written: 0,
            commands: 0,
            open,
            burst_at: 0,
            now: open.0,
        };
        room.create();
        room
    }

    /// Its stream.
    pub(super) fn stream(&self) -> StreamName {
        StreamName::channel(self.id)
    }

    /// Who is in it, and up to which message each has read, once all has happened.
    pub(super) fn read_up_to(&mut self) -> Vec<(UserId, u32)> {
        let (seq, dice) = (self.seq, &mut self.dice);
        let behind = |user: &UserId| {
            let missed = if dice.per_mille(700) { 0 } else { dice.below(1 + seq as usize / 4) };
            (*user, seq.saturating_sub(u32::try_from(missed).unwrap_or(0)))
        };
        self.users.iter().take(self.joined).map(behind).collect()
    }

    /// When it was last.
    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    fn tell(&mut self, by: UserId, command: CommandId, event: impl Into<ChannelEvent>) {
        let (event, at) = (event.into(), self.now);
        self.told.push_back(Happening { event, by, command, at });
    }

    fn command(&mut self) -> CommandId {
        self.commands += 1;
        self.plan.command(self.number, self.commands)
    }

    fn create(&mut self) {
        let (name, description) = words::group(&mut self.dice, self.number + 1);
        let (creator, visibility) = (self.users[0], Visibility::Public);
        let event = ChannelCreated { name, description, visibility, password: None, creator };
        self.tell(creator, CommandId(self.id.0), event);
    }

    fn join(&mut self) {
        let user = self.users[self.joined];
        let added_by = self.dice.per_mille(ADDED).then(|| self.users[0]);
        self.joined += 1;
        self.seq += 1;
        let message = self.plan.message(self.number, self.seq);
        let number = u32::try_from(self.written).unwrap_or(u32::MAX);
        let joined = MemberJoined { user, added_by, message, seq: self.seq, number };
        let command = self.command();
        self.tell(added_by.unwrap_or(user), command, joined);
    }

    /// The next message's time: bursts lie apart, and nothing lies before what was.
    fn wait(&mut self) {
        let messages = self.plan.messages_of(self.number).max(1);
        let bursts = i64::try_from(messages.div_ceil(BURST_LEN)).unwrap_or(i64::MAX);
        let length = (self.open.1.as_micros() - self.open.0.as_micros()) / bursts;
        let within = i64::try_from(self.written % BURST_LEN).unwrap_or(0);
        if within == 0 {
            let burst = i64::try_from(self.written / BURST_LEN).unwrap_or(0);
            let late = self.dice.below(1_000);
            let late = length / 2_000 * i64::try_from(late).unwrap_or(0);
            self.burst_at = self.open.0.as_micros() + burst * length + late;
        }
        let gap = (length / 20).min(WITHIN_BURST_US);
        self.now = self.now.max(Timestamp::from_micros(self.burst_at + within * gap));
    }

    fn write(&mut self) {
        self.wait();
        let author = self.dice.low_below(self.joined);
        let reply = !self.recent.is_empty() && self.dice.per_mille(REPLIES);
        let reply_to = reply.then(|| {
            let at = self.dice.below(self.recent.len());
            self.recent[at].message
        });
        self.seq += 1;
        self.written += 1;
        let (message, seq) = (self.plan.message(self.number, self.seq), self.seq);
        let number = u32::try_from(self.written).unwrap_or(u32::MAX);
        let (by, text) = (self.users[author], words::message(&mut self.dice));
        let sent = MessageSent { message, seq, number, author: by, text, reply_to };
        self.tell(by, CommandId(message.0), sent);
        self.recent.push_back(Recent { message, seq, author, reactions: Vec::new() });
        if self.recent.len() > RECENT_LEN {
            self.recent.pop_front();
        }
        self.talk_about();
    }

    /// Reactions, second thoughts and regrets.
    fn talk_about(&mut self) {
        let at = self.dice.below(self.recent.len());
        if self.dice.per_mille(REACTED_TO) {
            for _ in 0..=self.dice.below(3) {
                self.react(at);
            }
        }
        if self.dice.per_mille(EDITED) {
            let Recent { message, seq, author, .. } = self.recent[at];
            let text = format!("{} (고침)", words::message(&mut self.dice));
            let (by, command) = (self.users[author], self.command());
            self.tell(by, command, MessageEdited { message, seq, text });
        }
        if self.dice.per_mille(DELETED)
            && let Some(Recent { message, seq, author, .. }) = self.recent.remove(at)
        {
            let (by, command) = (self.users[author], self.command());
            self.tell(by, command, MessageDeleted { message, seq, by });
        }
    }

    fn react(&mut self, at: usize) {
        let (reader, emoji) = (self.dice.below(self.joined), self.dice.pick(&words::EMOJIS));
        let recent = &mut self.recent[at];
        if recent.reactions.contains(&(reader, emoji)) {
            return;
        }
        recent.reactions.push((reader, emoji));
        let (message, seq, user) = (recent.message, recent.seq, self.users[reader]);
        let command = self.command();
        let added = ReactionAdded { message, seq, user, emoji: emoji.to_owned() };
        self.tell(user, command, added);
    }

    /// How many members are in when the next message is written: most come early.
    fn members_due(&self) -> usize {
        let messages = self.plan.messages_of(self.number);
        if self.written >= messages {
            return self.users.len();
        }
        let due = 4 * (self.written + 1) * self.users.len() as u64 / messages;
        usize::try_from(due).unwrap_or(usize::MAX).clamp(1, self.users.len())
    }
}

impl Iterator for Room<'_> {
    type Item = Happening;

    fn next(&mut self) -> Option<Happening> {
        if self.told.is_empty() {
            if self.joined < self.members_due() {
                self.join();
            } else if self.written < self.plan.messages_of(self.number) {
                self.write();
            }
        }
        self.told.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::Size;
    use super::*;

    #[test]
    fn time_and_places_never_go_back_and_all_is_told() {
        let size = Size { users: 30, channels: 3, messages: 3_000, seed: 5 };
        let until = Timestamp::from_micros(1_700_000_000_000_000);
        let plan = Plan::new(size, until);
        let (mut written, mut reactions) = (0, 0);
        for number in 0..3 {
            let (mut seq, mut at) = (0, Timestamp::default());
            for happening in Room::new(&plan, number) {
                assert!(happening.at >= at && happening.at <= until);
                at = happening.at;
                let place = match happening.event {
                    ChannelEvent::MessageSent(sent) => {
                        written += 1;
                        sent.seq
                    }
                    ChannelEvent::MemberJoined(joined) => joined.seq,
                    ChannelEvent::ReactionAdded(_) => {
                        reactions += 1;
                        continue;
                    }
                    _ => continue,
                };
                assert_eq!(place, seq + 1);
                seq = place;
            }
        }
        assert_eq!(written, 3_000);
        assert!(reactions > 300, "{reactions}");
    }
}
