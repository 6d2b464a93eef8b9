//! Waiting for children without a SIGCHLD handler: for one child by its pidfd; for any, or for stops and continues, by
//! asking again at growing intervals (the kernel has nothing to poll for those).

use crate::hub::listeners::{self, Direction};
use crate::hub::Task;
use crate::wait::trampoline::{trampoline, Waited};
use crate::wait::{restarts, Cause, Reason, Waiter, NEVER};
use crate::{depth, sys};
use libc::{c_int, id_t, idtype_t, pid_t, rusage, siginfo_t};

/// The first and the longest interval between two looks (ns).
const SOON: u64 = 500_000;
const LATER: u64 = 20_000_000;

/// Repeats `look` (0: nothing yet) until it answers, or a signal interrupts. `pid`: the one child that it's about.
fn wait_for(me: &'static Task, pid: Option<pid_t>, look: impl Fn() -> pid_t) -> pid_t {
    let mut interval = SOON;
    loop {
        match look() {
            0 => {}
            r => return r,
        }
        let interrupted = match pid.map(sys::pidfd_open) {
            Some(Ok(fd)) => until_exit(me, fd),
            _ => {
                let reason =
                    Waiter::new(Some(me)).wait(sys::now() + interval, Cause::Child, pid.unwrap_or(-1) as usize);
                depth::checkpoint();
                interval = (interval * 2).min(LATER);
                reason == Reason::Interrupted && !restarts(me, Cause::Child, NEVER)
            }
        };
        if interrupted {
            sys::set_errno(libc::EINTR);
            return -1;
        }
    }
}

/// Waits until the process of a pidfd has ended, and closes it; whether a signal came first.
fn until_exit(me: &'static Task, fd: c_int) -> bool {
    let waited = listeners::fresh(fd).map(|e| trampoline(me, fd, e, e.generation(), Direction::Read, NEVER, false));
    if !matches!(waited, Some(Waited::Ready | Waited::Interrupted)) {
        // No poller takes it: as natively, in place.
        let _ = sys::poll_set(&mut [libc::pollfd { fd, events: libc::POLLIN, revents: 0 }], -1);
    }
    listeners::forget(fd);
    sys::close(fd);
    waited == Some(Waited::Interrupted)
}

/// The child that a pid argument names, if a pidfd can tell when it's time.
fn one(pid: pid_t, options: c_int) -> Option<pid_t> {
    (pid > 0 && options & (libc::WUNTRACED | libc::WCONTINUED) == 0).then_some(pid)
}

pub unsafe fn wait(me: &'static Task, _: unsafe extern "C" fn(*mut c_int) -> pid_t, status: *mut c_int) -> pid_t {
    // SAFETY: status is the caller's, as for wait(2).
    wait_for(me, None, || unsafe { sys::wait4(-1, status, libc::WNOHANG, core::ptr::null_mut()) })
}

pub unsafe fn waitpid(
    me: &'static Task,
    real: unsafe extern "C" fn(pid_t, *mut c_int, c_int) -> pid_t,
    pid: pid_t,
    status: *mut c_int,
    options: c_int,
) -> pid_t {
    if options & libc::WNOHANG != 0 {
        // SAFETY: status is the caller's, as for waitpid(2).
        return unsafe { real(pid, status, options) };
    }
    // SAFETY: as above.
    wait_for(me, one(pid, options), || unsafe { real(pid, status, options | libc::WNOHANG) })
}

pub unsafe fn wait3(
    me: &'static Task,
    real: unsafe extern "C" fn(*mut c_int, c_int, *mut rusage) -> pid_t,
    status: *mut c_int,
    options: c_int,
    usage: *mut rusage,
) -> pid_t {
    if options & libc::WNOHANG != 0 {
        // SAFETY: as for wait3(2).
        return unsafe { real(status, options, usage) };
    }
    // SAFETY: as above.
    wait_for(me, None, || unsafe { real(status, options | libc::WNOHANG, usage) })
}

pub unsafe fn wait4(
    me: &'static Task,
    real: unsafe extern "C" fn(pid_t, *mut c_int, c_int, *mut rusage) -> pid_t,
    pid: pid_t,
    status: *mut c_int,
    options: c_int,
    usage: *mut rusage,
) -> pid_t {
    if options & libc::WNOHANG != 0 {
        // SAFETY: as for wait4(2).
        return unsafe { real(pid, status, options, usage) };
    }
    // SAFETY: as above.
    wait_for(me, one(pid, options), || unsafe { real(pid, status, options | libc::WNOHANG, usage) })
}

pub unsafe fn waitid(
    me: &'static Task,
    real: unsafe extern "C" fn(idtype_t, id_t, *mut siginfo_t, c_int) -> c_int,
    kind: idtype_t,
    id: id_t,
    info: *mut siginfo_t,
    options: c_int,
) -> c_int {
    if options & libc::WNOHANG != 0 {
        // SAFETY: info is NULL or the caller's, as for waitid(2).
        return unsafe { real(kind, id, info, options) };
    }
    let only_exit = options & (libc::WSTOPPED | libc::WCONTINUED) == 0;
    let pid = (kind == libc::P_PID && only_exit).then_some(id as pid_t);
    // waitid answers 0 either way; the record's pid says whether there was a child.
    // SAFETY: as above; an all-zero record is valid.
    let r = wait_for(me, pid, || unsafe {
        let mut found: siginfo_t = core::mem::zeroed();
        if real(kind, id, &mut found, options | libc::WNOHANG) != 0 {
            return -1;
        }
        if found.si_pid() != 0 && !info.is_null() {
            *info = found;
        }
        found.si_pid()
    });
    r.min(0)
}
