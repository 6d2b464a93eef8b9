//! Something on a waiting thread's stack that another may look at for a moment. Who looks has taken it: a mark stands there
//! meanwhile, for which others who want to look wait, and the owner before it goes.

use crate::atomic::{constructor, spin_loop, AtomicPtr, Ordering};
use core::ptr;

pub struct Loan<T>(AtomicPtr<T>);

impl<T> Loan<T> {
    constructor! {
        /// Nothing to be had.
        pub fn new() -> Self {
            Loan(AtomicPtr::new(ptr::null_mut()))
        }
    }

    /// Lets others look. As good as a fence: what the caller loads after this is not older.
    ///
    /// # Safety
    /// What's offered stays valid, and nothing else is offered, until `withdraw`.
    pub unsafe fn offer(&self, it: &T) {
        // (One instruction, where a store and a fence would be two, and the fence the slower.)
        self.0.swap(it as *const T as *mut T, Ordering::SeqCst);
    }

    /// What was offered is the caller's alone again: after this nobody looks at it.
    pub fn withdraw(&self) {
        self.take(ptr::null_mut());
    }

    /// Looks at what is offered; None when there's nothing.
    pub fn borrow<R>(&self, look: impl FnOnce(&T) -> R) -> Option<R> {
        let taken = self.take(taken())?;
        // SAFETY: valid until `withdraw`, which waits for us to put it back.
        let r = look(unsafe { &*taken });
        self.0.store(taken, Ordering::Release);
        Some(r)
    }

    /// Puts something else in its place; None when nothing stands there.
    fn take(&self, instead: *mut T) -> Option<*mut T> {
        loop {
            let it = self.0.load(Ordering::Relaxed);
            if it.is_null() {
                return None;
            }
            if it != taken() && self.0.compare_exchange(it, instead, Ordering::Acquire, Ordering::Relaxed).is_ok() {
                return Some(it);
            }
            // Somebody is looking, on another carrier.
            spin_loop();
        }
    }
}

/// Stands for what is being looked at: no address.
fn taken<T>() -> *mut T {
    ptr::without_provenance_mut(1)
}
