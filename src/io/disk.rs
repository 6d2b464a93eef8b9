//! Calls that wait for the disk. With a ring (GREEN_HUB=io_uring) the thread parks. Without one those that are known to be long lend
//! the hub; reads and writes are made in place, since mostly they don't wait.

use super::known;
use super::socket;
use super::through_ring::{through_ring, Operation};
use crate::hub::Task;
use crate::wait::natively::natively;
use libc::{c_int, c_uint, c_void, iovec, off64_t, size_t, ssize_t};

/// pread(2).
pub unsafe fn pread(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, *mut c_void, size_t, off64_t) -> ssize_t,
    fd: c_int,
    buf: *mut c_void,
    len: size_t,
    offset: off64_t,
) -> ssize_t {
    let buffers = [iovec { iov_base: buf, iov_len: len }];
    // SAFETY: the buffer is the caller's, as for pread(2), here and below.
    unsafe { read_at(me, fd, &buffers, offset) }.unwrap_or_else(|| unsafe { real(fd, buf, len, offset) })
}

/// pwrite(2).
pub unsafe fn pwrite(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, *const c_void, size_t, off64_t) -> ssize_t,
    fd: c_int,
    buf: *const c_void,
    len: size_t,
    offset: off64_t,
) -> ssize_t {
    let buffers = [iovec { iov_base: buf as *mut c_void, iov_len: len }];
    // SAFETY: as above.
    unsafe { write_at(me, fd, &buffers, offset) }.unwrap_or_else(|| unsafe { real(fd, buf, len, offset) })
}

type Vector = unsafe extern "C" fn(c_int, *const iovec, c_int, off64_t) -> ssize_t;

/// preadv(2).
pub unsafe fn preadv(
    me: &'static Task,
    real: Vector,
    fd: c_int,
    iov: *const iovec,
    n: c_int,
    offset: off64_t,
) -> ssize_t {
    // SAFETY: as above; a vector that the kernel refuses goes to it.
    let done = unsafe { socket::buffers(iov, n as usize).and_then(|buffers| read_at(me, fd, buffers, offset)) };
    // SAFETY: as above.
    done.unwrap_or_else(|| unsafe { real(fd, iov, n, offset) })
}

/// pwritev(2).
pub unsafe fn pwritev(
    me: &'static Task,
    real: Vector,
    fd: c_int,
    iov: *const iovec,
    n: c_int,
    offset: off64_t,
) -> ssize_t {
    // SAFETY: as above.
    let done = unsafe { socket::buffers(iov, n as usize).and_then(|buffers| write_at(me, fd, buffers, offset)) };
    // SAFETY: as above.
    done.unwrap_or_else(|| unsafe { real(fd, iov, n, offset) })
}

/// Through the ring, if there is one. An offset below 0 is the kernel's to refuse.
///
/// # Safety
/// The buffers must be the caller's to read into.
pub(super) unsafe fn read_at(me: &'static Task, fd: c_int, buffers: &[iovec], offset: off64_t) -> Option<ssize_t> {
    me.hub().poller.ring().filter(|_| offset >= 0)?;
    known::look(fd)?;
    // SAFETY: by this function's contract.
    unsafe { through_ring(me, Operation::Read { fd, buffers, offset }) }
}

/// # Safety
/// The buffers must be the caller's to write from.
pub(super) unsafe fn write_at(me: &'static Task, fd: c_int, buffers: &[iovec], offset: off64_t) -> Option<ssize_t> {
    me.hub().poller.ring().filter(|_| offset >= 0)?;
    known::look(fd)?;
    // SAFETY: by this function's contract.
    unsafe { through_ring(me, Operation::Write { fd, buffers, offset }) }
}

type Sync = unsafe extern "C" fn(c_int) -> c_int;

/// fsync(2).
pub unsafe fn fsync(me: &'static Task, real: Sync, fd: c_int) -> c_int {
    // SAFETY: no memory is involved, here and below.
    let done = unsafe { through_ring(me, Operation::Sync { fd, data_only: false }) };
    // SAFETY: as above.
    done.map_or_else(|| natively(|| unsafe { real(fd) }), |r| r as c_int)
}

/// fdatasync(2).
pub unsafe fn fdatasync(me: &'static Task, real: Sync, fd: c_int) -> c_int {
    // SAFETY: as above.
    let done = unsafe { through_ring(me, Operation::Sync { fd, data_only: true }) };
    // SAFETY: as above.
    done.map_or_else(|| natively(|| unsafe { real(fd) }), |r| r as c_int)
}

/// syncfs(2), tcdrain(3): until all of it has arrived.
pub unsafe fn sync_file(_: &'static Task, real: Sync, fd: c_int) -> c_int {
    // SAFETY: as above.
    natively(|| unsafe { real(fd) })
}

/// sync(2).
pub unsafe fn sync(_: &'static Task, real: unsafe extern "C" fn()) {
    // SAFETY: as above.
    natively(|| unsafe { real() })
}

/// sync_file_range(2).
pub unsafe fn sync_file_range(
    _: &'static Task,
    real: unsafe extern "C" fn(c_int, off64_t, off64_t, c_uint) -> c_int,
    fd: c_int,
    offset: off64_t,
    len: off64_t,
    flags: c_uint,
) -> c_int {
    // SAFETY: as above.
    natively(|| unsafe { real(fd, offset, len, flags) })
}

/// msync(2). MS_ASYNC doesn't wait.
pub unsafe fn msync(
    _: &'static Task,
    real: unsafe extern "C" fn(*mut c_void, size_t, c_int) -> c_int,
    address: *mut c_void,
    len: size_t,
    flags: c_int,
) -> c_int {
    // SAFETY: the memory is the caller's, as for msync(2).
    let call = || unsafe { real(address, len, flags) };
    if flags & libc::MS_SYNC != 0 {
        natively(call)
    } else {
        call()
    }
}
