//! What a wallet says to what is decided on another stream: payments from it that are scheduled,
//! dues that it collects, dues that are paid from it.

use events::personal::KeyRing;
use events::wallet::WalletKind;
use events::{Actor, CommandId, StreamName, Timestamp, UserId, WalletId};

use super::asking::{Asker, Payee, Transfer, Warrant};
use super::spending::{check_warrant, is_known, takes};
use super::state::State;
use super::{Wallet, forbidden, is_closed, no_wallet, transfers};
use crate::domain::Permit;
use crate::execution::Peek;
use crate::execution::aggregate::{Context, View};
use crate::rejection::{Code, Rejection};

/// What an admin wants with a scheduled payment from a wallet, or with dues that it collects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Management {
    /// To change it. With the wallet it is over.
    Change,
    /// To end it.
    End,
}

impl State {
    /// Whether somebody may have the wallet pay that payee whenever it falls due, and whether both
    /// are there. What is in it, and what may be spent, is looked at then.
    pub fn lets_schedule(
        &self,
        wallet: WalletId,
        asker: Asker,
        payee: Payee,
        warrant: Warrant,
    ) -> Permit {
        let to = match payee {
            Payee::Unknown => None,
            Payee::Closed { wallet } | Payee::Open { wallet, .. } => Some(wallet),
        };
        if to == Some(wallet) {
            return Err(transfers::to_itself());
        }
        self.admin(asker)?;
        check_warrant(self, asker, warrant)?;
        is_known(payee)?;
        self.still_open(wallet)?;
        takes(payee, self).map(drop)
    }

    /// Whether somebody may change or end what was scheduled or planned for the wallet.
    pub fn lets_manage(&self, wallet: WalletId, asker: Asker, management: Management) -> Permit {
        self.admin(asker)?;
        match management {
            Management::Change => self.still_open(wallet),
            Management::End => Ok(()),
        }
    }

    /// Whether somebody may have the wallet collect dues from its members.
    pub fn lets_collect(&self, wallet: WalletId, asker: Asker) -> Permit {
        self.admin(asker)?;
        if self.kind() != Some(WalletKind::Group) {
            return Err(forbidden("Only a group's wallet collects dues."));
        }
        self.still_open(wallet)
    }

    /// Whether this is somebody's own personal wallet: dues are paid from no other.
    pub fn is_own(&self, user: UserId) -> Permit {
        let kind = self.kind().ok_or_else(no_wallet)?;
        if kind != WalletKind::Personal || !self.is_admin(user) {
            return Err(forbidden("Dues are paid from one's own personal wallet."));
        }
        Ok(())
    }

    fn still_open(&self, wallet: WalletId) -> Permit {
        if self.is_closed() { Err(is_closed(wallet)) } else { Ok(()) }
    }
}

/// What a wallet would say to a transfer if it were asked for now; the item of the transfer's id
/// was looked at, too.
pub fn rehearse(
    peek: &Peek<Wallet>,
    (stream, now): (&StreamName, Timestamp),
    transfer: &Transfer,
) -> Permit {
    let (actor, ring) = (Actor::System, KeyRing::new());
    let id = CommandId(transfer.transfer.0);
    let context = Context { now, id, actor: &actor, stream, ring: &ring };
    let Peek { state, items, .. } = peek;
    let view = View::<Wallet> { state, items };
    match transfers::transfer(&view, &context, transfer) {
        Err(refused) => Err(refused),
        Ok(_) if items.is_empty() => Ok(()),
        // Somebody else's, or this one, which isn't asked for twice.
        Ok(_) => Err(Rejection::new(Code::IdTaken, "This id is taken.")),
    }
}
