//! A backtrace of what a carrier runs, taken by that carrier itself, in a handler for a signal that the auditor sends.
//!
//! The handler unwinds with libgcc's unwinder, which since GCC 12 and glibc 2.35 takes no lock to find an address's frame
//! information. It calls nothing else: not malloc, not a hook.

use crate::green::Green;
use crate::hub::{carrier::Carrier, current};
use crate::{below, sys};
use core::cell::UnsafeCell;
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering};
use libc::{c_int, c_void, siginfo_t};

/// The signal: the highest but one, which hardly any program uses. If one does, its handler stays, and there are no
/// backtraces.
const SIGNAL: c_int = 63;

/// The signal's bit in a mask.
pub fn signal_bit() -> u64 {
    1 << (SIGNAL - 1)
}

/// Frames that are kept.
const DEPTH: usize = 32;

/// How long a carrier is waited for (ns): one that has the signal blocked, or waits for a disk, doesn't answer.
const PATIENCE: u64 = 20_000_000;

/// What a carrier answered.
#[derive(Clone, Copy)]
pub struct Capture {
    name: [u8; 16],
    /// The green thread's pthread_t.
    pub id: usize,
    frames: [usize; DEPTH],
    count: usize,
}

impl Capture {
    const EMPTY: Capture = Capture { name: [0; 16], id: 0, frames: [0; DEPTH], count: 0 };

    pub fn name(&self) -> &str {
        core::str::from_utf8(&self.name).unwrap_or("?").trim_end_matches('\0')
    }

    /// Addresses, the innermost first.
    pub fn frames(&self) -> &[usize] {
        &self.frames[..self.count]
    }

    /// Whether it's the calling thread's.
    pub fn is_of_caller(&self) -> bool {
        current().is_some_and(|me| me.thread_pointer == self.id)
    }
}

/// The state of the auditor's one question at a time, in the lower bits of a word; above them is the question's number, so that
/// who answers late answers nothing.
const IDLE: u32 = 0;
const ASKED: u32 = 1;
const ANSWERING: u32 = 2;
const ANSWERED: u32 = 3;
const NEXT: u32 = 4;

/// The question, of which kernel thread, and the answer.
static STATE: AtomicU32 = AtomicU32::new(IDLE);
static WHOM: AtomicI32 = AtomicI32::new(0);
static ANSWER: Answer = Answer(UnsafeCell::new(Capture::EMPTY));
static INSTALLED: AtomicBool = AtomicBool::new(false);

struct Answer(UnsafeCell<Capture>);

// SAFETY: written by the one handler that took the question, read by the auditor after ANSWERED.
unsafe impl Sync for Answer {}

type Handler = unsafe extern "C" fn(c_int, *mut siginfo_t, *mut c_void);

/// What is installed for the signal.
fn installed() -> Option<usize> {
    // SAFETY: plain sigaction(2) with a valid object.
    unsafe {
        let mut old: libc::sigaction = core::mem::zeroed();
        ((below::get().sigaction)(SIGNAL, ptr::null(), &mut old) == 0).then_some(old.sa_sigaction)
    }
}

/// Installs the handler, if the program has none for this signal.
pub fn install() {
    if installed() != Some(libc::SIG_DFL) {
        return;
    }
    // SAFETY: plain sigaction(2) with a valid object.
    unsafe {
        let mut new: libc::sigaction = core::mem::zeroed();
        new.sa_sigaction = answer as Handler as usize;
        new.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART | libc::SA_ONSTACK;
        libc::sigfillset(&mut new.sa_mask);
        (below::get().sigaction)(SIGNAL, &new, ptr::null_mut());
    }
    INSTALLED.store(true, Ordering::Relaxed);
}

/// A backtrace of the run that a carrier is in; None when it doesn't answer, or is in another run by now.
pub fn of(carrier: &Carrier, turn: u64) -> Option<Capture> {
    let ours = answer as Handler as usize;
    // The program may have taken the signal since.
    if !INSTALLED.load(Ordering::Relaxed) || installed() != Some(ours) {
        return None;
    }
    let idle = STATE.load(Ordering::Acquire);
    if idle % NEXT != IDLE {
        // Somebody who was asked long ago is still answering.
        return None;
    }
    let number = idle.wrapping_add(NEXT);
    WHOM.store(carrier.kernel_id(), Ordering::Relaxed);
    STATE.store(number + ASKED, Ordering::Release);
    sys::signal_thread(carrier.kernel_id(), SIGNAL);
    let until = sys::now() + PATIENCE;
    loop {
        let state = STATE.load(Ordering::Acquire);
        if state == number + ANSWERED {
            break;
        }
        if sys::now() >= until
            && STATE.compare_exchange(number + ASKED, number, Ordering::AcqRel, Ordering::Relaxed).is_ok()
        {
            return None;
        }
        let _ = sys::futex_wait(&STATE, state, PATIENCE / 10);
    }
    if !carrier.hold.is_present(turn) {
        STATE.store(number, Ordering::Release);
        return None;
    }
    // SAFETY: answered, and nobody is asked now.
    let capture = unsafe { *ANSWER.0.get() };
    STATE.store(number, Ordering::Release);
    Some(capture)
}

/// Unwinds once, where it does no harm: the unwinder's own first-time initialisation goes through pthread_once.
pub fn warm_up() {
    let mut capture = Capture::EMPTY;
    let mut walk = Walk { capture: &mut capture, at: 0, begun: false };
    // SAFETY: the walk outlives the call.
    unsafe { _Unwind_Backtrace(step, &mut walk as *mut Walk<'_> as *mut c_void) };
}

/// In the child of a fork: nobody is asked.
pub fn after_fork() {
    STATE.store(IDLE, Ordering::Relaxed);
}

unsafe extern "C" fn answer(_: c_int, _: *mut siginfo_t, context: *mut c_void) {
    let asked = STATE.load(Ordering::Acquire);
    if asked % NEXT != ASKED || WHOM.load(Ordering::Relaxed) != sys::gettid() {
        return;
    }
    let Some(me) = current() else { return };
    let number = asked - ASKED;
    if STATE.compare_exchange(asked, number + ANSWERING, Ordering::AcqRel, Ordering::Relaxed).is_err() {
        return;
    }
    // SAFETY: asked, so the answer is ours to write; the context is the kernel's.
    unsafe {
        let capture = &mut *ANSWER.0.get();
        capture.name = Green::of(me).shown_name();
        capture.id = me.thread_pointer;
        let at = (*(context as *const libc::ucontext_t)).uc_mcontext.gregs[libc::REG_RIP as usize] as usize;
        let mut walk = Walk { capture, at, begun: false };
        walk.capture.frames[0] = at;
        walk.capture.count = 1;
        _Unwind_Backtrace(step, &mut walk as *mut Walk<'_> as *mut c_void);
    }
    STATE.store(number + ANSWERED, Ordering::Release);
    sys::futex_wake(STATE.as_ptr(), 1);
}

struct Walk<'a> {
    capture: &'a mut Capture,
    at: usize,
    begun: bool,
}

// libgcc's, which Rust's std links.
extern "C" {
    fn _Unwind_Backtrace(step: extern "C" fn(*mut c_void, *mut c_void) -> c_int, argument: *mut c_void) -> c_int;
    fn _Unwind_GetIP(context: *mut c_void) -> usize;
}

/// Called for each frame: the handler's own first, then the kernel's signal frame, then those we want.
extern "C" fn step(context: *mut c_void, walk: *mut c_void) -> c_int {
    const GO_ON: c_int = 0;
    const STOP: c_int = 5;
    // SAFETY: our own Walk; the unwinder's context.
    unsafe {
        let walk = &mut *(walk as *mut Walk<'_>);
        let address = _Unwind_GetIP(context);
        if !walk.begun {
            walk.begun = address == walk.at;
            return GO_ON;
        }
        if address == 0 || walk.capture.count == DEPTH {
            return STOP;
        }
        walk.capture.frames[walk.capture.count] = address;
        walk.capture.count += 1;
    }
    GO_ON
}
