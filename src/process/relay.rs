//! What stands in for the program's signal handlers. Natively the kernel chooses a thread for a signal, interrupts it and
//! its call; here the kernel thread that gets a signal may be running another green thread, or the hub's loop. So ours finds
//! out whose the signal is:
//!
//! - what the running code raised (SIGPIPE, faults) is its own;
//! - one that is sent to the first kernel thread (raise(3), pthread_kill(3) of main, one of the `timers`) is main's;
//! - one that is sent to the process is main's if main has it unblocked, else any green thread's that has, as signal(7) says
//!   of Linux.
//!
//! If that thread is running right here, in code of the program's, its handler runs at once. Else what the kernel said is put
//! off: main is interrupted for it (`hub::signal`), or it's made pending for the thread that it's for. A handler may call whatever
//! it likes, wait, and even longjmp.

use super::actions::{self, bit, FIRST_REALTIME, SIGNALS};
use super::{directed, masks, timers};
use crate::depth;
use crate::hub::carrier::{Carrier, RAISED_BY_CALLS};
use crate::hub::{current, signal, Kind, Task};
use crate::lock::Lock;
use crate::{runtime, sys};
use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use libc::{c_int, c_void, siginfo_t, ucontext_t};

type Handler = unsafe extern "C" fn(c_int, *mut siginfo_t, *mut c_void);

/// What to install for a signal's handler.
pub fn handler_for(signal: c_int) -> usize {
    let ours: Handler = if actions::is_fault(signal) { relay_fault } else { relay };
    ours as usize
}

/// Whether a handler is one of those.
pub fn is_ours(handler: usize) -> bool {
    handler == relay as Handler as usize || handler == relay_fault as Handler as usize
}

/// The mask that the kernel restores when a handler returns.
pub(super) fn mask_of(context: *mut c_void) -> &'static mut u64 {
    // SAFETY: the kernel's context; its part of a sigset_t is the first word.
    unsafe { &mut *(&mut (*(context as *mut ucontext_t)).uc_sigmask as *mut _ as *mut u64) }
}

/// Installed for the program's handler: runs on whatever thread the kernel chose, with the program's mask and flags.
unsafe extern "C" fn relay(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let errno = sys::errno();
    let here = &errno as *const c_int as usize;
    let me = current();
    // SAFETY: the kernel's record.
    let sent = sent_to(me, unsafe { &*info });
    // Not in the library, not between a carrier's stack and a green thread's.
    let now = depth::get() == 0 && me.is_none_or(|me| me.runs_at(here) && wants(me, signal, sent));
    match me {
        // SAFETY: the kernel's arguments.
        _ if !now => unsafe { put_off(signal, info, context, sent) },
        // SAFETY: as above.
        None => unsafe { actions::call(signal, info, context) },
        Some(me) => {
            sys::set_errno(errno);
            // abort(3) has unblocked it, and raises it again.
            let keeps_open = !*mask_of(context) & bit(libc::SIGABRT);
            // SAFETY: as above.
            unsafe { call_here(me, signal, info, context) };
            if me.kind.get() == Kind::Host {
                // Not before the handler has run: whoever is interrupted finds what it did.
                signal::note(actions::restarts_after(signal));
            }
            depth::checkpoint();
            return leave_with(context, keeps_open);
        }
    }
    if !now {
        signal::note(depth::PUT_OFF);
        sys::set_errno(errno);
    }
}

/// Installed for the program's handler of a fault: it runs at once, on the thread that made it.
unsafe extern "C" fn relay_fault(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    match current() {
        // SAFETY: the kernel's arguments.
        None => unsafe { actions::call(signal, info, context) },
        // SAFETY: as above.
        Some(me) => unsafe {
            call_here(me, signal, info, context);
            leave_with(context, 0);
        },
    }
}

/// Calls the handler on a green thread that the signal has just interrupted.
///
/// # Safety
/// As for `actions::call`; `me` is running.
unsafe fn call_here(me: &'static Task, signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let mask = mask_of(context);
    // The handler sees the thread's mask, not the kernel thread's.
    *mask = me.blocked_signals.get();
    me.blocked_signals.set(*mask | actions::blocked_in_handler(signal));
    // It may wait in there, and others run here meanwhile.
    masks::set_here(me);
    // SAFETY: by this function's contract.
    unsafe { actions::call(signal, info, context) };
    // As the kernel does at the handler's return; and the thread may be on another kernel thread by now.
    masks::change(me, *mask);
}

/// Sets the mask that the kernel thread should have when our handler returns, wherever the thread is by now. Nothing may come in
/// between, or the thread might go elsewhere once more.
pub(super) fn leave_with(context: *mut c_void, keeps_open: u64) {
    sys::signal_mask(libc::SIG_SETMASK, Some(u64::MAX));
    if let Some(me) = current() {
        // The child of a fork that the handler made has one thread, and its mask.
        *mask_of(context) = match runtime::is_active() {
            true => masks::of_kernel_thread(Carrier::of(me)) & !keeps_open,
            false => me.blocked_signals.get(),
        };
    }
}

/// To whom a signal was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    Process,
    /// The first thread alone.
    Main,
    /// Raised by the running code.
    Caller,
}

fn sent_to(me: Option<&Task>, info: &siginfo_t) -> Sent {
    let to_thread = info.si_code == libc::SI_TKILL;
    // abort(3) raises by itself, not by raise.
    if bit(info.si_signo) & RAISED_BY_CALLS != 0 || (to_thread && info.si_signo == libc::SIGABRT) {
        return Sent::Caller;
    }
    match me {
        Some(me) if to_thread && me.kind.get() == Kind::Coroutine && !Carrier::of(me).is_first() => Sent::Caller,
        _ if to_thread || timers::is_for_main(info) => Sent::Main,
        _ => Sent::Process,
    }
}

/// Whether the first thread lives, and has it unblocked.
fn main_wants(signal: c_int) -> bool {
    signal::host().is_some_and(|main| main.blocked_signals.get() & bit(signal) == 0)
}

/// Whether a signal is for this thread.
fn wants(me: &Task, signal: c_int, sent: Sent) -> bool {
    let unblocked = me.blocked_signals.get() & bit(signal) == 0;
    match (me.kind.get(), sent) {
        // The kernel has asked the kernel thread's mask, which for these is the caller's.
        (_, Sent::Caller) => true,
        (Kind::Host, _) => unblocked,
        (_, Sent::Main) => false,
        (_, Sent::Process) => unblocked && !main_wants(signal),
    }
}

/// What the kernel said of a signal whose handler was put off.
struct Slot {
    state: AtomicU32,
    order: AtomicU64,
    said: UnsafeCell<MaybeUninit<(Sent, siginfo_t, ucontext_t)>>,
}

// SAFETY: `said` is written by whoever has taken the slot from FREE to TAKEN, and read by whoever took it from FULL.
unsafe impl Sync for Slot {}

const FREE: u32 = 0;
const TAKEN: u32 = 1;
const FULL: u32 = 2;

static SLOTS: [Slot; 64] = [const {
    Slot { state: AtomicU32::new(FREE), order: AtomicU64::new(0), said: UnsafeCell::new(MaybeUninit::uninit()) }
}; 64];
/// Some were ever used.
static USED: AtomicBool = AtomicBool::new(false);
static ORDER: AtomicU64 = AtomicU64::new(0);

/// How many of each signal there are.
static PUT_OFF: [AtomicU32; SIGNALS] = [const { AtomicU32::new(0) }; SIGNALS];

/// Held by who takes out of the slots; handlers only put in.
static TAKING: Lock<()> = Lock::new(());

/// Keeps a signal. Async-signal-safe. A standard one that is there already takes this one in, as the kernel has it.
///
/// # Safety
/// The kernel's arguments.
unsafe fn put_off(signal: c_int, info: *mut siginfo_t, context: *mut c_void, sent: Sent) {
    let count = &PUT_OFF[signal as usize];
    if signal < FIRST_REALTIME && count.load(Ordering::Acquire) > 0 {
        return;
    }
    USED.store(true, Ordering::Relaxed);
    let free = |s: &&Slot| s.state.compare_exchange(FREE, TAKEN, Ordering::Acquire, Ordering::Relaxed).is_ok();
    // More than there's room for are lost, as beyond RLIMIT_SIGPENDING.
    let Some(slot) = SLOTS.iter().find(free) else { return };
    // SAFETY: by this function's contract; the slot is ours.
    unsafe { (*slot.said.get()).write((sent, *info, *(context as *const ucontext_t))) };
    slot.order.store(ORDER.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
    count.fetch_add(1, Ordering::AcqRel);
    slot.state.store(FULL, Ordering::Release);
}

/// The signals that are put off.
pub fn put_off_signals() -> u64 {
    let there = |&s: &c_int| PUT_OFF[s as usize].load(Ordering::Relaxed) > 0;
    (1..SIGNALS as c_int).filter(there).fold(0, |all, s| all | bit(s))
}

/// Whether there are any.
pub fn any_put_off() -> bool {
    (1..SIGNALS).any(|s| PUT_OFF[s].load(Ordering::Relaxed) > 0)
}

/// A mask has changed: somebody may want what nobody did.
pub fn look_again() {
    signal::note(depth::PUT_OFF);
}

/// Takes the first of those that are wanted: the lowest number, and of that the oldest.
fn take(wanted: impl Fn(c_int, Sent) -> bool) -> Option<(siginfo_t, ucontext_t)> {
    if !any_put_off() {
        return None;
    }
    let _taking = TAKING.lock();
    let full = SLOTS.iter().filter(|s| s.state.load(Ordering::Acquire) == FULL);
    // SAFETY: full, and we alone take.
    let said = |slot: &Slot| unsafe { (*slot.said.get()).assume_init_ref().1.si_signo };
    // SAFETY: as above.
    let sent = |slot: &Slot| unsafe { (*slot.said.get()).assume_init_ref().0 };
    let slot = full.filter(|s| wanted(said(s), sent(s))).min_by_key(|s| (said(s), s.order.load(Ordering::Relaxed)))?;
    // SAFETY: as above; a copy.
    let (_, info, context) = unsafe { (*slot.said.get()).assume_init_read() };
    PUT_OFF[info.si_signo as usize].fetch_sub(1, Ordering::AcqRel);
    slot.state.store(FREE, Ordering::Release);
    Some((info, context))
}

/// A signal is ignored from now on.
pub fn discard(signal: c_int) {
    while take(|s, _| s == signal).is_some() {}
}

/// Runs the handlers of what is pending for the running thread, and of what was put off and is for it.
pub fn run() {
    let errno = sys::errno();
    // Only the handlers themselves run at depth 0, so that one which doesn't come back (longjmp) leaves nothing behind.
    depth::enter();
    if let Some(me) = current() {
        loop {
            directed::run(me);
            let Some((info, context)) = take(|signal, sent| wants(me, signal, sent)) else { break };
            run_one(me, info, Some(context));
            if me.kind.get() == Kind::Host {
                // A wait with a mask of its own may be about to begin.
                signal::note(actions::restarts_after(info.si_signo));
            }
        }
    }
    if depth::is_put_off() && !any_put_off() {
        depth::SIGNALS.fetch_and(!depth::PUT_OFF, Ordering::SeqCst);
        if any_put_off() {
            signal::note(depth::PUT_OFF);
        }
    }
    depth::leave_quietly();
    sys::set_errno(errno);
}

/// Runs one handler on the calling thread, which isn't interrupted but looks by itself (`run`, at depth 1). What it was
/// interrupted in, the handler sees if that's known.
pub(super) fn run_one(me: &'static Task, mut info: siginfo_t, context: Option<ucontext_t>) {
    let signal = info.si_signo;
    match actions::disposition(signal) {
        actions::Disposition::Handler => {}
        // The program has changed its mind.
        actions::Disposition::Ignored => return,
        actions::Disposition::Default => return sys::signal_process(signal),
    }
    // SAFETY: zeros are a context without registers.
    let mut context = context.unwrap_or_else(|| unsafe { core::mem::zeroed() });
    let context = &mut context as *mut ucontext_t as *mut c_void;
    let mask = mask_of(context);
    *mask = me.blocked_signals.get();
    me.blocked_signals.set(*mask | actions::blocked_in_handler(signal));
    depth::leave_quietly();
    // SAFETY: it has a handler; the record is the kernel's or like it.
    unsafe { actions::call(signal, &mut info, context) };
    depth::enter();
    masks::change(me, *mask);
    if !runtime::is_active() {
        // The child of a fork that the handler made has one thread, and its mask.
        sys::signal_mask(libc::SIG_SETMASK, Some(*mask));
    }
}

/// Sends what was put off and isn't main's on to threads that want it. What is left for main: 0, or PUT_OFF and how its calls
/// end. Called by the hub that is told of signals.
pub fn route() -> u32 {
    loop {
        // Blocked by all: it stays.
        let wanted =
            |signal: c_int, sent| sent == Sent::Process && !main_wants(signal) && directed::find(bit(signal)).is_some();
        let Some((mut info, mut context)) = take(wanted) else { break };
        if !directed::send_on(&info) {
            // It has ended, or blocked it, just now.
            // SAFETY: what the kernel had said.
            unsafe { put_off(info.si_signo, &mut info, &mut context as *mut _ as *mut c_void, Sent::Process) };
        }
    }
    let Some(main) = signal::host() else { return 0 };
    // What main alone is to get, and has blocked, waits with it: for sigwait(3) to find, and in nobody's way.
    while let Some((info, _)) = take(|signal, sent| sent == Sent::Main && !wants(main, signal, sent)) {
        directed::keep_for(main, &info);
    }
    let _taking = TAKING.lock();
    let full = SLOTS.iter().filter(|slot| slot.state.load(Ordering::Acquire) == FULL);
    // SAFETY: full, and nobody takes meanwhile.
    let said = full.map(|slot| unsafe { (*slot.said.get()).assume_init_ref() });
    let mains = said.filter(|(sent, info, _)| wants(main, info.si_signo, *sent));
    mains.fold(0, |all, (_, info, _)| all | depth::PUT_OFF | actions::restarts_after(info.si_signo))
}

/// In the child of a fork, in which nothing is pending.
pub fn after_fork() {
    // SAFETY: the child has one thread.
    unsafe { TAKING.force_unlock() };
    // They are large, and their pages shared with the parent.
    if USED.swap(false, Ordering::Relaxed) {
        SLOTS.iter().for_each(|s| s.state.store(FREE, Ordering::Relaxed));
    }
    PUT_OFF.iter().for_each(|n| n.store(0, Ordering::Relaxed));
    depth::SIGNALS.store(0, Ordering::Relaxed);
    depth::DIRECTED.store(0, Ordering::Relaxed);
}
