//! Reading one long channel: `cargo bench -p infra --bench reads [-- <messages>]`.
//!
//! Fills a channel with messages (1,000,000 unless told otherwise) on a PostgreSQL of its own with
//! default durability, and asks the API, without a transport, one question after another: pages of
//! messages, and searches in the channel and in all channels. What the page has in it is asked for
//! too: texts, times, and authors' names.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod fill;
mod texts;

use std::env;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use async_graphql::Variables;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use command::CommandBus;
use hdrhistogram::Histogram;
use infra::auth::AccessTokens;
use query::document::{Desk, Limits, Shape};
use query::{Api, Caller, Parts};
use serde_json::{Value, json};
use testkit::PrivateCluster;
use tokio_util::sync::CancellationToken;

use fill::Filled;

const MESSAGES: u64 = 1_000_000;
const WARM_UP_LEN: usize = 20;
const MEASURED_LEN: usize = 300;
const NODES: &str = "nodes { id seq text sentAt author { username } } \
                     pageInfo { hasNextPage endCursor startCursor }";

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments: Vec<String> = env::args().skip(1).collect();
    // `cargo bench` says so; anybody else only wants to know that this compiles.
    let Some(at) = arguments.iter().position(|argument| argument == "--bench") else {
        return Ok(());
    };
    arguments.remove(at);
    let messages = match arguments.first() {
        Some(argument) => argument.parse().context("not a number of messages")?,
        None => MESSAGES,
    };
    let cluster = PrivateCluster::start().await?;
    let filled = fill::fill(&cluster, messages).await?;
    let reader = Reader::start(&filled).await?;
    pages(&reader, &filled).await?;
    searches(&reader, &filled).await?;
    reader.stop.cancel();
    Ok(())
}

/// Somebody who asks.
struct Reader {
    api: Api,
    desk: Desk,
    caller: Caller,
    stop: CancellationToken,
}

impl Reader {
    async fn start(filled: &Filled) -> Result<Self> {
        let stores = &filled.stores;
        let key = format!("k:{}", base64::engine::general_purpose::STANDARD.encode([3; 32]));
        let api = Api::new(Parts {
            pool: stores.read_models.clone(),
            bus: filled.service.clone() as Arc<dyn CommandBus>,
            log: Arc::new(stores.log.clone()),
            tokens: Arc::new(AccessTokens::new(&key.parse()?)),
            projected: None,
        });
        let (running, stop) = (api.clone(), CancellationToken::new());
        let stopping = stop.clone();
        tokio::spawn(async move { running.run(stopping).await });
        while !api.is_current() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let shape = Shape::of_sdl(&query::schema_sdl()).context("the schema can't be read")?;
        let desk = Desk { shape, limits: Limits::default() };
        let caller = Caller { viewer: Some(filled.viewer), ..Caller::default() };
        Ok(Self { api, desk, caller, stop })
    }

    async fn ask(&self, text: &str) -> Result<Value> {
        let prepared = self.desk.prepare(text, None, Variables::default());
        let Ok(prepared) = prepared else { anyhow::bail!("{text}: not accepted") };
        let answer = serde_json::to_value(self.api.execute(prepared, &self.caller).await)?;
        ensure!(answer.get("errors").is_none(), "{text}: {answer:#}");
        Ok(answer)
    }

    /// Asks again and again; prints how long that took.
    async fn measure(&self, what: &str, text: &str) -> Result<Value> {
        let mut took = Histogram::<u64>::new(3)?;
        let mut answer = Value::Null;
        for round in 0..WARM_UP_LEN + MEASURED_LEN {
            let started = Instant::now();
            answer = self.ask(text).await?;
            if round >= WARM_UP_LEN {
                took.record(u64::try_from(started.elapsed().as_micros())?)?;
            }
        }
        let ms = |quantile| {
            Duration::from_micros(took.value_at_quantile(quantile)).as_secs_f64() * 1_000.0
        };
        let found = answer["data"].to_string().matches("\"seq\":").count();
        println!("{what:<44}{found:>6}{:>10.2}{:>10.2}{:>10.2}", ms(0.5), ms(0.99), ms(1.0));
        Ok(answer)
    }
}

async fn pages(reader: &Reader, filled: &Filled) -> Result<()> {
    println!("\n{:<44}{:>6}{:>10}{:>10}{:>10}", "", "found", "p50 ms", "p99 ms", "max ms");
    let of = |arguments: &str| {
        format!(
            "{{ channel(id: \"{}\") {{ messages({arguments}) {{ {NODES} }} }} }}",
            filled.channel
        )
    };
    let newest = reader.measure("first page (the newest 50)", &of("last: 50")).await?;
    let newest = &newest["data"]["channel"]["messages"];
    let cursor = newest["pageInfo"]["startCursor"].as_str().context("an empty page")?;
    let seq = newest["nodes"][0]["seq"].as_i64().context("an empty page")?;
    // A cursor ends with the seq of its message.
    let mut bytes = URL_SAFE_NO_PAD.decode(cursor)?;
    let at = bytes.len() - 8;
    bytes[at..].copy_from_slice(&(seq / 2).to_be_bytes());
    let middle = URL_SAFE_NO_PAD.encode(bytes);
    let middle = of(&format!("last: 50, before: \"{middle}\""));
    reader.measure("a page from the middle", &middle).await?;
    Ok(())
}

async fn searches(reader: &Reader, filled: &Filled) -> Result<()> {
    let texts = &filled.texts;
    let syllable = texts.syllable();
    let words = [
        ("a frequent word", texts.frequent()),
        ("one syllable of many words", &syllable),
        ("a word of some hundreds of messages", texts.middling()),
        ("a rare word", texts::RARE),
        ("a word of syllables that nobody used", texts::ABSENT),
        ("no word, of letters that are everywhere", texts::NOWHERE),
    ];
    for (scope, channel) in [("here", Some(filled.channel)), ("all", None)] {
        for (what, word) in words {
            let channel = channel.map_or(Value::Null, |id| json!(id));
            let text = |after: &Value| {
                format!(
                    "{{ searchMessages(text: {}, channelId: {channel}, after: {after}) \
                     {{ {NODES} }} }}",
                    json!(word)
                )
            };
            reader.measure(&format!("{scope}: {what}"), &text(&Value::Null)).await?;
        }
    }
    Ok(())
}
