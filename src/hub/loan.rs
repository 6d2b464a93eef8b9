//! Something on a waiting thread's stack that another may look at for a moment. Who looks has taken it: NULL stands there
//! meanwhile, and the owner, before it goes, waits until it's back.

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

    /// Lets others look.
    ///
    /// # Safety
    /// What's offered stays valid, and nothing else is offered, until `withdraw`.
    pub unsafe fn offer(&self, it: &T) {
        self.0.store(it as *const T as *mut T, Ordering::Release);
    }

    /// What was offered is the caller's alone again: after this nobody looks at it.
    pub fn withdraw(&self) {
        while self.take().is_none() {
            // Somebody is looking, on another carrier.
            spin_loop();
        }
    }

    /// Looks at what is offered; None when there's nothing, or another is looking.
    pub fn borrow<R>(&self, look: impl FnOnce(&T) -> R) -> Option<R> {
        let taken = self.take()?;
        // SAFETY: valid until `withdraw`, which waits for us to put it back.
        let r = look(unsafe { &*taken });
        self.0.store(taken, Ordering::Release);
        Some(r)
    }

    /// Puts NULL in its place, unless that stands there.
    fn take(&self) -> Option<*mut T> {
        let it = self.0.load(Ordering::Relaxed);
        let taken =
            !it.is_null() && self.0.compare_exchange(it, ptr::null_mut(), Ordering::Acquire, Ordering::Relaxed).is_ok();
        taken.then_some(it)
    }
}
