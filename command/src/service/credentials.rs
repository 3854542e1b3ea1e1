//! `changePassword`, and the verifying of a signed-in user's password.

use events::personal::{Kept, KeyRing};
use events::{EventId, StreamName};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::accounts::{SERVICE_NAME, unreadable};
use super::origin::Origin;
use super::{CommandService, VERIFICATIONS_MAX, done, lost_race};
use crate::bus::{Done, Outcome, Secret, Viewer};
use crate::domain::user::{self, ChangePassword, User};
use crate::domain::{Verdict, Verified};
use crate::execution::{Refused, Settled};
use crate::parse::{Password, PasswordTry};
use crate::rejection::Rejection;

impl CommandService {
    pub(super) async fn change_password(
        &self,
        origin: &Origin,
        viewer: Viewer,
        current: &Secret,
        new: Secret,
    ) -> Result<Done, Rejection> {
        let password = self.accept_new(viewer, new).await?;
        let password = self.parsed(origin, password).await?;
        let tried = PasswordTry::new(current);
        let session = viewer.session;
        let command = |verified| {
            let password = password.clone();
            user::Command::ChangePassword(ChangePassword { session, verified, password })
        };
        let settled = self.run_verified(origin, viewer, &tried, command).await?;
        Ok(done(origin, &settled, Outcome::Nothing))
    }

    /// The new password's hash, or why it is none.
    async fn accept_new(
        &self,
        viewer: Viewer,
        new: Secret,
    ) -> Result<Result<Zeroizing<String>, Rejection>, Rejection> {
        let stream = StreamName::user(viewer.user);
        let state = self.execution.peek::<User>(&stream, &[]).await?.state;
        let account = state.signed_in(viewer.session, self.now())?;
        let ring = self.ring(viewer.user).await?;
        let about = |kept: &Kept| -> Result<Zeroizing<String>, Rejection> {
            Ok(kept.open(&ring, &stream).map_err(unreadable)?.unwrap_or_default())
        };
        let (address, name) = (about(&account.email)?, about(&account.username)?);
        let hashed = self.hasher.run(move |argon| {
            let local = address.rsplit_once('@').map_or("", |(local, _)| local);
            let about = [address.as_str(), local, name.as_str(), SERVICE_NAME];
            argon.hash(Password::parse(&new, &about)?.expose())
        });
        let named = |mut rejection: Rejection| {
            rejection.field = rejection.field.map(|_| "newPassword".to_owned());
            rejection
        };
        Ok(hashed.await?.map_err(named))
    }

    /// Puts a command to the viewer's account that takes the current password. That is verified
    /// outside of the mailbox, and anew if it was changed meanwhile.
    pub(super) async fn run_verified(
        &self,
        origin: &Origin,
        viewer: Viewer,
        tried: &PasswordTry,
        command: impl Fn(Verified) -> user::Command,
    ) -> Result<Settled, Rejection> {
        let stream = StreamName::user(viewer.user);
        for _ in 0..VERIFICATIONS_MAX {
            let (ring, verified) = self.verify_own(viewer, tried).await?;
            let command = command(verified);
            match self.run_claimed::<User>(origin, &stream, Vec::new(), ring, command).await {
                Ok(settled) => return Ok(settled),
                Err(Refused::Rejection(rejection)) => return Err(rejection),
                Err(Refused::Stale) => {}
            }
        }
        Err(lost_race())
    }

    pub(super) async fn verify_own(
        &self,
        viewer: Viewer,
        tried: &PasswordTry,
    ) -> Result<(KeyRing, Verified), Rejection> {
        let stream = StreamName::user(viewer.user);
        let state = self.execution.peek::<User>(&stream, &[]).await?.state;
        let account = state.signed_in(viewer.session, self.now())?;
        let ring = self.ring(viewer.user).await?;
        if state.locked_for(self.now()).is_some() {
            // The mailbox says so, if it isn't a repeat; once the lock has ended, it asks again.
            let against = EventId(Uuid::nil());
            return Ok((ring, Verified { against, verdict: Verdict::Wrong }));
        }
        let against = account.password.event;
        let phc = account.password.open(&ring, &stream).map_err(unreadable)?;
        let verdict = self.verify(tried.clone(), phc).await?;
        Ok((ring, Verified { against, verdict }))
    }
}
