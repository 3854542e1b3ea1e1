//! 64 clients move money among 50 wallets, in a circle and out of one of them, while the server
//! is killed four times and PostgreSQL three times.

use std::collections::HashMap;
use std::env;
use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::chaos::{self, Kills};
use crate::client::{Client, insist};
use crate::payer::{Paid, Payer};
use crate::supervised::Supervised;

const WALLETS: usize = 50;
const CLIENTS: usize = 64;
/// In each wallet at first.
const AMOUNT: i64 = 100_000;
/// Wallets made at the same time.
const OPENING_MAX: usize = 4;
/// How long the process manager may take to finish what was left open.
const REST_MAX: Duration = Duration::from_mins(1);
/// Another one by `MOIM_FAULT_SEED`.
const SEED: u64 = 20_261_125;
const LEDGER: &str = "query($id: ID!, $after: String) { wallet(id: $id) { balance
    entries(first: 100, after: $after) {
        nodes { direction amount balanceAfter transfer { id status } }
        pageInfo { hasNextPage endCursor }
    } } }";

/// What all wallets tell.
#[derive(Debug, Default)]
struct Books {
    total: i64,
    /// By transfer: debits, credits, amount, status.
    transfers: HashMap<String, (usize, usize, i64, String)>,
}

impl Books {
    async fn of(payers: &[Payer]) -> Self {
        let mut books = Self::default();
        for payer in payers {
            books.read(payer).await;
        }
        books
    }

    async fn read(&mut self, payer: &Payer) {
        let (mut after, mut balance) = (Value::Null, None);
        loop {
            let variables = json!({ "id": payer.wallet, "after": after });
            let data = insist(|| payer.user.ask(LEDGER, variables.clone())).await;
            let wallet = &data["wallet"];
            if balance.is_none() {
                balance = Some(number(&wallet["balance"]));
                self.total += number(&wallet["balance"]);
            }
            for entry in wallet["entries"]["nodes"].as_array().unwrap() {
                self.note(entry);
            }
            let page = &wallet["entries"]["pageInfo"];
            if page["hasNextPage"] != json!(true) {
                return;
            }
            after = page["endCursor"].clone();
        }
    }

    fn note(&mut self, entry: &Value) {
        assert!(number(&entry["balanceAfter"]) >= 0, "{entry}");
        let Some(id) = entry["transfer"]["id"].as_str() else { return };
        let status = entry["transfer"]["status"].as_str().unwrap().to_owned();
        let of = self.transfers.entry(id.to_owned()).or_default();
        match entry["direction"].as_str().unwrap() {
            "DEBIT" => of.0 += 1,
            _ => of.1 += 1,
        }
        (of.2, of.3) = (number(&entry["amount"]), status);
    }

    fn rests(&self) -> bool {
        self.transfers.values().all(|(debits, credits, ..)| debits == credits)
    }
}

fn number(value: &Value) -> i64 {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_won_is_lost_or_spent_twice() {
    let seed = env::var("MOIM_FAULT_SEED").map_or(SEED, |text| text.parse().unwrap());
    println!("MOIM_FAULT_SEED={seed}");
    let mut moim = Supervised::start().await;
    let client = Client::new(moim.api.clone());
    let opening = (0..WALLETS).map(|_| Payer::new(&client, AMOUNT));
    let payers: Vec<Payer> = stream::iter(opening).buffer_unordered(OPENING_MAX).collect().await;
    let stop = CancellationToken::new();
    let paying: Vec<_> = (0..CLIENTS)
        .map(|nth| {
            // The last ones all pay out of the first wallet.
            let from = if nth < WALLETS { nth } else { 0 };
            let to = payers[(nth + 1) % WALLETS].wallet.clone();
            tokio::spawn(payers[from].clone().pay(to, stop.clone()))
        })
        .collect();
    chaos::rage(&mut moim, seed, Kills { server: 4, postmaster: 3 }).await;
    stop.cancel();
    let mut all = Paid::default();
    for paid in paying {
        let paid = paid.await.unwrap();
        all.acknowledged.extend(paid.acknowledged);
        all.refused += paid.refused;
        all.resent += paid.resent;
    }
    let (count, refused, resent) = (all.acknowledged.len(), all.refused, all.resent);
    println!("{count} transfers acknowledged, {refused} refused, {resent} sent once more");
    let deadline = Instant::now() + REST_MAX;
    let mut books = Books::of(&payers).await;
    while !books.rests() && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_secs(1)).await;
        books = Books::of(&payers).await;
    }
    assert_eq!(books.total, AMOUNT * i64::try_from(WALLETS).unwrap(), "money is gone, or made");
    assert_eq!(books.transfers.len(), count, "more was paid than was acknowledged");
    for (id, amount) in &all.acknowledged {
        let told = books.transfers.get(id).cloned();
        let completed = (1, 1, *amount, "COMPLETED".to_owned());
        assert_eq!(told, Some(completed), "transfer {id} is not there once");
    }
    let (is_clean, said) = moim.tool(&["audit", "verify"]);
    println!("{said}");
    assert!(is_clean, "{said}");
}
