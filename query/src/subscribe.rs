//! Letting a subscriber in: the operation is validated, its arguments are checked, and so is the
//! right to follow.

use std::sync::Arc;

use async_graphql::ServerError;
use command::Viewer;
use events::{ChannelId, LogPosition, Position, WalletId};
use futures::StreamExt;
use futures::future::join_all;
use uuid::Uuid;

use crate::execution::{Caller, Prepared};
use crate::fault::{self, Fault};
use crate::hub::follow::Follow;
use crate::hub::group::{Follows, GroupKey};
use crate::hub::operation::{Operation, Viewed};
use crate::hub::progress::{Progress, WAIT_MAX};
use crate::hub::push::{Place, Since, behind};
use crate::hub::queue::{Pushed, Queue, Subscription};
use crate::hub::target::Target;
use crate::hub::{Hub, groups, inbox};
use crate::schema::sight::Sight;
use crate::schema::subscription::{Asked, Stage};
use crate::tables::members::{Standing, StandingOf};
use crate::tables::wallet_members::WalletMemberOf;

/// Why there is no subscription: the document is at fault, or the caller.
pub(crate) enum Refused {
    Document(Vec<ServerError>),
    Caller(Fault),
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Caller(fault)
    }
}

impl Refused {
    pub(crate) fn into_errors(self) -> Vec<ServerError> {
        match self {
            Self::Document(errors) => errors,
            Self::Caller(fault) => vec![fault.server_error()],
        }
    }
}

/// Checks a subscriber and sets it going.
pub(crate) async fn subscribe(
    hub: &Arc<Hub>,
    prepared: Prepared,
    caller: &Caller,
) -> Result<Subscription, Refused> {
    let Prepared { request, canonical, .. } = prepared;
    let operation = Operation::of(request).map_err(|error| Refused::Document(vec![error]))?;
    let asked = admit(hub, &operation).await?;
    let viewer = caller.viewer.ok_or(Fault::Unauthenticated)?;
    let looks = match operation.needs().viewer {
        Viewed::Differently => Some(viewer.user),
        Viewed::Alike => None,
    };
    let key = GroupKey { canonical, viewer: looks };
    let entering = Entering { hub, operation, viewer, key };
    match asked {
        Asked::ChannelEvents { channel_id, after } => {
            entering.channel(&channel_id, Follows::Events, after).await
        }
        Asked::WalletEvents { wallet_id, after } => entering.wallet(&wallet_id, after).await,
        Asked::Typing { channel_id } => entering.channel(&channel_id, Follows::Typing, None).await,
        Asked::Inbox { after } => entering.inbox(after).await,
    }
}

/// Somebody at the door.
struct Entering<'a> {
    hub: &'a Arc<Hub>,
    operation: Operation,
    viewer: Viewer,
    key: GroupKey,
}

impl Entering<'_> {
    async fn channel(
        self,
        channel: &str,
        follows: Follows,
        after: Option<String>,
    ) -> Result<Subscription, Refused> {
        let after = parsed(after)?;
        let channel = channel.parse::<ChannelId>().map_err(|_| no_such_channel())?;
        let cursor = cursor(self.hub, &[&self.hub.progress], after).await?;
        let standing = StandingOf { channel, user: self.viewer.user };
        let since = match (self.hub.loads.one(standing).await?, after) {
            (Some(Standing::Member(member, _)), _) => i64::from(member.joined_seq),
            // Who was in it to the end may still be told of the end.
            (Some(Standing::Dissolved), Some(_)) => {
                // The end is a channel's last row, and has one push.
                let end = self.hub.loads.tables().last_feed_position(channel.0).await?;
                if cursor >= (end, 0) {
                    return Ok(completed());
                }
                0
            }
            (Some(Standing::Stranger), _) => {
                return Err(Fault::Forbidden("Only members may follow a channel.").into());
            }
            (Some(Standing::Gone | Standing::Dissolved) | None, _) => {
                return Err(no_such_channel().into());
            }
        };
        Ok(self.follow_one(channel.0, follows, since, cursor))
    }

    async fn wallet(self, wallet: &str, after: Option<String>) -> Result<Subscription, Refused> {
        let after = parsed(after)?;
        let wallet = wallet.parse::<WalletId>().map_err(|_| no_such_wallet())?;
        let loads = &self.hub.loads;
        loads.money()?;
        let cursor = cursor(self.hub, &[&self.hub.money], after).await?;
        let member = WalletMemberOf { wallet, user: self.viewer.user };
        let Some(member) = loads.one(member).await? else {
            return Err(self.no_member_of(wallet).await?.into());
        };
        Ok(self.follow_one(wallet.0, Follows::Wallet, member.joined_position, cursor))
    }

    /// Who is in its channel may know of a wallet.
    async fn no_member_of(&self, wallet: WalletId) -> Result<Fault, Fault> {
        let loads = &self.hub.loads;
        let channel = loads.wallet(wallet).await?.and_then(|row| row.channel);
        let Some(channel) = channel else { return Ok(no_such_wallet()) };
        Ok(match loads.one(StandingOf { channel, user: self.viewer.user }).await? {
            Some(Standing::Member(..)) => Fault::Forbidden("Only members may follow a wallet."),
            _ => no_such_wallet(),
        })
    }

    fn follow_one(
        self,
        entity: Uuid,
        follows: Follows,
        since: Since,
        cursor: Place,
    ) -> Subscription {
        let target = Target::One(groups::Joining {
            entity,
            follows,
            key: self.key.clone(),
            counts: self.operation.needs().counts,
            viewer: self.viewer.user,
            since,
            queue: Arc::default(),
        });
        self.follow(target, cursor)
    }

    async fn inbox(self, after: Option<String>) -> Result<Subscription, Refused> {
        self.hub.loads.money()?;
        let feeds = [&*self.hub.progress, &*self.hub.money];
        let cursor = cursor(self.hub, &feeds, parsed(after)?).await?;
        let target = Target::Inbox(inbox::Joining {
            key: self.key.clone(),
            counts: self.operation.needs().counts,
            viewer: self.viewer.user,
            queue: Arc::default(),
        });
        Ok(self.follow(target, cursor))
    }

    fn follow(self, target: Target, cursor: Place) -> Subscription {
        let sight = Sight { viewer: Some(self.viewer) };
        Follow::new(self.hub.clone(), self.operation, sight, target, cursor).start()
    }
}

fn parsed(after: Option<String>) -> Result<Option<Position>, Fault> {
    let after = after.map(|after| after.parse()).transpose();
    after.map_err(|_| Fault::InvalidCursor("after"))
}

fn no_such_channel() -> Fault {
    Fault::NotFound("There is no such channel.")
}

fn no_such_wallet() -> Fault {
    Fault::NotFound("There is no such wallet.")
}

/// Validates the operation and gives its arguments.
async fn admit(hub: &Hub, operation: &Operation) -> Result<Asked, Refused> {
    let stage = Stage::admission();
    let request = operation.request();
    let request = request.data(stage.clone()).data(hub.loads.clone()).data(Sight::default());
    let refused = hub.schema.execute_stream(request).next().await;
    match (stage.asked(), refused) {
        (_, Some(response)) => Err(Refused::Document(response.errors)),
        (Some(asked), None) => Ok(asked),
        (None, None) => Err(Fault::Internal("a subscription without a field".into()).into()),
    }
}

/// Where the subscriber of these feeds stands. It is taken before membership is read: a loss that
/// the reading does not show yet is a push behind this place, or was told.
async fn cursor(hub: &Hub, feeds: &[&Progress], after: Option<Position>) -> Result<Place, Fault> {
    reached(feeds, 0).await;
    let unread = || Fault::Unavailable("the feed was not read yet".into());
    // The one that is least known counts; one that was never read is known least.
    let passed = feeds.iter().map(|feed| feed.passed()).min().flatten().ok_or_else(unread)?;
    let Some(after) = after else { return Ok(behind(passed)) };
    if after.log != hub.log.id() {
        return Err(Fault::CursorUnknown);
    }
    if after.at > passed {
        let head = hub.log.head().await;
        let head = head.map_err(|error| Fault::Unavailable(error.to_string()))?;
        if after.at > head {
            return Err(Fault::CursorUnknown);
        }
        // What the subscriber knows of, this node will know in a moment.
        reached(feeds, after.at).await;
    }
    Ok((after.at, after.ordinal))
}

/// Waits until these feeds have passed a position, or for as long as anything is waited for.
async fn reached(feeds: &[&Progress], position: LogPosition) {
    join_all(feeds.iter().map(|feed| feed.reached(position, WAIT_MAX))).await;
}

/// A subscription that has nothing to tell any more.
fn completed() -> Subscription {
    let queue = Arc::new(Queue::default());
    queue.end(Pushed::Complete);
    Subscription { queue, _held: Box::new(()) }
}

/// Gives errors of a refusal their codes.
pub(crate) fn completed_errors(refused: Refused, caller: &Caller) -> Vec<ServerError> {
    let mut errors = refused.into_errors();
    fault::complete(&mut errors, caller.trace_parent.as_deref());
    errors
}
