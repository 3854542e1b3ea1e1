//! Argon2id off the async threads, as many at once as configured and no more waiting than that.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use metrics::{counter, describe_counter};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::domain::Verdict;
use crate::parse::PasswordTry;
use crate::rejection::{Code, Rejection};

const HASHES: &str = "moim_password_hashes_total";

/// Says what the metrics mean; for the start, after the recorder is installed.
pub(crate) fn describe() {
    describe_counter!(HASHES, "Password hashes computed, to set a password or to try one.");
}

/// After this it is worth asking a full hasher again.
const FULL_RETRY_MS: u64 = 500;

/// What a hash costs, and how many there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HasherConfig {
    /// Memory of one hash, KiB.
    pub memory_kib: u32,
    /// Passes over that memory.
    pub passes: u32,
    /// Hashes computed at the same time; a core each.
    pub running_max: usize,
    /// Hashes that wait for their turn; more are refused.
    pub waiting_max: usize,
}

impl Default for HasherConfig {
    /// 19 MiB and two passes, as OWASP's Password Storage Cheat Sheet asks for.
    fn default() -> Self {
        let running_max = std::thread::available_parallelism().map_or(2, usize::from);
        Self { memory_kib: 19 * 1024, passes: 2, running_max, waiting_max: 512 }
    }
}

/// Hashes and verifies passwords.
#[derive(Clone)]
pub struct Hasher {
    argon: Arc<Argon>,
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
}

impl Hasher {
    /// With a secret pepper, without which the stored hashes are of no use to anyone.
    pub fn new(pepper: &[u8], config: HasherConfig) -> Result<Self, BadHasher> {
        let argon = Argon::new(pepper, config)?;
        let admitted_max = config.running_max.saturating_add(config.waiting_max);
        Ok(Self {
            argon: Arc::new(argon),
            running: Arc::new(Semaphore::new(config.running_max)),
            admitted: Arc::new(Semaphore::new(admitted_max)),
        })
    }

    /// Runs `work` on a blocking thread when its turn comes. `OVERLOADED` if too many wait.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon) -> T + Send + 'static,
    ) -> Result<T, Rejection> {
        let admitted = Arc::clone(&self.admitted).try_acquire_owned().map_err(|_| full())?;
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(|_| full())?;
        let argon = Arc::clone(&self.argon);
        // The permits go along: when the caller gives up, the work still runs to its end.
        let worked = tokio::task::spawn_blocking(move || {
            let _permits = (admitted, running);
            work(&argon)
        });
        worked.await.map_err(|error| {
            tracing::error!(%error, "a password hash was not computed");
            Rejection::internal()
        })
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher(…)")
    }
}

fn full() -> Rejection {
    Rejection::new(Code::Overloaded, "Too many are logging in. Try again in a moment.")
        .retry_after(Duration::from_millis(FULL_RETRY_MS))
}

/// Parameters that Argon2 doesn't take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("passwords can't be hashed like this: {0}")]
pub struct BadHasher(String);

/// The hash function with its parameters and pepper.
pub struct Argon {
    pepper: Zeroizing<Vec<u8>>,
    params: Params,
    /// The hash of no password: verified where there is no account, to take the same time.
    dummy: String,
}

impl Argon {
    fn new(pepper: &[u8], config: HasherConfig) -> Result<Self, BadHasher> {
        let params = Params::new(config.memory_kib, config.passes, 1, None)
            .map_err(|error| BadHasher(error.to_string()))?;
        let pepper = Zeroizing::new(pepper.to_vec());
        let mut argon = Self { pepper, params, dummy: String::new() };
        let nobodys: [u8; 32] = rand::random();
        argon.dummy = argon.try_hash(&nobodys)?;
        Ok(argon)
    }

    /// The hash of a password under a fresh salt, in PHC form.
    pub fn hash(&self, password: &str) -> Result<Zeroizing<String>, Rejection> {
        self.try_hash(password.as_bytes()).map(Zeroizing::new).map_err(|error| {
            tracing::error!(%error, "a password could not be hashed");
            Rejection::internal()
        })
    }

    /// Whether it is the password of that hash; `None` stands for no account and is wrong after
    /// the same time.
    pub fn verify(&self, tried: &PasswordTry, phc: Option<&str>) -> Verdict {
        counter!(HASHES).increment(1);
        let Ok(hash) = PasswordHash::new(phc.unwrap_or(&self.dummy)) else {
            tracing::error!("a stored password hash is not in PHC form");
            return Verdict::Wrong;
        };
        let verified =
            self.argon2().map(|argon2| argon2.verify_password(tried.expose().as_bytes(), &hash));
        match verified {
            Ok(Ok(())) if phc.is_some() => Verdict::Right,
            _ => Verdict::Wrong,
        }
    }

    fn try_hash(&self, password: &[u8]) -> Result<String, BadHasher> {
        counter!(HASHES).increment(1);
        let hash =
            self.argon2()?.hash_password(password).map_err(|error| BadHasher(error.to_string()))?;
        Ok(hash.to_string())
    }

    fn argon2(&self) -> Result<Argon2<'_>, BadHasher> {
        let params = self.params.clone();
        Argon2::new_with_secret(&self.pepper, Algorithm::Argon2id, Version::V0x13, params)
            .map_err(|error| BadHasher(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: HasherConfig =
        HasherConfig { memory_kib: 64, passes: 1, running_max: 1, waiting_max: 1 };

    #[tokio::test]
    async fn the_right_password_under_the_same_pepper_is_right() {
        let hasher = Hasher::new(b"pepper", QUICK).unwrap();
        let phc = hasher.run(|argon| argon.hash("correct horse")).await.unwrap().unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{}", *phc);
        let verify = |argon: &Argon, text: &str| argon.verify(&PasswordTry::new(text), Some(&phc));
        assert_eq!(verify(&hasher.argon, "correct horse"), Verdict::Right);
        assert_eq!(verify(&hasher.argon, "wrong horse"), Verdict::Wrong);
        let salted_anew = Argon::new(b"salt", QUICK).unwrap();
        assert_eq!(verify(&salted_anew, "correct horse"), Verdict::Wrong);
    }

    #[test]
    fn no_account_is_always_wrong() {
        let argon = Argon::new(b"pepper", QUICK).unwrap();
        assert_eq!(argon.verify(&PasswordTry::new(""), None), Verdict::Wrong);
    }

    #[tokio::test]
    async fn more_than_may_wait_are_refused() {
        let hasher = Hasher::new(b"pepper", QUICK).unwrap();
        let (release, wait) = std::sync::mpsc::channel::<()>();
        let first = tokio::spawn({
            let hasher = hasher.clone();
            async move { hasher.run(move |_| wait.recv()).await }
        });
        while hasher.running.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let second = tokio::spawn({
            let hasher = hasher.clone();
            async move { hasher.run(|_| ()).await }
        });
        while hasher.admitted.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let refused = hasher.run(|_| ()).await.unwrap_err();
        assert_eq!(refused.code, Code::Overloaded);
        assert!(refused.retry_after_ms.is_some());
        release.send(()).unwrap();
        assert!(first.await.unwrap().is_ok() && second.await.unwrap().is_ok());
    }
}
