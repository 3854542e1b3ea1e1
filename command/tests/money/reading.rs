//! The log as it grows, put to the model and the ledger event by event.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use command::Code;
use events::{Category, CommandId, Recorded, WalletEvent, codec};

use crate::book::{Act, Book, Status};
use crate::play::Play;

impl Play {
    pub(crate) fn read(&mut self, asked: &[Act]) {
        let now = self.now();
        self.read_with(asked, now);
    }

    /// Reads what is new in the log; gives what each act could be told meanwhile.
    pub(crate) fn read_with(
        &mut self,
        asked: &[Act],
        began: i64,
    ) -> BTreeMap<CommandId, Vec<Result<bool, Code>>> {
        let ended = self.now();
        let mut possible = BTreeMap::<_, Vec<_>>::new();
        let mut judge = |book: &Book| {
            for act in asked {
                let told = possible.entry(act.id).or_default();
                // Whoever was open when it was asked for may be found closed, and the reverse.
                let strict = Act { finds_payee: false, ..act.clone() };
                for now in [began, ended] {
                    told.extend([book.judge(act, now), book.judge(&strict, now)]);
                }
            }
        };
        judge(&self.book);
        for recorded in self.town.log.read_all_now(self.read_up_to, usize::MAX) {
            self.read_up_to = recorded.position;
            if recorded.stream.category() == Category::Wallet {
                self.fold(&recorded);
                judge(&self.book);
            }
        }
        possible
    }

    fn fold(&mut self, recorded: &Recorded) {
        let fact = codec::decode::<WalletEvent>(recorded).unwrap();
        let wallet = recorded.stream.entity().parse().unwrap();
        let number = self.town.wallets.iter().position(|known| *known == wallet).unwrap();
        let at = fact.at.as_micros();
        let mut text = String::new();
        write!(text, "{} in {number} at {at}", recorded.event.kind).unwrap();
        self.tell(&text);
        self.ledger.add(wallet, &fact.event);
        let after = match &fact.event {
            WalletEvent::TransferCredited(it) => {
                self.book.arrive(CommandId(it.terms.transfer.0));
                Some(it.balance_after)
            }
            WalletEvent::TransferBounced(it) => {
                self.book.bounce(CommandId(it.terms.transfer.0));
                None
            }
            WalletEvent::TransferRefunded(it) => {
                self.book.come_back(CommandId(it.terms.transfer.0));
                Some(it.balance_after)
            }
            WalletEvent::TransferExpired(it) => {
                self.book.lapse(CommandId(it.transfer.0), at);
                None
            }
            // A fence: what was decided before it doesn't take effect after it.
            WalletEvent::CommandSettled(_) => None,
            WalletEvent::WalletFrozen(_) => {
                self.book.wallets[number].status = Status::Frozen;
                None
            }
            WalletEvent::WalletUnfrozen(_) => {
                self.book.wallets[number].status = Status::Open;
                None
            }
            event => {
                self.commit(recorded.event.metadata.causation, at);
                match event {
                    WalletEvent::TransferDebited(it) => {
                        let known = &self.book.transfers[&CommandId(it.terms.transfer.0)];
                        assert_eq!(known.sum, it.terms.amount.minor_units(), "debited");
                        Some(it.balance_after)
                    }
                    WalletEvent::Deposited(it) => Some(it.balance_after),
                    WalletEvent::Withdrawn(it) => Some(it.balance_after),
                    _ => None,
                }
            }
        };
        if let Some(after) = after {
            let balance = self.book.wallets[number].balance;
            assert_eq!(balance, after.minor_units(), "{:?}", fact.event);
        }
    }

    /// A command has taken effect, for the first time.
    fn commit(&mut self, id: CommandId, at: i64) {
        let Some(act) = self.commands.get(&id).cloned() else { return };
        if self.applied.insert(id, at).is_some() {
            return;
        }
        let judged = self.book.judge(&act, at);
        assert_eq!(judged, Ok(true), "was done: {act:?}");
        self.book.apply(&act, at);
    }
}
