//! What is known of the messages of one stage. Sockets tell it from many tasks.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

/// Stands before a message's number; looked for in raw bytes.
const MARKER: &str = "load-";
/// Stands behind it: a message of usual length, in two scripts, that has to come whole.
const TAIL: &str = ". 한강에서 만나요, we meet where the bridge ends \u{1f309}";
/// Histograms that sockets share, so that they don't wait for each other.
const SHARDS_LEN: usize = 16;
/// Microseconds, to three digits.
const DIGITS: u8 = 3;

/// What a frame tells of.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// The answer to the sending of that message.
    Answer(u32),
    /// The message.
    Message {
        /// Which.
        number: u32,
        /// Its place in its channel.
        seq: u32,
        /// Whether its text is what was sent.
        is_whole: bool,
    },
}

/// One message.
#[derive(Default)]
struct Told {
    seq: AtomicU32,
    answers: AtomicU32,
    members: AtomicU32,
}

/// All of them.
pub(super) struct Tally {
    stage: u32,
    rate: u32,
    start: Instant,
    told: Vec<Told>,
    deliveries: Vec<Mutex<Histogram<u64>>>,
    answers: Vec<Mutex<Histogram<u64>>>,
    errors: Mutex<BTreeMap<String, u64>>,
}

impl Tally {
    /// For so many messages a second from `start` on.
    pub(super) fn new(stage: u32, rate: u32, start: Instant, len: u32) -> anyhow::Result<Self> {
        let shards = || -> Result<Vec<_>, hdrhistogram::CreationError> {
            (0..SHARDS_LEN).map(|_| Histogram::new(DIGITS).map(Mutex::new)).collect()
        };
        let told = (0..len).map(|_| Told::default()).collect();
        let (deliveries, answers) = (shards()?, shards()?);
        let errors = Mutex::new(BTreeMap::new());
        Ok(Self { stage, rate, start, told, deliveries, answers, errors })
    }

    /// How many messages there are.
    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.told.len()).unwrap_or(u32::MAX)
    }

    /// When a message is to be sent.
    pub(super) fn due(&self, number: u32) -> Instant {
        self.start + Duration::from_secs(1) * number / self.rate
    }

    /// What a message says.
    pub(super) fn text(&self, number: u32) -> String {
        format!("{MARKER}{}-{number}{TAIL}", self.stage)
    }

    /// The operation that sends it.
    pub(super) fn answer_id(&self, number: u32) -> String {
        format!("send-{}-{number}.", self.stage)
    }

    /// What a frame tells of; `None` if that is nothing of this stage.
    pub(super) fn read(&self, frame: &str) -> Option<Seen> {
        let Some((number, rest)) = self.number(frame, MARKER) else {
            return self.number(frame, "send-").map(|(number, _)| Seen::Answer(number));
        };
        let seq = digits(&frame[frame.find(r#""seq":"#)? + 6..])?.0;
        Some(Seen::Message { number, seq, is_whole: rest.starts_with(TAIL) })
    }

    fn number<'a>(&self, frame: &'a str, mark: &str) -> Option<(u32, &'a str)> {
        let rest = &frame[frame.find(mark)? + mark.len()..];
        let (stage, rest) = digits(rest)?;
        let (number, rest) = digits(rest.strip_prefix('-')?)?;
        (stage == self.stage && number < self.len()).then_some((number, rest))
    }

    /// The sender has its answer.
    pub(super) fn answered(&self, number: u32, at: Instant) {
        self.told[number as usize].answers.fetch_add(1, Ordering::Relaxed);
        self.record(&self.answers, number, at);
    }

    /// A member has the message.
    pub(super) fn arrived(&self, number: u32, at: Instant) {
        self.told[number as usize].members.fetch_add(1, Ordering::Relaxed);
        self.record(&self.deliveries, number, at);
    }

    /// A member sees it in that place; all have to see it in the same.
    pub(super) fn stands_at(&self, number: u32, seq: u32) {
        let place = &self.told[number as usize].seq;
        let first = place.compare_exchange(0, seq, Ordering::Relaxed, Ordering::Relaxed);
        if first.is_err_and(|there| there != seq) {
            self.failed("OTHER_ORDER");
        }
    }

    /// Something that must not happen.
    pub(super) fn failed(&self, code: &str) {
        *lock(&self.errors).entry(code.to_owned()).or_default() += 1;
    }

    fn record(&self, shards: &[Mutex<Histogram<u64>>], number: u32, at: Instant) {
        let late = at.saturating_duration_since(self.due(number)).as_micros();
        let late = u64::try_from(late).unwrap_or(u64::MAX).max(1);
        // It grows by itself, so that every value fits.
        let _ = lock(&shards[number as usize % SHARDS_LEN]).record(late);
    }

    /// How often a message has arrived.
    pub(super) fn members(&self, number: u32) -> u32 {
        self.told[number as usize].members.load(Ordering::Relaxed)
    }

    /// Whether a message was answered and has arrived so often.
    pub(super) fn is_settled(&self, number: u32, members: u32) -> bool {
        let answered = self.told[number as usize].answers.load(Ordering::Relaxed) > 0;
        answered && self.members(number) >= members
    }

    /// How long it took until members had the messages.
    pub(super) fn deliveries(&self) -> Histogram<u64> {
        merged(&self.deliveries)
    }

    /// How long it took until senders had their answers.
    pub(super) fn answers(&self) -> Histogram<u64> {
        merged(&self.answers)
    }

    /// What must not happen and did, by code.
    pub(super) fn errors(&self) -> BTreeMap<String, u64> {
        lock(&self.errors).clone()
    }
}

fn merged(shards: &[Mutex<Histogram<u64>>]) -> Histogram<u64> {
    let mut all = lock(&shards[0]).clone();
    for shard in &shards[1..] {
        // Both grow by themselves, so that adding can't fail.
        let _ = all.add(&*lock(shard));
    }
    all
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // What is counted is whole whatever a panicking thread was doing.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The number that a text starts with, and what follows.
fn digits(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally() -> Tally {
        Tally::new(2, 10, Instant::now(), 20).unwrap()
    }

    fn pushed(text: &str) -> String {
        let message = serde_json::json!({ "seq": 41, "text": text });
        let payload = serde_json::json!({ "data": { "channelEvents": { "message": message } } });
        serde_json::json!({ "id": "events", "type": "next", "payload": payload }).to_string()
    }

    #[test]
    fn a_message_is_found_in_the_raw_frame_with_its_place() {
        let tally = tally();
        let seen = |text: &str| tally.read(&pushed(text));
        let whole = Seen::Message { number: 7, seq: 41, is_whole: true };
        assert_eq!(seen(&tally.text(7)), Some(whole));
        let cut = Seen::Message { number: 7, seq: 41, is_whole: false };
        assert_eq!(seen("load-2-7. 한강"), Some(cut));
        assert_eq!(seen("load-1-7"), None, "of another stage");
        assert_eq!(seen("load-2-20"), None, "never sent");
        let answer = r#"{"id":"send-2-7.","type":"next","payload":{"data":{}}}"#;
        assert_eq!(tally.read(answer), Some(Seen::Answer(7)));
    }

    #[test]
    fn what_members_see_in_other_places_is_told() {
        let tally = tally();
        tally.stands_at(3, 5);
        tally.stands_at(3, 5);
        assert!(tally.errors().is_empty());
        tally.stands_at(3, 6);
        assert_eq!(tally.errors()["OTHER_ORDER"], 1);
    }

    #[test]
    fn latency_counts_from_the_intended_moment() {
        let tally = tally();
        tally.arrived(10, tally.start + Duration::from_millis(1_250));
        let max = tally.deliveries().max();
        assert!((249_000..=251_000).contains(&max), "{max}");
        assert!(!tally.is_settled(10, 1), "its sender has no answer");
        tally.answered(10, Instant::now());
        assert!(tally.is_settled(10, 1) && !tally.is_settled(10, 2));
    }
}
