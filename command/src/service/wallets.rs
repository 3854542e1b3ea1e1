//! Opening wallets, joining and leaving them, and what their admins set.

use events::personal::KeyRing;
use events::wallet::WalletRole;
use events::{ChannelId, StreamName, UserId, WalletId};

use super::derived::undecodable;
use super::origin::Origin;
use super::{CommandService, done, refused};
use crate::bus::{Done, Outcome, Secret, Viewer};
use crate::domain::channel::{self, Channel, Standing};
use crate::domain::user::{self, User};
use crate::domain::wallet::{self, Seat, Wallet};
use crate::execution::Settled;
use crate::parse::{self, Approvals, Description, Limits, Pin, WalletName};
use crate::process::Opening;
use crate::rejection::Rejection;

/// The input of `openWallet`.
pub(super) struct NewWallet {
    pub(super) pin: Secret,
    pub(super) name: Option<String>,
    pub(super) currency: String,
}

/// The input of `openGroupWallet`.
pub(super) struct NewGroupWallet {
    pub(super) channel: String,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) pin: Secret,
    pub(super) currency: String,
    pub(super) approvals_required: i64,
}

/// The input of `setWalletLimits`.
pub(super) struct NewLimits {
    pub(super) wallet: String,
    pub(super) per_transfer: String,
    pub(super) per_day: String,
    pub(super) spend_token: Secret,
}

impl CommandService {
    pub(super) async fn open_wallet(
        &self,
        origin: &Origin,
        viewer: Viewer,
        new: NewWallet,
    ) -> Result<Done, Rejection> {
        let parse = || {
            let pin = Pin::parse("pin", &new.pin)?;
            let currency = parse::currency(&new.currency)?;
            let name = new.name.as_deref().map(WalletName::parse).transpose()?;
            Ok((pin, currency, name.unwrap_or_else(|| WalletName::of(currency))))
        };
        let (pin, currency, name) = self.parsed(origin, parse()).await?;
        let wallet = WalletId(origin.id.0);
        let open = user::OpenWallet {
            session: viewer.session,
            wallet,
            name,
            currency,
            pin: self.hash_pin(pin).await?,
        };
        let (stream, command) = (StreamName::user(viewer.user), user::Command::OpenWallet(open));
        let ring = self.ring(viewer.user).await?;
        let run = self.run_claimed::<User>(origin, &stream, Vec::new(), ring, command).await;
        self.follow_opening(origin, &run.map_err(refused)?).await
    }

    pub(super) async fn open_group_wallet(
        &self,
        origin: &Origin,
        user: UserId,
        new: NewGroupWallet,
    ) -> Result<Done, Rejection> {
        let parse = || {
            let name = WalletName::parse(&new.name)?;
            let description = Description::parse(new.description.as_deref())?;
            let pin = Pin::parse("pin", &new.pin)?;
            let currency = parse::currency(&new.currency)?;
            let approvals = Approvals::parse(new.approvals_required)?;
            Ok((parse::thing(&new.channel)?, pin, (name, description, currency, approvals)))
        };
        let (channel, pin, settings): (ChannelId, _, _) = self.parsed(origin, parse()).await?;
        let (name, description, currency, approvals) = settings;
        let open = channel::OpenWallet {
            by: user,
            wallet: WalletId(origin.id.0),
            name,
            description,
            currency,
            approvals,
            pin: self.hash_pin(pin).await?,
        };
        let (stream, command) = (StreamName::channel(channel), channel::Command::OpenWallet(open));
        let ring = self.ring(user).await?;
        let run = self.run_claimed::<Channel>(origin, &stream, Vec::new(), ring, command).await;
        self.follow_opening(origin, &run.map_err(refused)?).await
    }

    /// Opens the wallet that a parent has just committed to, or long ago.
    async fn follow_opening(&self, origin: &Origin, settled: &Settled) -> Result<Done, Rejection> {
        let event = self.event_of(settled).await?;
        let opening = Opening::of(&event).map_err(|error| undecodable(&error))?;
        let opening = opening.ok_or_else(Rejection::internal)?;
        let position = self.finish_opening(&opening).await?.max(settled.position);
        let outcome = Outcome::Wallet(WalletId(origin.id.0));
        Ok(Done { id: origin.id, position, outcome })
    }

    pub(super) async fn join_wallet(
        &self,
        origin: &Origin,
        user: UserId,
        wallet: &str,
    ) -> Result<Done, Rejection> {
        let wallet: WalletId = self.parsed(origin, parse::thing(wallet)).await?;
        let stream = StreamName::wallet(wallet);
        let channel = self.execution.peek::<Wallet>(&stream, &[]).await?.state.channel();
        let seat = match channel {
            Some(channel) => self.seat(user, channel).await?,
            None => Seat::Outside,
        };
        let command = wallet::Command::Join { user, seat };
        let (things, ring) = (Vec::new(), KeyRing::new());
        let run = self.run_claimed::<Wallet>(origin, &stream, things, ring, command).await;
        Ok(done(origin, &run.map_err(refused)?, Outcome::Wallet(wallet)))
    }

    /// What somebody is to a channel now, for one of its wallets.
    async fn seat(&self, user: UserId, channel: ChannelId) -> Result<Seat, Rejection> {
        let peek = self.execution.peek::<Channel>(&StreamName::channel(channel), &[]).await?;
        Ok(match (peek.state.standing(user), peek.revision) {
            (Standing::Member { .. }, Some(revision)) => Seat::Inside(revision),
            _ => Seat::Outside,
        })
    }

    pub(super) async fn leave_wallet(
        &self,
        origin: &Origin,
        user: UserId,
        wallet: &str,
    ) -> Result<Done, Rejection> {
        let wallet = self.parsed(origin, parse::thing(wallet)).await?;
        let command = |asker, debits| wallet::Command::Leave { asker, debits };
        self.end_wallet(origin, (user, wallet), command).await
    }

    pub(super) async fn close_wallet(
        &self,
        origin: &Origin,
        user: UserId,
        wallet: &str,
    ) -> Result<Done, Rejection> {
        let wallet = self.parsed(origin, parse::thing(wallet)).await?;
        let command = |asker, debits| wallet::Command::Close { asker, debits };
        self.end_wallet(origin, (user, wallet), command).await
    }

    pub(super) async fn remove_wallet_member(
        &self,
        origin: &Origin,
        user: UserId,
        (wallet, removed): (&str, &str),
    ) -> Result<Done, Rejection> {
        let wallet = self.parsed(origin, parse::thing(wallet)).await?;
        let removed = parse::user_or_nil(removed);
        let command = |asker| wallet::Command::RemoveMember { asker, user: removed };
        self.change_wallet(origin, (user, wallet), command).await
    }

    pub(super) async fn set_wallet_role(
        &self,
        origin: &Origin,
        user: UserId,
        (wallet, whose): (&str, &str),
        role: WalletRole,
    ) -> Result<Done, Rejection> {
        let wallet = self.parsed(origin, parse::thing(wallet)).await?;
        let whose = parse::user_or_nil(whose);
        let command = |asker| wallet::Command::SetRole { asker, user: whose, role };
        self.change_wallet(origin, (user, wallet), command).await
    }

    pub(super) async fn set_approvals_required(
        &self,
        origin: &Origin,
        user: UserId,
        wallet: &str,
        approvals: i64,
    ) -> Result<Done, Rejection> {
        let parsed = Approvals::parse(approvals).and_then(|it| Ok((parse::thing(wallet)?, it)));
        let (wallet, approvals) = self.parsed(origin, parsed).await?;
        let command = |asker| wallet::Command::SetApprovals { asker, approvals };
        self.change_wallet(origin, (user, wallet), command).await
    }

    pub(super) async fn set_wallet_limits(
        &self,
        origin: &Origin,
        viewer: Viewer,
        new: NewLimits,
    ) -> Result<Done, Rejection> {
        let parsed = Limits::parse(&new.per_transfer, &new.per_day)
            .and_then(|limits| Ok((parse::thing(&new.wallet)?, limits)));
        let (wallet, limits) = self.parsed(origin, parsed).await?;
        let warrant = self.warrant(viewer, wallet, &new.spend_token);
        let command = |asker| wallet::Command::SetLimits { asker, limits, warrant };
        self.change_wallet(origin, (viewer.user, wallet), command).await
    }
}
