//! How much of what there will be, and what it is called: the same for the same numbers.

use std::time::Duration;

use events::id::derive;
use events::{ChannelId, CommandId, MessageId, Timestamp, UserId};
use uuid::Uuid;

use super::dice::Dice;

/// The time that the data tells of, before the moment of the first run.
pub(super) const SPAN: Duration = Duration::from_hours(90 * 24);
/// The share of that time, from its start, in which everybody signs up.
const SIGN_UP_SHARE: u32 = 10;
/// Members of a channel, the first of whom makes it.
const MEMBERS_LEN_MAX: usize = 500;
/// Channels that the first user, by whom one logs in, is in.
const CHANNELS_OF_FIRST: usize = 20;
/// Where the time in our ids starts, 2025-01-01: it only keeps them together in an index, and
/// counts on by one.
const IDS_FROM_MS: u64 = 1_735_689_600_000;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) users: usize,
    pub(super) channels: usize,
    pub(super) messages: u64,
    pub(super) seed: u64,
}

/// What there will be.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) size: Size,
    root: Uuid,
    /// When the span ends.
    pub(super) until: Timestamp,
    messages: Vec<u64>,
}

impl Plan {
    /// The plan of a size, told as if it had happened up to `until`.
    pub(super) fn new(size: Size, until: Timestamp) -> Self {
        let counts = [size.users as u64, size.channels as u64, size.messages, size.seed];
        let counts = counts.map(u64::to_be_bytes);
        let root = derive(Uuid::nil(), &[b"seed", &counts.concat()]);
        Self { size, root, until, messages: shares(size.messages, size.channels) }
    }

    /// Tells this data from that of other numbers.
    pub(super) fn tag(&self) -> String {
        self.root.simple().to_string()[26..].to_owned()
    }

    /// Chance for one thing, apart from all others.
    pub(super) fn dice(&self, what: &[u8], number: usize) -> Dice {
        let id = derive(self.root, &[b"dice", what, &(number as u64).to_be_bytes()]);
        Dice::new(id.as_u64_pair().1)
    }

    fn id(&self, what: &[u8], of: usize, number: u64) -> Uuid {
        // 48 bits of milliseconds, as in a UUID of version 7.
        let parent = Uuid::from_u128(u128::from(IDS_FROM_MS + number) << 80);
        let (of, number) = ((of as u64).to_be_bytes(), number.to_be_bytes());
        derive(parent, &[self.root.as_bytes(), what, &of, &number])
    }

    /// A user.
    pub(super) fn user(&self, number: usize) -> UserId {
        UserId(self.id(b"user", 0, number as u64))
    }

    /// A user's address.
    pub(super) fn email(&self, number: usize) -> String {
        format!("user{number}.{}@example.com", self.tag())
    }

    /// A channel.
    pub(super) fn channel(&self, number: usize) -> ChannelId {
        ChannelId(self.id(b"channel", 0, number as u64))
    }

    /// A message of a channel.
    pub(super) fn message(&self, channel: usize, seq: u32) -> MessageId {
        MessageId(self.id(b"message", channel, seq.into()))
    }

    /// A command that makes nothing.
    pub(super) fn command(&self, channel: usize, number: u64) -> CommandId {
        CommandId(self.id(b"command", channel, number))
    }

    /// The command by which somebody said how far a channel was read.
    pub(super) fn reading(&self, channel: usize, user: UserId) -> CommandId {
        CommandId(self.channel(channel).0).derived(&format!("read by {user}"))
    }

    /// How many messages are written in a channel.
    pub(super) fn messages_of(&self, channel: usize) -> u64 {
        self.messages[channel]
    }

    /// Who is in a channel, its creator first.
    pub(super) fn members_of(&self, channel: usize) -> Vec<usize> {
        let mut dice = self.dice(b"members", channel);
        let most = MEMBERS_LEN_MAX.min(self.size.users);
        // Busy channels have many members; of the others, most are small.
        let wanted = (most / (channel + 1)).max(2 + dice.low_below(most)).min(most);
        let mut members = Vec::with_capacity(wanted);
        let mut taken = vec![false; self.size.users];
        let first = if channel < CHANNELS_OF_FIRST { 0 } else { dice.below(self.size.users) };
        taken[first] = true;
        members.push(first);
        while members.len() < wanted {
            let mut next = dice.below(self.size.users);
            // In a full house the next free seat is taken.
            while std::mem::replace(&mut taken[next], true) {
                next = (next + 1) % self.size.users;
            }
            members.push(next);
        }
        members
    }

    /// When a user signs up.
    pub(super) fn signed_up_at(&self, user: usize) -> Timestamp {
        let share = SPAN.as_micros() / u128::from(SIGN_UP_SHARE);
        self.at(share * user as u128 / self.size.users as u128)
    }

    /// From when to when a channel's members write.
    pub(super) fn open_from(&self, channel: usize) -> (Timestamp, Timestamp) {
        let first = SPAN.as_micros() / u128::from(SIGN_UP_SHARE);
        let last = SPAN.as_micros() / 2;
        let step = (last - first) * channel as u128 / self.size.channels as u128;
        (self.at(first + step), self.until)
    }

    fn at(&self, since_micros: u128) -> Timestamp {
        let since = i64::try_from(since_micros).unwrap_or(i64::MAX);
        let span = i64::try_from(SPAN.as_micros()).unwrap_or(i64::MAX);
        Timestamp::from_micros(self.until.as_micros() - span + since)
    }
}

/// Shares out messages among channels: the n-th gets as much as one through the root of n, so
/// that a few are busy and many are not.
fn shares(messages: u64, channels: usize) -> Vec<u64> {
    #[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^52 of anything")]
    let weights: Vec<f64> = (1..=channels).map(|rank| 1.0 / (rank as f64).sqrt()).collect();
    let total: f64 = weights.iter().sum();
    let (mut seen, mut given) = (0.0, 0);
    let share = |weight: &f64| {
        seen += weight;
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of at most all messages"
        )]
        let up_to = ((seen / total) * messages as f64).round() as u64;
        let share = up_to.min(messages) - given;
        given = up_to.min(messages);
        share
    };
    weights.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(seed: u64) -> Plan {
        let size = Size { users: 40, channels: 7, messages: 1_000, seed };
        Plan::new(size, Timestamp::from_micros(1_700_000_000_000_000))
    }

    #[test]
    fn the_same_numbers_give_the_same_and_others_others() {
        let (first, again, other) = (plan(1), plan(1), plan(2));
        assert_eq!(first.user(3), again.user(3));
        assert_ne!(first.user(3), other.user(3));
        assert_ne!(first.email(3), other.email(3));
        assert_eq!(first.user(3).0.get_version_num(), 8, "no client can name it");
    }

    #[test]
    fn all_messages_are_shared_out_and_members_are_distinct() {
        let plan = plan(1);
        let shares: Vec<u64> = (0..7).map(|channel| plan.messages_of(channel)).collect();
        assert_eq!(shares.iter().sum::<u64>(), 1_000);
        assert!(shares.is_sorted_by(|busy, calm| busy >= calm), "{shares:?}");
        for channel in 0..7 {
            let members = plan.members_of(channel);
            let distinct: std::collections::BTreeSet<_> = members.iter().collect();
            assert_eq!(distinct.len(), members.len());
            assert_eq!(members[0], 0);
        }
    }

    #[test]
    fn channels_open_after_all_have_signed_up() {
        let plan = plan(1);
        assert!(plan.signed_up_at(39) < plan.open_from(0).0);
        assert!(plan.open_from(6).0 < plan.until);
    }
}
