//! connect: begun without waiting, finished when the socket becomes writable.

use super::socket::borrow_nonblocking;
use super::{fail, known};
use crate::hub::listeners::Direction;
use crate::hub::Task;
use crate::sys;
use crate::wait::trampoline::{self, trampoline, Waited};
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
    let deadline = trampoline::deadline(fd, e, Direction::Write);
    loop {
        e.begin_try(Direction::Write);
        match borrow_nonblocking(fd, || if native() == 0 { 0 } else { sys::errno() }) {
            Ok(0) => {
                e.stir();
                sys::set_errno(errno);
                return 0;
            }
            Ok(libc::EINPROGRESS) => break,
            Ok(libc::EAGAIN) => {
                if sys::now() >= deadline {
                    return fail(libc::EAGAIN) as c_int;
                }
                Waiter::new(Some(me)).wait(sys::now() + AGAIN, Cause::Write);
            }
            Ok(e) | Err(e) => return fail(e) as c_int,
        }
    }
    loop {
        match trampoline(me, fd, e, Direction::Write, deadline, false) {
            Waited::Ready => {}
            Waited::Timeout => return fail(libc::EINPROGRESS) as c_int,
            Waited::Closed => return fail(libc::EBADF) as c_int,
            Waited::Interrupted => return fail(libc::EINTR) as c_int,
            // No poller takes it: wait for the end as the kernel does.
            Waited::Refused(_) => {
                let _ = sys::poll_set(&mut [libc::pollfd { fd, events: libc::POLLOUT, revents: 0 }], -1);
            }
        }
        e.begin_try(Direction::Write);
        // Asked again, the kernel tells how it ended, and takes the socket from connecting to connected.
        match borrow_nonblocking(fd, || if native() == 0 { 0 } else { sys::errno() }) {
            Ok(libc::EALREADY | libc::EINPROGRESS) => {}
            Ok(0 | libc::EISCONN) => {
                e.stir();
                sys::set_errno(errno);
                return 0;
            }
            Ok(errno) | Err(errno) => return fail(errno) as c_int,
        }
    }
}
