//! How often somebody may ask within a window of time. In memory of this node, bounded: what is
//! forgotten, those least seen lately first, starts anew.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use events::Timestamp;
use moka::sync::Cache;

use super::CommandService;
use crate::rejection::{Code, Rejection};

/// So many within that time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// So many.
    pub max: u32,
    /// Within that time.
    pub window: Duration,
}

/// Whence somebody signs in. Who has one IPv6 address has 2^64 of them (RFC 6177).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Client(IpAddr);

impl From<IpAddr> for Client {
    fn from(address: IpAddr) -> Self {
        const NETWORK: u128 = !0 << 64;
        Self(match address.to_canonical() {
            IpAddr::V6(address) => (address & Ipv6Addr::from_bits(NETWORK)).into(),
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

/// The refusal of who asks for too much.
pub(super) fn rate_limited(rest: Duration) -> Rejection {
    Rejection::new(Code::RateLimited, "Too much at a time. Try again later.").retry_after(rest)
}

/// Whom a limit remembers.
const KEYS_LEN_MAX: u64 = 100_000;

/// One limit for each of many.
pub(super) struct RateLimit<K> {
    rate: Rate,
    counts: Cache<K, Counts>,
}

/// A window that slides over two fixed ones: of the earlier one as much counts as still lies
/// within, as if it had been evenly filled.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    /// Number of the fixed window since the epoch.
    window: i64,
    here: u32,
    before: u32,
}

impl<K: Hash + Eq + Send + Sync + 'static> RateLimit<K> {
    pub(super) fn new(rate: Rate) -> Self {
        let counts = Cache::builder().max_capacity(KEYS_LEN_MAX).time_to_idle(rate.window * 2);
        Self { rate, counts: counts.build() }
    }

    /// Counts one more; or says when it is worth asking again, and counts nothing.
    pub(super) fn take(&self, key: K, now: Timestamp) -> Result<(), Duration> {
        let mut taken = Ok(());
        self.counts.entry(key).and_upsert_with(|entry| {
            let mut counts = entry.map(moka::Entry::into_value).unwrap_or_default();
            taken = counts.take(self.rate, now);
            counts
        });
        taken
    }
}

impl Counts {
    fn take(&mut self, rate: Rate, now: Timestamp) -> Result<(), Duration> {
        let window_us = i64::try_from(rate.window.as_micros()).unwrap_or(i64::MAX).max(1);
        let (window, into_us) =
            (now.as_micros().div_euclid(window_us), now.as_micros().rem_euclid(window_us));
        match window - self.window {
            0 => {}
            1 => (self.window, self.before, self.here) = (window, self.here, 0),
            // Clocks that were set back start anew, too.
            _ => *self = Self { window, here: 0, before: 0 },
        }
        let room = i128::from(rate.max) - i128::from(self.here);
        let left_us = i128::from(window_us - into_us);
        // before × left / window < room, without losing a fraction.
        if i128::from(self.before) * left_us <= (room - 1) * i128::from(window_us) {
            self.here += 1;
            return Ok(());
        }
        Err(self.rest(room, window_us, into_us))
    }

    /// How long until there is room again.
    fn rest(&self, room: i128, window_us: i64, into_us: i64) -> Duration {
        let (before, window) = (i128::from(self.before), i128::from(window_us));
        let rest = if room < 1 || before == 0 {
            window - i128::from(into_us)
        } else {
            // The earlier window has slid out far enough once this much of it is left.
            let left = (room - 1) * window / before;
            window - left - i128::from(into_us)
        };
        Duration::from_micros(u64::try_from(rest.max(1)).unwrap_or(u64::MAX))
    }
}

impl CommandService {
    /// Counts a sign-up or log-in, unless there were too many from there lately.
    pub(super) fn admit_sign_in(&self, client: Option<IpAddr>) -> Result<(), Rejection> {
        match client {
            Some(client) => self.sign_ins.take(client.into(), self.now()).map_err(rate_limited),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RATE: Rate = Rate { max: 10, window: Duration::from_secs(1) };

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_micros(1_700_000_000_000_000 + millis * 1_000)
    }

    #[test]
    fn so_many_within_the_window_and_no_more() {
        let limit = RateLimit::new(RATE);
        for asked in 0..10 {
            assert_eq!(limit.take("a", at(asked)), Ok(()));
        }
        let rest = limit.take("a", at(10)).unwrap_err();
        assert!(rest > Duration::from_millis(900), "{rest:?}");
        assert_eq!(limit.take("b", at(10)), Ok(()), "each has a limit of its own");
    }

    #[test]
    fn a_window_slides() {
        let limit = RateLimit::new(RATE);
        for asked in 0..10 {
            limit.take("a", at(900 + asked)).unwrap();
        }
        assert!(limit.take("a", at(1_050)).is_err(), "a new fixed window is no new start");
        assert_eq!(limit.take("a", at(1_550)), Ok(()));
        assert_eq!(limit.take("a", at(9_000)), Ok(()));
    }

    #[test]
    fn an_ipv6_network_counts_as_one_and_ipv4_is_ipv4_however_it_is_written() {
        let client = |text: &str| Client::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(client("2001:db8:1:2::1"), client("2001:db8:1:2:ffff::2"));
        assert_ne!(client("2001:db8:1:2::1"), client("2001:db8:1:3::1"));
        assert_eq!(client("::ffff:192.0.2.1"), client("192.0.2.1"));
        assert_ne!(client("192.0.2.1"), client("192.0.2.2"));
    }

    proptest! {
        /// Whoever waits as long as told is let in soon, and never more than twice the rate pass
        /// within any window.
        #[test]
        fn patience_is_rewarded(pauses in prop::collection::vec(0..400i64, 1..200)) {
            let (limit, mut now, mut passed) = (RateLimit::new(RATE), 0, Vec::new());
            for pause in pauses {
                now += pause;
                match limit.take("a", at(now)) {
                    Ok(()) => passed.push(now),
                    Err(rest) => {
                        prop_assert!(rest <= RATE.window);
                        now += i64::try_from(rest.as_millis()).unwrap() + 101;
                        prop_assert_eq!(limit.take("a", at(now)), Ok(()));
                        passed.push(now);
                    }
                }
            }
            for from in &passed {
                let within = passed.iter().filter(|at| (*from..from + 1_000).contains(at));
                prop_assert!(within.count() < 20);
            }
        }
    }
}
