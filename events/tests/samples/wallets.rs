//! Of wallets.

use events::money::{Amount, Currency, Day};
use events::wallet::{
    ApprovalsLoweringVoted, ApprovalsRequiredChanged, ApprovalsVoteWithdrawn, BounceReason,
    Deposited, Origin, PinAccepted, PinChanged, PinFailed, RefundReleased, RefundReserved, Terms,
    TransferApproved, TransferBounced, TransferCredited, TransferDebited, TransferDeclined,
    TransferExpired, TransferRefunded, TransferRequested, WalletClosed, WalletFrozen, WalletKind,
    WalletLimitsChanged, WalletMemberJoined, WalletMemberLeft, WalletOpened, WalletRole,
    WalletRoleChanged, WalletUnfrozen, Withdrawn,
};
use events::{ChannelId, PaymentId, StreamName, TransferId, UserId, WalletEvent, WalletId};

use super::{Sample, id, instant, personal, settled, user};

const PIN: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$cGlu";

fn amount(minor_units: i64) -> Amount {
    Amount::new(minor_units).unwrap()
}

fn day() -> Day {
    "2026-01-31".parse().unwrap()
}

fn terms(transfer: TransferId, origin: Origin) -> Terms {
    let (from, to, by) = (WalletId(id(21)), WalletId(id(20)), user());
    Terms { transfer, from, to, amount: amount(15_000), memo: "3월 회비".to_owned(), by, origin }
}

/// One of every kind.
pub(crate) fn wallets() -> Vec<Sample<WalletEvent>> {
    let events = people().into_iter().chain(rules()).chain(movements()).chain([settled().into()]);
    let stream = StreamName::wallet(WalletId(id(21)));
    events.map(|event| Sample { stream: stream.clone(), event }).collect()
}

fn people() -> Vec<WalletEvent> {
    let other = UserId(id(4));
    vec![
        WalletOpened {
            kind: WalletKind::Group,
            owner: user(),
            channel: Some(ChannelId(id(3))),
            name: "회비".to_owned(),
            description: "모임 통장".to_owned(),
            currency: Currency::KRW,
            approvals_required: 2,
            pin: personal(PIN),
        }
        .into(),
        WalletMemberJoined { user: other, channel_revision: 7 }.into(),
        WalletMemberLeft { user: other, removed_by: Some(user()), channel_revision: Some(9) }
            .into(),
        WalletRoleChanged { user: other, role: WalletRole::Admin, by: Some(user()) }.into(),
        PinChanged { user: user(), pin: personal(PIN) }.into(),
        PinFailed { user: user() }.into(),
        PinAccepted { user: user() }.into(),
    ]
}

fn rules() -> Vec<WalletEvent> {
    vec![
        WalletClosed { by: Some(user()) }.into(),
        WalletFrozen { reason: "asked by the police".to_owned() }.into(),
        WalletUnfrozen { reason: "it was a mistake".to_owned() }.into(),
        ApprovalsRequiredChanged { approvals_required: 3, by: user() }.into(),
        ApprovalsLoweringVoted { approvals_required: 1, by: user() }.into(),
        ApprovalsVoteWithdrawn { by: user() }.into(),
        WalletLimitsChanged { per_transfer: amount(50_000), per_day: amount(70_000), by: user() }
            .into(),
    ]
}

fn movements() -> Vec<WalletEvent> {
    let transfer = TransferId(id(22));
    let manual = || terms(transfer, Origin::Manual);
    let balance_after = amount(i64::MAX);
    let reference = || "20260131-7".to_owned();
    let (payment, number) = (PaymentId(id(23)), 2);
    vec![
        Deposited { amount: amount(7), balance_after, reference: reference(), by: Some(user()) }
            .into(),
        Withdrawn {
            amount: amount(7),
            balance_after: amount(0),
            reference: reference(),
            by: user(),
            day: day(),
        }
        .into(),
        TransferRequested {
            terms: manual(),
            approvals_required: 2,
            expires_at: instant(),
            day: Some(day()),
            payee_revision: 12,
            channel: None,
        }
        .into(),
        TransferApproved { transfer, by: user() }.into(),
        TransferDeclined { transfer, by: Some(user()), origin: Origin::Manual, channel: None }
            .into(),
        TransferExpired { transfer, origin: Origin::Scheduled { payment, number }, channel: None }
            .into(),
        TransferDebited {
            terms: terms(transfer, Origin::Scheduled { payment, number }),
            balance_after,
            day: Some(day()),
            payee_revision: 12,
            channel: None,
        }
        .into(),
        TransferCredited { terms: manual(), balance_after, channel: None }.into(),
        TransferBounced { terms: manual(), reason: BounceReason::Closed }.into(),
        TransferRefunded {
            terms: terms(transfer, Origin::Refund { of: TransferId(id(24)), dues: None }),
            balance_after,
            channel: None,
        }
        .into(),
        RefundReserved { transfer: TransferId(id(24)), refund: transfer, amount: amount(15_000) }
            .into(),
        RefundReleased { transfer: TransferId(id(24)), refund: transfer, amount: amount(15_000) }
            .into(),
    ]
}
