//! recv and send in all their forms, and accept.
//!
//! Each attempt is the real call with MSG_DONTWAIT, so no O_NONBLOCK is ever set on a description that somebody else
//! may share. accept has no such form; see `wait::borrow`.

use super::{answer, attempted, fail, known};
use crate::hub::listeners::{self, mark, Entry, FileKind};
use crate::hub::{early, Task};
use crate::wait::borrow;
use crate::wait::trampoline::{self, blocking, Attempt, Outcome, Plan};
use crate::{below, runtime, sys};
use libc::{c_int, c_void, iovec, msghdr, size_t, sockaddr, socklen_t, ssize_t};

/// Flags with which a short answer says nothing about what is left.
const ODD_READS: c_int = libc::MSG_PEEK | libc::MSG_OOB | libc::MSG_TRUNC | libc::MSG_ERRQUEUE;

/// The engine of every receive: `real(flags)` is the call, `len` what it may take at most.
#[inline]
pub(super) fn receive(
    me: &'static Task,
    fd: c_int,
    flags: c_int,
    len: usize,
    real: impl Fn(c_int) -> sys::Result,
) -> ssize_t {
    let Some((e, kind)) = known::look(fd) else { return sys::to_libc(real(flags)) };
    // The error queue never waits, and out-of-band data has no edge of its own to wait for.
    if !kind.is_socket() || flags & (libc::MSG_ERRQUEUE | libc::MSG_OOB) != 0 {
        return sys::to_libc(real(flags));
    }
    let plan = Plan { dont_wait: flags & libc::MSG_DONTWAIT != 0, ..Plan::READ };
    let tcp = kind == FileKind::Tcp && flags & ODD_READS == 0;
    // Peeking for all of it goes on until it's there, or no more can come.
    let whole = libc::MSG_PEEK | libc::MSG_WAITALL;
    let whole = flags & whole == whole && !plan.dont_wait && kind != FileKind::Datagram;
    let outcome = blocking(me, fd, e, &plan, || match attempted(real(flags | libc::MSG_DONTWAIT)) {
        Attempt::Done(n) if tcp => taken(e, n, len),
        Attempt::Done(n) if whole && n > 0 && (n as usize) < len && !e.marked(mark::FINAL) => Attempt::Blocked,
        // The end of datagrams (shutdown(2)): only a call that could wait is told, at once.
        Attempt::Blocked if kind == FileKind::Datagram && e.marked(mark::FINAL) && !plan.dont_wait && is_shut(fd) => {
            attempted(real(flags))
        }
        other => other,
    });
    answer(outcome, || sys::to_libc(real(flags)))
}

fn is_shut(fd: c_int) -> bool {
    sys::poll_now(fd, libc::POLLRDHUP) & libc::POLLRDHUP != 0
}

/// A TCP read of `n` out of `len` bytes. A short one took all there was, unless the end or urgent data was seen.
#[inline]
pub fn taken(e: &Entry, n: ssize_t, len: usize) -> Attempt {
    if n > 0 && (n as usize) < len && !e.marked(mark::FINAL | mark::ODD) {
        Attempt::Drained(n)
    } else {
        Attempt::Done(n)
    }
}

/// recv and recvfrom: `real(buffer, length, flags)` is the call.
#[inline]
fn receive_into(
    me: &'static Task,
    fd: c_int,
    buf: *mut c_void,
    len: size_t,
    flags: c_int,
    real: impl Fn(*mut c_void, size_t, c_int) -> sys::Result,
) -> ssize_t {
    me.target.set(buf as *const u8);
    if waits_for_all(fd, flags, len) {
        let flags = flags & !libc::MSG_WAITALL | libc::MSG_DONTWAIT;
        return all(me, fd, len, |done| real(buf.wrapping_byte_add(done), len - done, flags));
    }
    receive(me, fd, flags, len, |flags| real(buf, len, flags))
}

/// What most receives are: from a TCP socket, without flags. Apart from the others for the sake of its frame, which is small:
/// memory that is far away when a thread goes on.
///
/// # Safety
/// The buffer must be the caller's to write to.
#[inline(never)]
unsafe fn receive_plainly(me: &'static Task, fd: c_int, e: &'static Entry, buf: *mut c_void, len: size_t) -> ssize_t {
    me.target.set(buf as *const u8);
    // SAFETY: by this function's contract.
    let call = |flags| unsafe { sys::recv(fd, buf as *mut u8, len, flags) };
    let outcome = blocking(me, fd, e, &Plan::READ, || match call(libc::MSG_DONTWAIT) {
        Ok(n) => taken(e, n as ssize_t, len),
        failed => attempted(failed),
    });
    answer(outcome, || sys::to_libc(call(0)))
}

/// recv(2)'s real function.
pub type Recv = unsafe extern "C" fn(c_int, *mut c_void, size_t, c_int) -> ssize_t;

/// The others.
///
/// # Safety
/// As for recv(2).
#[inline(never)]
unsafe fn receive_otherwise(
    me: &'static Task,
    real: Recv,
    fd: c_int,
    buf: *mut c_void,
    len: size_t,
    flags: c_int,
) -> ssize_t {
    // SAFETY: by this function's contract.
    receive_into(me, fd, buf, len, flags, |buf, len, flags| unsafe { sys::from_libc(|| real(fd, buf, len, flags)) })
}

pub unsafe fn recv(me: &'static Task, real: Recv, fd: c_int, buf: *mut c_void, len: size_t, flags: c_int) -> ssize_t {
    let plain = flags == 0 && below::is_straight();
    // With flags what's known is looked at once, by the others.
    if let Some((e, FileKind::Tcp)) = plain.then(|| known::look(fd)).flatten() {
        // SAFETY: the buffer is the caller's, as for recv(2).
        return unsafe { receive_plainly(me, fd, e, buf, len) };
    }
    // SAFETY: as above.
    unsafe { receive_otherwise(me, real, fd, buf, len, flags) }
}

/// recvfrom(2)'s real function.
pub type RecvFrom = unsafe extern "C" fn(c_int, *mut c_void, size_t, c_int, *mut sockaddr, *mut socklen_t) -> ssize_t;

#[allow(clippy::too_many_arguments)] // recvfrom(2) has six
pub unsafe fn recvfrom(
    me: &'static Task,
    real: RecvFrom,
    fd: c_int,
    buf: *mut c_void,
    len: size_t,
    flags: c_int,
    address: *mut sockaddr,
    address_len: *mut socklen_t,
) -> ssize_t {
    // SAFETY: buffer and address are the caller's, as for recvfrom(2).
    receive_into(me, fd, buf, len, flags, |buf, len, flags| unsafe {
        sys::from_libc(|| real(fd, buf, len, flags, address, address_len))
    })
}

/// recv(2) straight from the kernel, for names that have no plain form below them.
pub unsafe extern "C" fn kernel_recv(fd: c_int, buf: *mut c_void, len: size_t, flags: c_int) -> ssize_t {
    // SAFETY: as for recv(2).
    sys::to_libc(unsafe { sys::recv(fd, buf as *mut u8, len, flags) })
}

/// recvfrom(2) straight from the kernel.
pub unsafe extern "C" fn kernel_recvfrom(
    fd: c_int,
    buf: *mut c_void,
    len: size_t,
    flags: c_int,
    address: *mut sockaddr,
    address_len: *mut socklen_t,
) -> ssize_t {
    // SAFETY: as for recvfrom(2).
    sys::to_libc(unsafe {
        sys::syscall(
            libc::SYS_recvfrom,
            fd as usize,
            buf as usize,
            len,
            flags as usize,
            address as usize,
            address_len as usize,
        )
    })
}

pub unsafe fn recvmsg(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, *mut msghdr, c_int) -> ssize_t,
    fd: c_int,
    message: *mut msghdr,
    flags: c_int,
) -> ssize_t {
    // SAFETY: message is the caller's, as for recvmsg(2); a NULL one is left to the kernel's EFAULT.
    let Some(m) = (unsafe { message.as_mut() }) else { return unsafe { real(fd, message, flags) } };
    // SAFETY: as for recvmsg(2).
    let Some(buffers) = (unsafe { buffers(m.msg_iov, m.msg_iovlen) }) else {
        // SAFETY: as above.
        return unsafe { real(fd, message, flags) };
    };
    let len = total(buffers);
    if waits_for_all(fd, flags, len) {
        let (name, control) = (m.msg_namelen, m.msg_controllen);
        // SAFETY: as for recvmsg(2); what is left of the vector is built beside it.
        return all(me, fd, len, |done| unsafe {
            rest(buffers, done, |left, n| {
                let mut part = *m;
                (part.msg_iov, part.msg_iovlen, part.msg_namelen) = (left, n, name);
                part.msg_controllen = if done == 0 { control } else { 0 };
                let got = sys::from_libc(|| real(fd, &mut part, flags & !libc::MSG_WAITALL | libc::MSG_DONTWAIT));
                if got.is_ok() && done == 0 {
                    (m.msg_namelen, m.msg_controllen, m.msg_flags) =
                        (part.msg_namelen, part.msg_controllen, part.msg_flags);
                }
                got
            })
        });
    }
    // SAFETY: as above. A failed attempt leaves the header's lengths as they were.
    receive(me, fd, flags, len, |flags| sys::from_libc(|| unsafe { real(fd, message, flags) }))
}

/// Whether a call must go on until `len` bytes have come: MSG_WAITALL on a stream, and neither peeking nor polling.
fn waits_for_all(fd: c_int, flags: c_int, len: usize) -> bool {
    const OTHERS: c_int = libc::MSG_DONTWAIT | libc::MSG_PEEK | libc::MSG_OOB | libc::MSG_ERRQUEUE;
    flags & libc::MSG_WAITALL != 0
        && flags & OTHERS == 0
        && len > 0
        && matches!(known::look(fd), Some((_, FileKind::Tcp | FileKind::Stream)))
}

/// MSG_WAITALL: `real(done)` takes more behind the `done` bytes that are there; until `len`, the end, or an error.
/// (Not inlined: what is parked in a plain receive should have a small frame.)
#[inline(never)]
fn all(me: &'static Task, fd: c_int, len: usize, mut real: impl FnMut(usize) -> sys::Result) -> ssize_t {
    let Some((e, kind)) = known::look(fd) else { return sys::to_libc(real(0)) };
    let mut done = 0;
    let outcome = blocking(me, fd, e, &Plan::READ, || loop {
        match attempted(real(done)) {
            Attempt::Done(0) => return Attempt::Done(done as ssize_t),
            Attempt::Done(n) => {
                let short = kind == FileKind::Tcp && matches!(taken(e, n, len - done), Attempt::Drained(_));
                done += n as usize;
                if done == len {
                    return Attempt::Done(done as ssize_t);
                }
                if short {
                    return Attempt::Partly;
                }
            }
            Attempt::Failed(_) if done > 0 => return Attempt::Done(done as ssize_t),
            Attempt::Blocked if done > 0 => return Attempt::Partly,
            other => return other,
        }
    });
    partial(outcome, done)
}

/// What a stream operation answers that was cut short after `done` bytes: those bytes.
fn partial(outcome: Outcome, done: usize) -> ssize_t {
    match outcome {
        Outcome::Done(n) => n,
        _ if done > 0 => done as ssize_t,
        Outcome::Failed(e) => fail(e),
        Outcome::Native => fail(libc::EAGAIN),
    }
}

/// The engine of every send: `real(done, flags)` sends what comes behind the `done` bytes that are gone. A blocking
/// send on a stream returns only when all `len` bytes are gone.
#[inline]
pub(super) fn transmit(
    me: &'static Task,
    fd: c_int,
    flags: c_int,
    len: usize,
    mut real: impl FnMut(usize, c_int) -> sys::Result,
) -> ssize_t {
    let Some((e, kind)) = known::look(fd) else { return sys::to_libc(real(0, flags)) };
    // Fast open connects as it sends, for which there's no form that doesn't wait.
    if !kind.is_socket() || flags & libc::MSG_FASTOPEN != 0 {
        return sys::to_libc(real(0, flags));
    }
    let plan = Plan { dont_wait: flags & libc::MSG_DONTWAIT != 0, ..Plan::WRITE };
    if kind == FileKind::Datagram || plan.dont_wait {
        let outcome = blocking(me, fd, e, &plan, || attempted(real(0, flags | libc::MSG_DONTWAIT)));
        return answer(outcome, || sys::to_libc(real(0, flags)));
    }
    let mut done = 0;
    let outcome = blocking(me, fd, e, &plan, || loop {
        // What has begun as one call must not raise SIGPIPE in its middle: natively it would answer what it sent.
        let more = if done > 0 { libc::MSG_NOSIGNAL } else { 0 };
        match attempted(real(done, flags | libc::MSG_DONTWAIT | more)) {
            Attempt::Done(n) => {
                done += n as usize;
                if done >= len || trampoline::nonblocking(fd, e) {
                    return Attempt::Done(done as ssize_t);
                }
                // The kernel took a part because its buffer is full: the edge for more room is bound to come.
                if kind == FileKind::Tcp {
                    return Attempt::Partly;
                }
            }
            Attempt::Failed(_) if done > 0 => return Attempt::Done(done as ssize_t),
            Attempt::Blocked if done > 0 => return Attempt::Partly,
            other => return other,
        }
    });
    match outcome {
        Outcome::Native if done == 0 => sys::to_libc(real(0, flags)),
        outcome => partial(outcome, done),
    }
}

pub unsafe fn send(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, *const c_void, size_t, c_int) -> ssize_t,
    fd: c_int,
    buf: *const c_void,
    len: size_t,
    flags: c_int,
) -> ssize_t {
    // SAFETY: the buffer is the caller's, as for send(2).
    transmit(me, fd, flags, len, |done, flags| unsafe {
        if below::is_straight() {
            sys::send(fd, buf.byte_add(done) as *const u8, len - done, flags)
        } else {
            sys::from_libc(|| real(fd, buf.byte_add(done), len - done, flags))
        }
    })
}

#[allow(clippy::too_many_arguments)] // sendto(2) has six
pub unsafe fn sendto(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, *const c_void, size_t, c_int, *const sockaddr, socklen_t) -> ssize_t,
    fd: c_int,
    buf: *const c_void,
    len: size_t,
    flags: c_int,
    address: *const sockaddr,
    address_len: socklen_t,
) -> ssize_t {
    // SAFETY: buffer and address are the caller's, as for sendto(2).
    transmit(me, fd, flags, len, |done, flags| unsafe {
        sys::from_libc(|| real(fd, buf.byte_add(done), len - done, flags, address, address_len))
    })
}

pub unsafe fn sendmsg(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, *const msghdr, c_int) -> ssize_t,
    fd: c_int,
    message: *const msghdr,
    flags: c_int,
) -> ssize_t {
    // SAFETY: message is the caller's, as for sendmsg(2); NULL is left to the kernel's EFAULT.
    let Some(m) = (unsafe { message.as_ref() }) else { return unsafe { real(fd, message, flags) } };
    // SAFETY: as for sendmsg(2).
    let Some(buffers) = (unsafe { buffers(m.msg_iov, m.msg_iovlen) }) else {
        // SAFETY: as above.
        return unsafe { real(fd, message, flags) };
    };
    // SAFETY: as above.
    unsafe { note_passed(m) };
    // SAFETY: as above. Ancillary data goes with the first bytes only.
    transmit(me, fd, flags, total(buffers), |done, flags| unsafe {
        if done == 0 {
            return sys::from_libc(|| real(fd, message, flags));
        }
        rest(buffers, done, |left, n| {
            let part =
                msghdr { msg_iov: left, msg_iovlen: n, msg_control: core::ptr::null_mut(), msg_controllen: 0, ..*m };
            sys::from_libc(|| real(fd, &part, flags))
        })
    })
}

/// A message to or from somebody else, on a thread that isn't green: it may hand descriptors over.
///
/// # Safety
/// As for sendmsg(2).
pub unsafe fn note_message(message: *const msghdr) {
    // SAFETY: by this function's contract.
    if unsafe { message.as_ref() }.is_some_and(|m| m.msg_controllen > 0) {
        early::shared();
    }
}

/// Descriptors that a message hands to somebody else (SCM_RIGHTS, unix(7)) are shared from now on.
///
/// # Safety
/// As for sendmsg(2).
pub(super) unsafe fn note_passed(m: &msghdr) {
    if m.msg_control.is_null() || m.msg_controllen == 0 {
        return;
    }
    // SAFETY: by this function's contract; the macros' functions keep within the control data.
    unsafe {
        let mut header = libc::CMSG_FIRSTHDR(m);
        while let Some(h) = header.as_ref() {
            if (h.cmsg_level, h.cmsg_type) == (libc::SOL_SOCKET, libc::SCM_RIGHTS) {
                let bytes = h.cmsg_len.saturating_sub(libc::CMSG_LEN(0) as usize);
                let fds = libc::CMSG_DATA(header) as *const c_int;
                for i in 0..bytes / size_of::<c_int>() {
                    if let Some(e) = listeners::entry(fds.add(i).read_unaligned()) {
                        e.share();
                    }
                }
            }
            header = libc::CMSG_NXTHDR(m, header);
        }
    }
}

/// A vector of buffers as a slice; None if it's one that the kernel refuses (readv(2): more than IOV_MAX).
///
/// # Safety
/// As for readv(2).
pub unsafe fn buffers<'a>(iov: *const iovec, n: usize) -> Option<&'a [iovec]> {
    if n > 1024 || (iov.is_null() && n > 0) {
        return None;
    }
    // SAFETY: by this function's contract.
    Some(if n == 0 { &[] } else { unsafe { core::slice::from_raw_parts(iov, n) } })
}

/// The bytes in a vector.
pub fn total(buffers: &[iovec]) -> usize {
    buffers.iter().fold(0, |n, b| n.saturating_add(b.iov_len))
}

/// Calls `f` with the part of a vector behind its first `done` bytes, some of it at a time.
pub fn rest<R>(buffers: &[iovec], mut done: usize, f: impl FnOnce(*mut iovec, usize) -> R) -> R {
    const SOME: usize = 16;
    let mut left = [iovec { iov_base: core::ptr::null_mut(), iov_len: 0 }; SOME];
    let mut n = 0;
    for b in buffers {
        if done >= b.iov_len {
            done -= b.iov_len;
        } else if n < SOME {
            left[n] = iovec { iov_base: b.iov_base.wrapping_byte_add(done), iov_len: b.iov_len - done };
            (n, done) = (n + 1, 0);
        }
    }
    f(left.as_mut_ptr(), n)
}

/// accept on a thread that isn't green: in place. But another process, whose threads are, may have the flag on loan when the kernel looks
/// (`wait::borrow`).
fn accept_in_place(fd: c_int, real: impl Fn() -> c_int) -> c_int {
    loop {
        let since = sys::now();
        let new = real();
        if new >= 0 || sys::errno() != libc::EAGAIN {
            return new;
        }
        let timeout = sys::socket_timeout(fd, libc::SO_RCVTIMEO).unwrap_or(0);
        let in_time = timeout == 0 || sys::now() - since < timeout;
        if !in_time || borrow::is_nonblocking_socket(fd) {
            sys::set_errno(libc::EAGAIN);
            return new;
        }
    }
}

/// The engine of accept and accept4: `real()` is the call.
pub fn accept(me: Option<&'static Task>, fd: c_int, flags: c_int, real: impl Fn() -> c_int) -> c_int {
    let Some(me) = me else {
        let new = accept_in_place(fd, real);
        if !runtime::is_active() {
            early::made(new);
        }
        return new;
    };
    let Some((e, kind)) = known::look(fd) else { return real() };
    if !matches!(kind, FileKind::Tcp | FileKind::Stream | FileKind::Datagram) {
        return real();
    }
    let outcome = blocking(me, fd, e, &Plan::READ, || {
        match borrow::nonblocking(fd, || attempted(sys::from_libc(|| real() as ssize_t))) {
            Ok(attempt) => attempt,
            Err(errno) => Attempt::Failed(errno),
        }
    });
    let new = answer(outcome, || real() as ssize_t) as c_int;
    if new >= 0 {
        known::accepted(new, e, flags);
    }
    new
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_a_vector_begins_behind_what_is_done() {
        let text = *b"abcdefghij";
        let at = |i: usize, n| iovec { iov_base: text.as_ptr().wrapping_add(i) as *mut c_void, iov_len: n };
        let v = [at(0, 3), at(3, 0), at(3, 4), at(7, 3)];
        for done in 0..10 {
            let mut got = Vec::new();
            rest(&v, done, |p, n| {
                // SAFETY: `rest` gives n valid buffers within `text`.
                for b in unsafe { core::slice::from_raw_parts(p, n) } {
                    // SAFETY: as above.
                    got.extend_from_slice(unsafe { core::slice::from_raw_parts(b.iov_base as *const u8, b.iov_len) });
                }
                0
            });
            assert_eq!(got, &text[done..], "done {done}");
        }
    }
}
