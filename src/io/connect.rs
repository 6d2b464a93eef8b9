//! connect: begun without waiting, finished when the socket becomes writable.

use super::{fail, known};
use crate::hub::listeners::{Direction, Entry};
use crate::hub::Task;
use crate::sys;
use crate::wait::borrow;
use crate::wait::trampoline::{self, trampoline, Before, Waited};
use crate::wait::{Cause, Waiter};
use libc::{c_int, sockaddr, socklen_t};

/// A Unix socket whose listener's queue is full tells nobody when there's room: asked again this often (ns).
const AGAIN: u64 = 1_000_000;

pub unsafe fn connect(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, *const sockaddr, socklen_t) -> c_int,
    fd: c_int,
    address: *const sockaddr,
    len: socklen_t,
) -> c_int {
    // SAFETY: the address is the caller's, as for connect(2).
    let native = || unsafe { real(fd, address, len) };
    let Some((e, kind)) = known::look(fd) else { return native() };
    if !kind.is_socket() || trampoline::nonblocking(fd, e) {
        return native();
    }
    let errno = sys::errno();
    let r = begin_and_finish(me, fd, e, native);
    // Whatever came of it, the next operation tries.
    e.stir();
    match r {
        0 => {
            sys::set_errno(errno);
            0
        }
        errno => fail(errno) as c_int,
    }
}

/// Connects; 0 or the errno.
fn begin_and_finish(me: &'static Task, fd: c_int, e: &Entry, native: impl Fn() -> c_int) -> c_int {
    let generation = e.generation();
    let deadline = trampoline::deadline(fd, e, Direction::Write);
    // One call, its errno as the answer.
    let call = || borrow::nonblocking(fd, || if native() == 0 { 0 } else { sys::errno() }).unwrap_or_else(|e| e);
    let begun = loop {
        e.begin_try(Direction::Write);
        match call() {
            // EALREADY: begun by an earlier call that was interrupted, or had no more time.
            begun @ (libc::EINPROGRESS | libc::EALREADY) => break begun,
            libc::EAGAIN if sys::now() < deadline => {
                Waiter::new(Some(me)).wait(sys::now() + AGAIN, Cause::Write, fd as usize);
            }
            r => return r,
        }
    };
    loop {
        match trampoline(me, fd, e, generation, Direction::Write, deadline, Before::Tried) {
            Waited::Ready => {}
            Waited::Timeout => return begun,
            Waited::Closed => return libc::EBADF,
            Waited::Interrupted => return libc::EINTR,
            // No poller takes it: wait for the end as the kernel does.
            Waited::Refused(_) => {
                let _ = sys::poll_set(&mut [libc::pollfd { fd, events: libc::POLLOUT, revents: 0 }], -1);
            }
        }
        e.begin_try(Direction::Write);
        // Asked again, the kernel tells how it ended, and takes the socket from connecting to connected.
        match call() {
            libc::EALREADY | libc::EINPROGRESS => {}
            libc::EISCONN => return 0,
            r => return r,
        }
    }
}
