//! O_NONBLOCK on loan: accept and connect have no per-call form that doesn't wait, so the description is made
//! non-blocking for just as long as one system call takes.
//!
//! The flag is the description's, and a description may be shared: by two numbers of this process, by threads on two
//! carriers, by processes that forked from one another and accept on one socket. So there's one lock for all
//! of them, in a page that children inherit; and who wants to know the program's own flag looks under that lock.

use crate::{depth, sys};
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use libc::c_int;

/// What relatives share.
struct Page {
    /// The lock word: the holder's process id, 0 when free.
    lock: AtomicU32,
    /// Counts ids of green threads.
    counter: AtomicU32,
}

static SHARED: AtomicPtr<Page> = AtomicPtr::new(ptr::null_mut());
/// The one in use when there was no memory for a page.
static OWN: Page = Page { lock: AtomicU32::new(0), counter: AtomicU32::new(0) };

/// Makes the page, if it isn't there: before the first fork, and at activation.
pub fn prepare() {
    if SHARED.load(Ordering::Acquire).is_null() {
        if let Ok(page) = sys::map_shared(size_of::<Page>()) {
            let page = page as *mut Page;
            // Strangers with whom memory is shared begin elsewhere.
            let start = (sys::getpid() as u32).wrapping_mul(0x9E37_79B9) >> 2;
            // SAFETY: a new page, zero at first.
            unsafe { (*page).counter.store(start, Ordering::Relaxed) };
            SHARED.store(page, Ordering::Release);
        }
    }
}

/// The count of green threads' ids, of this process and its relatives.
pub fn shared_counter() -> &'static AtomicU32 {
    &page().counter
}

fn page() -> &'static Page {
    // SAFETY: a page that's never given back, zero at first.
    unsafe { SHARED.load(Ordering::Acquire).as_ref() }.unwrap_or(&OWN)
}

/// Runs `f` with the lock held. `f` makes system calls that don't wait.
fn locked<R>(f: impl FnOnce() -> R) -> R {
    depth::enter();
    let (word, me) = (&page().lock, sys::getpid() as u32);
    let mut tries = 0u32;
    while let Err(holder) = word.compare_exchange(0, me, Ordering::Acquire, Ordering::Relaxed) {
        tries += 1;
        // A relative that died in between holds it no more.
        if tries.is_multiple_of(1024) && holder != 0 && !sys::process_exists(holder as c_int) {
            let _ = word.compare_exchange(holder, 0, Ordering::Relaxed, Ordering::Relaxed);
        }
        if tries.is_multiple_of(64) {
            sys::yield_processor();
        }
        core::hint::spin_loop();
    }
    let r = f();
    word.store(0, Ordering::Release);
    depth::leave();
    r
}

/// Makes a call on a description that is non-blocking for just as long. If the program's own flag was set already it's
/// simply made. EBADF.
pub fn nonblocking<R>(fd: c_int, call: impl FnOnce() -> R) -> sys::Result<R> {
    locked(|| {
        let flags = sys::file_flags(fd)?;
        if flags & libc::O_NONBLOCK != 0 {
            return Ok(call());
        }
        sys::fcntl(fd, libc::F_SETFL, flags | libc::O_NONBLOCK)?;
        let r = call();
        let _ = sys::fcntl(fd, libc::F_SETFL, flags);
        Ok(r)
    })
}

/// Runs `f` while nobody's flag is on loan: for the program's own look at its flags, or setting of them.
pub fn with_own_flags<R>(f: impl FnOnce() -> R) -> R {
    locked(f)
}

/// In the child of a fork: what another thread of the parent held in the parent's own word is nobody's here.
pub fn after_fork() {
    OWN.lock.store(0, Ordering::Relaxed);
}
