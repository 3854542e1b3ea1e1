//! What happens to wallets in these tests, told by events: also what takes an operator, or days.

use events::codec;
use events::log::EventLog;
use events::money::{Amount, Currency};
use events::personal::{Keys, Personal};
use events::wallet::{
    Deposited, Origin, Terms, TransferCredited, TransferDebited, TransferRequested, WalletKind,
    WalletMemberJoined, WalletMemberLeft, WalletOpened,
};
use events::{
    Actor, Append, CommandId, EventId, Expected, LogPosition, Metadata, StreamName, Timestamp,
    TransferId, UserId, WalletEvent, WalletId,
};

use crate::world::World;

pub(crate) fn amount(minor_units: i64) -> Amount {
    Amount::new(minor_units).unwrap()
}

impl World {
    /// Appends what happened to a wallet.
    pub(crate) async fn tell(
        &self,
        wallet: WalletId,
        event: impl Into<WalletEvent>,
    ) -> LogPosition {
        self.tell_at(wallet, Timestamp::now(), event).await
    }

    /// The same, at an instant.
    pub(crate) async fn tell_at(
        &self,
        wallet: WalletId,
        recorded_at: Timestamp,
        event: impl Into<WalletEvent>,
    ) -> LogPosition {
        let (stream, mut event) = (StreamName::wallet(wallet), event.into());
        let metadata = Metadata {
            event_id: EventId::generate(),
            correlation: CommandId::generate(),
            causation: CommandId::generate(),
            input_hash: None,
            actor: Actor::System,
            recorded_at,
            version: 1,
            trace_parent: None,
        };
        let ring = match &event {
            WalletEvent::WalletOpened(opened) => self.keys.get(&[opened.owner]).await.unwrap(),
            _ => events::personal::KeyRing::new(),
        };
        let events = vec![codec::encode(&mut event, &stream, metadata, &ring).unwrap()];
        let last = self.log.last_revision(&stream).await.unwrap();
        let append = Append { stream, expected: Expected::after(last), events };
        self.log.append_now(&append).unwrap().positions[0]
    }

    /// A wallet with some money in it; of a channel, if one is named.
    pub(crate) async fn wallet_of(
        &self,
        owner: UserId,
        channel: Option<&str>,
        won: i64,
    ) -> WalletId {
        let wallet = WalletId::generate();
        let opened = WalletOpened {
            kind: if channel.is_some() { WalletKind::Group } else { WalletKind::Personal },
            owner,
            channel: channel.map(|id| id.parse().unwrap()),
            name: "회비".into(),
            description: "동네".into(),
            currency: Currency::KRW,
            approvals_required: 2,
            pin: Personal::plain(owner, "$argon2id$…"),
        };
        self.tell(wallet, opened).await;
        if won > 0 {
            self.pay_in(wallet, won, won).await;
        }
        wallet
    }

    pub(crate) async fn pay_in(&self, wallet: WalletId, won: i64, balance_after: i64) {
        let (amount, balance_after) = (amount(won), amount(balance_after));
        let reference = "입금".into();
        let deposited = Deposited { amount, balance_after, reference, by: None };
        self.tell(wallet, deposited).await;
    }

    pub(crate) async fn join_wallet(&self, wallet: WalletId, user: UserId) -> LogPosition {
        self.tell(wallet, WalletMemberJoined { user, channel_revision: 0 }).await
    }

    pub(crate) async fn leave_wallet(&self, wallet: WalletId, user: UserId) -> LogPosition {
        let left = WalletMemberLeft { user, removed_by: None, channel_revision: None };
        self.tell(wallet, left).await
    }

    pub(crate) async fn request(&self, terms: &Terms) -> LogPosition {
        let requested = TransferRequested {
            terms: terms.clone(),
            approvals_required: 2,
            expires_at: Timestamp::now(),
            day: None,
            payee_revision: 0,
            channel: None,
        };
        self.tell(terms.from, requested).await
    }

    pub(crate) async fn debit(&self, terms: &Terms, balance_after: i64) -> LogPosition {
        let debited = TransferDebited {
            terms: terms.clone(),
            balance_after: amount(balance_after),
            day: None,
            payee_revision: 0,
            channel: None,
        };
        self.tell(terms.from, debited).await
    }

    pub(crate) async fn credit(&self, terms: &Terms, balance_after: i64) -> LogPosition {
        let (terms, balance_after) = (terms.clone(), amount(balance_after));
        self.tell(terms.to, TransferCredited { terms, balance_after, channel: None }).await
    }
}

pub(crate) fn terms(from: WalletId, to: WalletId, won: i64, by: UserId) -> Terms {
    let transfer = TransferId::generate();
    let (memo, origin) = ("3월".into(), Origin::Manual);
    Terms { transfer, from, to, amount: amount(won), memo, by, origin }
}
