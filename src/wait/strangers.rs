//! Loans of O_NONBLOCK among processes that don't share `borrow`'s page: a program that was started with a listener of this one's, and
//! accepts on it, too. What they do share is the socket, and a socket has record locks (fcntl(2)), which the kernel takes back from one that
//! dies. (A program has no use for them on sockets. On files it has, so they aren't touched there.)

use crate::hub::early;
use crate::hub::listeners::{self, mark};
use crate::{runtime, sys};
use core::sync::atomic::Ordering;
use libc::c_int;

/// Whether another process may have a socket, without having the page.
pub fn may_have(fd: c_int) -> bool {
    listeners::entry(fd).is_some_and(|e| e.marked(mark::OTHERS) && e.kind().is_socket())
}

/// Runs `f`, which makes system calls that don't wait; if there may be strangers (`any`) none of them does meanwhile. The caller holds
/// `borrow`'s lock, since a process is one owner.
pub fn apart<R>(fd: c_int, any: bool, f: impl FnOnce() -> R) -> R {
    let locked = any && lock(fd);
    let r = f();
    if locked {
        let errno = sys::errno();
        let _ = sys::record_lock(fd, libc::F_UNLCK);
        sys::set_errno(errno);
    }
    r
}

/// False when there are no such locks to be had.
fn lock(fd: c_int) -> bool {
    loop {
        match sys::record_lock(fd, libc::F_WRLCK) {
            Ok(()) => return true,
            Err(libc::EINTR) => {}
            // The kernel sees a circle, with locks that threads of the program wait for; but nobody waits for long here.
            Err(libc::EDEADLK) => sys::yield_processor(),
            Err(_) => return false,
        }
    }
}

/// A process or a thread is being made past our fork (clone(2), or fork by its number): it may have all that this one has.
pub fn expect_copies() {
    match runtime::is_active() {
        true => listeners::share_all(),
        false => early::UNSURE.store(true, Ordering::Relaxed),
    }
}

/// Another program is being started, and gets what isn't closed by that.
pub fn expect() {
    early::shared();
    listeners::mark_all(mark::GIVEN);
}
