//! What a user asks of a wallet.

use events::hashing::InputHash;
use events::personal::KeyRing;
use events::{LogPosition, StreamName, UserId, WalletId};

use super::origin::Origin;
use super::payments::Payment;
use super::wallets::{NewGroupWallet, NewLimits, NewWallet};
use super::{CommandService, done, refused};
use crate::bus::{Command, Done, Outcome, Viewer};
use crate::domain::wallet::{self, Asker, Wallet};
use crate::execution::{Refused, Settled};
use crate::process::Closing;
use crate::rejection::{Code, Rejection};

/// The currency of a wallet for which none is named; the schema's default, so that leaving it out
/// and naming it are the same input.
pub(super) const CURRENCY: &str = "KRW";

impl CommandService {
    pub(super) async fn carry_out_in_wallet(
        &self,
        viewer: Viewer,
        origin: impl FnOnce(InputHash) -> Result<Origin, Rejection>,
        command: Command,
    ) -> Result<Done, Rejection> {
        let (name, user) = (command.name(), viewer.user);
        match command {
            Command::OpenWallet { pin, name: called, currency } => {
                let currency = currency.unwrap_or_else(|| CURRENCY.to_owned());
                let origin = origin(self.input_hash(&(name, &called, &currency)))?;
                self.open_wallet(&origin, viewer, NewWallet { pin, name: called, currency }).await
            }
            command @ Command::OpenGroupWallet { .. } => {
                self.open_group_wallet_of(user, origin, command).await
            }
            Command::JoinWallet { wallet } => {
                let origin = origin(self.input_hash(&(name, &wallet)))?;
                self.join_wallet(&origin, user, &wallet).await
            }
            Command::LeaveWallet { wallet } => {
                let origin = origin(self.input_hash(&(name, &wallet)))?;
                self.leave_wallet(&origin, user, &wallet).await
            }
            Command::RemoveWalletMember { wallet, user: removed } => {
                let origin = origin(self.input_hash(&(name, &wallet, &removed)))?;
                self.remove_wallet_member(&origin, user, (&wallet, &removed)).await
            }
            Command::SetWalletRole { wallet, user: whose, role } => {
                let origin = origin(self.input_hash(&(name, &wallet, &whose, role)))?;
                self.set_wallet_role(&origin, user, (&wallet, &whose), role).await
            }
            Command::SetApprovalsRequired { wallet, approvals_required } => {
                let origin = origin(self.input_hash(&(name, &wallet, approvals_required)))?;
                self.set_approvals_required(&origin, user, &wallet, approvals_required).await
            }
            Command::SetWalletLimits { wallet, per_transfer, per_day, spend_token } => {
                let origin = origin(self.input_hash(&(name, &wallet, &per_transfer, &per_day)))?;
                let limits = NewLimits { wallet, per_transfer, per_day, spend_token };
                self.set_wallet_limits(&origin, viewer, limits).await
            }
            Command::CloseWallet { wallet } => {
                let origin = origin(self.input_hash(&(name, &wallet)))?;
                self.close_wallet(&origin, user, &wallet).await
            }
            command => self.carry_out_with_money(viewer, origin, command).await,
        }
    }

    async fn open_group_wallet_of(
        &self,
        user: UserId,
        origin: impl FnOnce(InputHash) -> Result<Origin, Rejection>,
        command: Command,
    ) -> Result<Done, Rejection> {
        let kind = command.name();
        let Command::OpenGroupWallet {
            channel,
            name,
            description,
            pin,
            currency,
            approvals_required,
        } = command
        else {
            return Err(Rejection::internal());
        };
        let currency = currency.unwrap_or_else(|| CURRENCY.to_owned());
        let approvals_required = approvals_required.unwrap_or(1);
        let input = (kind, &channel, &name, &description, &currency, approvals_required);
        let origin = origin(self.input_hash(&input))?;
        let new = NewGroupWallet { channel, name, description, pin, currency, approvals_required };
        self.open_group_wallet(&origin, user, new).await
    }

    async fn carry_out_with_money(
        &self,
        viewer: Viewer,
        origin: impl FnOnce(InputHash) -> Result<Origin, Rejection>,
        command: Command,
    ) -> Result<Done, Rejection> {
        let name = command.name();
        match command {
            Command::ChangePin { wallet, current, new } => {
                let origin = origin(self.input_hash(&(name, &wallet)))?;
                self.change_pin(&origin, viewer.user, &wallet, (current, new)).await
            }
            Command::AuthorizeSpending { wallet, pin } => {
                let origin = origin(self.input_hash(&(name, &wallet)))?;
                self.authorize_spending(&origin, viewer, &wallet, &pin).await
            }
            Command::Deposit { wallet, amount, reference } => {
                let origin = origin(self.input_hash(&(name, &wallet, &amount, &reference)))?;
                let payment = Payment { wallet, amount, reference };
                self.deposit(&origin, viewer.user, payment).await
            }
            Command::Withdraw { wallet, amount, reference, spend_token } => {
                let origin = origin(self.input_hash(&(name, &wallet, &amount, &reference)))?;
                let payment = Payment { wallet, amount, reference };
                self.withdraw(&origin, viewer, payment, &spend_token).await
            }
            command => self.carry_out_with_transfer(viewer, origin, command).await,
        }
    }

    /// Puts a client's command to a wallet. Who is no member is told of it only if they know of
    /// it as a member of its channel; that is looked up once it matters.
    pub(super) async fn run_in_wallet(
        &self,
        origin: &Origin,
        (user, wallet): (UserId, WalletId),
        ring: &KeyRing,
        command: impl Fn(Asker) -> wallet::Command,
    ) -> Result<Settled, Refused> {
        let stream = StreamName::wallet(wallet);
        let run = |command| {
            self.run_claimed::<Wallet>(origin, &stream, Vec::new(), ring.clone(), command)
        };
        let ran = run(command(Asker::stranger(user))).await;
        if self.may_know_otherwise(&ran, (user, wallet)).await? {
            return run(command(Asker::acquainted(user))).await;
        }
        ran
    }

    /// Whether a wallet wasn't found by somebody who is no member, but in its channel.
    pub(super) async fn may_know_otherwise(
        &self,
        ran: &Result<Settled, Refused>,
        (user, wallet): (UserId, WalletId),
    ) -> Result<bool, Rejection> {
        if !is_not_found(ran) {
            return Ok(false);
        }
        let state = self.execution.peek::<Wallet>(&StreamName::wallet(wallet), &[]).await?.state;
        Ok(state.role(user).is_none() && self.is_in_channel_of(user, &state).await?)
    }

    /// As [`run_in_wallet`](Self::run_in_wallet), with the wallet as the answer.
    pub(super) async fn change_wallet(
        &self,
        origin: &Origin,
        (user, wallet): (UserId, WalletId),
        command: impl Fn(Asker) -> wallet::Command,
    ) -> Result<Done, Rejection> {
        let run = self.run_in_wallet(origin, (user, wallet), &KeyRing::new(), command).await;
        Ok(done(origin, &run.map_err(refused)?, Outcome::Wallet(wallet)))
    }

    /// As [`change_wallet`](Self::change_wallet), with a command that may close the wallet: its
    /// parent is told at once.
    pub(super) async fn end_wallet(
        &self,
        origin: &Origin,
        (user, wallet): (UserId, WalletId),
        command: impl Fn(Asker, wallet::Debits) -> wallet::Command,
    ) -> Result<Done, Rejection> {
        let ring = KeyRing::new();
        let at = (user, wallet);
        let first = self.run_in_wallet(origin, at, &ring, |asker| command(asker, None)).await;
        let run = match first {
            // Money that it has paid may be under way.
            Err(Refused::Rejection(refused)) if refused.code == Code::Conflict => {
                let debits = self.settled_debits(wallet).await?;
                self.run_in_wallet(origin, at, &ring, |asker| command(asker, debits)).await
            }
            ran => ran,
        };
        let settled = run.map_err(refused)?;
        let position = self.follow_end(&settled).await?;
        Ok(Done { id: origin.id, position, outcome: Outcome::Wallet(wallet) })
    }

    /// Tells a wallet's parent of its end, if it came to that. Gives the last step's position.
    pub(super) async fn follow_end(&self, settled: &Settled) -> Result<LogPosition, Rejection> {
        let event = self.event_of(settled).await?;
        let told = match Closing::of(&event) {
            Some(closing) => self.finish_closing(&closing).await?,
            None => 0,
        };
        Ok(settled.position.max(told))
    }

    /// The last event of a command that was carried out.
    pub(super) async fn event_of(
        &self,
        settled: &Settled,
    ) -> Result<std::sync::Arc<events::Recorded>, Rejection> {
        match &settled.event {
            Some(event) => Ok(event.clone()),
            None => self.event_at(settled.position).await.map(Into::into),
        }
    }
}

/// Whether a command was refused because there is no such thing.
pub(super) fn is_not_found(ran: &Result<Settled, Refused>) -> bool {
    matches!(ran, Err(Refused::Rejection(refused)) if refused.code == Code::NotFound)
}
