//! Under 200 messages a second the server is killed ten times and PostgreSQL five times.

use std::collections::HashMap;
use std::env;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::channel::{self, Channel, Message};
use crate::chaos::{self, Kills};
use crate::client::{Client, User};
use crate::reader::{self, Seen};
use crate::supervised::Supervised;
use crate::writer;

const CHANNELS: usize = 4;
const WRITERS_PER_CHANNEL: usize = 2;
/// Eight writers at this pace write 200 messages a second.
const PACE: Duration = Duration::from_millis(40);
/// How long subscribers may take to be told the rest.
const REST_MAX: Duration = Duration::from_mins(1);
/// Another one by `MOIM_FAULT_SEED`.
const SEED: u64 = 20_261_124;

/// A channel with its members, and what each of them was told.
struct Scene {
    channel: Channel,
    members: Vec<User>,
    told: Vec<Arc<Mutex<Seen>>>,
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_messages_are_there_once_and_told_once_in_order() {
    let seed = env::var("MOIM_FAULT_SEED").map_or(SEED, |text| text.parse().unwrap());
    println!("MOIM_FAULT_SEED={seed}");
    let mut moim = Supervised::start().await;
    let client = Client::new(moim.api.clone());
    let mut scenes = Vec::new();
    for _ in 0..CHANNELS {
        scenes.push(Scene::new(&client).await);
    }
    let (writing, listening) = (CancellationToken::new(), CancellationToken::new());
    let mut writers = Vec::new();
    for (index, scene) in scenes.iter().enumerate() {
        for (member, told) in scene.members.iter().zip(&scene.told) {
            let (user, channel) = (member.clone(), scene.channel.clone());
            let write = writer::write(user.clone(), channel.clone(), PACE, writing.clone());
            writers.push((index, tokio::spawn(write)));
            tokio::spawn(reader::follow(user, channel, Arc::clone(told), listening.clone()));
        }
    }
    let started = Instant::now();
    chaos::rage(&mut moim, seed, Kills { server: 10, postmaster: 5 }).await;
    writing.cancel();
    let mut acknowledged = vec![Vec::new(); CHANNELS];
    for (index, writer) in writers {
        acknowledged[index].extend(writer.await.unwrap());
    }
    let count: usize = acknowledged.iter().map(Vec::len).sum();
    println!("{count} messages acknowledged in {:.0?}", started.elapsed());
    for (scene, acknowledged) in scenes.iter().zip(&acknowledged) {
        scene.check(acknowledged).await;
    }
    listening.cancel();
}

impl Scene {
    async fn new(client: &Client) -> Self {
        let mut members = Vec::new();
        for _ in 0..WRITERS_PER_CHANNEL {
            members.push(client.sign_up().await);
        }
        let channel = channel::create(&members).await;
        let told = members.iter().map(|_| Arc::default()).collect();
        Self { channel, members, told }
    }

    async fn check(&self, acknowledged: &[Message]) {
        let history = channel::history(&self.members[0], &self.channel).await;
        let seqs: Vec<i64> = history.iter().map(|message| message.seq).collect();
        let whole: Vec<i64> = (1..).take(history.len()).collect();
        assert_eq!(seqs, whole, "the sequence has gaps or repeats");
        let by_id: HashMap<&str, &Message> =
            history.iter().map(|message| (message.id.as_str(), message)).collect();
        assert_eq!(by_id.len(), history.len(), "a message is there more than once");
        for message in acknowledged {
            assert_eq!(by_id.get(message.id.as_str()), Some(&message), "lost or altered");
        }
        let written = history.iter().filter(|message| !message.text.is_empty());
        let written: Vec<Message> = written.cloned().collect();
        assert_eq!(written.len(), acknowledged.len(), "more was written than was asked for");
        for told in &self.told {
            let seen = settle(told, written.len()).await;
            let count = (seen.messages.len(), written.len());
            let mut pairs = seen.messages.iter().zip(&written);
            let differs = pairs.find(|(told, written)| told != written);
            assert!(differs.is_none(), "told something else than was written: {differs:?}");
            assert_eq!(count.0, count.1, "told too few or too many");
            let mut positions = seen.positions.clone();
            positions.dedup();
            assert_eq!(positions.len(), seen.positions.len(), "a position was told twice");
            assert!(seen.cut_off >= 5, "was cut off only {} times", seen.cut_off);
        }
    }
}

/// Waits until a subscriber was told `messages` messages, and a little longer for one too many.
async fn settle(told: &Mutex<Seen>, messages: usize) -> Seen {
    let deadline = Instant::now() + REST_MAX;
    while told.lock().unwrap().messages.len() < messages && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    std::mem::take(&mut told.lock().unwrap())
}
