//! read and write in all their forms, on whatever the descriptor is.
//!
//! Sockets: as recv and send. Pipes, eventfds and the like: preadv2/pwritev2 with RWF_NOWAIT, which changes nothing
//! on the description; where the kernel doesn't know it (ttys; pipes before Linux 6.5), poll first and then make the
//! real call. Regular files never wait: the real call, in place.

use super::through_ring::{through_ring, Operation};
use super::{answer, attempted, fail, known, socket};
use crate::hub::listeners::{self, mark, Entry, FileKind};
use crate::hub::Task;
use crate::sys;
use crate::wait::natively::natively;
use crate::wait::trampoline::{blocking, nonblocking, Attempt, Outcome, Plan};
use libc::{c_int, c_void, iovec, msghdr, off64_t, size_t, ssize_t};

/// What a write to a pipe of up to this size does is atomic, and fits when poll says writable (pipe(7)).
const PIPE_BUF: usize = libc::PIPE_BUF;

/// Not in the libc crate's list for every target: do not wait (preadv2(2)).
const RWF_NOWAIT: c_int = 8;

pub unsafe fn read(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, *mut c_void, size_t) -> ssize_t,
    fd: c_int,
    buf: *mut c_void,
    len: size_t,
) -> ssize_t {
    let one = [iovec { iov_base: buf, iov_len: len }];
    // SAFETY: the buffer is the caller's, as for read(2).
    unsafe { read_buffers(me, fd, &one, &|| real(fd, buf, len)) }
}

pub unsafe fn readv(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, *const iovec, c_int) -> ssize_t,
    fd: c_int,
    iov: *const iovec,
    n: c_int,
) -> ssize_t {
    // SAFETY: as for readv(2); a vector that the kernel refuses goes to it.
    match unsafe { socket::buffers(iov, n as usize) } {
        // SAFETY: as above.
        Some(buffers) => unsafe { read_buffers(me, fd, buffers, &|| real(fd, iov, n)) },
        // SAFETY: as above.
        None => unsafe { real(fd, iov, n) },
    }
}

pub unsafe fn write(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, *const c_void, size_t) -> ssize_t,
    fd: c_int,
    buf: *const c_void,
    len: size_t,
) -> ssize_t {
    let one = [iovec { iov_base: buf as *mut c_void, iov_len: len }];
    // SAFETY: the buffer is the caller's, as for write(2).
    unsafe { write_buffers(me, fd, &one, &|| real(fd, buf, len)) }
}

pub unsafe fn writev(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, *const iovec, c_int) -> ssize_t,
    fd: c_int,
    iov: *const iovec,
    n: c_int,
) -> ssize_t {
    // SAFETY: as for writev(2).
    match unsafe { socket::buffers(iov, n as usize) } {
        // SAFETY: as above.
        Some(buffers) => unsafe { write_buffers(me, fd, buffers, &|| real(fd, iov, n)) },
        // SAFETY: as above.
        None => unsafe { real(fd, iov, n) },
    }
}

/// Flags that mean nothing but to a file: RWF_HIPRI, RWF_DSYNC, RWF_SYNC, RWF_APPEND.
const RWF_PLAIN: c_int = 1 | 2 | 4 | 16;

/// The buffers of a call that's as readv(2) or writev(2): at the position that there is, with no flag that matters.
///
/// # Safety
/// As for readv(2).
unsafe fn plain_vector<'a>(iov: *const iovec, n: c_int, offset: off64_t, flags: c_int) -> Option<&'a [iovec]> {
    if offset != -1 || flags & !RWF_PLAIN != 0 {
        return None;
    }
    // SAFETY: by this function's contract.
    unsafe { socket::buffers(iov, n as usize) }
}

/// preadv2(2). With an offset only the disk is waited for; without (-1) it's readv.
pub unsafe fn preadv2(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, *const iovec, c_int, off64_t, c_int) -> ssize_t,
    fd: c_int,
    iov: *const iovec,
    n: c_int,
    offset: off64_t,
    flags: c_int,
) -> ssize_t {
    // SAFETY: as for preadv2(2), here and below.
    let call = || unsafe { real(fd, iov, n, offset, flags) };
    // SAFETY: as above.
    unsafe { plain_vector(iov, n, offset, flags).map_or_else(call, |buffers| read_buffers(me, fd, buffers, &call)) }
}

/// pwritev2(2), likewise.
pub unsafe fn pwritev2(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, *const iovec, c_int, off64_t, c_int) -> ssize_t,
    fd: c_int,
    iov: *const iovec,
    n: c_int,
    offset: off64_t,
    flags: c_int,
) -> ssize_t {
    // SAFETY: as for pwritev2(2), here and below.
    let call = || unsafe { real(fd, iov, n, offset, flags) };
    // SAFETY: as above.
    unsafe { plain_vector(iov, n, offset, flags).map_or_else(call, |buffers| write_buffers(me, fd, buffers, &call)) }
}

/// What we took for a socket is none: the number was closed and opened again behind our back (by libc itself, or a raw
/// system call). Forgets what was noted, so that another try looks anew.
fn replaced(fd: c_int, r: ssize_t) -> Option<()> {
    if r >= 0 || sys::errno() != libc::ENOTSOCK {
        return None;
    }
    listeners::forget(fd);
    Some(())
}

/// # Safety
/// The buffers must be the caller's to read into.
unsafe fn read_buffers(me: &'static Task, fd: c_int, buffers: &[iovec], real: &dyn Fn() -> ssize_t) -> ssize_t {
    let len = socket::total(buffers);
    let Some((e, kind)) = known::look(fd) else { return real() };
    match kind {
        // A read of nothing returns at once and finds no error.
        _ if len == 0 => real(),
        FileKind::Regular => {
            // SAFETY: by this function's contract.
            unsafe { through_ring(me, Operation::Read { fd, buffers, offset: -1 }) }.unwrap_or_else(real)
        }
        FileKind::Unknown => real(),
        FileKind::Tcp | FileKind::Stream | FileKind::Datagram => {
            // SAFETY: by this function's contract.
            let r = socket::receive(me, fd, 0, len, |flags| unsafe { receive_buffers(fd, buffers, flags) });
            // SAFETY: as above.
            replaced(fd, r).map_or(r, |()| unsafe { read_buffers(me, fd, buffers, real) })
        }
        FileKind::Pipe | FileKind::Device | FileKind::Anonymous => {
            let outcome = blocking(me, fd, e, &Plan::READ, || {
                if !e.marked(mark::NO_NOWAIT) {
                    // SAFETY: by this function's contract.
                    match unsafe { sys::readv_flags(fd, buffers.as_ptr(), buffers.len() as c_int, RWF_NOWAIT) } {
                        Ok(n) => return Attempt::Done(n as ssize_t),
                        Err(libc::EAGAIN) => return Attempt::Blocked,
                        Err(libc::EOPNOTSUPP | libc::ENOSYS | libc::ESPIPE) => e.set_mark(mark::NO_NOWAIT),
                        Err(errno) => return Attempt::Failed(errno),
                    }
                }
                if kind == FileKind::Device && !nonblocking(fd, e) && sys::reads_by_count(fd) {
                    return attempted(natively(|| sys::from_libc(real)));
                }
                if sys::poll_now(fd, libc::POLLIN) == 0 && !nonblocking(fd, e) {
                    return Attempt::Blocked;
                }
                attempted(sys::from_libc(real))
            });
            answer(outcome, real)
        }
    }
}

/// # Safety
/// The buffers must be the caller's to write from.
unsafe fn write_buffers(me: &'static Task, fd: c_int, buffers: &[iovec], real: &dyn Fn() -> ssize_t) -> ssize_t {
    let len = socket::total(buffers);
    let Some((e, kind)) = known::look(fd) else { return real() };
    match kind {
        FileKind::Regular => {
            // SAFETY: by this function's contract.
            unsafe { through_ring(me, Operation::Write { fd, buffers, offset: -1 }) }.unwrap_or_else(real)
        }
        FileKind::Unknown => real(),
        FileKind::Tcp | FileKind::Stream | FileKind::Datagram => {
            // SAFETY: by this function's contract.
            let r = socket::transmit(me, fd, 0, len, |done, flags| unsafe { send_buffers(fd, buffers, done, flags) });
            // SAFETY: as above.
            replaced(fd, r).map_or(r, |()| unsafe { write_buffers(me, fd, buffers, real) })
        }
        _ if len == 0 => real(),
        FileKind::Pipe | FileKind::Device | FileKind::Anonymous => {
            let mut done = 0;
            let outcome = blocking(me, fd, e, &Plan::WRITE, || loop {
                // SAFETY: by this function's contract.
                match unsafe { write_some(fd, e, buffers, done) } {
                    Attempt::Done(n) => {
                        done += n as usize;
                        if done >= len || n == 0 || nonblocking(fd, e) {
                            return Attempt::Done(done as ssize_t);
                        }
                    }
                    Attempt::Failed(_) if done > 0 => return Attempt::Done(done as ssize_t),
                    Attempt::Blocked if done > 0 => return Attempt::Partly,
                    other => return other,
                }
            });
            match outcome {
                Outcome::Done(n) => n,
                Outcome::Native if done == 0 => real(),
                _ if done > 0 => done as ssize_t,
                Outcome::Failed(errno) => fail(errno),
                Outcome::Native => done as ssize_t,
            }
        }
    }
}

/// One attempt to write what comes behind the first `done` bytes, to something that's neither socket nor file.
///
/// # Safety
/// The buffers must be readable.
unsafe fn write_some(fd: c_int, e: &Entry, buffers: &[iovec], done: usize) -> Attempt {
    let put = |flags, most: usize| {
        if done == 0 && most == usize::MAX {
            // Whole, for a pipe's atomicity and packets.
            // SAFETY: by this function's contract.
            return attempted(unsafe { sys::writev_flags(fd, buffers.as_ptr(), buffers.len() as c_int, flags) });
        }
        let r = socket::rest(buffers, done, |left, mut n| {
            if most < usize::MAX {
                // SAFETY: `rest` gives at least one buffer while bytes are left.
                unsafe { (*left).iov_len = (*left).iov_len.min(most) };
                n = 1;
            }
            // SAFETY: by this function's contract.
            unsafe { sys::writev_flags(fd, left, n as c_int, flags) }
        });
        attempted(r)
    };
    if !e.marked(mark::NO_NOWAIT) {
        match put(RWF_NOWAIT, usize::MAX) {
            Attempt::Failed(libc::EOPNOTSUPP | libc::ENOSYS | libc::ESPIPE) => e.set_mark(mark::NO_NOWAIT),
            other => return other,
        }
    }
    if sys::poll_now(fd, libc::POLLOUT) == 0 && !nonblocking(fd, e) {
        return Attempt::Blocked;
    }
    // Only a pipe tells how much fits; a device takes it all, as natively.
    put(0, if e.kind() == FileKind::Pipe && !nonblocking(fd, e) { PIPE_BUF } else { usize::MAX })
}

fn header(iov: *mut iovec, n: usize) -> msghdr {
    // SAFETY: an all-zero msghdr is valid: no name, no control data.
    let mut m: msghdr = unsafe { core::mem::zeroed() };
    (m.msg_iov, m.msg_iovlen) = (iov, n);
    m
}

/// recvmsg(2) into a vector; the plainer call for one buffer.
///
/// # Safety
/// The buffers must be writable.
unsafe fn receive_buffers(fd: c_int, buffers: &[iovec], flags: c_int) -> sys::Result {
    // SAFETY: by this function's contract.
    unsafe {
        match buffers {
            [one] => sys::recv(fd, one.iov_base as *mut u8, one.iov_len, flags),
            _ => sys::recvmsg(fd, &mut header(buffers.as_ptr() as *mut iovec, buffers.len()), flags),
        }
    }
}

/// sendmsg(2) of what comes behind the first `done` bytes of a vector; the plainer call for one buffer.
///
/// # Safety
/// The buffers must be readable.
unsafe fn send_buffers(fd: c_int, buffers: &[iovec], done: usize, flags: c_int) -> sys::Result {
    // SAFETY: by this function's contract.
    unsafe {
        match buffers {
            [one] => sys::send(fd, (one.iov_base as *const u8).add(done), one.iov_len - done, flags),
            _ if done == 0 => sys::sendmsg(fd, &header(buffers.as_ptr() as *mut iovec, buffers.len()), flags),
            _ => socket::rest(buffers, done, |left, n| sys::sendmsg(fd, &header(left, n), flags)),
        }
    }
}

/// read(2) straight from the kernel, for names that have no plain form below them.
pub unsafe extern "C" fn kernel_read(fd: c_int, buf: *mut c_void, len: size_t) -> ssize_t {
    // SAFETY: as for read(2).
    sys::to_libc(unsafe { sys::syscall(libc::SYS_read, fd as usize, buf as usize, len, 0, 0, 0) })
}

/// write(2) straight from the kernel, likewise.
pub unsafe extern "C" fn kernel_write(fd: c_int, buf: *const c_void, len: size_t) -> ssize_t {
    // SAFETY: as for write(2).
    sys::to_libc(unsafe { sys::syscall(libc::SYS_write, fd as usize, buf as usize, len, 0, 0, 0) })
}
