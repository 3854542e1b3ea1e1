//! A run: its steps one by one, each checked by the model and the ledger.

use std::collections::BTreeMap;
use std::time::Duration;

use command::Code;
use command::domain::wallet::Command as Asked;
use events::CommandId;

use crate::book::{Act, Book, Status};
use crate::deeds::{Deed, Step};
use crate::faults::Odds;
use crate::ledger::Ledger;
use crate::sending::Sent;
use crate::town::{Node, Town};

/// Tries of a client that doesn't give up; the last ones meet no faults.
const TRIES_MAX: usize = 40;
const UNLUCKY_TRIES: usize = 6;
const TRY_EVERY: Duration = Duration::from_millis(700);
/// A client that hears nothing for so long takes the node for dead.
pub(crate) const DEAD_AFTER: Duration = Duration::from_secs(12);
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(2);
const LOOKS_MAX: usize = 5_000;
const DAY: i64 = 86_400 * 1_000_000;

type Answer = Result<(), Code>;

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) digest: u64,
    pub(crate) transfers: u64,
    pub(crate) codes: Vec<&'static str>,
}

pub(crate) struct Play {
    pub(crate) town: Town,
    pub(crate) nodes: Vec<Node>,
    pub(crate) book: Book,
    pub(crate) ledger: Ledger,
    pub(crate) acts: Vec<Act>,
    pub(crate) commands: BTreeMap<CommandId, Act>,
    pub(crate) applied: BTreeMap<CommandId, i64>,
    pub(crate) answers: BTreeMap<CommandId, (Answer, i64)>,
    pub(crate) read_up_to: u64,
    pub(crate) codes: Vec<&'static str>,
    pub(crate) digest: u64,
    pub(crate) tells: bool,
}

pub(crate) fn play(seed: u64, steps: &[Step], tells: bool) -> Summary {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let mut play = Play::new(seed, tells).await;
        for step in steps {
            play.happen(*step).await;
        }
        play.finish().await
    })
}

impl Play {
    async fn new(seed: u64, tells: bool) -> Self {
        let town = Town::new(seed).await;
        let nodes = (0..2).map(|_| Node::new(&town.stores, &town.clock)).collect();
        let mut play = Self {
            town,
            nodes,
            book: Book::new(),
            ledger: Ledger::default(),
            acts: Vec::new(),
            commands: BTreeMap::new(),
            applied: BTreeMap::new(),
            answers: BTreeMap::new(),
            read_up_to: 0,
            codes: Vec::new(),
            digest: 0xCBF2_9CE4_8422_2325,
            tells,
        };
        play.read(&[]);
        play
    }

    pub(crate) fn now(&self) -> i64 {
        self.town.clock.now().as_micros()
    }

    pub(crate) fn tell(&mut self, text: &str) {
        for byte in text.bytes() {
            self.digest = (self.digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
        if self.tells {
            eprintln!("    {text}");
        }
    }

    async fn happen(&mut self, step: Step) {
        if self.tells {
            eprintln!("{step:?}");
        }
        match step {
            Step::Do { deeds, odds, fate, gives_up } => {
                self.set_odds(odds, fate);
                self.carry_out(deeds, gives_up).await;
            }
            Step::Work { twice, odds, fate } => {
                self.set_odds(odds, fate);
                self.work(twice).await;
                self.read(&[]);
            }
            Step::Pass { seconds } => self.town.clock.put_forward(Duration::from_secs(seconds)),
            Step::Freeze { wallet } => self.operate(wallet, Status::Open).await,
            Step::Unfreeze { wallet } => self.operate(wallet, Status::Frozen).await,
            Step::Restart { node } => {
                self.nodes[node] = Node::new(&self.town.stores, &self.town.clock);
            }
        }
        self.set_odds(Odds::NONE, 0);
        self.replace_dead();
    }

    async fn operate(&mut self, wallet: usize, when: Status) {
        if self.book.wallets[wallet].status != when {
            return;
        }
        let reason = "why".to_owned();
        let command = match when {
            Status::Open => Asked::Freeze { reason },
            _ => Asked::Unfreeze { reason },
        };
        self.town.operate(wallet, command).await;
        self.read(&[]);
    }

    fn set_odds(&self, odds: Odds, fate: u64) {
        for (number, node) in (0..).zip(&self.nodes) {
            node.luck.set(odds, fate ^ number);
        }
    }

    fn replace_dead(&mut self) {
        for node in &mut self.nodes {
            if node.luck.is_dead() {
                *node = Node::new(&self.town.stores, &self.town.clock);
            }
        }
    }

    async fn carry_out(&mut self, deeds: [Option<(usize, Deed, CommandId)>; 2], gives_up: bool) {
        let (mut asked, mut sent) = (Vec::new(), Vec::new());
        for (node, deed, id) in deeds.into_iter().flatten() {
            let Some(act) = self.resolve(deed, id) else { continue };
            if asked.iter().any(|other: &Act| other.id == act.id) {
                continue;
            }
            self.commands.entry(act.id).or_insert_with(|| act.clone());
            let (act, command) = self.command(act).await;
            self.tell(&format!("{act:?} on {node}").replace(&act.id.to_string(), "it"));
            self.commands.insert(act.id, act.clone());
            asked.push(act.clone());
            sent.push((node, act, command));
        }
        let began = self.now();
        let mut open: Vec<_> = sent.iter().map(|_| None::<Answer>).collect();
        let tries_max = if gives_up { 1 } else { TRIES_MAX };
        for attempt in 0..tries_max {
            if attempt == UNLUCKY_TRIES {
                self.set_odds(Odds::NONE, 0);
            }
            let tries = sent.iter().zip(&open).map(|((node, act, command), answer)| async {
                match answer {
                    Some(answer) => Some(*answer),
                    None => self.attempt(*node, act, command).await,
                }
            });
            open = futures::future::join_all(tries).await;
            self.replace_dead();
            if open.iter().all(Option::is_some) {
                break;
            }
            tokio::time::sleep(TRY_EVERY).await;
        }
        let possible = self.read_with(&asked, began);
        for ((_, act, _), answer) in sent.iter().zip(open) {
            self.check(act, answer, &possible[&act.id]);
        }
    }

    async fn attempt(&self, node: usize, act: &Act, command: &Sent) -> Option<Answer> {
        let viewer = self.town.users[act.who];
        let run = self.nodes[node].submit(Some(viewer), act.id, command.make());
        match tokio::time::timeout(DEAD_AFTER, run).await {
            Ok(Ok(_)) => Some(Ok(())),
            Ok(Err(rejection)) if rejection.code.is_final() => Some(Err(rejection.code)),
            Ok(Err(rejection)) => {
                assert_ne!(rejection.code, Code::Internal, "{rejection}");
                None
            }
            Err(_) => None,
        }
    }

    fn check(&mut self, act: &Act, answer: Option<Answer>, possible: &[Result<bool, Code>]) {
        self.tell(&format!("answered {answer:?}"));
        let Some(answer) = answer else { return };
        let is_applied = self.applied.contains_key(&act.id);
        let before = self.answers.get(&act.id).copied();
        if let Some((before, at)) = before {
            let is_kept = before.is_ok() || before.is_err_and(|code| !code.leaves_id_free());
            if is_kept && self.now() < at + DAY * 9 / 10 {
                assert_eq!(answer, before, "a repeat got another answer: {act:?}");
            }
        }
        match answer {
            Ok(()) => {
                let is_idle = possible.contains(&Ok(false));
                let is_known = before.is_some_and(|(before, _)| before.is_ok());
                assert!(
                    is_applied || is_idle || is_known,
                    "accepted, not done: {act:?} {possible:?}"
                );
            }
            Err(code) => {
                let is_known = before.is_some_and(|(before, _)| before == answer);
                assert!(
                    is_known || possible.contains(&Err(code)),
                    "{code:?}: {act:?} {possible:?}"
                );
                assert!(
                    !is_applied || code.leaves_id_free(),
                    "refused by {code:?}, but done: {act:?}"
                );
                self.codes.push(code.as_str());
            }
        }
        self.answers.insert(act.id, (answer, self.now()));
    }

    async fn finish(mut self) -> Summary {
        for wallet in 0..self.book.wallets.len() {
            self.operate(wallet, Status::Frozen).await;
        }
        for _ in 0..LOOKS_MAX {
            let head = self.read_up_to;
            self.work(false).await;
            self.read(&[]);
            let end = self.town.clock.now().plus(Duration::from_hours(24 * 365));
            let next = self.town.todos.due_now(end, 1).into_iter().next();
            if next.is_none() && head == self.read_up_to {
                self.ledger.is_at_rest();
                let (digest, transfers) = (self.digest, self.ledger.debits_len());
                return Summary { digest, transfers, codes: self.codes };
            }
            if let Some(next) = next {
                self.town.clock.put_forward(next.due_at.since(self.town.clock.now()));
            }
            self.town.clock.put_forward(LOOK_EVERY);
        }
        panic!("it never comes to rest");
    }
}
