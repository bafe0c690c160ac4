//! Short locks around maps; never held across an await.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Takes the lock. A panic elsewhere leaves our maps whole (each change is one insert or remove), so go on.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
