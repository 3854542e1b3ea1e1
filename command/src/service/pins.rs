//! PINs, and the tokens that are given for right ones.

use std::time::Duration;

use events::personal::KeyRing;
use events::{Actor, CommandId, EventId, StreamName, UserId, WalletId};
use zeroize::Zeroizing;

use super::accounts::unreadable;
use super::origin::Origin;
use super::{CommandService, VERIFICATIONS_MAX, done, lost_race};
use crate::bus::{Done, Outcome, Secret, SpendGrant, Viewer};
use crate::domain::Verified;
use crate::domain::wallet::{self, Asker, CurrentPin, Wallet, Warrant};
use crate::execution::{Ask, Policy, Refused, Settled};
use crate::parse::{self, PasswordTry, Pin};
use crate::rejection::Rejection;
use crate::secrets::SpendToken;

/// How long a spend token is good for.
pub const SPEND_TOKEN_TTL: Duration = Duration::from_mins(5);

impl CommandService {
    pub(super) async fn change_pin(
        &self,
        origin: &Origin,
        user: UserId,
        wallet: &str,
        (current, new): (Option<Secret>, Secret),
    ) -> Result<Done, Rejection> {
        let parse = || {
            let new = Pin::parse("newPin", &new)?;
            let current = current.as_ref().map(|pin| Pin::parse("currentPin", pin)).transpose()?;
            Ok((parse::thing(wallet)?, current, new))
        };
        let (wallet, current, new): (WalletId, _, _) = self.parsed(origin, parse()).await?;
        let pin = self.hash_pin(new).await?;
        for _ in 0..VERIFICATIONS_MAX {
            let ring = self.ring(user).await?;
            let current = match &current {
                None => CurrentPin::LeftOut,
                Some(tried) => match self.verify_pin(user, wallet, &ring, tried).await? {
                    Some(verified) => CurrentPin::Verified(verified),
                    None => CurrentPin::Unverified,
                },
            };
            let command = |asker| wallet::Command::ChangePin { asker, current, pin: pin.clone() };
            match self.run_in_wallet(origin, (user, wallet), &ring, command).await {
                Ok(settled) => return Ok(done(origin, &settled, Outcome::Nothing)),
                Err(Refused::Rejection(rejection)) => return Err(rejection),
                Err(Refused::Stale) => {}
            }
        }
        Err(lost_race())
    }

    /// A PIN's hash, in PHC form.
    pub(super) async fn hash_pin(&self, pin: Pin) -> Result<Zeroizing<String>, Rejection> {
        self.hasher.run(move |argon| argon.hash(pin.expose())).await?
    }

    /// Verifies a PIN, where there is one to verify it against and it isn't locked: then the
    /// mailbox refuses without knowing whether it was right.
    async fn verify_pin(
        &self,
        user: UserId,
        wallet: WalletId,
        ring: &KeyRing,
        tried: &Pin,
    ) -> Result<Option<Verified>, Rejection> {
        let stream = StreamName::wallet(wallet);
        let state = self.execution.peek::<Wallet>(&stream, &[]).await?.state;
        let Some(kept) = state.pin(user) else { return Ok(None) };
        if state.pin_locked_until(user, self.now()).is_some() {
            return Ok(None);
        }
        let phc = kept.open(ring, &stream).map_err(unreadable)?;
        let verdict = self.verify(PasswordTry::new(tried.expose()), phc).await?;
        Ok(Some(Verified { against: kept.event, verdict }))
    }

    /// Gives a token for a right PIN. A repeat is verified anew, so it has no first answer to be
    /// given.
    pub(super) async fn authorize_spending(
        &self,
        origin: &Origin,
        viewer: Viewer,
        wallet: &str,
        pin: &Secret,
    ) -> Result<Done, Rejection> {
        let parse = || {
            let pin = Pin::parse("pin", pin)?;
            Ok((parse::thing(wallet)?, pin))
        };
        let (wallet, tried): (WalletId, _) = self.parsed(origin, parse()).await?;
        let ring = self.ring(viewer.user).await?;
        for _ in 0..VERIFICATIONS_MAX {
            let verified = self.verify_pin(viewer.user, wallet, &ring, &tried).await?;
            match self.authorize(origin, (viewer.user, wallet), verified).await {
                Ok(settled) => {
                    let against = verified.ok_or_else(Rejection::internal)?.against;
                    let outcome = self.spend_grant(viewer, wallet, against);
                    return Ok(done(origin, &settled, outcome));
                }
                Err(Refused::Rejection(rejection)) => return Err(rejection),
                Err(Refused::Stale) => {}
            }
        }
        Err(lost_race())
    }

    async fn authorize(
        &self,
        origin: &Origin,
        (user, wallet): (UserId, WalletId),
        pin: Option<Verified>,
    ) -> Result<Settled, Refused> {
        let run = async |asker: Asker| {
            let id = CommandId::generate();
            let ask = Ask::<Wallet> {
                id,
                correlation: id,
                actor: Actor::User(user),
                policy: Policy::Natural,
                ring: KeyRing::new(),
                cause_at: None,
                trace_parent: origin.trace_parent.clone(),
                fresh_id: CommandId::generate(),
                command: wallet::Command::Authorize { asker, pin },
            };
            self.execution.run(&StreamName::wallet(wallet), ask).await
        };
        let ran = run(Asker::stranger(user)).await;
        if self.may_know_otherwise(&ran, (user, wallet)).await? {
            return run(Asker::acquainted(user)).await;
        }
        ran
    }

    fn spend_grant(&self, viewer: Viewer, wallet: WalletId, pin: EventId) -> Outcome {
        let Viewer { user, session } = viewer;
        let expires_at = self.now().plus(SPEND_TOKEN_TTL);
        let token = SpendToken { wallet, user, session, pin, expires_at };
        let token = token.sign(&self.hash_key);
        Outcome::SpendAuthorization(SpendGrant { token, expires_at })
    }

    /// What a spend token comes to, sent by this viewer to spend from that wallet. Whether the
    /// PIN is still the one that it was given for, the wallet tells.
    pub(super) fn warrant(&self, viewer: Viewer, wallet: WalletId, token: &Secret) -> Warrant {
        let now = self.now();
        let token = SpendToken::verify(&self.hash_key, token).filter(|token| {
            let is_theirs = (token.user, token.session) == (viewer.user, viewer.session);
            is_theirs && token.wallet == wallet && now < token.expires_at
        });
        token.map_or(Warrant::Void, |token| Warrant::Token { pin: token.pin })
    }
}
