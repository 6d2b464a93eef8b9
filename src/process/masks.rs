//! Signal masks. Each green thread has its own, kept in its task; the kernel knows one for each kernel thread. Of those, the
//! first one gets the process's signals, so it has blocked just what *all* green threads have: then a signal that
//! nobody wants stays pending in the kernel, where sigwait(3), signalfd(2) and the default actions find it, and any other
//! comes in and is sent on to a thread that wants it (`relay`). All other carriers leave the process's signals alone.
//!
//! What a write raises on its own thread (SIGPIPE, SIGXFSZ) is blocked on a carrier just as the thread that runs there has
//! it (`Carrier::switch_to`).

use super::actions::{bit, disposition, Disposition};
use super::{pending, relay};
use crate::hub::carrier::{Carrier, RAISED_BY_CALLS};
use crate::hub::{current, signal, Kind, Task};
use crate::lock::Lock;
use crate::{depth, green, runtime, sys};
use core::sync::atomic::{fence, AtomicBool, AtomicU64, Ordering};
use libc::{c_int, sigset_t};

/// Threads whose mask isn't the usual one are counted by their masks; so many masks are told apart.
const CLASSES: usize = 64;

/// How many threads have which mask. Those in class 0, the usual mask's, are what is left of all.
struct Census {
    classes: [(u64, u64); CLASSES],
}

static CENSUS: Lock<Census> = Lock::new(Census { classes: [(0, 0); CLASSES] });
/// The mask of class 0: the first thread's, when the process became active.
static USUAL: AtomicU64 = AtomicU64::new(0);
/// What the first kernel thread has blocked.
static AT_HOME: AtomicU64 = AtomicU64::new(0);
/// That is less than what the first thread has blocked: others let it in.
static OPENED: AtomicBool = AtomicBool::new(false);

/// At activation: the first thread's mask, which is its kernel thread's.
pub fn begin(main: &Task) {
    let mask = sys::signal_mask(libc::SIG_BLOCK, None);
    main.blocked_signals.set(mask);
    main.counted_mask.set(mask);
    main.mask_class.set(0);
    CENSUS.lock().classes = [(0, 0); CLASSES];
    USUAL.store(mask, Ordering::Relaxed);
    AT_HOME.store(mask, Ordering::Relaxed);
    OPENED.store(false, Ordering::Relaxed);
}

/// A new thread begins with its creator's mask, or what its attributes say.
pub fn inherit(task: &Task, mask: u64) {
    task.blocked_signals.set(mask);
    task.counted_mask.set(mask);
    if mask != USUAL.load(Ordering::Relaxed) {
        let mut census = CENSUS.lock();
        census.enter(task);
        census.tell_home();
    }
}

/// A thread has ended, and isn't counted among those that run any more.
pub fn leave(task: &Task) {
    if task.mask_class.get() != 0 || task.kind.get() == Kind::Host || OPENED.load(Ordering::Relaxed) {
        let mut census = CENSUS.lock();
        census.exit(task);
        census.tell_home();
    }
}

impl Census {
    fn enter(&mut self, task: &Task) {
        let mask = task.blocked_signals.get();
        task.counted_mask.set(mask);
        // The first thread is looked at by itself.
        if task.kind.get() == Kind::Host || mask == USUAL.load(Ordering::Relaxed) {
            return;
        }
        let same = (1..CLASSES).find(|&c| self.classes[c].1 > 0 && self.classes[c].0 == mask);
        // With more masks than classes the last one is for all others: they let nothing in that main has blocked.
        let class = same.or_else(|| (1..CLASSES - 1).find(|&c| self.classes[c].1 == 0)).unwrap_or(CLASSES - 1);
        let one = if class == CLASSES - 1 { u64::MAX } else { mask };
        self.classes[class] = (one, self.classes[class].1 + 1);
        task.mask_class.set(class as u8);
    }

    fn exit(&mut self, task: &Task) {
        let class = task.mask_class.replace(0) as usize;
        if class != 0 {
            self.classes[class].1 -= 1;
        }
    }

    /// What all threads have blocked.
    fn common(&self) -> u64 {
        let host = signal::host();
        let mut usual = green::running().saturating_sub(u64::from(host.is_some()));
        let mut mask = host.map_or(u64::MAX, |h| h.blocked_signals.get());
        for &(class, count) in &self.classes {
            if count > 0 {
                mask &= class;
                usual = usual.saturating_sub(count);
            }
        }
        if usual > 0 {
            mask &= USUAL.load(Ordering::Relaxed);
        }
        mask
    }

    /// Sees to it that the first kernel thread has that.
    fn tell_home(&self) {
        let mask = self.common();
        OPENED.store(signal::host().is_some_and(|h| h.blocked_signals.get() & !mask != 0), Ordering::Relaxed);
        if AT_HOME.swap(mask, Ordering::Relaxed) == mask {
            return;
        }
        match current() {
            Some(me) if Carrier::of(me).is_first() => set_here(me),
            _ => signal::set_home_mask(),
        }
    }
}

/// Whether the first kernel thread has a signal blocked.
pub fn is_blocked_at_home(signal: c_int) -> bool {
    AT_HOME.load(Ordering::Relaxed) & bit(signal) != 0
}

/// What a carrier has blocked while a thread runs on it.
pub fn of_kernel_thread(carrier: &Carrier) -> u64 {
    let mask = if carrier.is_first() { AT_HOME.load(Ordering::Relaxed) } else { not_for_carriers() };
    mask & !RAISED_BY_CALLS | carrier.blocked_of_calls()
}

/// Gives the calling kernel thread, which runs `me`, the mask that it should have.
pub fn set_here(me: &Task) {
    depth::enter();
    let carrier = Carrier::of(me);
    let mut mask = of_kernel_thread(carrier);
    loop {
        sys::signal_mask(libc::SIG_SETMASK, Some(mask));
        // The first one's may have changed meanwhile.
        let now = of_kernel_thread(carrier);
        if now == mask {
            break;
        }
        mask = now;
    }
    depth::leave_quietly();
}

/// Changes a running thread's mask. Handlers of what was pending for it, and is let in by this, run at the next checkpoint.
pub fn change(me: &Task, mask: u64) {
    let before = me.blocked_signals.replace(mask);
    if !runtime::is_active() {
        // The child of a fork: its one thread's mask is the kernel's affair.
        return;
    }
    // Who sends a signal makes it pending, then looks at the mask.
    fence(Ordering::SeqCst);
    if before == mask {
        return;
    }
    // No handler may run, and the thread go elsewhere, meanwhile.
    depth::enter();
    let carrier = Carrier::of(me);
    let raised = before & !mask & RAISED_BY_CALLS;
    if raised != 0 {
        fetch(me, raised);
    }
    carrier.follow(me);
    let blocked_at_home = AT_HOME.load(Ordering::Relaxed);
    let is_back_from_handler = me.counted_mask.get() == mask && blocked_at_home & !mask & !RAISED_BY_CALLS == 0;
    if !is_back_from_handler {
        let at_home = me.kind.get() == Kind::Host && carrier.is_first();
        let let_in = before & !mask & !RAISED_BY_CALLS;
        if !at_home && let_in & blocked_at_home != 0 {
            fetch(me, let_in);
        }
        let mut census = CENSUS.lock();
        census.exit(me);
        census.enter(me);
        census.tell_home();
    }
    if relay::any_put_off() {
        relay::look_again();
    }
    depth::leave_quietly();
}

/// A call has failed and raised a signal: if the calling thread has that blocked, it's pending for the thread, not for the kernel
/// thread.
#[cold]
pub fn keep_raised() {
    if let Some(me) = current() {
        let blocked = me.blocked_signals.get() & RAISED_BY_CALLS;
        if blocked != 0 {
            fetch(me, blocked);
        }
    }
}

/// What is pending for the process, and now let in by this thread, it gets at once.
fn fetch(me: &Task, mut set: u64) {
    loop {
        // SAFETY: zeros are a siginfo_t; both are valid.
        let info = unsafe {
            let mut info: libc::siginfo_t = core::mem::zeroed();
            match sys::pending_signal(&set, &mut info) {
                Ok(_) => info,
                Err(_) => return,
            }
        };
        let blocked = me.blocked_signals.get() & bit(info.si_signo) != 0;
        match disposition(info.si_signo) {
            Disposition::Ignored if !blocked => {}
            Disposition::Default if !blocked => {
                // The kernel knows what to do, as soon as its mask allows.
                set &= !bit(info.si_signo);
                sys::signal_process(info.si_signo);
            }
            _ => {
                pending::add(me, &info);
            }
        }
    }
}

/// glibc's own signals, which programs can't block; and SIGKILL, SIGSTOP, which nobody can.
const NEVER: u64 = 3 << 31 | 1 << (libc::SIGKILL - 1) | 1 << (libc::SIGSTOP - 1);

/// pthread_sigmask(3) and sigprocmask(2) of a green thread.
pub unsafe fn mask(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, *const sigset_t, *mut sigset_t) -> c_int,
    how: c_int,
    set: *const sigset_t,
    old: *mut sigset_t,
) -> c_int {
    let known = matches!(how, libc::SIG_BLOCK | libc::SIG_UNBLOCK | libc::SIG_SETMASK);
    if !(known || set.is_null()) {
        // It says what's wrong.
        // SAFETY: as for pthread_sigmask(3).
        return unsafe { real(how, set, old) };
    }
    let before = me.blocked_signals.get();
    // SAFETY: set and old are the caller's or NULL; the kernel's part of a sigset_t is its first word.
    unsafe {
        let set = (set as *const u64).as_ref().map(|set| set & !NEVER);
        if !old.is_null() {
            libc::sigemptyset(old);
            *(old as *mut u64) = before;
        }
        if let Some(set) = set {
            change(
                me,
                match how {
                    libc::SIG_BLOCK => before | set,
                    libc::SIG_UNBLOCK => before & !set,
                    _ => set,
                },
            );
        }
    }
    depth::checkpoint();
    0
}

/// sigpending(2): what the kernel says, and what is pending here.
pub unsafe fn sigpending(
    me: &'static Task,
    real: unsafe extern "C" fn(*mut sigset_t) -> c_int,
    set: *mut sigset_t,
) -> c_int {
    // SAFETY: as for sigpending(2).
    let r = unsafe { real(set) };
    if r == 0 {
        let mut ours = (me.pending_signals() | relay::put_off_signals()) & me.blocked_signals.get();
        if me.kind.get() == Kind::Host && !Carrier::of(me).is_first() {
            // What was sent to its own kernel thread waits there.
            ours |= sys::pending_of_first() & me.blocked_signals.get();
        }
        // SAFETY: the call has just filled the set.
        unsafe { *(set as *mut u64) |= ours };
    }
    r
}

/// Runs a wait under a signal mask of its own (ppoll(2), sigsuspend(2)): a signal that only this mask lets in ends it, and its
/// handler runs under it.
pub fn masked<R>(me: &Task, mask: Option<u64>, wait: impl FnOnce() -> R) -> R {
    let Some(mask) = mask else { return wait() };
    let is_host = me.kind.get() == Kind::Host;
    if is_host {
        signal::forget();
        me.keeps_signals.set(true);
    }
    let own = me.blocked_signals.get();
    // What it lets in ends the wait, so no handler may run before that.
    depth::enter();
    change(me, mask & !NEVER);
    let r = wait();
    depth::leave();
    me.keeps_signals.set(false);
    change(me, own);
    r
}

/// Makes a call that gives the calling kernel thread's mask to a new thread or process: the thread's own, for just as long. No handler
/// runs meanwhile, which would leave another mask behind.
pub fn with_own<R>(call: impl FnOnce() -> R) -> R {
    let Some(me) = current() else { return call() };
    depth::enter();
    let outer = me.shows_own_mask.replace(true);
    sys::signal_mask(libc::SIG_SETMASK, Some(me.blocked_signals.get()));
    let r = call();
    let errno = sys::errno();
    me.shows_own_mask.set(outer);
    set_here(me);
    // What it was asked for meanwhile (`internal`) is what it has now.
    if signal::home_mask_asked(sys::gettid()) {
        signal::home_mask_done();
    }
    depth::leave();
    sys::set_errno(errno);
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

/// In the child of a fork: the only thread's mask is its kernel thread's again.
pub fn after_fork(me: Option<&Task>) {
    // SAFETY: the child has one thread; the census is taken anew if it becomes active.
    unsafe { CENSUS.force_unlock() };
    if let Some(me) = me {
        sys::signal_mask(libc::SIG_SETMASK, Some(me.blocked_signals.get()));
    }
}
