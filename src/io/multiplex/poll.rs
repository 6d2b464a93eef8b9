//! poll and ppoll.

use super::{deadline_in, deadline_in_ms, many, watch, word, Until, Watch};
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

/// So many entries are kept on the stack.
const FEW: usize = 16;

/// A copy of the array.
struct Polled {
    few: [pollfd; FEW],
    more: Vec<pollfd>,
    given: *mut pollfd,
    n: usize,
}

impl Polled {
    /// # Safety
    /// The array is the caller's, as for poll(2), and can be read.
    unsafe fn new(given: *mut pollfd, n: usize) -> Polled {
        // SAFETY: by this function's contract. (Nothing may be at NULL: poll as a sleep.)
        let array = if n == 0 { &[] } else { unsafe { core::slice::from_raw_parts(given, n) } };
        let mut few = [pollfd { fd: -1, events: 0, revents: 0 }; FEW];
        let mut more = Vec::new();
        match few.get_mut(..n) {
            Some(place) => place.copy_from_slice(array),
            None => more = array.to_vec(),
        }
        Polled { few, more, given, n }
    }

    fn copy(&mut self) -> &mut [pollfd] {
        if self.n <= FEW {
            &mut self.few[..self.n]
        } else {
            &mut self.more
        }
    }
}

impl Watch for Polled {
    fn wanted(&self) -> &[pollfd] {
        if self.n <= FEW {
            &self.few[..self.n]
        } else {
            &self.more
        }
    }

    fn look(&mut self) -> c_int {
        sys::to_libc(sys::poll_set(self.copy(), 0)) as c_int
    }

    fn tell(&mut self, n: c_int) {
        let given = self.given;
        for (i, p) in self.copy().iter().enumerate() {
            // SAFETY: by `new`'s contract.
            unsafe { (*given.add(i)).revents = if n > 0 { p.revents } else { 0 } };
        }
    }
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
    // The kernel checks the array (EFAULT, EINVAL) before we read it.
    let found = look();
    if found != 0 {
        me.spend();
        return found;
    }
    // SAFETY: by this function's contract.
    watch(me, until, unsafe { Polled::new(fds, n as usize) }, false, drop)
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
