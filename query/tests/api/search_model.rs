//! Search against the plainest model of it: a list of texts, each looked through. `search` is
//! brought up at random moments only, so that most is beyond its checkpoint most of the time.

use command::{Command, Viewer};
use events::grams::fold;

use crate::search::all;
use crate::world::{Node, World};

/// A small generator, so that a failure can be repeated by its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    fn text(&mut self, pieces_max: usize) -> String {
        let len = 1 + self.below(pieces_max);
        (0..len).map(|_| PIECES[self.below(PIECES.len())]).collect()
    }
}

/// Composed and not, in upper and lower case, and what other notations take for wildcards.
const PIECES: [&str; 24] = [
    "산",
    "가",
    "각",
    "\u{1112}\u{1161}\u{11ab}",
    "한",
    "\u{1100}\u{1161}",
    "é",
    "e\u{301}",
    "É",
    "E",
    "e",
    "\u{301}",
    "a",
    "A",
    "İ",
    "ß",
    "Σ",
    "%",
    "_",
    "\\",
    " ",
    "👍",
    "👨‍👩‍👧",
    "'",
];

struct Message {
    id: String,
    channel: usize,
    /// `None`: deleted.
    text: Option<String>,
}

struct Model {
    /// In the order in which they were sent.
    messages: Vec<Message>,
    channels: Vec<String>,
    /// Whether the one who searches is in it.
    member: Vec<bool>,
}

impl Model {
    fn found(&self, text: &str, channel: Option<usize>) -> Vec<String> {
        let needle = fold(text);
        let is_seen = |message: &&Message| match channel {
            Some(channel) => message.channel == channel,
            None => self.member[message.channel],
        };
        let has = |message: &&Message| {
            message.text.as_ref().is_some_and(|text| fold(text).contains(&needle))
        };
        let found = self.messages.iter().rev().filter(is_seen).filter(has);
        found.map(|message| message.id.clone()).collect()
    }

    /// Something happens. The one who writes is in all channels.
    async fn go_on(&mut self, random: &mut Random, world: &World, writer: Viewer, reader: Viewer) {
        let channel = random.below(self.channels.len());
        let message = random.below(self.messages.len().max(1));
        match random.below(20) {
            0 if self.member[channel] => {
                world.leave(reader, &self.channels[channel]).await;
                self.member[channel] = false;
            }
            0 | 1 if !self.member[channel] => {
                world.join(reader, &self.channels[channel]).await;
                self.member[channel] = true;
            }
            2..=4 if message < self.messages.len() => {
                let message = &mut self.messages[message];
                if let Some(text) = &mut message.text {
                    *text = format!("{}.", random.text(4));
                    let (message, text) = (message.id.clone(), text.clone());
                    world.done(writer, Command::EditMessage { message, text }).await;
                }
            }
            5 | 6 if message < self.messages.len() => {
                let message = &mut self.messages[message];
                if message.text.take().is_some() {
                    let message = message.id.clone();
                    world.done(writer, Command::DeleteMessage { message }).await;
                }
            }
            _ => {
                let text = format!("{}.", random.text(6));
                let id = world.send(writer, &self.channels[channel], &text).await;
                self.messages.push(Message { id, channel, text: Some(text) });
            }
        }
    }

    async fn compare(&self, random: &mut Random, node: &Node<'_>, reader: Viewer, seed: u64) {
        let (text, first) = (random.text(3), 1 + random.below(9));
        let channel = random.below(self.channels.len() + 1);
        let channel = (channel < self.channels.len() && self.member[channel]).then_some(channel);
        let id = channel.map(|channel| self.channels[channel].as_str());
        let found = all(node, reader, &text, id, first).await;
        assert_eq!(found, self.found(&text, channel), "{text:?} in {channel:?}, seed {seed}");
    }
}

#[tokio::test]
async fn it_finds_what_looking_through_all_texts_finds() {
    for seed in [1, 0x5eed, 0xc0_ffee] {
        let world = World::new().await;
        let node = world.node().await;
        let (writer, reader) = (world.sign_up("kim").await, world.sign_up("lee").await);
        let mut model = Model { messages: vec![], channels: vec![], member: vec![false; 3] };
        for name in ["one", "two", "three"] {
            model.channels.push(world.channel_of(writer, name).await);
        }
        let mut random = Random(seed);
        for step in 0..200 {
            model.go_on(&mut random, &world, writer, reader).await;
            if step % 10 == 9 {
                node.until(world.head().await).await;
                for _ in 0..6 {
                    model.compare(&mut random, &node, reader, seed).await;
                }
            }
            if random.below(40) == 0 {
                node.until(world.head().await).await;
                world.index().await;
            }
        }
        world.index().await;
        for _ in 0..40 {
            model.compare(&mut random, &node, reader, seed).await;
        }
    }
}
