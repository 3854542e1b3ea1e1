//! A wallet: its members, their PINs, what may be spent, and every won that moves in it. What
//! concerns one of them stands in a file of its own; here are what they share, and the door.

mod approvals;
mod arrivals;
mod asking;
mod command;
mod departures;
mod evolve;
mod external;
mod item;
mod leavers;
mod members;
mod permits;
mod pins;
mod refunds;
mod settings;
mod spending;
mod state;
mod transfers;
mod waiting;

use std::time::Duration;

use events::wallet::WalletRole;
use events::{Fact, WalletEvent, WalletId};
use uuid::Uuid;

use crate::execution::aggregate::{Aggregate, Context, Decision, Touch, View};
use crate::rejection::{Code, Details, Rejection};

pub use self::asking::{
    Asker, CurrentPin, Debits, Loss, Open, Outsider, Payee, Refund, Release, Seat, Transfer,
    Warrant, Withdraw,
};
pub use self::command::Command;
pub use self::item::{Approval, Item, Paid, Phase, Received, deposit_key, withdrawal_key};
pub use self::permits::{Management, rehearse};
pub use self::pins::{PIN_LOCK, PIN_TRIES_MAX};
pub use self::state::{Hold, State, VOTE_TTL};

/// Members of a wallet: as many as of a channel.
pub const MEMBERS_LEN_MAX: usize = 10_000;
/// Transfers of a wallet that wait for approvals at the same time.
pub const HOLDS_LEN_MAX: usize = 1_000;
/// How long a transfer waits for approvals.
pub const HOLD_TTL: Duration = Duration::from_hours(72);
/// Days whose spending is known. What waits counts on the day of its request, and is given back
/// to that day within [`HOLD_TTL`]; on an older one nobody spends any more.
pub const DAYS_LEN_MAX: usize = 8;

/// The aggregate.
#[derive(Debug)]
pub enum Wallet {}

/// What a decision comes to; an error is a refusal.
type Decided = Result<Decision<WalletEvent>, Rejection>;

impl State {
    /// Who acts on the wallet as a member.
    fn member(&self, asker: Asker) -> Result<WalletRole, Rejection> {
        if self.about.is_none() {
            return Err(no_wallet());
        }
        self.role(asker.user).ok_or_else(|| match asker.otherwise {
            Outsider::Stranger => no_wallet(),
            Outsider::Acquainted => forbidden("Only members may do this."),
        })
    }

    /// Who acts on the wallet as an admin.
    fn admin(&self, asker: Asker) -> Result<(), Rejection> {
        match self.member(asker)? {
            WalletRole::Admin => Ok(()),
            WalletRole::Member => Err(forbidden("Only admins may do this.")),
        }
    }

    fn open(&self, context: &Context<'_>) -> Result<(), Rejection> {
        if self.is_closed() { Err(closed(context)) } else { Ok(()) }
    }
}

impl Aggregate for Wallet {
    type Event = WalletEvent;
    type Command = Command;
    type State = State;
    type Item = Item;

    const SCHEMA: u16 = 2;

    fn needs(command: &Command) -> Vec<Uuid> {
        command.items()
    }

    fn touches(event: &WalletEvent) -> Option<Touch> {
        item::touches(event)
    }

    fn evolve(state: State, fact: &Fact<WalletEvent>) -> State {
        evolve::wallet(state, fact)
    }

    fn evolve_item(item: Option<Item>, fact: &Fact<WalletEvent>) -> Option<Item> {
        item::evolve(item, &fact.event)
    }

    fn decide(
        view: &View<'_, Self>,
        context: &Context<'_>,
        command: &Command,
    ) -> Decision<WalletEvent> {
        let state = view.state;
        let decided = match command {
            Command::Open(open) => settings::open(state, open),
            Command::Join { user, seat } => members::join(state, context, *user, *seat),
            Command::SetRole { asker, user, role } => {
                members::set_role(state, context, *asker, *user, *role)
            }
            Command::Leave { asker, debits } => departures::leave(state, context, *asker, *debits),
            Command::RemoveMember { asker, user } => {
                departures::remove(state, context, *asker, *user)
            }
            Command::Release(release) => departures::release(state, context, release),
            Command::End { debits } => departures::end(state, context, *debits),
            Command::Close { asker, debits } => departures::close(state, context, *asker, *debits),
            Command::Freeze { reason } => settings::freeze(state, context, reason),
            Command::Unfreeze { reason } => settings::unfreeze(state, context, reason),
            Command::Authorize { asker, pin } => pins::authorize(state, context, *asker, *pin),
            Command::ChangePin { asker, current, pin } => {
                pins::change(state, context, *asker, *current, pin)
            }
            Command::SetApprovals { asker, approvals } => {
                approvals::set(state, context, *asker, *approvals)
            }
            Command::SetLimits { asker, limits, warrant } => {
                settings::set_limits(state, context, *asker, *limits, *warrant)
            }
            Command::Deposit { asker, amount, reference } => {
                external::deposit(view, context, *asker, *amount, reference)
            }
            Command::Withdraw(withdraw) => external::withdraw(view, context, withdraw),
            Command::Transfer(transfer) => transfers::transfer(view, context, transfer),
            Command::Refund(refund) => refunds::refund(view, context, refund),
            Command::Approve { asker, transfer } => {
                waiting::approve(view, context, *asker, *transfer)
            }
            Command::Decline { asker, transfer } => {
                waiting::decline(view, context, *asker, *transfer)
            }
            Command::Expire { transfer } => Ok(waiting::expire(state, context, *transfer)),
            Command::Credit(terms) => arrivals::credit(view, terms),
            Command::TakeBack(terms) => arrivals::take_back(view, terms),
        };
        decided.unwrap_or_else(Decision::Refuse)
    }
}

// Refusals that several decisions share.

fn no_wallet() -> Rejection {
    Rejection::new(Code::NotFound, "There is no such wallet.")
}

fn forbidden(message: impl Into<String>) -> Rejection {
    Rejection::new(Code::Forbidden, message)
}

/// The wallet that is decided on.
fn this_wallet(context: &Context<'_>) -> WalletId {
    // Streams of wallets are named by their ids.
    context.stream.entity().parse().unwrap_or(WalletId(Uuid::nil()))
}

fn closed(context: &Context<'_>) -> Rejection {
    is_closed(this_wallet(context))
}

fn is_closed(wallet_id: WalletId) -> Rejection {
    Rejection::new(Code::WalletClosed, "This wallet is closed.").with(Details::Wallet { wallet_id })
}

fn not_empty(context: &Context<'_>) -> Rejection {
    let details = Details::Wallet { wallet_id: this_wallet(context) };
    Rejection::new(Code::WalletNotEmpty, "There is money in this wallet.").with(details)
}

fn conflict(message: &'static str) -> Rejection {
    Rejection::new(Code::Conflict, message)
}

#[cfg(test)]
mod tests;
