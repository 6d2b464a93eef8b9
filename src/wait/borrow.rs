//! O_NONBLOCK on loan: accept and connect have no per-call form that doesn't wait, so the description is made
//! non-blocking for just as long as one system call takes.
//!
//! The flag is the description's, and a description may be shared: by two numbers of this process, by threads on two
//! carriers, by processes that forked from one another and accept on one socket. So there's one lock for all
//! of them, in a page that children inherit; and who wants to know the program's own flag looks under that lock.
//!
//! Processes that have the description but not the page (another program that was started with it) keep each other out by `strangers`.
//!
//! A process that is killed in between leaves the lock taken and the flag set. So it notes there, while it has relatives, which
//! description it is; who finds the lock with one that's dead notes that as an orphan, and who finds the flag on an orphan
//! takes it off.

use super::strangers::{self, apart};
use crate::hub::early;
use crate::{below, depth, sys};
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, Ordering};
use libc::c_int;

/// What relatives share.
struct Page {
    /// The lock word: the holder's process id, 0 when free.
    lock: AtomicU32,
    /// Counts ids of green threads.
    counter: AtomicU32,
    /// The description on loan (its inode), 0 for none, or unknown.
    on_loan: AtomicU64,
    /// Descriptions on which the flag was left by those that died; 0 for none. Written under the lock.
    orphans: [AtomicU64; ORPHANS],
}

/// So many are remembered.
const ORPHANS: usize = 16;

impl Page {
    const fn new() -> Page {
        Page {
            lock: AtomicU32::new(0),
            counter: AtomicU32::new(0),
            on_loan: AtomicU64::new(0),
            orphans: [const { AtomicU64::new(0) }; ORPHANS],
        }
    }
}

static SHARED: AtomicPtr<Page> = AtomicPtr::new(ptr::null_mut());
/// The one in use when there was no memory for a page.
static OWN: Page = Page::new();

/// Other processes may have descriptions of this one's, and the page.
static HAS_RELATIVES: AtomicBool = AtomicBool::new(false);

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

/// Before a fork.
pub fn expect_relatives() {
    early::shared();
    prepare();
    HAS_RELATIVES.store(true, Ordering::Relaxed);
}

/// Whether there may be.
pub fn has_relatives() -> bool {
    HAS_RELATIVES.load(Ordering::Relaxed)
}

/// Runs `f` with the lock held. `f` makes system calls that don't wait.
fn locked<R>(f: impl FnOnce(&Page) -> R) -> R {
    depth::enter();
    let (page, me) = (page(), own_pid());
    let mut tries = 0u32;
    while let Err(holder) = page.lock.compare_exchange(0, me, Ordering::Acquire, Ordering::Relaxed) {
        tries += 1;
        if tries.is_multiple_of(1024) && holder != 0 && holder != me && has_died(holder as c_int) {
            // A relative that died in between holds it no more.
            if page.lock.compare_exchange(holder, me, Ordering::Acquire, Ordering::Relaxed).is_ok() {
                page.adopt();
                break;
            }
        }
        if tries.is_multiple_of(64) {
            sys::yield_processor();
        }
        core::hint::spin_loop();
    }
    let r = f(page);
    page.lock.store(0, Ordering::Release);
    depth::leave();
    r
}

static PID: AtomicU32 = AtomicU32::new(0);

/// The process's id, asked for once.
fn own_pid() -> u32 {
    match PID.load(Ordering::Relaxed) {
        0 => {
            let pid = sys::getpid() as u32;
            PID.store(pid, Ordering::Relaxed);
            pid
        }
        pid => pid,
    }
}

/// Whether a process has ended; whoever should may not have reaped it.
fn has_died(pid: c_int) -> bool {
    match sys::pidfd_open(pid) {
        Ok(fd) => {
            let ended = sys::poll_now(fd, libc::POLLIN) != 0;
            sys::close(fd);
            ended
        }
        Err(_) => !sys::process_exists(pid),
    }
}

impl Page {
    /// What was on loan is an orphan.
    fn adopt(&self) {
        // In this order, here and in `flags`: the caller may be killed in between, too.
        let left = self.on_loan.load(Ordering::Relaxed);
        if left != 0 {
            // If there are so many some are of nobody's descriptions any more.
            let free = self.orphans.iter().find(|o| o.load(Ordering::Relaxed) == 0);
            free.unwrap_or(&self.orphans[left as usize % ORPHANS]).store(left, Ordering::Relaxed);
            self.on_loan.store(0, Ordering::Release);
        }
    }

    /// The flags of a description, without what one that died has left there.
    fn flags(&self, fd: c_int) -> sys::Result<c_int> {
        let flags = sys::file_flags(fd)?;
        if flags & libc::O_NONBLOCK == 0 || self.orphans.iter().all(|o| o.load(Ordering::Relaxed) == 0) {
            return Ok(flags);
        }
        let inode = sys::inode(fd)?;
        let Some(orphan) = self.orphans.iter().find(|o| o.load(Ordering::Relaxed) == inode) else { return Ok(flags) };
        sys::fcntl(fd, libc::F_SETFL, flags & !libc::O_NONBLOCK)?;
        orphan.store(0, Ordering::Release);
        Ok(flags & !libc::O_NONBLOCK)
    }
}

/// Makes a call on a description that is non-blocking for just as long. If the program's own flag was set already it's
/// simply made. EBADF.
pub fn nonblocking<R>(fd: c_int, call: impl FnOnce() -> R) -> sys::Result<R> {
    let loan = |page: &Page| {
        let flags = page.flags(fd)?;
        if flags & libc::O_NONBLOCK != 0 {
            return Ok(call());
        }
        if has_relatives() {
            page.on_loan.store(sys::inode(fd)?, Ordering::Relaxed);
        }
        sys::fcntl(fd, libc::F_SETFL, flags | libc::O_NONBLOCK)?;
        let r = call();
        let _ = sys::fcntl(fd, libc::F_SETFL, flags);
        page.on_loan.store(0, Ordering::Release);
        Ok(r)
    };
    let any = strangers::may_have(fd);
    uncancelled(|| locked(|page| apart(fd, any, || loan(page))))
}

/// Runs `f` with cancellation disabled for libc, too: its accept and its like would end a cancelled thread, with the lock held. (What was
/// asked for is acted on at the next wait.)
fn uncancelled<R>(f: impl FnOnce() -> R) -> R {
    /// PTHREAD_CANCEL_DISABLE.
    const DISABLE: c_int = 1;
    let set = below::get().pthread_setcancelstate;
    let mut state = 0;
    // SAFETY: as for pthread_setcancelstate(3).
    unsafe { set(DISABLE, &mut state) };
    let r = f();
    // SAFETY: as above. It ends a thread whose type is asynchronous, which holds nothing any more.
    unsafe { set(state, ptr::null_mut()) };
    r
}

/// Whether the program itself made a description non-blocking.
pub fn is_nonblocking(fd: c_int) -> bool {
    is_nonblocking_with(fd, || strangers::may_have(fd))
}

/// As `is_nonblocking`, for what is known to be a socket, of which nothing else is known.
pub fn is_nonblocking_socket(fd: c_int) -> bool {
    is_nonblocking_with(fd, || true)
}

fn is_nonblocking_with(fd: c_int, strangers: impl FnOnce() -> bool) -> bool {
    let is_set = |flags: sys::Result<c_int>| flags.is_ok_and(|flags| flags & libc::O_NONBLOCK != 0);
    // A loan only ever sets the flag.
    is_set(sys::file_flags(fd)) && {
        let any = strangers();
        is_set(locked(|page| apart(fd, any, || page.flags(fd))))
    }
}

/// Runs `f` while nobody's flag is on loan on a descriptor: for the program's own look at its flags, or setting of them.
pub fn with_own_flags<R>(fd: c_int, f: impl FnOnce() -> R) -> R {
    let any = strangers::may_have(fd);
    locked(|page| {
        apart(fd, any, || {
            let _ = page.flags(fd);
            f()
        })
    })
}

/// In the child of a fork: it has an id of its own, and what another thread of the parent held in the parent's own word is nobody's here.
pub fn after_fork() {
    PID.store(0, Ordering::Relaxed);
    OWN.lock.store(0, Ordering::Relaxed);
    if sys::getppid() == 0 {
        // The first of a PID namespace: an id in the page means another process there, or none. So these are strangers.
        SHARED.store(ptr::null_mut(), Ordering::Release);
    }
}
