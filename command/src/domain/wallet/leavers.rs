//! Who lost the channel, and at which revision of it: who was seen in it up to there may not come
//! in again.

use events::{Revision, UserId};
use imbl::HashMap;
use serde::{Deserialize, Serialize};

/// So many are known by name. Those who left before them are known by one revision for all.
const NAMED_LEN_MAX: usize = 1_000;

/// Who lost the channel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Leavers {
    named: HashMap<UserId, Revision>,
    /// The latest departure of those who are not known by name any more.
    unnamed: Option<Revision>,
}

impl Leavers {
    /// Somebody did, at this revision of the channel.
    pub(super) fn note(&mut self, user: UserId, at: Revision) {
        let known = self.named.get(&user).copied();
        self.named.insert(user, known.map_or(at, |known| known.max(at)));
        if self.named.len() <= NAMED_LEN_MAX {
            return;
        }
        let earliest = self.named.iter().min_by_key(|(user, at)| (**at, **user));
        if let Some((user, at)) = earliest.map(|(user, at)| (*user, *at)) {
            self.named.remove(&user);
            self.unnamed = self.unnamed.max(Some(at));
        }
    }

    /// Whether a look at the channel that saw somebody in it may be older than their leaving.
    pub(super) fn overtake(&self, user: UserId, seen_at: Revision) -> bool {
        let left_at = self.named.get(&user).copied().max(self.unnamed);
        left_at.is_some_and(|left_at| seen_at <= left_at)
    }

    /// Whether this leaving is known.
    pub(super) fn knows(&self, user: UserId, at: Revision) -> bool {
        self.named.get(&user).copied().max(self.unnamed) >= Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::fresh;

    #[test]
    fn an_older_look_at_the_channel_is_overtaken_by_a_leaving_and_a_newer_one_is_not() {
        let [jun, sora] = std::array::from_fn(|_| fresh::<UserId>());
        let mut leavers = Leavers::default();
        leavers.note(jun, 7);
        assert!(leavers.overtake(jun, 6) && leavers.overtake(jun, 7));
        assert!(!leavers.overtake(jun, 8) && !leavers.overtake(sora, 1));
        leavers.note(jun, 5);
        assert!(leavers.overtake(jun, 7), "the later leaving counts");
    }

    #[test]
    fn who_left_long_ago_is_forgotten_by_name_but_not_let_in() {
        let mut leavers = Leavers::default();
        let first = fresh::<UserId>();
        leavers.note(first, 1);
        for at in 0..u64::try_from(NAMED_LEN_MAX).unwrap() {
            leavers.note(fresh(), at + 2);
        }
        assert_eq!(leavers.named.len(), NAMED_LEN_MAX);
        assert!(leavers.overtake(first, 1));
        assert!(!leavers.overtake(first, 2));
        assert!(leavers.overtake(fresh(), 1), "nobody is let in by a look that old");
    }
}
