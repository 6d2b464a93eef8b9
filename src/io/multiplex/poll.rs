//! poll and ppoll.

use super::{deadline_in, deadline_in_ms, many, wait_for, word, Until};
use crate::hub::Task;
use crate::sys;
use libc::{c_int, nfds_t, pollfd, sigset_t, timespec};

pub unsafe fn poll(
    me: &'static Task,
    real: unsafe extern "C" fn(*mut pollfd, nfds_t, c_int) -> c_int,
    fds: *mut pollfd,
    n: nfds_t,
    timeout_ms: c_int,
) -> c_int {
    if timeout_ms == 0 {
        me.spend();
        // SAFETY: fds is the caller's, as for poll(2).
        return unsafe { real(fds, n, 0) };
    }
    // SAFETY: as above.
    unsafe { wait_poll(me, (deadline_in_ms(timeout_ms), None), fds, n, || real(fds, n, 0)) }
}

/// # Safety
/// As for poll(2).
unsafe fn wait_poll(me: &'static Task, until: Until, fds: *mut pollfd, n: nfds_t, look: impl Fn() -> c_int) -> c_int {
    if n as usize >= many::MANY {
        // SAFETY: by this function's contract.
        if let Some(r) = unsafe { many::poll(me, until, fds, n as usize) } {
            return r;
        }
    }
    // SAFETY: a first look lets the kernel check the array (EFAULT, EINVAL) before we read it.
    let wanted = (0..n as usize).map(move |i| unsafe { ((*fds.add(i)).fd, (*fds.add(i)).events) });
    wait_for(me, until, wanted.filter(|w| w.0 >= 0), false, look)
}

pub unsafe fn ppoll(
    me: &'static Task,
    real: unsafe extern "C" fn(*mut pollfd, nfds_t, *const timespec, *const sigset_t) -> c_int,
    fds: *mut pollfd,
    n: nfds_t,
    timeout: *const timespec,
    mask: *const sigset_t,
) -> c_int {
    // SAFETY: timeout is NULL or the caller's, as for ppoll(2).
    let Some(deadline) = (unsafe { deadline_in(timeout) }) else {
        // SAFETY: the kernel says what is wrong with it.
        return unsafe { real(fds, n, timeout, mask) };
    };
    let now = timespec { tv_sec: 0, tv_nsec: 0 };
    // Looks leave the kernel thread's mask alone: what the program's mask lets in is for the wait to find.
    // SAFETY: as for ppoll(2).
    unsafe { wait_poll(me, (deadline, word(mask)), fds, n, || real(fds, n, &now, core::ptr::null())) }
}

/// poll(2) straight from the kernel, for names that have no plain form below them.
pub unsafe extern "C" fn kernel_poll(fds: *mut pollfd, n: nfds_t, timeout_ms: c_int) -> c_int {
    // SAFETY: as for poll(2).
    sys::to_libc(unsafe { sys::syscall(libc::SYS_poll, fds as usize, n as usize, timeout_ms as usize, 0, 0, 0) })
        as c_int
}

/// ppoll(2) straight from the kernel. The kernel may write to its timeout; the caller's is left alone.
pub unsafe extern "C" fn kernel_ppoll(
    fds: *mut pollfd,
    n: nfds_t,
    timeout: *const timespec,
    mask: *const sigset_t,
) -> c_int {
    // SAFETY: as for ppoll(2).
    unsafe {
        let mut copy = timeout.as_ref().copied();
        let timeout = copy.as_mut().map_or(core::ptr::null_mut(), |t| t as *mut timespec);
        sys::to_libc(sys::syscall(libc::SYS_ppoll, fds as usize, n as usize, timeout as usize, mask as usize, 8, 0))
            as c_int
    }
}
