//! What the program wants done with a signal: its actions, kept here since the kernel is told of ours (`relay`). What the
//! program sees of its actions (sigaction's old one) is its own.

use super::{altstack, last_words, masks, pending, relay};
use crate::hub::signal;
use crate::lock::Lock;
use core::ptr;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use libc::{c_int, c_void, sighandler_t, siginfo_t};

/// One more than the last signal.
pub const SIGNALS: usize = 65;

/// The first real-time signal of the program's: from there on each one counts.
pub const FIRST_REALTIME: c_int = 34;

/// The addresses of the program's handlers, which ours calls.
static HANDLERS: [AtomicUsize; SIGNALS] = [const { AtomicUsize::new(0) }; SIGNALS];
/// A bit per signal: SA_SIGINFO, SA_RESTART, SA_NODEFER, SA_ONSTACK.
static SIGINFO: AtomicU64 = AtomicU64::new(0);
static RESTART: AtomicU64 = AtomicU64::new(0);
static NODEFER: AtomicU64 = AtomicU64::new(0);
static ONSTACK: AtomicU64 = AtomicU64::new(0);
/// SA_RESETHAND: the handler is called once, and the default is in force from then on.
static ONCE: AtomicU64 = AtomicU64::new(0);
/// The program itself has set the default.
static RESET: AtomicU64 = AtomicU64::new(0);
/// What siginterrupt(3) has said: signal(2) heeds it from then on.
static ENDS_CALLS: AtomicU64 = AtomicU64::new(0);
/// The signals that each handler has blocked while it runs, its own aside.
static MASKS: [AtomicU64; SIGNALS] = [const { AtomicU64::new(0) }; SIGNALS];

/// Held while an action is exchanged, so that table and kernel agree.
static EXCHANGE: Lock<()> = Lock::new(());

type Sigaction = unsafe extern "C" fn(c_int, *const libc::sigaction, *mut libc::sigaction) -> c_int;

pub fn bit(signal: c_int) -> u64 {
    1 << (signal - 1)
}

/// Whether it's raised by what the running code does: a fault.
pub fn is_fault(signal: c_int) -> bool {
    matches!(signal, libc::SIGSEGV | libc::SIGBUS | libc::SIGFPE | libc::SIGILL | libc::SIGTRAP | libc::SIGSYS)
}

fn set(word: &AtomicU64, signal: c_int, on: bool) {
    if on {
        word.fetch_or(bit(signal), Ordering::Relaxed);
    } else {
        word.fetch_and(!bit(signal), Ordering::Relaxed);
    }
}

fn has(word: &AtomicU64, signal: c_int) -> bool {
    word.load(Ordering::Relaxed) & bit(signal) != 0
}

/// What becomes of a signal that isn't blocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    Default,
    Ignored,
    /// The program's handler, which ours calls.
    Handler,
}

pub fn disposition(signal: c_int) -> Disposition {
    // SAFETY: plain sigaction(2) with a valid object.
    unsafe {
        let mut action: libc::sigaction = core::mem::zeroed();
        if (crate::below::get().sigaction)(signal, ptr::null(), &mut action) != 0 {
            return Disposition::Default;
        }
        match action.sa_sigaction {
            handler if relay::is_ours(handler) => Disposition::Handler,
            libc::SIG_IGN => Disposition::Ignored,
            _ => Disposition::Default,
        }
    }
}

/// After its handler calls restart, or end: a bit of `hub::signal`.
pub fn restarts_after(signal: c_int) -> u32 {
    match has(&RESTART, signal) {
        true => signal::RESTARTS,
        false => signal::INTERRUPTS,
    }
}

/// Whether one of these (bits) ends the calls that it interrupts.
pub fn any_ends_calls(signals: u64) -> bool {
    signals & !RESTART.load(Ordering::Relaxed) != 0
}

/// What is blocked while its handler runs.
pub fn blocked_in_handler(signal: c_int) -> u64 {
    let own = if has(&NODEFER, signal) { 0 } else { bit(signal) };
    MASKS[signal as usize].load(Ordering::Relaxed) | own
}

/// Calls the program's handler, on the thread's alternative stack if it wants that.
///
/// # Safety
/// It's installed, and the arguments are what the kernel gave for this signal.
pub unsafe fn call(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let handler = HANDLERS[signal as usize].load(Ordering::Acquire);
    // SAFETY: the program installed this handler for this signal; one that takes only the number finds it in the same
    // register.
    let handler = unsafe { core::mem::transmute::<usize, altstack::Handler>(handler) };
    if has(&ONCE, signal) {
        reset(signal);
    }
    if let Some(me) = crate::hub::current() {
        me.handlers_run.set(me.handlers_run.get().wrapping_add(1));
    }
    let onto = if has(&ONSTACK, signal) { altstack::top() } else { None };
    match onto {
        // SAFETY: the stack is the program's, for this purpose, and not in use.
        Some(top) => unsafe { altstack::call_on(signal, info, context, handler, top) },
        // SAFETY: as above.
        None => unsafe { handler(signal, info, context) },
    }
}

/// The default from now on, with the handler's flags and mask, as the kernel leaves it.
fn reset(signal: c_int) {
    let real = crate::below::get().sigaction;
    // SAFETY: plain sigaction(2) with valid objects.
    unsafe {
        let mut action: libc::sigaction = core::mem::zeroed();
        real(signal, ptr::null(), &mut action);
        unwrap(signal, &mut action);
        action.sa_sigaction = libc::SIG_DFL;
        set(&RESET, signal, true);
        real(signal, &wrap(signal, &action), ptr::null_mut());
    }
}

/// Notes the program's action and gives the one to install for it.
fn wrap(signal: c_int, action: &libc::sigaction) -> libc::sigaction {
    let mut ours = *action;
    if action.sa_sigaction != libc::SIG_DFL && action.sa_sigaction != libc::SIG_IGN {
        if !is_fault(signal) {
            crate::hub::signal::begin_to_matter();
        }
        set(&SIGINFO, signal, action.sa_flags & libc::SA_SIGINFO != 0);
        set(&RESTART, signal, action.sa_flags & libc::SA_RESTART != 0);
        set(&NODEFER, signal, action.sa_flags & libc::SA_NODEFER != 0);
        set(&ONSTACK, signal, action.sa_flags & libc::SA_ONSTACK != 0);
        set(&ONCE, signal, action.sa_flags & libc::SA_RESETHAND != 0);
        // SAFETY: the kernel's part of a sigset_t is its first word.
        MASKS[signal as usize].store(unsafe { *(&action.sa_mask as *const _ as *const u64) }, Ordering::Relaxed);
        HANDLERS[signal as usize].store(action.sa_sigaction, Ordering::Release);
        ours.sa_sigaction = relay::handler_for(signal);
        ours.sa_flags |= libc::SA_SIGINFO;
        // The program's handler may run later than ours.
        ours.sa_flags &= !libc::SA_RESETHAND;
        if !is_fault(signal) {
            // Ours runs where it is interrupted; the program's goes to its own stack from there.
            ours.sa_flags &= !libc::SA_ONSTACK;
        }
    } else if action.sa_sigaction == libc::SIG_DFL && last_words::wanted_before(signal) {
        ours.sa_sigaction = last_words::handler();
    }
    ours
}

/// The program's view of an action that the kernel told.
fn unwrap(signal: c_int, action: &mut libc::sigaction) {
    if relay::is_ours(action.sa_sigaction) {
        // SAFETY: the kernel's part of a sigset_t is its first word.
        unsafe { *(&mut action.sa_mask as *mut _ as *mut u64) = MASKS[signal as usize].load(Ordering::Relaxed) };
        action.sa_sigaction = HANDLERS[signal as usize].load(Ordering::Acquire);
        if !has(&SIGINFO, signal) {
            action.sa_flags &= !libc::SA_SIGINFO;
        }
        if has(&ONSTACK, signal) {
            action.sa_flags |= libc::SA_ONSTACK;
        }
        if has(&ONCE, signal) {
            action.sa_flags |= libc::SA_RESETHAND;
        }
    } else if action.sa_sigaction == last_words::handler() && has(&RESET, signal) {
        // What is beside the default stays, too.
        action.sa_sigaction = libc::SIG_DFL;
    } else if is_for_ourselves(action.sa_sigaction) {
        // SAFETY: an all-zero action is valid: the default.
        *action = unsafe { core::mem::zeroed() };
    }
}

/// Whether it's a handler of ours where the program has the default.
fn is_for_ourselves(handler: usize) -> bool {
    crate::green::is_fault_handler(handler) || handler == last_words::handler()
}

/// Whether nothing comes of a signal under this action.
fn goes_unseen(signal: c_int, action: &libc::sigaction) -> bool {
    let by_default = matches!(signal, libc::SIGCHLD | libc::SIGURG | libc::SIGWINCH);
    action.sa_sigaction == libc::SIG_IGN || (by_default && action.sa_sigaction == libc::SIG_DFL)
}

/// While our handler finds out whose a signal is, our own internal signal waits: its handler might run another one, which
/// might wait, on top. (libc doesn't let that be said.)
fn keep_pokes_out(signal: c_int) {
    if let Ok(mut action) = crate::sys::raw_action(signal, None) {
        if relay::is_ours(action.handler) {
            action.mask |= bit(crate::hub::signal::INTERNAL);
            let _ = crate::sys::raw_action(signal, Some(&action));
        }
    }
}

/// sigaction(2). Before the process is active, as natively; but what the child of a fork has inherited is the program's, too.
pub unsafe fn sigaction(
    real: Sigaction,
    signal: c_int,
    new: *const libc::sigaction,
    old: *mut libc::sigaction,
) -> c_int {
    if !crate::runtime::is_active() {
        // SAFETY: as for sigaction(2).
        let r = unsafe { real(signal, new, old) };
        // SAFETY: as above.
        if let (0, Some(old)) = (r, unsafe { old.as_mut() }) {
            unwrap(signal, old);
        }
        return r;
    }
    if !(1..SIGNALS as c_int).contains(&signal) {
        // SAFETY: as for sigaction(2).
        return unsafe { real(signal, new, old) };
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
            if goes_unseen(signal, &before) && !masks::is_blocked_at_home(signal) {
                // The child of a carrier, which has all blocked, has ended: the kernel keeps the signal until the first kernel
                // thread has looked. Natively it's long gone.
                while crate::sys::pending_signal(&bit(signal), ptr::null_mut()).is_ok() {}
            }
            let ours = wrap(signal, new);
            set(&RESET, signal, new.sa_sigaction == libc::SIG_DFL);
            if real(signal, &ours, ptr::null_mut()) != 0 {
                return -1;
            }
            keep_pokes_out(signal);
            if new.sa_sigaction == libc::SIG_IGN {
                // What is pending is gone, as in the kernel.
                pending::discard(signal);
                relay::discard(signal);
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
    let restarts = if has(&ENDS_CALLS, signal) { 0 } else { libc::SA_RESTART };
    // SAFETY: as for signal(2).
    unsafe { install(real, signal, handler, restarts) }
}

unsafe fn install(
    real: unsafe extern "C" fn(c_int, sighandler_t) -> sighandler_t,
    signal: c_int,
    handler: sighandler_t,
    flags: c_int,
) -> sighandler_t {
    if !crate::runtime::is_active() {
        // SAFETY: as for signal(2).
        return match unsafe { real(signal, handler) } {
            inherited if relay::is_ours(inherited) => HANDLERS[signal as usize].load(Ordering::Acquire),
            inherited if is_for_ourselves(inherited) => libc::SIG_DFL,
            old => old,
        };
    }
    if !(1..SIGNALS as c_int).contains(&signal) || handler == libc::SIG_ERR {
        // SAFETY: as for signal(2).
        return unsafe { real(signal, handler) };
    }
    // SAFETY: an all-zero action is valid, with an empty mask; below is libc's sigaction.
    unsafe {
        let mut new: libc::sigaction = core::mem::zeroed();
        new.sa_sigaction = handler;
        new.sa_flags = flags;
        if flags & libc::SA_NODEFER == 0 {
            libc::sigaddset(&mut new.sa_mask, signal);
        }
        let mut old: libc::sigaction = core::mem::zeroed();
        if sigaction(crate::below::get().sigaction, signal, &new, &mut old) != 0 {
            return libc::SIG_ERR;
        }
        old.sa_sigaction
    }
}

/// sysv_signal(3): the handler is called once, blocks nothing, and calls end.
pub unsafe fn sysv_signal(
    real: unsafe extern "C" fn(c_int, sighandler_t) -> sighandler_t,
    signal: c_int,
    handler: sighandler_t,
) -> sighandler_t {
    // SAFETY: as for signal(2), here and below.
    unsafe { install(real, signal, handler, libc::SA_RESETHAND | libc::SA_NODEFER) }
}

/// siginterrupt(3): whether calls end after a signal's handler.
pub unsafe fn siginterrupt(real: unsafe extern "C" fn(c_int, c_int) -> c_int, signal: c_int, ends: c_int) -> c_int {
    if (1..SIGNALS as c_int).contains(&signal) {
        set(&ENDS_CALLS, signal, ends != 0);
    }
    if !crate::runtime::is_active() {
        // SAFETY: as for siginterrupt(3).
        return unsafe { real(signal, ends) };
    }
    let real = crate::below::get().sigaction;
    // SAFETY: an all-zero action is only filled.
    unsafe {
        let mut action: libc::sigaction = core::mem::zeroed();
        if sigaction(real, signal, ptr::null(), &mut action) != 0 {
            return -1;
        }
        action.sa_flags = match ends {
            0 => action.sa_flags | libc::SA_RESTART,
            _ => action.sa_flags & !libc::SA_RESTART,
        };
        sigaction(real, signal, &action, ptr::null_mut())
    }
}

/// Takes over the handlers that the program installed before it was active.
pub fn take_over() {
    let real = crate::below::get().sigaction;
    for signal in (1..SIGNALS as c_int).filter(|&s| s != 32 && s != signal::INTERNAL) {
        // SAFETY: plain sigaction(2) with valid objects.
        unsafe {
            let mut action: libc::sigaction = core::mem::zeroed();
            if real(signal, ptr::null(), &mut action) != 0 {
                continue;
            }
            let handler = action.sa_sigaction;
            let is_programs = handler != libc::SIG_DFL && handler != libc::SIG_IGN;
            let is_ours = relay::is_ours(handler) || is_for_ourselves(handler);
            if is_ours {
                // siginterrupt(3) may have changed it while the child of a fork was dormant.
                set(&RESTART, signal, action.sa_flags & libc::SA_RESTART != 0);
            }
            if !is_ours && (is_programs || (handler == libc::SIG_DFL && last_words::wanted_before(signal))) {
                // An action that was never set has no flags at all.
                set(&RESET, signal, handler == libc::SIG_DFL && action.sa_flags != 0);
                real(signal, &wrap(signal, &action), ptr::null_mut());
                keep_pokes_out(signal);
            }
        }
    }
}

/// In the child of a fork, where whoever held the lock does not exist.
pub fn after_fork() {
    // SAFETY: the child has one thread; the lock guards no data of its own.
    unsafe { EXCHANGE.force_unlock() }
}
