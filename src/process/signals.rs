//! Signals, as far as blocking calls go: a handler that runs while the first thread waits interrupts its call.
//!
//! Natively a process-directed signal is delivered to the first thread if it has it unblocked, and its blocking call
//! then ends with EINTR, or goes on under SA_RESTART. Here that thread's kernel thread may be running somebody else's
//! code, or the hub's loop, so the call wouldn't notice. The program's handlers are therefore called by one of ours,
//! which notes that a signal came and whether calls restart. What the program sees of its handlers (sigaction's old
//! action) is its own. A handler that comes while the library holds a lock or runs a hub's loop is put off until its
//! thread is out of there (`depth`), so that it may call whatever it likes, and even longjmp.
//!
//! Faults (SIGSEGV…) are synchronous, interrupt nothing, and keep the program's handlers unchanged.

use super::directed;
use crate::depth;
use crate::hub::carrier::Carrier;
use crate::hub::signal::{self, note};
use crate::hub::{self, Kind, Task};
use crate::lock::Lock;
use crate::sys;
use crate::wait::natively::natively;
use crate::wait::{masked, Cause, Reason, Waiter, NEVER};
use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::ptr;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use libc::{c_int, c_void, sighandler_t, siginfo_t};

const SIGNALS: usize = 65;

/// The addresses of the program's handlers, which ours calls.
static HANDLERS: [AtomicUsize; SIGNALS] = [const { AtomicUsize::new(0) }; SIGNALS];
/// A bit per signal: SA_SIGINFO, SA_RESTART, SA_NODEFER.
static SIGINFO: AtomicU64 = AtomicU64::new(0);
static RESTART: AtomicU64 = AtomicU64::new(0);

static NODEFER: AtomicU64 = AtomicU64::new(0);
/// The signals that each handler has blocked while it runs, its own aside.
static MASKS: [AtomicU64; SIGNALS] = [const { AtomicU64::new(0) }; SIGNALS];

/// Held while an action is exchanged, so that table and kernel agree.
static EXCHANGE: Lock<()> = Lock::new(());

type Sigaction = unsafe extern "C" fn(c_int, *const libc::sigaction, *mut libc::sigaction) -> c_int;

fn relayed(signal: c_int) -> bool {
    (1..SIGNALS as c_int).contains(&signal)
        && !matches!(signal, libc::SIGSEGV | libc::SIGBUS | libc::SIGFPE | libc::SIGILL | libc::SIGTRAP | libc::SIGSYS)
}

pub(super) fn bit(signal: c_int) -> u64 {
    1 << (signal - 1)
}

fn set(word: &AtomicU64, signal: c_int, on: bool) {
    if on {
        word.fetch_or(bit(signal), Ordering::Relaxed);
    } else {
        word.fetch_and(!bit(signal), Ordering::Relaxed);
    }
}

/// Installed for the program's handler: runs on whatever thread the kernel chose, with the program's mask and flags.
unsafe extern "C" fn relay(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let errno = sys::errno();
    let here = &errno as *const c_int as usize;
    // Not in the library, not between a carrier's stack and a green thread's, and not on one that has it blocked: else it
    // must wait.
    let now = depth::get() == 0
        && hub::current().is_none_or(|task| task.runs_at(here) && blocked_by(task) & bit(signal) == 0);
    // SAFETY: the kernel's arguments.
    unsafe {
        if !now {
            // One that is pending already, as the kernel has it, takes this one in.
            if PENDING.load(Ordering::Acquire) & bit(signal) == 0 {
                PUT_OFF[signal as usize].store(*info, context);
                PENDING.fetch_or(bit(signal), Ordering::Release);
            }
        } else {
            sys::set_errno(errno);
            call(signal, info, context);
        }
    }
    // Not before the handler has run: whoever is interrupted finds what it did.
    note(restarts_after(signal), !now);
    if !now {
        sys::set_errno(errno);
    }
}

/// Whether the program has a handler for it, which ours calls.
pub(super) fn has_handler(signal: c_int) -> bool {
    // SAFETY: plain sigaction(2) with a valid object.
    unsafe {
        let mut action: libc::sigaction = core::mem::zeroed();
        (crate::below::get().sigaction)(signal, ptr::null(), &mut action) == 0
            && action.sa_sigaction == relay as unsafe extern "C" fn(c_int, *mut siginfo_t, *mut c_void) as usize
    }
}

/// After its handler calls restart, or end: a bit of `hub::signal`.
pub(super) fn restarts_after(signal: c_int) -> u32 {
    if RESTART.load(Ordering::Relaxed) & bit(signal) != 0 {
        signal::RESTARTS
    } else {
        signal::INTERRUPTS
    }
}

/// What is blocked while its handler runs.
pub(super) fn blocked_in_handler(signal: c_int) -> u64 {
    let own = if NODEFER.load(Ordering::Relaxed) & bit(signal) != 0 { 0 } else { bit(signal) };
    MASKS[signal as usize].load(Ordering::Relaxed) | own
}

/// What a green thread has blocked and the kernel doesn't know: the first thread's mask is a kernel thread's.
fn blocked_by(task: &Task) -> u64 {
    match task.kind.get() {
        Kind::Coroutine => task.blocked_signals.get(),
        Kind::Host => 0,
    }
}

/// Calls the program's handler.
///
/// # Safety
/// It's installed, and the arguments are what the kernel gave for this signal.
pub(super) unsafe fn call(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let handler = HANDLERS[signal as usize].load(Ordering::Acquire);
    // SAFETY: the program installed this handler for this signal, in this form.
    unsafe {
        if SIGINFO.load(Ordering::Relaxed) & bit(signal) != 0 {
            core::mem::transmute::<usize, extern "C" fn(c_int, *mut siginfo_t, *mut c_void)>(handler)(
                signal, info, context,
            );
        } else {
            core::mem::transmute::<usize, extern "C" fn(c_int)>(handler)(signal);
        }
    }
}

/// A signal whose handler was put off: what the kernel said of it. A second one of the same number before the handler
/// has run is merged into it, as the kernel does for all but real-time signals.
struct Occurrence(UnsafeCell<MaybeUninit<(siginfo_t, libc::ucontext_t)>>);

// SAFETY: written by a handler whose signal is blocked on the one thread that gets it, read after PENDING says so.
unsafe impl Sync for Occurrence {}

impl Occurrence {
    /// # Safety
    /// The context is the kernel's.
    unsafe fn store(&self, info: siginfo_t, context: *mut c_void) {
        // SAFETY: by this function's contract.
        unsafe { (*self.0.get()).write((info, *(context as *const libc::ucontext_t))) };
    }
}

static PUT_OFF: [Occurrence; SIGNALS] = [const { Occurrence(UnsafeCell::new(MaybeUninit::uninit())) }; SIGNALS];
static PENDING: AtomicU64 = AtomicU64::new(0);

/// Runs the handlers that were put off, with the masks that they'd have had.
fn run_put_off() {
    let errno = sys::errno();
    if let Some(me) = hub::current() {
        directed::run(me);
    }
    loop {
        let blocked = hub::current().map_or(0, blocked_by);
        let pending = PENDING.load(Ordering::Acquire);
        if pending & blocked != 0 {
            // For another thread to run.
            depth::SIGNALS.fetch_or(depth::PUT_OFF, Ordering::SeqCst);
        }
        let pending = pending & !blocked;
        if pending == 0 {
            break;
        }
        let signal = pending.trailing_zeros() as c_int + 1;
        let mask = sys::signal_mask(libc::SIG_BLOCK, Some(blocked_in_handler(signal)));
        // SAFETY: PENDING said that it was stored, and while it says so nobody stores; a copy, since then the next may come.
        let (mut info, mut context) = unsafe { (*PUT_OFF[signal as usize].0.get()).assume_init_read() };
        // On another carrier somebody may be at this too: one of us gets it.
        if PENDING.fetch_and(!bit(signal), Ordering::AcqRel) & bit(signal) != 0 {
            // SAFETY: the kernel's arguments, kept.
            unsafe { call(signal, &mut info, &mut context as *mut _ as *mut c_void) };
        }
        sys::signal_mask(libc::SIG_SETMASK, Some(mask));
    }
    sys::set_errno(errno);
}

/// Notes the program's action and gives the one to install for it.
fn wrap(signal: c_int, action: &libc::sigaction) -> libc::sigaction {
    let mut ours = *action;
    if action.sa_sigaction != libc::SIG_DFL && action.sa_sigaction != libc::SIG_IGN {
        crate::hub::signal::begin_to_matter();
        set(&SIGINFO, signal, action.sa_flags & libc::SA_SIGINFO != 0);
        set(&RESTART, signal, action.sa_flags & libc::SA_RESTART != 0);
        set(&NODEFER, signal, action.sa_flags & libc::SA_NODEFER != 0);
        // SAFETY: the kernel's part of a sigset_t is its first word.
        MASKS[signal as usize].store(unsafe { *(&action.sa_mask as *const _ as *const u64) }, Ordering::Relaxed);
        HANDLERS[signal as usize].store(action.sa_sigaction, Ordering::Release);
        ours.sa_sigaction = relay as unsafe extern "C" fn(c_int, *mut siginfo_t, *mut c_void) as usize;
        ours.sa_flags |= libc::SA_SIGINFO;
    }
    ours
}

/// The program's view of an action that the kernel told.
fn unwrap(signal: c_int, action: &mut libc::sigaction) {
    if action.sa_sigaction == relay as unsafe extern "C" fn(c_int, *mut siginfo_t, *mut c_void) as usize {
        action.sa_sigaction = HANDLERS[signal as usize].load(Ordering::Acquire);
        if SIGINFO.load(Ordering::Relaxed) & bit(signal) == 0 {
            action.sa_flags &= !libc::SA_SIGINFO;
        }
    }
}

/// sigaction(2) once the process is active.
pub unsafe fn sigaction(
    real: Sigaction,
    signal: c_int,
    new: *const libc::sigaction,
    old: *mut libc::sigaction,
) -> c_int {
    if !relayed(signal) {
        // SAFETY: as for sigaction(2).
        unsafe {
            let r = real(signal, new, old);
            // Our own fault handler is in nobody's way.
            if let (0, Some(old)) = (r, old.as_mut()) {
                if crate::green::is_fault_handler(old.sa_sigaction) {
                    *old = core::mem::zeroed();
                }
            }
            return r;
        }
    }
    let _exchange = EXCHANGE.lock();
    // SAFETY: as for sigaction(2); what was in force is looked at before the table changes.
    unsafe {
        let mut before: libc::sigaction = core::mem::zeroed();
        if real(signal, ptr::null(), &mut before) != 0 {
            return -1;
        }
        unwrap(signal, &mut before);
        if let Some(new) = new.as_ref() {
            let ours = wrap(signal, new);
            if real(signal, &ours, ptr::null_mut()) != 0 {
                return -1;
            }
        }
        if let Some(old) = old.as_mut() {
            *old = before;
        }
    }
    0
}

/// signal(2), with BSD semantics as glibc's: calls restart.
pub unsafe fn signal(
    real: unsafe extern "C" fn(c_int, sighandler_t) -> sighandler_t,
    signal: c_int,
    handler: sighandler_t,
) -> sighandler_t {
    if !relayed(signal) || handler == libc::SIG_ERR {
        // SAFETY: as for signal(2).
        return unsafe { real(signal, handler) };
    }
    // SAFETY: an all-zero action is valid, with an empty mask; below is libc's sigaction.
    unsafe {
        let mut new: libc::sigaction = core::mem::zeroed();
        new.sa_sigaction = handler;
        new.sa_flags = libc::SA_RESTART;
        libc::sigaddset(&mut new.sa_mask, signal);
        let mut old: libc::sigaction = core::mem::zeroed();
        if sigaction(crate::below::get().sigaction, signal, &new, &mut old) != 0 {
            return libc::SIG_ERR;
        }
        old.sa_sigaction
    }
}

/// In the child of a fork, where whoever held the lock does not exist, and pending signals are the parent's.
pub fn after_fork() {
    PENDING.store(0, Ordering::Relaxed);
    depth::SIGNALS.store(0, Ordering::Relaxed);
    depth::DIRECTED.store(0, Ordering::Relaxed);
    // SAFETY: the child has one thread; the lock guards no data of its own.
    unsafe { EXCHANGE.force_unlock() }
}

/// Takes over the handlers that the program installed before it was active.
pub fn take_over() {
    depth::set_runner(run_put_off);
    let real = crate::below::get().sigaction;
    for signal in (1..SIGNALS as c_int).filter(|&s| relayed(s)) {
        // SAFETY: plain sigaction(2) with valid objects.
        unsafe {
            let mut action: libc::sigaction = core::mem::zeroed();
            if real(signal, ptr::null(), &mut action) != 0 {
                continue;
            }
            let ours = relay as unsafe extern "C" fn(c_int, *mut siginfo_t, *mut c_void) as usize;
            if action.sa_sigaction != libc::SIG_DFL
                && action.sa_sigaction != libc::SIG_IGN
                && action.sa_sigaction != ours
            {
                real(signal, &wrap(signal, &action), ptr::null_mut());
            }
        }
    }
}

/// Notes the first thread's mask, which is its kernel thread's: those that it creates inherit it.
pub fn note_own_mask(me: &Task) {
    me.blocked_signals.set(sys::signal_mask(libc::SIG_BLOCK, None));
}

/// pthread_sigmask(3) and sigprocmask(2) of a green thread. The kernel's mask is the carrier's, shared by all that run
/// on it, and belongs to the first thread; a coroutine's is noted only. (A signal that the first thread blocks too
/// stays blocked, as natively.)
pub unsafe fn mask(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, *const libc::sigset_t, *mut libc::sigset_t) -> c_int,
    how: c_int,
    set: *const libc::sigset_t,
    old: *mut libc::sigset_t,
) -> c_int {
    let known = matches!(how, libc::SIG_BLOCK | libc::SIG_UNBLOCK | libc::SIG_SETMASK);
    if (me.kind.get() == Kind::Host && Carrier::of(me).is_first()) || !(known || set.is_null()) {
        // SAFETY: as for pthread_sigmask(3).
        let r = unsafe { real(how, set, old) };
        note_own_mask(me);
        return r;
    }
    let before = me.blocked_signals.get();
    // SAFETY: set and old are the caller's or NULL; the kernel's part of a sigset_t is its first word.
    unsafe {
        if let Some(&set) = (set as *const u64).as_ref() {
            me.blocked_signals.set(match how {
                libc::SIG_BLOCK => before | set,
                libc::SIG_UNBLOCK => before & !set,
                _ => set,
            });
            if me.kind.get() == Kind::Host {
                signal::set_home_mask(me.blocked_signals.get());
            }
        }
        if !old.is_null() {
            libc::sigemptyset(old);
            *(old as *mut u64) = before;
        }
    }
    // What was pending for this thread and is unblocked now.
    depth::checkpoint();
    0
}

/// sigsuspend(2): pause with a mask.
pub unsafe fn sigsuspend(
    me: &'static Task,
    _: unsafe extern "C" fn(*const libc::sigset_t) -> c_int,
    set: *const libc::sigset_t,
) -> c_int {
    // SAFETY: the caller's set, whose first word is the kernel's.
    let mask = unsafe { *(set as *const u64) };
    masked(me, Some(mask), || while Waiter::new(Some(me)).wait(NEVER, Cause::Signal, 0) != Reason::Interrupted {});
    depth::checkpoint();
    sys::set_errno(libc::EINTR);
    -1
}

/// pause(2).
pub unsafe fn pause(me: &'static Task, _: unsafe extern "C" fn() -> c_int) -> c_int {
    while Waiter::new(Some(me)).wait(NEVER, Cause::Signal, 0) != Reason::Interrupted {}
    depth::checkpoint();
    sys::set_errno(libc::EINTR);
    -1
}

/// sigwaitinfo(2) and its relatives: what is pending is taken at once; else the kernel thread waits, and the hub goes on
/// elsewhere. (What a program waits for in this way it has blocked in all threads, and no carrier takes it meanwhile.)
pub unsafe fn sigwaitinfo(
    me: &'static Task,
    real: unsafe extern "C" fn(*const libc::sigset_t, *mut siginfo_t) -> c_int,
    set: *const libc::sigset_t,
    info: *mut siginfo_t,
) -> c_int {
    // SAFETY: set and info are the caller's, as for sigwaitinfo(2).
    unsafe { take_signal(me, set, info, || real(set, info)) }
}

/// sigtimedwait(2).
pub unsafe fn sigtimedwait(
    me: &'static Task,
    real: unsafe extern "C" fn(*const libc::sigset_t, *mut siginfo_t, *const libc::timespec) -> c_int,
    set: *const libc::sigset_t,
    info: *mut siginfo_t,
    time: *const libc::timespec,
) -> c_int {
    // SAFETY: as above, and the time too.
    unsafe {
        if time.as_ref().is_some_and(|t| sys::nanoseconds(t) == 0) {
            return real(set, info, time);
        }
        take_signal(me, set, info, || real(set, info, time))
    }
}

/// sigwait(3): 0, with the signal in `signal`, or an errno.
pub unsafe fn sigwait(
    me: &'static Task,
    real: unsafe extern "C" fn(*const libc::sigset_t, *mut c_int) -> c_int,
    set: *const libc::sigset_t,
    signal: *mut c_int,
) -> c_int {
    let errno = sys::errno();
    // SAFETY: set and signal are the caller's, as for sigwait(3).
    unsafe {
        let mut taken = 0;
        let r = take_signal(me, set, ptr::null_mut(), || {
            taken = real(set, signal);
            0
        });
        sys::set_errno(errno);
        if r != 0 {
            *signal = r;
        }
        taken
    }
}

unsafe fn take_signal(
    me: &'static Task,
    set: *const libc::sigset_t,
    info: *mut siginfo_t,
    wait: impl FnOnce() -> c_int,
) -> c_int {
    // SAFETY: by the callers' contract.
    if let Ok(n) = unsafe { sys::pending_signal(set as *const u64, info) } {
        return n;
    }
    // One for this thread alone (pthread_kill): pending already, or sent to its kernel thread while that waits.
    // SAFETY: as above; the kernel's part of a sigset_t is its first word.
    me.waits_for.store(unsafe { *(set as *const u64) }, Ordering::SeqCst);
    let r = match me.take_signal(me.waits_for.load(Ordering::SeqCst)) {
        Some(n) => {
            // SAFETY: info is the caller's or NULL.
            if let Some(info) = unsafe { info.as_mut() } {
                // SAFETY: zeros are a siginfo_t.
                *info = unsafe { core::mem::zeroed() };
                (info.si_signo, info.si_code) = (n, libc::SI_TKILL);
            }
            n
        }
        None => natively(wait),
    };
    me.waits_for.store(0, Ordering::SeqCst);
    r
}

/// The signals that carriers other than the first thread's leave to it: all but faults, and what a write raises on the
/// thread that made it.
pub fn not_for_carriers() -> u64 {
    const OWN: [c_int; 10] = [
        // glibc's own: cancellation, and setuid's word to all threads.
        32,
        33,
        libc::SIGSEGV,
        libc::SIGBUS,
        libc::SIGFPE,
        libc::SIGILL,
        libc::SIGTRAP,
        libc::SIGSYS,
        libc::SIGPIPE,
        libc::SIGXFSZ,
    ];
    OWN.iter().fold(u64::MAX, |all, &s| all & !bit(s))
}

/// raise(3) on a green thread: its handler runs before this returns. What has no handler is for the process.
pub unsafe fn raise(me: &'static Task, real: unsafe extern "C" fn(c_int) -> c_int, signal: c_int) -> c_int {
    if (me.kind.get() == Kind::Host && Carrier::of(me).is_first()) || !relayed(signal) {
        // SAFETY: as for raise(3).
        return unsafe { real(signal) };
    }
    // SAFETY: as for raise(3).
    raise_here(me, signal, || unsafe { real(signal) })
}

/// `raise` sends a signal to the calling kernel thread, which takes this one, now, unless the green thread has it blocked.
pub(super) fn raise_here(me: &Task, signal: c_int, raise: impl FnOnce() -> c_int) -> c_int {
    let blocked = me.blocked_signals.get() & bit(signal) != 0;
    let mask = if blocked { 0 } else { sys::signal_mask(libc::SIG_UNBLOCK, Some(bit(signal))) };
    let r = raise();
    if !blocked {
        sys::signal_mask(libc::SIG_SETMASK, Some(mask));
    }
    r
}
