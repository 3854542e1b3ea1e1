//! Transfers. The debit on the payer's stream commits to one; what follows from it is in
//! `settling`.

use events::hashing::InputHash;
use events::personal::KeyRing;
use events::wallet::Origin as From;
use events::{Category, StreamName, TransferId, UserId, WalletId};

use super::in_wallets::is_not_found;
use super::origin::Origin;
use super::{CommandService, refused, unreachable_store};
use crate::bus::{Command, Done, Outcome, Secret, Viewer};
use crate::domain::wallet::{self, Asker, Item, Paid, Payee, Wallet};
use crate::execution::Settled;
use crate::parse::{self, Memo, PositiveAmount};
use crate::rejection::{Code, Rejection};

/// The input of `transfer`.
struct NewTransfer {
    from: String,
    to: String,
    amount: String,
    memo: Option<String>,
    spend_token: Secret,
}

/// A transfer that was asked for, with its payer.
struct Known {
    transfer: TransferId,
    payer: WalletId,
    paid: Paid,
}

impl CommandService {
    pub(super) async fn carry_out_with_transfer(
        &self,
        viewer: Viewer,
        origin: impl FnOnce(InputHash) -> Result<Origin, Rejection>,
        command: Command,
    ) -> Result<Done, Rejection> {
        let name = command.name();
        match command {
            Command::Transfer { from, to, amount, memo, spend_token } => {
                let memo = memo.filter(|memo| !memo.is_empty());
                let origin = origin(self.input_hash(&(name, &from, &to, &amount, &memo)))?;
                let new = NewTransfer { from, to, amount, memo, spend_token };
                self.transfer(&origin, viewer, new).await
            }
            Command::ApproveTransfer { transfer } => {
                let origin = origin(self.input_hash(&(name, &transfer)))?;
                let command = |asker, transfer| wallet::Command::Approve { asker, transfer };
                self.settle_waiting(&origin, viewer.user, &transfer, command).await
            }
            Command::DeclineTransfer { transfer } => {
                let origin = origin(self.input_hash(&(name, &transfer)))?;
                let command = |asker, transfer| wallet::Command::Decline { asker, transfer };
                self.settle_waiting(&origin, viewer.user, &transfer, command).await
            }
            Command::RefundTransfer { transfer, amount, spend_token } => {
                let origin = origin(self.input_hash(&(name, &transfer, &amount)))?;
                self.refund_transfer(&origin, viewer, (&transfer, amount), &spend_token).await
            }
            command => self.carry_out_on_schedule(viewer, origin, command).await,
        }
    }

    async fn transfer(
        &self,
        origin: &Origin,
        viewer: Viewer,
        new: NewTransfer,
    ) -> Result<Done, Rejection> {
        let parse = || {
            let amount = PositiveAmount::parse("amount", &new.amount)?;
            let memo = Memo::parse(new.memo.as_deref())?;
            Ok((parse::thing(&new.from)?, amount, memo))
        };
        let (from, amount, memo): (WalletId, _, _) = self.parsed(origin, parse()).await?;
        let payee = self.payee(parse::wallet_or_nil(&new.to)).await?;
        let (warrant, day) = (self.warrant(viewer, from, &new.spend_token), self.today());
        let transfer = TransferId(origin.id.0);
        let command = |asker| {
            wallet::Command::Transfer(wallet::Transfer {
                transfer,
                asker,
                payee,
                amount,
                memo: memo.clone(),
                origin: From::Manual,
                warrant,
                day,
            })
        };
        let at = (viewer.user, from);
        let run = self.run_in_wallet(origin, at, &KeyRing::new(), command).await;
        self.follow_transfer(origin, transfer, &run.map_err(refused)?).await
    }

    /// A wallet as one that is to be paid.
    pub(super) async fn payee(&self, wallet: WalletId) -> Result<Payee, Rejection> {
        let peek = self.execution.peek::<Wallet>(&StreamName::wallet(wallet), &[]).await?;
        Ok(peek.state.as_payee(wallet, peek.revision))
    }

    /// Approves or declines a transfer that waits.
    async fn settle_waiting(
        &self,
        origin: &Origin,
        user: UserId,
        transfer: &str,
        command: impl Fn(Asker, TransferId) -> wallet::Command,
    ) -> Result<Done, Rejection> {
        let known = self.known_transfer(origin, transfer).await?;
        let Known { transfer, payer, .. } = known;
        let (at, ring) = ((user, payer), KeyRing::new());
        let ran = self.run_in_wallet(origin, at, &ring, |asker| command(asker, transfer)).await;
        let ran = match ran {
            ran if is_not_found(&ran) && self.is_member(user, known.paid.to).await? => {
                let (stream, things) = (StreamName::wallet(payer), Vec::new());
                let command = command(Asker::acquainted(user), transfer);
                self.run_claimed::<Wallet>(origin, &stream, things, ring, command).await
            }
            ran => ran,
        };
        self.follow_transfer(origin, transfer, &ran.map_err(refused)?).await
    }

    /// Pays a transfer back, which its payee's wallet decides.
    async fn refund_transfer(
        &self,
        origin: &Origin,
        viewer: Viewer,
        (transfer, amount): (&str, Option<String>),
        token: &Secret,
    ) -> Result<Done, Rejection> {
        let amount = amount.map(|raw| PositiveAmount::parse("amount", &raw)).transpose();
        let amount = self.parsed(origin, amount).await?;
        let Known { transfer: of, payer, paid } = self.known_transfer(origin, transfer).await?;
        let (wallet, refund) = (paid.to, TransferId(origin.id.0));
        let (payee, warrant) = (self.payee(payer).await?, self.warrant(viewer, wallet, token));
        let command = |asker| {
            wallet::Command::Refund(wallet::Refund { refund, of, asker, payee, amount, warrant })
        };
        let (user, ring) = (viewer.user, KeyRing::new());
        let ran = self.run_in_wallet(origin, (user, wallet), &ring, command).await;
        let ran = match ran {
            ran if is_not_found(&ran) && self.is_member(user, payer).await? => {
                let (stream, things) = (StreamName::wallet(wallet), Vec::new());
                let command = command(Asker::acquainted(user));
                self.run_claimed::<Wallet>(origin, &stream, things, ring, command).await
            }
            ran => ran,
        };
        self.follow_transfer(origin, refund, &ran.map_err(refused)?).await
    }

    /// A transfer that is acted on, found by its id.
    async fn known_transfer(&self, origin: &Origin, transfer: &str) -> Result<Known, Rejection> {
        let transfer: TransferId = self.parsed(origin, parse::thing(transfer)).await?;
        let stream = self.claims.stream_of(transfer.0).await.map_err(|error| {
            tracing::warn!(%error, "the payer of a transfer can't be looked up");
            unreachable_store()
        })?;
        let stream = stream.filter(|stream| stream.category() == Category::Wallet);
        let stream = stream.ok_or_else(no_transfer)?;
        let peek = self.execution.peek::<Wallet>(&stream, &[transfer.0]).await?;
        let payer = stream.entity().parse().map_err(|_| Rejection::internal())?;
        match peek.items.get(&transfer.0) {
            Some(Item::Paid(paid)) => Ok(Known { transfer, payer, paid: paid.clone() }),
            _ => Err(no_transfer()),
        }
    }

    /// Does what follows from a debit, if it came to one.
    async fn follow_transfer(
        &self,
        origin: &Origin,
        transfer: TransferId,
        settled: &Settled,
    ) -> Result<Done, Rejection> {
        let position = self.follow_debit(settled).await?;
        Ok(Done { id: origin.id, position, outcome: Outcome::Transfer(transfer) })
    }
}

fn no_transfer() -> Rejection {
    Rejection::new(Code::NotFound, "There is no such transfer.")
}
