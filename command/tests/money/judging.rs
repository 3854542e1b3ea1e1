//! What the model says to a command.

use command::Code;
use events::CommandId;

use crate::book::{Act, Ask, Book, Phase, Status, Transfer, WAITS_FOR, day};
use crate::deeds::USERS;

impl Book {
    /// Whether somebody may act as an admin; the other side of a transfer knows of the wallet.
    fn admin(&self, who: usize, wallet: usize, other: Option<usize>) -> Result<(), Code> {
        let of = &self.wallets[wallet];
        if of.admins.contains(&who) {
            return Ok(());
        }
        // Everybody is in the channels of the groups.
        let knows = wallet >= USERS
            || other.is_some_and(|other| self.wallets[other].members.contains(&who));
        Err(if knows { Code::Forbidden } else { Code::NotFound })
    }

    fn not_closed(&self, wallet: usize) -> Result<(), Code> {
        if self.wallets[wallet].status == Status::Closed { Err(Code::WalletClosed) } else { Ok(()) }
    }

    fn may_spend(&self, wallet: usize) -> Result<(), Code> {
        self.not_closed(wallet)?;
        if self.wallets[wallet].status == Status::Frozen { Err(Code::WalletFrozen) } else { Ok(()) }
    }

    fn affords(&self, wallet: usize, sum: i64, on: Option<i64>) -> Result<(), Code> {
        if sum > self.available(wallet) {
            return Err(Code::InsufficientFunds);
        }
        let of = &self.wallets[wallet];
        if let Some(day) = on {
            let spent = of.spent.get(&day).copied().unwrap_or(0);
            if sum > of.once || spent + sum > of.day {
                return Err(Code::LimitExceeded);
            }
        }
        Ok(())
    }

    /// Whether an act changes something now, or the code that it is refused with.
    pub(crate) fn judge(&self, act: &Act, now: i64) -> Result<bool, Code> {
        let token = || if act.has_token { Ok(()) } else { Err(Code::SpendTokenInvalid) };
        match &act.ask {
            Ask::Deposit { wallet, sum, reference } => {
                if !self.wallets[*wallet].members.contains(&act.who) {
                    return Err(if *wallet >= USERS { Code::Forbidden } else { Code::NotFound });
                }
                match self.wallets[*wallet].deposits.get(reference) {
                    Some(before) if before == sum => return Ok(false),
                    Some(_) => return Err(Code::IdempotencyConflict),
                    None => {}
                }
                self.not_closed(*wallet)?;
            }
            Ask::Withdraw { wallet, sum, reference } => {
                self.admin(act.who, *wallet, None)?;
                match self.wallets[*wallet].withdrawals.get(reference) {
                    Some(before) if before == sum => return Ok(false),
                    Some(_) => return Err(Code::IdempotencyConflict),
                    None => {}
                }
                if self.wallets[*wallet].required > 1 {
                    return Err(Code::Forbidden);
                }
                token()?;
                self.may_spend(*wallet)?;
                self.affords(*wallet, *sum, Some(day(now)))?;
            }
            Ask::Transfer { from, to, sum } => {
                if from == to {
                    return Err(Code::SameWallet);
                }
                self.admin(act.who, *from, None)?;
                token()?;
                self.may_spend(*from)?;
                if !act.finds_payee {
                    self.not_closed(*to)?;
                }
                self.affords(*from, *sum, Some(day(now)))?;
            }
            Ask::Approve { transfer } => self.judge_approval(act.who, *transfer, now)?,
            Ask::Decline { transfer } => {
                self.judge_waiting(act.who, *transfer, now)?;
            }
            Ask::Refund { transfer, sum } => self.judge_refund(act, *transfer, *sum)?,
            Ask::Close { .. } | Ask::Limits { .. } => return self.judge_setting(act),
        }
        Ok(true)
    }

    fn judge_refund(&self, act: &Act, transfer: CommandId, sum: Option<i64>) -> Result<(), Code> {
        let of = self.transfers.get(&transfer).ok_or(Code::NotFound)?;
        self.admin(act.who, of.to, Some(of.from))?;
        if !act.has_token {
            return Err(Code::SpendTokenInvalid);
        }
        self.may_spend(of.to)?;
        if of.phase != Phase::Arrived || of.refund_of.is_some() {
            return Err(Code::TransferNotRefundable);
        }
        let left = of.sum - of.refunded;
        let sum = sum.unwrap_or(left);
        if left == 0 || sum > left {
            return Err(Code::RefundTooLarge);
        }
        if !act.finds_payee {
            self.not_closed(of.from)?;
        }
        self.affords(of.to, sum, None)
    }

    fn judge_setting(&self, act: &Act) -> Result<bool, Code> {
        match &act.ask {
            Ask::Close { wallet } => {
                self.admin(act.who, *wallet, None)?;
                self.not_closed(*wallet)?;
                if self.wallets[*wallet].balance > 0 {
                    return Err(Code::WalletNotEmpty);
                }
                let flies = |of: &Transfer| of.from == *wallet && of.phase == Phase::UnderWay;
                if self.transfers.values().any(flies) {
                    return Err(Code::Conflict);
                }
            }
            Ask::Limits { wallet, once, day } => {
                self.admin(act.who, *wallet, None)?;
                let of = &self.wallets[*wallet];
                if of.required > 1 && (*once > of.once || *day > of.day) {
                    return Err(Code::Forbidden);
                }
                if !act.has_token {
                    return Err(Code::SpendTokenInvalid);
                }
                self.not_closed(*wallet)?;
                return Ok((*once, *day) != (of.once, of.day));
            }
            _ => {}
        }
        Ok(true)
    }

    fn judge_waiting(&self, who: usize, id: CommandId, now: i64) -> Result<&[usize], Code> {
        let of = self.transfers.get(&id).ok_or(Code::NotFound)?;
        self.admin(who, of.from, Some(of.to))?;
        self.not_closed(of.from)?;
        match &of.phase {
            _ if !of.waited => Err(Code::ApprovalNotNeeded),
            Phase::Waiting { approved, since } if now < since + WAITS_FOR => Ok(approved),
            _ => Err(Code::TransferSettled),
        }
    }

    fn judge_approval(&self, who: usize, id: CommandId, now: i64) -> Result<(), Code> {
        let approved = self.judge_waiting(who, id, now)?;
        if approved.contains(&who) {
            return Err(Code::AlreadyApproved);
        }
        let from = self.transfers[&id].from;
        if approved.len() + 1 >= self.wallets[from].required {
            self.may_spend(from)
        } else {
            Ok(())
        }
    }
}
