//! system(3): a shell, waited for as any child. As POSIX asks, the process ignores SIGINT and SIGQUIT as long as some thread is in here, and
//! the calling thread has SIGCHLD blocked.

use super::actions::{self, bit};
use super::masks;
use super::shell::{self, Beginning};
use crate::hub::Task;
use crate::lock::Lock;
use crate::wait::strangers;
use crate::{below, depth, sys};
use core::ffi::CStr;
use core::ptr;
use core::sync::atomic::{AtomicBool, Ordering};
use libc::{c_char, c_int, pid_t};

/// How many threads are in here, and what SIGINT and SIGQUIT did before the first came.
struct Callers {
    count: u32,
    before: [libc::sigaction; 2],
}

// SAFETY: zeros are a struct sigaction.
static CALLERS: Lock<Callers> = Lock::new(Callers { count: 0, before: unsafe { core::mem::zeroed() } });

/// Whether any thread is in here.
static ANY: AtomicBool = AtomicBool::new(false);

const INTERRUPTS: [c_int; 2] = [libc::SIGINT, libc::SIGQUIT];

/// One more caller; which of the two signals a shell is to begin with at their defaults.
fn enter() -> u64 {
    let real = below::get().sigaction;
    let mut callers = CALLERS.lock();
    ANY.store(true, Ordering::Relaxed);
    callers.count += 1;
    let first = callers.count == 1;
    let mut defaults = 0;
    for (before, signal) in callers.before.iter_mut().zip(INTERRUPTS) {
        if first {
            // SAFETY: zeros are an action without flags; both are valid.
            unsafe {
                let mut ignored: libc::sigaction = core::mem::zeroed();
                ignored.sa_sigaction = libc::SIG_IGN;
                actions::sigaction(real, signal, &ignored, before);
            }
        }
        if before.sa_sigaction != libc::SIG_IGN {
            defaults |= bit(signal);
        }
    }
    defaults
}

fn leave() {
    let real = below::get().sigaction;
    let mut callers = CALLERS.lock();
    callers.count -= 1;
    if callers.count == 0 {
        ANY.store(false, Ordering::Relaxed);
        for (before, signal) in callers.before.iter().zip(INTERRUPTS) {
            // SAFETY: what `enter` found.
            unsafe { actions::sigaction(real, signal, before, ptr::null_mut()) };
        }
    }
}

/// system(3). The command's status; 127 as if the shell had said so when there's none; -1 when it's not to be had (ECHILD). NULL:
/// whether there's a shell.
pub unsafe fn system(
    me: Option<&'static Task>,
    real: unsafe extern "C" fn(*const c_char) -> c_int,
    command: *const c_char,
) -> c_int {
    // libc's own doesn't know that the signals are ignored because of a green thread that is in here, or was in the parent when it forked.
    if me.is_none() && !ANY.load(Ordering::Relaxed) {
        // It's libc's own posix_spawn that starts the shell, which no hook sees.
        strangers::expect();
        // SAFETY: as for system(3).
        return unsafe { real(command) };
    }
    if command.is_null() {
        return (run(me, c"exit 0") == 0) as c_int;
    }
    // SAFETY: the caller's string.
    run(me, unsafe { CStr::from_ptr(command) })
}

/// The calling thread has another signal mask from now on; which one it had.
fn change_mask(me: Option<&'static Task>, change: impl FnOnce(u64) -> u64) -> u64 {
    match me {
        Some(me) => {
            let before = me.blocked_signals.get();
            masks::change(me, change(before));
            before
        }
        None => {
            let before = sys::signal_mask(libc::SIG_BLOCK, None);
            sys::signal_mask(libc::SIG_SETMASK, Some(change(before)))
        }
    }
}

/// Waits for the shell. One that is cancelled kills it.
fn end_of(me: &'static Task, shell: pid_t) -> Result<c_int, c_int> {
    shell::end_of(me, shell).inspect_err(|_| {
        if me.wait_was_cancelled.get() {
            sys::kill(shell, libc::SIGKILL);
            let _ = shell::sure_end_of(me, shell);
        }
    })
}

fn run(me: Option<&'static Task>, command: &CStr) -> c_int {
    let defaults = enter();
    let mask = change_mask(me, |mask| mask | bit(libc::SIGCHLD));
    // SAFETY: no file actions; green threads run, or did in the parent, so `below` is resolved.
    let started = unsafe { shell::start(command, Beginning { mask: Some(mask), defaults, files: ptr::null() }) };
    let result = match started {
        Ok(pid) => match me {
            Some(me) => end_of(me, pid),
            None => shell::end_of_natively(pid),
        },
        Err(e) => Err(e),
    };
    leave();
    // (glibc's leaves SIGCHLD blocked when it's cancelled, for the clean-up handlers to see.)
    if !me.is_some_and(|me| me.wait_was_cancelled.get()) {
        change_mask(me, |_| mask);
    }
    depth::checkpoint();
    match (result, started) {
        (Ok(status), _) => status,
        (Err(e), Ok(_)) => {
            sys::set_errno(e);
            -1
        }
        (Err(e), Err(_)) => {
            sys::set_errno(e);
            127 << 8
        }
    }
}

/// In the child of a fork: as natively, what another thread had ignored stays so.
pub fn after_fork() {
    // SAFETY: the child has one thread.
    unsafe { CALLERS.force_unlock() }
}
