//! system(3): a shell, waited for as any child. As POSIX asks, the process ignores SIGINT and SIGQUIT as long as some thread is in here, and
//! the calling thread has SIGCHLD blocked.

use super::actions::{self, bit};
use super::masks;
use super::shell::{self, Beginning};
use crate::hub::Task;
use crate::lock::Lock;
use crate::{below, depth, sys};
use core::ffi::CStr;
use core::ptr;
use libc::{c_char, c_int};

/// How many threads are in here, and what SIGINT and SIGQUIT did before the first came.
struct Callers {
    count: u32,
    before: [libc::sigaction; 2],
}

// SAFETY: zeros are a struct sigaction.
static CALLERS: Lock<Callers> = Lock::new(Callers { count: 0, before: unsafe { core::mem::zeroed() } });

const INTERRUPTS: [c_int; 2] = [libc::SIGINT, libc::SIGQUIT];

/// One more caller; which of the two signals a shell is to begin with at their defaults.
fn enter() -> u64 {
    let real = below::get().sigaction;
    let mut callers = CALLERS.lock();
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
        for (before, signal) in callers.before.iter().zip(INTERRUPTS) {
            // SAFETY: what `enter` found.
            unsafe { actions::sigaction(real, signal, before, ptr::null_mut()) };
        }
    }
}

/// system(3). The command's status; 127 as if the shell had said so when there's none; -1 when it's not to be had (ECHILD). NULL:
/// whether there's a shell.
pub unsafe fn system(
    me: &'static Task,
    _: unsafe extern "C" fn(*const c_char) -> c_int,
    command: *const c_char,
) -> c_int {
    if command.is_null() {
        return (run(me, c"exit 0") == 0) as c_int;
    }
    // SAFETY: the caller's string.
    run(me, unsafe { CStr::from_ptr(command) })
}

fn run(me: &'static Task, command: &CStr) -> c_int {
    let mask = me.blocked_signals.get();
    let defaults = enter();
    masks::change(me, mask | bit(libc::SIGCHLD));
    // SAFETY: no file actions; green threads run, so the process is active.
    let started = unsafe { shell::start(command, Beginning { mask: Some(mask), defaults, files: ptr::null() }) };
    let result = match started {
        Ok(pid) => shell::end_of(me, pid).inspect_err(|_| {
            if me.wait_was_cancelled.get() {
                sys::kill(pid, libc::SIGKILL);
                let _ = shell::sure_end_of(me, pid);
            }
        }),
        Err(e) => Err(e),
    };
    leave();
    masks::change(me, mask);
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
