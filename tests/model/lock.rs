//! loom's mutex as the library's lock.

use loom::sync::{Mutex, MutexGuard};

pub struct Lock<T>(Mutex<T>);

// SAFETY: the value is only reached under the mutex; the raw pointers in it are shared under it only.
unsafe impl<T> Sync for Lock<T> {}
// SAFETY: as above.
unsafe impl<T> Send for Lock<T> {}

impl<T> Lock<T> {
    pub fn new(value: T) -> Self {
        Lock(Mutex::new(value))
    }

    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().expect("no thread of a model panics")
    }

    pub fn is_held(&self) -> bool {
        unreachable!("nobody forks here");
    }

    pub unsafe fn force_unlock(&self) {
        unreachable!("nobody forks here");
    }
}
