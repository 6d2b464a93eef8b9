//! A stream's own lock. The word, the owner and the count are glibc's, so libc's functions and foreign threads meet green ones there;
//! who finds it taken parks at its address.
//!
//! libc's own functions give it back without a look into the parking lot. So who waits looks again now and then; between our own
//! calls, which are nearly all, a wake-up comes at once.

use super::real;
use super::stream::Stream;
use crate::hub::{thread_pointer, Task};
use crate::sync::be_polite;
use crate::wait::parking::{self, Overtaken, Spot};
use crate::wait::{Cause, Reason};
use crate::{depth, sys};
use core::cell::Cell;
use core::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use libc::{c_int, FILE};

/// glibc's _IO_lock_t (stdio-lock.h): private, so `examine` makes sure of it.
#[repr(C)]
pub struct StreamLock {
    /// 0 free, 1 taken, 2 taken and somebody waits in the kernel.
    word: AtomicI32,
    count: Cell<c_int>,
    /// The owner's thread control block; a green thread has one of its own.
    owner: AtomicUsize,
}

/// What the count is when it's taken once: 0 from glibc 2.36 on, 1 before.
static ONCE: AtomicI32 = AtomicI32::new(0);

/// Takes and gives back a free lock by libc's functions, and looks whether it changes as we think.
///
/// # Safety
/// An open stream whose lock is free, and its lock; one thread.
pub unsafe fn examine(file: *mut FILE, lock: &StreamLock) -> bool {
    let me = thread_pointer::get();
    let state = || (lock.word.load(Ordering::Relaxed), lock.count.get(), lock.owner.load(Ordering::Relaxed));
    if state() != (0, 0, 0) {
        return false;
    }
    let Some(real) = real::find() else { return false };
    // SAFETY: by this function's contract.
    unsafe {
        (real.try_lock)(file);
        let once = state();
        (real.try_lock)(file);
        let twice = state();
        (real.unlock)(file);
        (real.unlock)(file);
        ONCE.store(once.1, Ordering::Relaxed);
        (0..=1).contains(&once.1) && once == (1, once.1, me) && twice == (1, once.1 + 1, me) && state() == (0, 0, 0)
    }
}

impl StreamLock {
    /// Takes it if it's free, or the caller's already.
    #[inline(always)]
    fn try_take(&self) -> bool {
        let me = thread_pointer::get();
        if self.owner.load(Ordering::Relaxed) == me {
            self.count.set(self.count.get() + 1);
            return true;
        }
        let taken = self.word.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).is_ok();
        if taken {
            self.owner.store(me, Ordering::Relaxed);
            self.count.set(ONCE.load(Ordering::Relaxed));
        }
        taken
    }

    /// Where its waiters park.
    #[inline(always)]
    pub fn address(&self) -> usize {
        self as *const StreamLock as usize
    }

    /// Whether the caller has it.
    fn is_mine(&self) -> bool {
        self.owner.load(Ordering::Relaxed) == thread_pointer::get()
    }
}

/// Takes a stream's lock.
#[inline(always)]
pub fn take(me: &'static Task, lock: &StreamLock) {
    if parking::overtaken(lock.address()) || !lock.try_take() {
        wait(me, lock);
    }
}

/// Gives it back, and wakes who waits first.
#[inline(always)]
pub fn release(lock: &StreamLock) {
    let count = lock.count.get();
    if count != ONCE.load(Ordering::Relaxed) {
        lock.count.set(count - 1);
        return;
    }
    lock.count.set(0);
    lock.owner.store(0, Ordering::Relaxed);
    // Once it's free it may be gone: its address is only a key.
    let address = lock.address();
    let waits_in_kernel = lock.word.swap(0, Ordering::SeqCst) > 1;
    if waits_in_kernel || parking::occupied(address) {
        wake(address, waits_in_kernel);
    }
}

/// Wakes who waits for a lock that was given back. (Apart, so that the way without is short.)
#[cold]
#[inline(never)]
fn wake(address: usize, waits_in_kernel: bool) {
    const _: () = assert!(core::mem::offset_of!(StreamLock, word) == 0);
    if waits_in_kernel {
        sys::futex_wake(address as *const u32, 1);
    }
    parking::unpark_one(address);
}

/// Waits until it's free or the caller's, for a call of libc's that takes it.
#[inline]
pub fn await_free(me: &'static Task, lock: &StreamLock) {
    if lock.word.load(Ordering::Acquire) != 0 && !lock.is_mine() {
        take(me, lock);
        release(lock);
    }
}

/// How long who waits first goes without a look (ns), and how long at most: each vain look doubles it.
const LOOK_AGAIN: u64 = 2_000_000;
const AT_MOST: u64 = 64_000_000;

#[cold]
#[inline(never)]
fn wait(me: &'static Task, l: &StreamLock) {
    let address = l.address();
    if !l.is_mine() {
        be_polite(me, address);
    }
    let mut pause = LOOK_AGAIN;
    let began = me.about_now();
    let mut overtaken: Option<Overtaken> = None;
    while !l.try_take() {
        let spot = Spot::since(me, began);
        // SAFETY: the spot is left or woken before this frame goes. An overtaken one keeps its place.
        unsafe { spot.enter(address, overtaken.is_some()) };
        if l.try_take() {
            spot.leave();
            depth::checkpoint();
            return;
        }
        let reason = spot.wait(sys::now() + pause, Cause::Lock);
        if depth::is_due() {
            // A handler might not come back.
            overtaken = None;
            depth::checkpoint();
        }
        match reason {
            Reason::Ready if overtaken.is_none() => overtaken = Some(parking::overtake(address)),
            Reason::Timeout => pause = AT_MOST.min(pause * 2),
            _ => {}
        }
    }
}

/// flockfile(3) on a green thread.
pub unsafe fn flockfile(me: &'static Task, real: unsafe extern "C" fn(*mut FILE), file: *mut FILE) {
    // SAFETY: the caller's open stream, here and below.
    match unsafe { Stream::of(file) } {
        Some(stream) => {
            stream.need_lock();
            take(me, stream.lock());
        }
        // SAFETY: as above.
        None => unsafe { real(file) },
    }
}

/// funlockfile(3) on any thread.
pub unsafe fn funlockfile(real: unsafe extern "C" fn(*mut FILE), file: *mut FILE) {
    // SAFETY: as above. After the real call it may be gone: the lock's address is only a key.
    unsafe {
        let lock = Stream::of(file).map(|stream| stream.lock().address());
        real(file);
        lock.map(parking::unpark_one);
    }
}
