//! The life of descriptors: made, doubled, flagged, closed. Called on any thread once the process is active, since
//! a foreign thread's close matters to green ones too; what makes or doubles one always, for what's known of it then (`early`).

use super::{known, locks, socket};
use crate::hub::listeners::{self, mark, Direction};
use crate::hub::Task;
use crate::hub::{early, fleet, poller};
use crate::wait::borrow;
use crate::wait::trampoline::note_nonblocking;
use crate::{runtime, sys};
use libc::{c_int, c_long, c_uint, c_ulong, c_void, sockaddr, socklen_t};

pub unsafe fn socket(
    real: unsafe extern "C" fn(c_int, c_int, c_int) -> c_int,
    domain: c_int,
    kind: c_int,
    protocol: c_int,
) -> c_int {
    // SAFETY: no memory is involved.
    let fd = unsafe { real(domain, kind, protocol) };
    match runtime::is_active() {
        true => known::made_socket(fd, domain, kind, protocol),
        false => early::made(fd),
    }
    fd
}

pub unsafe fn socketpair(
    real: unsafe extern "C" fn(c_int, c_int, c_int, *mut c_int) -> c_int,
    domain: c_int,
    kind: c_int,
    protocol: c_int,
    pair: *mut c_int,
) -> c_int {
    // SAFETY: pair is the caller's, as for socketpair(2), and filled on success.
    unsafe {
        let r = real(domain, kind, protocol, pair);
        match runtime::is_active() {
            _ if r != 0 => {}
            true => known::made_pair([*pair, *pair.add(1)], domain, kind, protocol),
            false => [*pair, *pair.add(1)].into_iter().for_each(early::made),
        }
        r
    }
}

pub unsafe fn pipe(real: unsafe extern "C" fn(*mut c_int) -> c_int, ends: *mut c_int) -> c_int {
    // SAFETY: ends is the caller's, as for pipe(2).
    unsafe { made_pipe(real(ends), ends, 0) }
}

pub unsafe fn pipe2(real: unsafe extern "C" fn(*mut c_int, c_int) -> c_int, ends: *mut c_int, flags: c_int) -> c_int {
    // SAFETY: ends is the caller's, as for pipe2(2).
    unsafe { made_pipe(real(ends, flags), ends, flags) }
}

/// # Safety
/// Two descriptors at `ends` if `r` is 0.
unsafe fn made_pipe(r: c_int, ends: *mut c_int, flags: c_int) -> c_int {
    if r == 0 {
        // SAFETY: by this function's contract.
        let ends = unsafe { [*ends, *ends.add(1)] };
        match runtime::is_active() {
            true => known::made_pipe(ends, flags),
            false => early::made_pipe(ends),
        }
    }
    r
}

pub unsafe fn accept(
    me: Option<&'static Task>,
    real: unsafe extern "C" fn(c_int, *mut sockaddr, *mut socklen_t) -> c_int,
    fd: c_int,
    address: *mut sockaddr,
    len: *mut socklen_t,
) -> c_int {
    // SAFETY: the address is the caller's, as for accept(2).
    socket::accept(me, fd, 0, || unsafe { real(fd, address, len) })
}

pub unsafe fn accept4(
    me: Option<&'static Task>,
    real: unsafe extern "C" fn(c_int, *mut sockaddr, *mut socklen_t, c_int) -> c_int,
    fd: c_int,
    address: *mut sockaddr,
    len: *mut socklen_t,
    flags: c_int,
) -> c_int {
    // SAFETY: as for accept4(2).
    socket::accept(me, fd, flags, || unsafe { real(fd, address, len, flags) })
}

/// close(2), and every call that closes one number. Whoever waits on it is woken (EBADF) before the number can be
/// given out again.
pub unsafe fn close(real: unsafe extern "C" fn(c_int) -> c_int, fd: c_int) -> c_int {
    if listeners::is_ours(fd) {
        // As far as the program knows nothing is open there.
        return super::fail(libc::EBADF) as c_int;
    }
    listeners::forget(fd);
    let life = listeners::life(fd);
    // SAFETY: as for close(2).
    let r = unsafe { real(fd) };
    listeners::forget_latecomers(fd, life);
    r
}

/// Before libc closes a stream's descriptor (fclose(3) and its like).
///
/// # Safety
/// An open stream.
pub unsafe fn before_closing_stream(stream: *mut libc::FILE) {
    let errno = sys::errno();
    // SAFETY: by this function's contract. A stream without a descriptor answers -1, which has no entry.
    listeners::forget(unsafe { libc::fileno(stream) });
    sys::set_errno(errno);
}

pub unsafe fn close_range(
    real: unsafe extern "C" fn(c_uint, c_uint, c_int) -> c_int,
    first: c_uint,
    last: c_uint,
    flags: c_int,
) -> c_int {
    if flags & !(libc::CLOSE_RANGE_UNSHARE as c_int) != 0 || first > last {
        // SAFETY: no memory is involved.
        return unsafe { real(first, last, flags) };
    }
    // SAFETY: as above.
    around_ours(first, last, |first, last| unsafe { real(first, last, flags) })
}

pub unsafe fn closefrom(_: unsafe extern "C" fn(c_int), first: c_int) {
    around_ours(first.max(0) as c_uint, c_uint::MAX, sys::close_range);
}

/// Closes a range of numbers but for our own, piece by piece; the first failure, or 0.
fn around_ours(first: c_uint, last: c_uint, mut close: impl FnMut(c_uint, c_uint) -> c_int) -> c_int {
    let (soft, _) = sys::limit(libc::RLIMIT_NOFILE);
    let mut begin = first;
    // Ours may lie beyond the limit.
    let end = soft.min(1 << 20).max((poller::highest() + 1) as u64) as c_uint;
    for fd in first..=last.min(end) {
        if !listeners::is_ours(fd as c_int) {
            listeners::forget(fd as c_int);
            continue;
        }
        if begin < fd && close(begin, fd - 1) != 0 {
            return -1;
        }
        begin = fd + 1;
    }
    if begin <= last {
        return close(begin, last);
    }
    0
}

/// shutdown(2): whoever waits tries again, and finds the end.
pub unsafe fn shutdown(real: unsafe extern "C" fn(c_int, c_int) -> c_int, fd: c_int, how: c_int) -> c_int {
    // SAFETY: no memory is involved.
    let r = unsafe { real(fd, how) };
    if let (0, Some(e)) = (r, listeners::entry(fd)) {
        e.set_mark(mark::FINAL);
        e.stir();
    }
    r
}

pub unsafe fn dup(real: unsafe extern "C" fn(c_int) -> c_int, fd: c_int) -> c_int {
    // SAFETY: no memory is involved.
    doubled(fd, unsafe { real(fd) })
}

pub unsafe fn dup2(real: unsafe extern "C" fn(c_int, c_int) -> c_int, fd: c_int, onto: c_int) -> c_int {
    if let Err(errno) = before_replacing(fd, onto) {
        return super::fail(errno) as c_int;
    }
    // SAFETY: no memory is involved.
    doubled(fd, unsafe { real(fd, onto) })
}

pub unsafe fn dup3(
    real: unsafe extern "C" fn(c_int, c_int, c_int) -> c_int,
    fd: c_int,
    onto: c_int,
    flags: c_int,
) -> c_int {
    if fd == onto || flags & !libc::O_CLOEXEC != 0 {
        // The kernel says what is wrong (EINVAL), and replaces nothing.
        // SAFETY: no memory is involved.
        return unsafe { real(fd, onto, flags) };
    }
    if let Err(errno) = before_replacing(fd, onto) {
        return super::fail(errno) as c_int;
    }
    // SAFETY: as above.
    doubled(fd, unsafe { real(fd, onto, flags) })
}

/// EBADF: it's one of our own, so as far as the program knows it isn't open. EMFILE: `onto` is, and can't make way.
fn before_replacing(fd: c_int, onto: c_int) -> sys::Result<()> {
    if !runtime::is_active() {
        return Ok(());
    }
    if listeners::is_ours(fd) {
        return Err(libc::EBADF);
    }
    // dup2 of an fd that isn't open, or onto itself, closes nothing.
    if fd != onto && sys::fcntl(fd, libc::F_GETFD, 0).is_ok() {
        if listeners::is_ours(onto) {
            fleet::make_way(onto)?;
        }
        listeners::forget(onto);
    }
    Ok(())
}

/// `new` is a second number for what `fd` refers to: from now on nothing about either may be cached.
fn doubled(fd: c_int, new: c_int) -> c_int {
    if new < 0 || new == fd {
        return new;
    }
    if !runtime::is_active() {
        early::doubled(fd, new);
        return new;
    }
    let (Some(old), Some(e)) = (listeners::entry(fd), listeners::fresh(new)) else { return new };
    old.share();
    e.set_kind(old.kind());
    e.share();
    new
}

/// fcntl(2). x86-64 passes a variadic argument as any other, so the third is always there to pass on.
pub unsafe fn fcntl(
    real: unsafe extern "C" fn(c_int, c_int, c_long) -> c_int,
    fd: c_int,
    cmd: c_int,
    arg: c_long,
) -> c_int {
    // SAFETY: the arguments are the caller's, as for fcntl(2).
    let call = || unsafe { real(fd, cmd, arg) };
    match cmd {
        libc::F_DUPFD | libc::F_DUPFD_CLOEXEC => doubled(fd, call()),
        _ if !runtime::is_active() => call(),
        libc::F_GETFL => borrow::with_own_flags(fd, call),
        libc::F_SETFL => {
            let r = borrow::with_own_flags(fd, call);
            if r == 0 {
                flags_set(fd, arg as c_int & libc::O_NONBLOCK != 0);
            }
            r
        }
        // SAFETY: as above.
        libc::F_SETLKW | libc::F_OFD_SETLKW => unsafe { locks::set_lock(real, fd, cmd, arg) },
        _ => call(),
    }
}

/// ioctl(2); FIONBIO is another way to set O_NONBLOCK.
pub unsafe fn ioctl(
    real: unsafe extern "C" fn(c_int, c_ulong, *mut c_void) -> c_int,
    fd: c_int,
    request: c_ulong,
    arg: *mut c_void,
) -> c_int {
    // SAFETY: the arguments are the caller's, as for ioctl(2).
    let call = || unsafe { real(fd, request, arg) };
    if request != libc::FIONBIO {
        return call();
    }
    let r = borrow::with_own_flags(fd, call);
    if r == 0 {
        // SAFETY: the kernel has read the int at arg.
        flags_set(fd, unsafe { *(arg as *const c_int) } != 0);
    }
    r
}

fn flags_set(fd: c_int, nonblocking: bool) {
    if let Some(e) = listeners::entry(fd) {
        note_nonblocking(e, nonblocking);
    }
}

/// setsockopt(2): timeouts are deadlines of ours; some options make short reads meaningless.
pub unsafe fn setsockopt(
    real: unsafe extern "C" fn(c_int, c_int, c_int, *const c_void, socklen_t) -> c_int,
    fd: c_int,
    level: c_int,
    name: c_int,
    value: *const c_void,
    len: socklen_t,
) -> c_int {
    // SAFETY: value is the caller's, as for setsockopt(2).
    let r = unsafe { real(fd, level, name, value, len) };
    let (0, Some(e)) = (r, listeners::entry(fd)) else { return r };
    match (level, name) {
        (libc::SOL_SOCKET, libc::SO_RCVTIMEO) => {
            e.set_timeout(Direction::Read, sys::socket_timeout(fd, name).unwrap_or(0))
        }
        (libc::SOL_SOCKET, libc::SO_SNDTIMEO) => {
            e.set_timeout(Direction::Write, sys::socket_timeout(fd, name).unwrap_or(0))
        }
        (libc::SOL_SOCKET, libc::SO_RCVLOWAT) | (libc::IPPROTO_TCP, libc::TCP_ULP) => {
            e.set_mark(mark::ODD);
            e.stir();
        }
        _ => {}
    }
    r
}

/// close(2) straight from the kernel, for syscall(2).
pub unsafe extern "C" fn kernel_close(fd: c_int) -> c_int {
    // SAFETY: no memory is involved, here and below.
    sys::to_libc(unsafe { sys::syscall(libc::SYS_close, fd as usize, 0, 0, 0, 0, 0) }) as c_int
}

/// close_range(2), likewise.
pub unsafe extern "C" fn kernel_close_range(first: c_uint, last: c_uint, flags: c_int) -> c_int {
    let (first, last, flags) = (first as usize, last as usize, flags as usize);
    // SAFETY: as above.
    sys::to_libc(unsafe { sys::syscall(libc::SYS_close_range, first, last, flags, 0, 0, 0) }) as c_int
}

/// dup(2), likewise.
pub unsafe extern "C" fn kernel_dup(fd: c_int) -> c_int {
    // SAFETY: as above.
    sys::to_libc(unsafe { sys::syscall(libc::SYS_dup, fd as usize, 0, 0, 0, 0, 0) }) as c_int
}

/// dup2(2), likewise.
pub unsafe extern "C" fn kernel_dup2(fd: c_int, onto: c_int) -> c_int {
    // SAFETY: as above.
    sys::to_libc(unsafe { sys::syscall(libc::SYS_dup2, fd as usize, onto as usize, 0, 0, 0, 0) }) as c_int
}

/// dup3(2), likewise.
pub unsafe extern "C" fn kernel_dup3(fd: c_int, onto: c_int, flags: c_int) -> c_int {
    // SAFETY: as above.
    sys::to_libc(unsafe { sys::syscall(libc::SYS_dup3, fd as usize, onto as usize, flags as usize, 0, 0, 0) }) as c_int
}
