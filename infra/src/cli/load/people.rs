//! Users in channels, each with a socket.

use std::sync::Arc;

use futures::stream::{self, StreamExt, TryStreamExt};
use tokio::sync::watch;

use super::api::{Api, User};
use super::socket::{Seat, Socket};
use super::tally::Tally;

/// Users that sign up or join at the same time.
const REQUESTS_MAX: usize = 32;
/// Sockets that are opened at the same time.
const OPENING_MAX: usize = 200;

/// A channel with its members, and the position behind the last one's coming.
struct Group {
    channel: String,
    members: Vec<User>,
    position: String,
}

/// Makes so many users in channels of that size, and opens their sockets all at once.
pub(super) async fn gather(
    api: &Api,
    users: usize,
    channel_size: usize,
    tally: &watch::Receiver<Arc<Tally>>,
) -> anyhow::Result<Vec<Socket>> {
    let people = stream::iter(0..users).map(|_| api.sign_up()).buffer_unordered(REQUESTS_MAX);
    let people: Vec<User> = people.try_collect().await?;
    let groups = people.chunks(channel_size).map(|members| group(api, members.to_vec()));
    let groups = stream::iter(groups).buffer_unordered(REQUESTS_MAX);
    let groups: Vec<Group> = groups.try_collect().await?;
    let seats = groups.into_iter().flat_map(seats);
    let sockets = seats.map(|seat| Socket::open(api.socket_url(), seat, tally.clone()));
    stream::iter(sockets).buffer_unordered(OPENING_MAX).try_collect().await
}

async fn group(api: &Api, members: Vec<User>) -> anyhow::Result<Group> {
    let (channel, mut position) = api.create(&members[0]).await?;
    // One after another, or each would wait in the same mailbox.
    for member in &members[1..] {
        position = api.join(member, &channel).await?;
    }
    api.reach(&members[0], &position).await?;
    Ok(Group { channel, members, position })
}

fn seats(group: Group) -> impl Iterator<Item = Seat> {
    let Group { channel, members, position } = group;
    let members_len = u32::try_from(members.len()).unwrap_or(u32::MAX);
    members.into_iter().map(move |user| {
        let (channel, position) = (channel.clone(), position.clone());
        Seat { user, channel, position, members_len }
    })
}
