//! The ports in memory, for tests and simulations. They keep what the ports promise and forget
//! all when they are dropped. Each has its calls for those who don't wait, too.

mod claims;
mod snapshots;
mod todos;
mod vault;

pub use claims::MemoryClaims;
pub use snapshots::MemorySnapshots;
pub use todos::MemoryTodos;
pub use vault::MemoryVault;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Every write leaves the contents whole before it can panic.
fn lock<T>(contents: &Mutex<T>) -> MutexGuard<'_, T> {
    contents.lock().unwrap_or_else(PoisonError::into_inner)
}
