//! Money from outside and to outside.

use events::money::Day;
use events::personal::KeyRing;
use events::{CommandId, LogPosition, StreamName, UserId, WalletId};

use super::origin::Origin;
use super::{CommandService, Deposits, done, refused};
use crate::bus::{Done, Outcome, Secret, Viewer};
use crate::domain::wallet::{self, Wallet, deposit_key};
use crate::execution::{Ask, Policy};
use crate::parse::{self, PositiveAmount, Reference};
use crate::rejection::{Code, Rejection};

/// The input of `deposit` and `withdraw`.
pub(super) struct Payment {
    pub(super) wallet: String,
    pub(super) amount: String,
    pub(super) reference: String,
}

struct ParsedPayment {
    wallet: WalletId,
    amount: PositiveAmount,
    reference: Reference,
}

impl Payment {
    /// Bad input comes before what isn't there.
    fn parse(&self) -> Result<ParsedPayment, Rejection> {
        let amount = PositiveAmount::parse("amount", &self.amount)?;
        let reference = Reference::parse(&self.reference)?;
        Ok(ParsedPayment { wallet: parse::thing(&self.wallet)?, amount, reference })
    }
}

/// A payment provider's notice that money came in, as raw as it came; that it is the provider's
/// was seen before.
#[derive(Debug)]
pub struct DepositNotice {
    /// Into which wallet.
    pub wallet: String,
    /// How much.
    pub amount: String,
    /// The payment's own number: the same one again is the same deposit.
    pub reference: String,
    /// W3C trace context.
    pub trace_parent: Option<String>,
}

impl CommandService {
    pub(super) async fn deposit(
        &self,
        origin: &Origin,
        user: UserId,
        payment: Payment,
    ) -> Result<Done, Rejection> {
        let ParsedPayment { wallet, amount, reference } =
            self.parsed(origin, payment.parse()).await?;
        if self.deposits == Deposits::Provider {
            let message = "Here, payments come in by way of a payment provider.";
            let refused = Rejection::new(Code::Forbidden, message);
            return Err(self.refuse_early(origin, refused).await);
        }
        let command = |asker| wallet::Command::Deposit {
            asker: Some(asker),
            amount,
            reference: reference.clone(),
        };
        self.change_wallet(origin, (user, wallet), command).await
    }

    /// Takes a payment provider's notice in. It may come again: its reference tells. Gives the
    /// wallet, and where the deposit is in the log at the latest.
    pub async fn deposit_notice(
        &self,
        notice: DepositNotice,
    ) -> Result<(WalletId, LogPosition), Rejection> {
        let DepositNotice { wallet, amount, reference, trace_parent } = notice;
        let payment = Payment { wallet, amount, reference };
        let ParsedPayment { wallet, amount, reference } = payment.parse()?;
        // With the amount: the same number with another one is another command, and a conflict.
        let key = deposit_key(reference.as_str());
        let id = CommandId(wallet.0).derived(&format!("deposit {key} {}", amount.get()));
        let ask = Ask::<Wallet> {
            id,
            correlation: id,
            actor: events::Actor::System,
            policy: Policy::Natural,
            ring: KeyRing::new(),
            cause_at: None,
            trace_parent,
            fresh_id: CommandId::generate(),
            command: wallet::Command::Deposit { asker: None, amount, reference },
        };
        let run = self.execution.run(&StreamName::wallet(wallet), ask).await;
        Ok((wallet, run.map_err(refused)?.position))
    }

    pub(super) async fn withdraw(
        &self,
        origin: &Origin,
        viewer: Viewer,
        payment: Payment,
        token: &Secret,
    ) -> Result<Done, Rejection> {
        let ParsedPayment { wallet, amount, reference } =
            self.parsed(origin, payment.parse()).await?;
        let (warrant, day) = (self.warrant(viewer, wallet, token), self.today());
        let withdraw =
            |asker| wallet::Withdraw { asker, amount, reference: reference.clone(), warrant, day };
        let command = |asker| wallet::Command::Withdraw(withdraw(asker));
        let at = (viewer.user, wallet);
        let run = self.run_in_wallet(origin, at, &KeyRing::new(), command).await;
        Ok(done(origin, &run.map_err(refused)?, Outcome::Wallet(wallet)))
    }

    /// The day that spending counts on.
    pub(super) fn today(&self) -> Day {
        Day::at(self.now(), &self.time_zone)
    }
}
