//! In which order the lines of one request are worked on: what comes of each is what would come
//! of it if they were sent one after another.
//!
//! Lines that concern one channel or wallet, or have one id, wait for each other; others don't. A
//! line that concerns the account of who asks, a channel with its wallets, or a message, transfer
//! or cycle whose place only the log knows, waits for all before it, and all after wait for it.

use std::collections::HashMap;

use tokio_util::sync::CancellationToken;

use super::request::Asked;
use crate::bus::Command;

/// The place of a line: what it waits for, and what others of its kind wait for.
#[derive(Debug)]
pub(super) struct Turn {
    after: Vec<CancellationToken>,
    done: CancellationToken,
}

impl Turn {
    /// Runs something when its turn has come; the turn ends with it, however it ends.
    pub(super) async fn take<T>(self, work: impl Future<Output = T>) -> T {
        let _done = self.done.drop_guard();
        for before in self.after {
            before.cancelled().await;
        }
        work.await
    }
}

/// Gives lines their turns, in the order asked.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// The newest line that all later ones wait for.
    barrier: Option<CancellationToken>,
    /// The newest line since then for each id.
    newest: HashMap<String, CancellationToken>,
}

impl Order {
    /// The turn of the next line.
    pub(super) fn next(&mut self, asked: &Asked) -> Turn {
        let done = CancellationToken::new();
        let mut after: Vec<_> = self.barrier.iter().cloned().collect();
        let own = asked.id.as_deref();
        let things = match concern(&asked.command) {
            Concern::All => {
                after.extend(self.newest.drain().map(|(_, newest)| newest));
                self.barrier = Some(done.clone());
                return Turn { after, done };
            }
            Concern::Two(one, other) => [Some(one.as_str()), Some(other.as_str())],
            Concern::One(thing) => [Some(thing.as_str()), None],
            Concern::Itself => [None, None],
        };
        let named = own.is_some() || things[0].is_some();
        for name in own.into_iter().chain(things.into_iter().flatten()) {
            let before = self.newest.insert(name.to_ascii_lowercase(), done.clone());
            // It may name one thing twice; it doesn't wait for itself.
            after.extend(before.filter(|before| *before != done));
        }
        if !named {
            // Nothing can name it, but what concerns all waits for it.
            self.newest.insert(format!("#{}", self.newest.len()), done.clone());
        }
        Turn { after, done }
    }
}

/// What a command concerns besides its own id.
enum Concern<'a> {
    /// Nothing.
    Itself,
    /// A channel, or a wallet.
    One(&'a String),
    /// Two wallets.
    Two(&'a String, &'a String),
    /// The account of who asks, a channel and all of its wallets, or what isn't named.
    All,
}

fn concern(command: &Command) -> Concern<'_> {
    match command {
        Command::CreateChannel { .. } => Concern::Itself,
        Command::UpdateChannel { channel: thing, .. }
        | Command::JoinChannel { channel: thing, .. }
        | Command::AddChannelMember { channel: thing, .. }
        | Command::SetChannelRole { channel: thing, .. }
        | Command::SendMessage { channel: thing, .. }
        | Command::MarkRead { channel: thing, .. }
        | Command::OpenGroupWallet { channel: thing, .. }
        | Command::LeaveWallet { wallet: thing }
        | Command::RemoveWalletMember { wallet: thing, .. }
        | Command::SetWalletRole { wallet: thing, .. }
        | Command::SetApprovalsRequired { wallet: thing, .. }
        | Command::SetWalletLimits { wallet: thing, .. }
        | Command::ChangePin { wallet: thing, .. }
        | Command::AuthorizeSpending { wallet: thing, .. }
        | Command::Deposit { wallet: thing, .. }
        | Command::Withdraw { wallet: thing, .. }
        | Command::CreateDuesPlan { wallet: thing, .. } => Concern::One(thing),
        Command::Transfer { from, to, .. } | Command::SchedulePayment { from, to, .. } => {
            Concern::Two(from, to)
        }
        _ => Concern::All,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::StreamExt;
    use std::sync::Mutex;
    use std::time::Duration;

    const STEP: Duration = Duration::from_millis(30);

    fn asked(id: &str, command: Command) -> Asked {
        Asked { id: Some(id.to_owned()), command }
    }

    fn send(id: &str, channel: &str) -> Asked {
        let (channel, text) = (channel.to_owned(), String::new());
        asked(id, Command::SendMessage { channel, text, reply_to: None })
    }

    /// The order in which lines end when the first takes the longest.
    async fn ends(lines: Vec<Asked>) -> Vec<u32> {
        let ended = Mutex::new(Vec::new());
        let mut order = Order::default();
        let work = (0..).zip(&lines).map(|(at, line)| (at, order.next(line)));
        let work: Vec<_> = work.collect();
        let len = u32::try_from(work.len()).unwrap();
        let work = futures::stream::iter(work).map(|(at, turn)| {
            turn.take(async move {
                tokio::time::sleep(STEP * (len - at)).await;
                at
            })
        });
        work.buffer_unordered(32).for_each(async |at| ended.lock().unwrap().push(at)).await;
        ended.into_inner().unwrap()
    }

    #[tokio::test]
    async fn one_channels_lines_keep_their_order_and_others_do_not_wait() {
        let lines = vec![send("1", "a"), send("2", "A"), send("3", "b")];
        assert_eq!(ends(lines).await, [2, 0, 1]);
    }

    #[tokio::test]
    async fn what_was_made_in_the_request_can_be_used_in_it() {
        let (name, visibility) = (String::new(), crate::bus::Visibility::Public);
        let create = Command::CreateChannel { name, description: None, visibility, password: None };
        assert_eq!(ends(vec![asked("a", create), send("2", "a")]).await, [0, 1]);
    }

    #[tokio::test]
    async fn lines_of_one_id_keep_their_order() {
        assert_eq!(ends(vec![send("1", "a"), send("1", "b")]).await, [0, 1]);
    }

    #[tokio::test]
    async fn a_message_of_an_unknown_channel_waits_for_all_and_all_for_it() {
        let edit = Command::DeleteMessage { message: "m".to_owned() };
        let lines = vec![send("1", "a"), send("2", "b"), asked("3", edit), send("4", "c")];
        assert_eq!(ends(lines).await, [1, 0, 2, 3]);
    }
}
