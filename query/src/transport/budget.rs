//! What bodies and answers may weigh that wait for slow clients, over all clients.
//!
//! One body or answer is bounded, and so is how long it may wait; their sum would not be, and
//! with it the memory that some thousands of connections can make the server hold.

use std::sync::Arc;

use async_graphql::ServerError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::answer::refusal;

/// What is smaller is not counted: a connection costs as much by itself.
const FREE_BYTES: usize = 32 << 10;
/// What is counted.
const UNIT_BYTES: usize = 1 << 10;
/// Who is refused may come again after this time.
const RETRY_AFTER_MS: u64 = 1_000;

/// Bytes that may be held.
#[derive(Debug)]
pub(super) struct Budget(Arc<Semaphore>);

/// Something that is held.
#[derive(Debug, Default)]
pub(super) struct Share(Option<OwnedSemaphorePermit>);

impl Budget {
    pub(super) fn new(bytes_max: usize) -> Self {
        let units = (bytes_max / UNIT_BYTES).min(Semaphore::MAX_PERMITS);
        Self(Arc::new(Semaphore::new(units)))
    }

    /// Room for so many bytes; `OVERLOADED` if there is none.
    pub(super) fn share(&self, bytes: usize) -> Result<Share, ServerError> {
        let mut share = Share::default();
        self.grow(&mut share, bytes)?;
        Ok(share)
    }

    /// Makes a share one for so many bytes; `OVERLOADED` if there is no room for that.
    pub(super) fn grow(&self, share: &mut Share, bytes: usize) -> Result<(), ServerError> {
        let units = bytes.saturating_sub(FREE_BYTES).div_ceil(UNIT_BYTES);
        let held = share.0.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let Some(more) = units.checked_sub(held).filter(|more| *more > 0) else { return Ok(()) };
        let more = u32::try_from(more).map_err(|_| overloaded())?;
        let more = self.0.clone().try_acquire_many_owned(more).map_err(|_| overloaded())?;
        match &mut share.0 {
            Some(held) => held.merge(more),
            none => *none = Some(more),
        }
        Ok(())
    }
}

impl Share {
    /// Whether it takes room from others.
    pub(super) fn weighs(&self) -> bool {
        self.0.is_some()
    }
}

fn overloaded() -> ServerError {
    let message = "too much waits to be received or sent already";
    let mut error = refusal("OVERLOADED", message);
    error.extensions.get_or_insert_default().set("retryAfterMs", RETRY_AFTER_MS);
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_bounded_and_what_is_small_is_free() {
        let budget = Budget::new(64 << 10);
        let big = budget.share(FREE_BYTES + (40 << 10)).unwrap();
        assert!(budget.share(FREE_BYTES + (40 << 10)).is_err());
        let mut growing = budget.share(FREE_BYTES).unwrap();
        budget.grow(&mut growing, FREE_BYTES + (24 << 10)).unwrap();
        assert!(budget.grow(&mut growing, FREE_BYTES + (25 << 10)).is_err());
        budget.share(FREE_BYTES).unwrap();
        drop(big);
        budget.grow(&mut growing, FREE_BYTES + (64 << 10)).unwrap();
        drop(growing);
        assert_eq!(budget.0.available_permits(), 64);
    }
}
