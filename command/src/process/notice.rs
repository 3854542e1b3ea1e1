//! What a channel is told of its money: transfers of its wallets, cycles of dues, payments that
//! failed. Events of a group wallet name its channel, so that nothing is noted for others.

mod words;

use events::channel::About;
use events::codec::{self, DecodeError};
use events::wallet::{Origin, Terms};
use events::{
    Category, ChannelEvent, CommandId, CycleId, DuesEvent, MessageId, PaymentEvent, PaymentId,
    PlanId, Recorded, Timestamp, TransferId, WalletEvent, WalletId,
};
use uuid::Uuid;

use super::rules::Change;

pub use self::words::Wallet;
pub(crate) use self::words::due;

/// Something that a channel is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What has happened.
    pub news: News,
    /// When.
    pub at: Timestamp,
    /// The client's command.
    pub correlation: CommandId,
    message: MessageId,
}

/// What has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// To a transfer of a group wallet.
    Transfer {
        /// The channel's wallet.
        wallet: WalletId,
        /// Which.
        transfer: TransferId,
        /// What.
        turn: Turn,
    },
    /// A cycle of dues has opened.
    Cycle {
        /// The plan.
        plan: PlanId,
        /// Which.
        cycle: CycleId,
        /// Its number, from 1.
        number: u32,
        /// When it falls due.
        due_at: Timestamp,
        /// How many members are assessed.
        members: u32,
    },
    /// An occurrence of a scheduled payment has failed.
    Failure {
        /// The payment.
        payment: PaymentId,
        /// The occurrence's number, from 1.
        number: u32,
        /// Why, as an error code.
        code: String,
    },
}

/// What has happened to a transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// It waits for that many approvals.
    Asked(Box<Terms>, u8),
    /// It was paid.
    Paid(Box<Terms>),
    /// It was paid in.
    Received(Box<Terms>),
    /// The payee couldn't take it.
    Returned(Box<Terms>),
    /// An admin declined it.
    Declined,
    /// It waited too long.
    Lapsed,
}

impl Notice {
    /// What a channel is to be told of an event, if it is.
    pub fn of(event: &Recorded) -> Result<Option<Self>, DecodeError> {
        let news = match event.stream.category() {
            Category::Wallet => of_wallet(event)?,
            Category::Dues => of_dues(event)?,
            Category::Payment => of_payment(event)?,
            _ => None,
        };
        let metadata = &event.event.metadata;
        Ok(news.map(|news| Self {
            news,
            at: metadata.recorded_at,
            correlation: metadata.correlation,
            message: MessageId(CommandId(metadata.event_id.0).derived("notice").0),
        }))
    }

    /// The message that tells it.
    pub fn message(&self) -> MessageId {
        self.message
    }

    /// The id of the command that tells it: the message's.
    pub fn command_id(&self) -> CommandId {
        CommandId(self.message.0)
    }

    /// What the message tells of; `wallet` is the one whose channel is told.
    pub fn about(&self, wallet: WalletId) -> About {
        match self.news {
            News::Transfer { transfer, .. } => About::Transfer { wallet, transfer },
            News::Cycle { plan, cycle, .. } => About::Cycle { wallet, plan, cycle },
            News::Failure { payment, number, .. } => About::Occurrence { wallet, payment, number },
        }
    }
}

fn of_wallet(event: &Recorded) -> Result<Option<News>, DecodeError> {
    // Most wallets are nobody's but their owner's: those need not be decoded.
    if !event.event.data.contains(r#""channel""#) || !event.event.kind.starts_with("Transfer") {
        return Ok(None);
    }
    let Ok(wallet) = event.stream.entity().parse() else { return Ok(None) };
    let news = |transfer, turn| Some(News::Transfer { wallet, transfer, turn });
    let with =
        |terms: Terms, turn: fn(Box<Terms>) -> Turn| news(terms.transfer, turn(Box::new(terms)));
    Ok(match codec::decode::<WalletEvent>(event)?.event {
        WalletEvent::TransferRequested(asked) if asked.channel.is_some() => {
            let transfer = asked.terms.transfer;
            news(transfer, Turn::Asked(Box::new(asked.terms), asked.approvals_required))
        }
        WalletEvent::TransferDebited(paid) if paid.channel.is_some() => {
            with(paid.terms, Turn::Paid)
        }
        WalletEvent::TransferCredited(received) if received.channel.is_some() => {
            with(received.terms, Turn::Received)
        }
        WalletEvent::TransferRefunded(back) if back.channel.is_some() => {
            with(back.terms, Turn::Returned)
        }
        WalletEvent::TransferDeclined(declined) if declined.channel.is_some() => {
            news(declined.transfer, Turn::Declined)
        }
        WalletEvent::TransferExpired(lapsed) if lapsed.channel.is_some() => {
            news(lapsed.transfer, Turn::Lapsed)
        }
        _ => None,
    })
}

fn of_dues(event: &Recorded) -> Result<Option<News>, DecodeError> {
    if event.event.kind != "DuesCycleOpened" {
        return Ok(None);
    }
    let DuesEvent::DuesCycleOpened(opened) = codec::decode::<DuesEvent>(event)?.event else {
        return Ok(None);
    };
    let (cycle, number) = (opened.cycle, opened.number);
    let (due_at, members) = (opened.due_at, opened.members);
    let plan = event.stream.entity().parse().ok();
    Ok(plan.map(|plan| News::Cycle { plan, cycle, number, due_at, members }))
}

fn of_payment(event: &Recorded) -> Result<Option<News>, DecodeError> {
    if event.event.kind != "OccurrenceFailed" {
        return Ok(None);
    }
    let PaymentEvent::OccurrenceFailed(failed) = codec::decode::<PaymentEvent>(event)?.event else {
        return Ok(None);
    };
    let (number, code) = (failed.number, failed.code);
    let payment = event.stream.entity().parse().ok();
    Ok(payment.map(|payment| News::Failure { payment, number, code }))
}

pub(super) fn follow(event: &Recorded) -> Result<Vec<Change>, DecodeError> {
    if event.event.kind == "NoticeSent" {
        let told = match codec::decode::<ChannelEvent>(event)?.event {
            ChannelEvent::NoticeSent(sent) => Some(Change::Close(sent.message.0)),
            _ => None,
        };
        return Ok(told.into_iter().collect());
    }
    let notice = Notice::of(event)?;
    // Nobody else tells it: it is due at once.
    let due = |notice: Notice| Change::Schedule { key: notice.message.0, due_at: notice.at };
    Ok(notice.map(due).into_iter().collect())
}

pub(super) fn derive(key: Uuid, event: &Recorded) -> Result<Option<Notice>, DecodeError> {
    Ok(Notice::of(event)?.filter(|notice| notice.message.0 == key))
}

/// Whether a transfer is of dues, or pays another back.
fn purpose(origin: Origin) -> &'static str {
    match origin {
        Origin::Manual => "",
        Origin::Scheduled { .. } => " as scheduled",
        Origin::Dues(_) => " of dues",
        Origin::Refund { .. } => " as a refund",
    }
}
