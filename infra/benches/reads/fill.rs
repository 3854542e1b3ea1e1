//! A node's stores with one channel that many messages were written in: appended to the log in
//! large batches, as the events that they are, and projected by a rebuild of both projections.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, bail};
use command::bus::{Secret, Viewer, Visibility};
use command::{Command, CommandBus, CommandService, Outcome, Request};
use command::{ServiceConfig, ServiceSecrets};
use events::channel::MessageSent;
use events::codec;
use events::hashing::HashKey;
use events::personal::KeyRing;
use events::{
    Actor, Append, ChannelEvent, ChannelId, CommandId, EventId, EventLog, Expected, MessageId,
    Metadata, NewEvent, StreamName, Timestamp,
};
use infra::config::StoreConfig;
use infra::keys::SecretKey;
use infra::postgres::{PostgresClaims, PostgresSnapshots, PostgresTodos};
use infra::stores::Stores;
use projections::Projection;
use testkit::PrivateCluster;
use zeroize::Zeroizing;

use crate::texts::Texts;

/// Messages of one append.
const APPEND_LEN: u64 = 500;

/// All that a node has.
pub(crate) struct Filled {
    pub(crate) stores: Stores,
    pub(crate) service: Arc<CommandService>,
    /// The one member.
    pub(crate) viewer: Viewer,
    pub(crate) channel: ChannelId,
    pub(crate) texts: Texts,
}

pub(crate) async fn fill(cluster: &PrivateCluster, messages: u64) -> Result<Filled> {
    let stores = Stores::open(&StoreConfig {
        database_url: cluster.url()?,
        log_url: None,
        database_connections: 16,
        data_key: SecretKey::new([1; 32]),
        hash_key: SecretKey::new([2; 32]),
    })
    .await?;
    let service = Arc::new(service(&stores)?);
    let (viewer, channel) = people(&service).await?;
    let mut filled = Filled { stores, service, viewer, channel, texts: Texts::new() };
    let started = Instant::now();
    write(&mut filled, messages).await?;
    println!("{messages} messages appended in {:.1?}", started.elapsed());
    for projection in Projection::ALL {
        rebuild(&filled.stores, projection).await?;
    }
    Ok(filled)
}

fn service(stores: &Stores) -> Result<CommandService> {
    let of_command = command::Stores {
        log: Arc::new(stores.log.clone()),
        claims: Arc::new(PostgresClaims::new(stores.pool.clone())),
        snapshots: Arc::new(PostgresSnapshots::new(stores.pool.clone())),
        keys: stores.vault.clone(),
        todos: Arc::new(PostgresTodos::new(stores.pool.clone())),
    };
    let secrets = ServiceSecrets {
        hash_key: HashKey::new([2; 32]),
        pepper: Zeroizing::new(b"pepper".to_vec()),
    };
    Ok(CommandService::new(of_command, &secrets, ServiceConfig::default())?)
}

async fn submit(
    service: &CommandService,
    viewer: Option<Viewer>,
    command: Command,
) -> Result<Outcome> {
    let request = Request { id: None, viewer, command, trace_parent: None, client: None };
    match service.submit(request).await {
        Ok(done) => Ok(done.outcome),
        Err(rejection) => bail!("refused: {rejection:?}"),
    }
}

async fn people(service: &CommandService) -> Result<(Viewer, ChannelId)> {
    let sign_up = Command::SignUp {
        email: "reader@example.org".into(),
        username: "reader".into(),
        password: Secret::new("correct horse battery staple".into()),
    };
    let Outcome::Session(grant) = submit(service, None, sign_up).await? else {
        bail!("sign-up starts a session")
    };
    let viewer = Viewer { user: grant.user, session: grant.session };
    let create = Command::CreateChannel {
        name: "모임".into(),
        description: None,
        visibility: Visibility::Public,
        password: None,
    };
    let Outcome::Channel(channel) = submit(service, Some(viewer), create).await? else {
        bail!("creating a channel names it")
    };
    Ok((viewer, channel))
}

async fn write(filled: &mut Filled, messages: u64) -> Result<()> {
    let stream = StreamName::channel(filled.channel);
    let mut last = filled.stores.log.last_revision(&stream).await?;
    for first in (0..messages).step_by(usize::try_from(APPEND_LEN)?) {
        let numbers = first + 1..=messages.min(first + APPEND_LEN);
        let events: Result<Vec<_>> = numbers.map(|number| event(&stream, filled, number)).collect();
        let (stream, expected) = (stream.clone(), Expected::after(last));
        let append = Append { stream, expected, events: events? };
        last = Some(filled.stores.log.append(append).await?.revision);
    }
    Ok(())
}

fn event(stream: &StreamName, filled: &mut Filled, number: u64) -> Result<NewEvent> {
    let seq = u32::try_from(number)?;
    let sent = MessageSent {
        message: MessageId::generate(),
        seq,
        number: seq,
        author: filled.viewer.user,
        text: filled.texts.text(number),
        reply_to: None,
    };
    let metadata = Metadata {
        event_id: EventId::generate(),
        correlation: CommandId::generate(),
        causation: CommandId::generate(),
        input_hash: None,
        actor: Actor::User(filled.viewer.user),
        recorded_at: Timestamp::now(),
        version: 1,
        trace_parent: None,
    };
    Ok(codec::encode(&mut ChannelEvent::from(sent), stream, metadata, &KeyRing::new())?)
}

async fn rebuild(stores: &Stores, projection: Projection) -> Result<()> {
    let (log, keys) = (Arc::new(stores.log.clone()), stores.vault.clone());
    let report = projections::rebuild(projection, &stores.options, log, keys, |_| {}).await?;
    #[expect(clippy::cast_precision_loss, reason = "to be printed")]
    let rate = report.events as f64 / report.seconds;
    println!(
        "{} rebuilt: {} events in {:.1} s, {rate:.0} events/s, of which indexes {:.1?}",
        projection.name(),
        report.events,
        report.seconds,
        report.spent.index
    );
    Ok(())
}
