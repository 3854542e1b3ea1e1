//! Deeds as commands: who and what is found out when it comes to them.

use command::Command;
use command::bus::Secret;
use events::CommandId;

use crate::book::{Act, Ask, Status};
use crate::deeds::{Deed, Sum, admin_of};
use crate::play::Play;
use crate::town::secret;

impl Play {
    /// A deed with its numbers resolved.
    pub(crate) fn resolve(&mut self, deed: Deed, id: CommandId) -> Option<Act> {
        let any = |nth: usize| {
            let (all, waiting) = (&self.book.order, self.book.waiting());
            let among = if nth.is_multiple_of(4) || waiting.is_empty() { all } else { &waiting };
            (!among.is_empty()).then(|| among[among.len() - 1 - nth / 2 % among.len()])
        };
        let sum = |wallet, sum| match sum {
            Sum::Of(sum) => sum,
            Sum::All => self.book.available(wallet).max(1),
            Sum::Beyond(more) => self.book.available(wallet) + more,
        };
        let (who, ask) = match deed {
            Deed::Deposit { who, wallet, sum, reference } => {
                (who, Ask::Deposit { wallet, sum, reference: reference.to_string() })
            }
            Deed::Withdraw { who, wallet, sum: asked, reference } => {
                let (sum, reference) = (sum(wallet, asked), reference.to_string());
                (who, Ask::Withdraw { wallet, sum, reference })
            }
            Deed::Transfer { who, from, to, sum: asked } => {
                (who, Ask::Transfer { from, to, sum: sum(from, asked) })
            }
            Deed::Approve { who, nth } => (who, Ask::Approve { transfer: any(nth)? }),
            Deed::Decline { who, nth } => (who, Ask::Decline { transfer: any(nth)? }),
            Deed::Refund { who, nth, sum } => {
                let all = &self.book.order;
                let transfer = *all.get(all.len().checked_sub(1 + nth / 2 % all.len().max(1))?)?;
                // Mostly by somebody who may.
                let to = self.book.transfers[&transfer].to;
                let who = if nth.is_multiple_of(5) { who } else { admin_of(to, who) };
                (who, Ask::Refund { transfer, sum })
            }
            Deed::Close { who, wallet } => (who, Ask::Close { wallet }),
            Deed::Limits { who, wallet, once, day } => (who, Ask::Limits { wallet, once, day }),
            Deed::Again { nth } => {
                let act = self.acts.iter().rev().nth(nth)?;
                return Some(act.clone());
            }
        };
        let act = Act { id, who, ask, has_token: false, finds_payee: false };
        self.acts.push(act.clone());
        Some(act)
    }

    pub(crate) async fn command(&mut self, mut act: Act) -> (Act, Sent) {
        let wallet = |number: usize| self.town.wallets[number].to_string();
        let (spends, payee) = match &act.ask {
            Ask::Withdraw { wallet, .. } | Ask::Limits { wallet, .. } => (Some(*wallet), None),
            Ask::Transfer { from, to, .. } => (Some(*from), Some(*to)),
            Ask::Refund { transfer, .. } => {
                let of = self.book.transfers.get(transfer);
                (of.map(|of| of.to), of.map(|of| of.from))
            }
            _ => (None, None),
        };
        let is_open = |to: usize| self.book.wallets[to].status != Status::Closed;
        act.finds_payee = payee.is_some_and(is_open);
        let sent = match &act.ask {
            Ask::Deposit { wallet: to, .. }
            | Ask::Withdraw { wallet: to, .. }
            | Ask::Close { wallet: to }
            | Ask::Limits { wallet: to, .. } => wallet(*to),
            Ask::Transfer { from, to, .. } => format!("{} {}", wallet(*from), wallet(*to)),
            Ask::Approve { transfer }
            | Ask::Decline { transfer }
            | Ask::Refund { transfer, .. } => transfer.to_string(),
        };
        let token = match spends {
            Some(wallet) => self.town.token(act.who, wallet).await,
            None => None,
        };
        act.has_token = token.is_some();
        let token = token.unwrap_or_else(|| secret("none"));
        let ask = act.ask.clone();
        (act, Sent { ask, names: sent, token })
    }
}

/// A command that can be sent again and again.
pub(crate) struct Sent {
    pub(crate) ask: Ask,
    pub(crate) names: String,
    pub(crate) token: Secret,
}

impl Sent {
    pub(crate) fn make(&self) -> Command {
        let (name, spend_token) = (self.names.clone(), self.token.clone());
        match &self.ask {
            Ask::Deposit { sum, reference, .. } => {
                let (amount, reference) = (sum.to_string(), reference.clone());
                Command::Deposit { wallet: name, amount, reference }
            }
            Ask::Withdraw { sum, reference, .. } => {
                let (amount, reference) = (sum.to_string(), reference.clone());
                Command::Withdraw { wallet: name, amount, reference, spend_token }
            }
            Ask::Transfer { sum, .. } => {
                let (from, to) = name.split_once(' ').unwrap();
                let (from, to, amount) = (from.to_owned(), to.to_owned(), sum.to_string());
                Command::Transfer { from, to, amount, memo: None, spend_token }
            }
            Ask::Approve { .. } => Command::ApproveTransfer { transfer: name },
            Ask::Decline { .. } => Command::DeclineTransfer { transfer: name },
            Ask::Refund { sum, .. } => {
                let amount = sum.map(|sum| sum.to_string());
                Command::RefundTransfer { transfer: name, amount, spend_token }
            }
            Ask::Close { .. } => Command::CloseWallet { wallet: name },
            Ask::Limits { once, day, .. } => {
                let (per_transfer, per_day) = (once.to_string(), day.to_string());
                Command::SetWalletLimits { wallet: name, per_transfer, per_day, spend_token }
            }
        }
    }
}
