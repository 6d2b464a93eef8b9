//! The minder: a kernel thread that waits for any child, for the green threads that do. It asks the kernel who has ended,
//! stopped or gone on, reaps nobody, wakes all that wait, and sleeps until one of them waits again. SIGCHLD stays the program's.
//!
//! Why no child is missed: who waits has looked, queues, then asks. A child that ends before the minder turns to the kernel is still
//! there to be found; one that ends later wakes the minder; and who queued while the minder was about to wake the others has
//! asked since, so the minder turns to the kernel once more.
//!
//! A child that nobody reaps is found again and again: then the minder pauses, longer each time.

use crate::hub::bell::Bell;
use crate::wait::parking;
use crate::{depth, sys};
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use libc::c_int;

/// Where in the parking lot those wait who wait for any child: the pid that waitpid(2) has for that.
pub const PLACE: usize = -1isize as usize;

/// Somebody waits who has not been answered.
static ASKED: Bell = Bell::new();

/// How many wait for stops, and for those who go on.
static OF_STOPS: AtomicU32 = AtomicU32::new(0);

/// The minder doesn't look for those: there's one in whom nobody is interested.
static ENDS_ONLY: AtomicBool = AtomicBool::new(false);

/// Whether there's a minder: NONE, STARTING or THERE.
static STATE: AtomicU32 = AtomicU32::new(NONE);
const NONE: u32 = 0;
const STARTING: u32 = 1;
const THERE: u32 = 2;

/// The shortest and the longest pause (ns).
const SHORT: u64 = 50_000;
const LONG: u64 = 20_000_000;

/// Starts the kernel thread; given by `runtime`, which knows what such a thread needs.
pub type Starter = fn() -> sys::Result<()>;

static STARTER: once_cell::sync::OnceCell<Starter> = once_cell::sync::OnceCell::new();

/// Says how the minder is started.
pub fn set_starter(starter: Starter) {
    let _ = STARTER.set(starter);
}

/// Sees to it that there's a minder; whether there is (if another thread is starting it: not yet).
pub fn is_there() -> bool {
    match STATE.compare_exchange(NONE, STARTING, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => {
            let started = STARTER.get().is_some_and(|start| start().is_ok());
            STATE.store(if started { THERE } else { NONE }, Ordering::Release);
            started
        }
        Err(state) => state == THERE,
    }
}

/// Somebody is interested in stops, as long as this is there.
pub struct OfStops(());

impl OfStops {
    /// From now on.
    pub fn begin() -> Self {
        OF_STOPS.fetch_add(1, Ordering::SeqCst);
        OfStops(())
    }

    /// Whether the minder looks for them.
    pub fn are_minded(&self) -> bool {
        !ENDS_ONLY.load(Ordering::SeqCst)
    }
}

impl Drop for OfStops {
    fn drop(&mut self) {
        OF_STOPS.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Called by one who has queued at `PLACE`.
pub fn ask() {
    ASKED.ring();
}

/// The minder's whole life, on a kernel thread of its own.
pub fn mind() -> ! {
    // No handler of the program's runs here.
    depth::enter();
    let (mut last, mut pause) = (None, SHORT);
    loop {
        ASKED.wait();
        let news = match sys::any_child(kinds(last)) {
            Err(libc::EINTR) => {
                // glibc's setuid(2) told all kernel threads.
                ASKED.ring();
                continue;
            }
            news => news.ok(),
        };
        parking::unpark_all(PLACE);
        if news.is_some() && news == last {
            sys::nap(pause);
            pause = (pause * 2).min(LONG);
        } else {
            pause = SHORT;
        }
        last = news;
    }
}

/// What the minder asks the kernel for, after it has found `last`.
fn kinds(last: Option<sys::News>) -> c_int {
    const ALL: c_int = libc::WEXITED | libc::WSTOPPED | libc::WCONTINUED;
    let stopped = last.is_some_and(|(_, code, _)| code == libc::CLD_STOPPED || code == libc::CLD_CONTINUED);
    // Who is interested says so, then looks at this.
    ENDS_ONLY.store(stopped, Ordering::SeqCst);
    if stopped && OF_STOPS.load(Ordering::SeqCst) == 0 {
        return libc::WEXITED;
    }
    ENDS_ONLY.store(false, Ordering::SeqCst);
    ALL
}

/// In the child of a fork, which has no minder.
pub fn after_fork() {
    STATE.store(NONE, Ordering::Relaxed);
    ASKED.after_fork();
    OF_STOPS.store(0, Ordering::Relaxed);
    ENDS_ONLY.store(false, Ordering::Relaxed);
}
