//! The library's own lock: a spin lock for sections of a few instructions.
//!
//! Not a std Mutex (that would wait through `syscall`, one of our names) and not a pthread mutex (a hook). A
//! holder can be descheduled by the kernel, so a waiter soon gives its processor away instead of burning it.
//! While one is held the program's signal handlers are put off (`depth`). Never held across a switch of green threads, an allocation of the program's, or a wait.

use crate::{depth, sys};
use core::cell::UnsafeCell;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::{AtomicBool, Ordering};

pub struct Lock<T> {
    held: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: the value is only reached through a guard, and one guard exists at a time.
unsafe impl<T> Sync for Lock<T> {}
// SAFETY: as above; the raw pointers kept inside are shared only under the lock.
unsafe impl<T> Send for Lock<T> {}

/// `DEEP`: its owner is deep in the library already, and stays so.
pub struct Guard<'a, T, const DEEP: bool = false>(&'a Lock<T>);

impl<T> Lock<T> {
    pub const fn new(value: T) -> Self {
        Lock { held: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    /// Takes the lock; spins, then yields the processor, until it's free.
    #[inline]
    pub fn lock(&self) -> Guard<'_, T> {
        depth::enter();
        if self.held.swap(true, Ordering::Acquire) {
            self.wait();
        }
        Guard(self)
    }

    /// As `lock`, for who is deep already: a hub's loop, where no handler of the program's runs anyway.
    #[inline]
    pub fn lock_deep(&self) -> Guard<'_, T, true> {
        if self.held.swap(true, Ordering::Acquire) {
            self.wait();
        }
        Guard(self)
    }

    /// Whether somebody holds it.
    pub fn is_held(&self) -> bool {
        self.held.load(Ordering::Relaxed)
    }

    #[cold]
    fn wait(&self) {
        let mut spins = 0;
        loop {
            while self.held.load(Ordering::Relaxed) {
                spins += 1;
                if spins % 128 == 0 {
                    // A real-time thread that yields never lets an ordinary holder run.
                    if spins > 1024 {
                        sys::nap(20_000);
                    } else {
                        sys::yield_processor();
                    }
                }
                core::hint::spin_loop();
            }
            if !self.held.swap(true, Ordering::Acquire) {
                return;
            }
        }
    }

    /// Opens the lock whoever held it: for the child of a fork, where the holder does not exist.
    ///
    /// # Safety
    /// The caller must be the only thread, and must not trust the value's consistency.
    pub unsafe fn force_unlock(&self) {
        self.held.store(false, Ordering::Release);
    }
}

impl<T, const DEEP: bool> Deref for Guard<'_, T, DEEP> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the guard proves that we hold the lock.
        unsafe { &*self.0.value.get() }
    }
}

impl<T, const DEEP: bool> DerefMut for Guard<'_, T, DEEP> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the guard proves that we hold the lock, and there's one guard.
        unsafe { &mut *self.0.value.get() }
    }
}

impl<T, const DEEP: bool> Drop for Guard<'_, T, DEEP> {
    #[inline]
    fn drop(&mut self) {
        self.0.held.store(false, Ordering::Release);
        if !DEEP {
            depth::leave();
        }
    }
}
