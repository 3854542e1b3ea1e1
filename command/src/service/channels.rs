//! Creating, changing, deleting, joining and leaving channels.

use events::channel::Visibility;
use events::personal::KeyRing;
use events::{ChannelId, MessageId, StreamName, UserId};

use super::leaving::Going;
use super::origin::Origin;
use super::{CommandService, VERIFICATIONS_MAX, done, lost_race};
use crate::bus::{Done, Outcome, Secret};
use crate::domain::Verified;
use crate::domain::channel::{self, Channel, ENTER, LEAVE, Proof};
use crate::execution::Refused;
use crate::parse::{self, ChannelName, ChannelPassword, Description, PasswordTry};
use crate::process::Leaver;
use crate::rejection::Rejection;

/// The input of `createChannel`.
pub(super) struct NewChannel {
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) visibility: Visibility,
    pub(super) password: Option<Secret>,
}

struct ParsedChannel {
    name: ChannelName,
    description: Description,
    password: Option<ChannelPassword>,
}

impl NewChannel {
    fn parse(&self) -> Result<ParsedChannel, Rejection> {
        let name = ChannelName::parse(&self.name)?;
        let description = Description::parse(self.description.as_deref())?;
        let password = self.password.as_ref().map(|raw| ChannelPassword::parse(raw)).transpose()?;
        if self.visibility == Visibility::Public && password.is_some() {
            // Taking it in silence would leave a channel open that its creator takes for locked.
            let message = "A public channel takes no password: anyone may join it.";
            return Err(Rejection::invalid("password", message));
        }
        Ok(ParsedChannel { name, description, password })
    }
}

/// The input of `updateChannel`; what is left out stays.
pub(super) struct ChannelChange {
    pub(super) channel: String,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
}

impl ChannelChange {
    /// Bad input comes before what isn't there.
    fn parse(&self, by: UserId) -> Result<(ChannelId, channel::Update), Rejection> {
        let name = self.name.as_deref().map(ChannelName::parse).transpose()?;
        let description = self.description.as_deref();
        let description = description.map(|raw| Description::parse(Some(raw))).transpose()?;
        Ok((parse::thing(&self.channel)?, channel::Update { by, name, description }))
    }
}

impl CommandService {
    pub(super) async fn create_channel(
        &self,
        origin: &Origin,
        creator: UserId,
        new: NewChannel,
    ) -> Result<Done, Rejection> {
        let parsed = self.parsed(origin, new.parse()).await?;
        let password = match parsed.password {
            Some(password) => {
                Some(self.hasher.run(move |argon| argon.hash(password.expose())).await??)
            }
            None => None,
        };
        let (name, description, visibility) = (parsed.name, parsed.description, new.visibility);
        let create = channel::Create { creator, name, description, visibility, password };
        let id = ChannelId(origin.id.0);
        let (stream, command) = (StreamName::channel(id), channel::Command::Create(create));
        let settled = self.run_in_channel(origin, &stream, Vec::new(), command).await?;
        Ok(done(origin, &settled, Outcome::Channel(id)))
    }

    pub(super) async fn update_channel(
        &self,
        origin: &Origin,
        by: UserId,
        change: ChannelChange,
    ) -> Result<Done, Rejection> {
        let (id, update) = self.parsed(origin, change.parse(by)).await?;
        let (stream, command) = (StreamName::channel(id), channel::Command::Update(update));
        let settled = self.run_in_channel(origin, &stream, Vec::new(), command).await?;
        Ok(done(origin, &settled, Outcome::Channel(id)))
    }

    pub(super) async fn delete_channel(
        &self,
        origin: &Origin,
        by: UserId,
        channel: &str,
    ) -> Result<Done, Rejection> {
        let id: ChannelId = self.parsed(origin, parse::thing(channel)).await?;
        let going = Going { channel: id, who: Leaver::Everybody };
        let command = |handled| channel::Command::Delete { by, handled };
        let settled = self.run_leaving(origin, going, Vec::new(), command).await?;
        Ok(done(origin, &settled, Outcome::Channel(id)))
    }

    pub(super) async fn join_channel(
        &self,
        origin: &Origin,
        user: UserId,
        channel: &str,
        password: Option<Secret>,
    ) -> Result<Done, Rejection> {
        let id: ChannelId = self.parsed(origin, parse::thing(channel)).await?;
        let stream = StreamName::channel(id);
        let tried = password.map(|password| PasswordTry::new(&password));
        for _ in 0..VERIFICATIONS_MAX {
            let password = self.prove(&stream, user, tried.as_ref()).await?;
            let command = channel::Command::Join { user, password };
            let things = vec![MessageId::derived(origin.id, ENTER).0];
            let run = self.run_claimed::<Channel>(origin, &stream, things, KeyRing::new(), command);
            match run.await {
                Ok(settled) => return Ok(done(origin, &settled, Outcome::Channel(id))),
                Err(Refused::Rejection(rejection)) => return Err(rejection),
                Err(Refused::Stale) => {}
            }
        }
        Err(lost_race())
    }

    /// Verifies a password that was sent, where there is one to verify it against and joining
    /// isn't locked: then the mailbox refuses without knowing whether it was right.
    async fn prove(
        &self,
        stream: &StreamName,
        user: UserId,
        tried: Option<&PasswordTry>,
    ) -> Result<Proof, Rejection> {
        let Some(tried) = tried else { return Ok(Proof::LeftOut) };
        let state = self.execution.peek::<Channel>(stream, &[]).await?.state;
        let Some(hash) = state.password().filter(|_| state.locked_for(user, self.now()).is_none())
        else {
            return Ok(Proof::Unverified);
        };
        let phc = Some(zeroize::Zeroizing::new(hash.phc.clone()));
        let verdict = self.verify(tried.clone(), phc).await?;
        Ok(Proof::Verified(Verified { against: hash.event, verdict }))
    }

    pub(super) async fn leave_channel(
        &self,
        origin: &Origin,
        user: UserId,
        channel: &str,
    ) -> Result<Done, Rejection> {
        let id: ChannelId = self.parsed(origin, parse::thing(channel)).await?;
        let going = Going { channel: id, who: Leaver::Member { user, removed_by: None } };
        let command = |handled| channel::Command::Leave { user, handled };
        let things = vec![MessageId::derived(origin.id, LEAVE).0];
        let settled = self.run_leaving(origin, going, things, command).await?;
        Ok(done(origin, &settled, Outcome::Channel(id)))
    }
}
