//! Calls that wait for the disk. With a ring (GREEN_HUB=io_uring) the thread parks. Without one those that are found to be long lend
//! the hub; reads and writes are made in place, since mostly they don't wait.

use super::known;
use super::socket;
use super::through_ring::{through_ring, Operation};
use crate::hub::Task;
use crate::sys;
use crate::wait::natively::natively;
use core::sync::atomic::{AtomicU64, Ordering};
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

/// How long calls that sync took lately, on average (ns). At first nobody knows: long.
static LATELY: AtomicU64 = AtomicU64::new(LONG);

/// From here on lending the hub costs less than holding it (ns).
const LONG: u64 = 50_000;

/// The average, with one more: an eighth of it is new. A very slow one counts for less, or a hundred quick ones wouldn't make up for it.
fn average(lately: u64, took: u64) -> u64 {
    lately - lately / 8 + took.min(16 * LONG) / 8
}

/// A call that syncs: where those are quick (in memory, on a device that caches) lending the hub would take many times longer, so it's
/// made in place; the watcher sees to one that's slow all the same.
fn syncing(call: impl FnOnce() -> c_int) -> c_int {
    let timed = || {
        let start = sys::now();
        let r = call();
        let took = sys::now().saturating_sub(start);
        // Of two at once one may be lost, which does no harm.
        LATELY.store(average(LATELY.load(Ordering::Relaxed), took), Ordering::Relaxed);
        r
    };
    match LATELY.load(Ordering::Relaxed) < LONG {
        true => timed(),
        false => natively(timed),
    }
}

type Sync = unsafe extern "C" fn(c_int) -> c_int;

/// fsync(2).
pub unsafe fn fsync(me: &'static Task, real: Sync, fd: c_int) -> c_int {
    // SAFETY: no memory is involved, here and below.
    let done = unsafe { through_ring(me, Operation::Sync { fd, data_only: false }) };
    // SAFETY: as above.
    done.map_or_else(|| syncing(|| unsafe { real(fd) }), |r| r as c_int)
}

/// fdatasync(2).
pub unsafe fn fdatasync(me: &'static Task, real: Sync, fd: c_int) -> c_int {
    // SAFETY: as above.
    let done = unsafe { through_ring(me, Operation::Sync { fd, data_only: true }) };
    // SAFETY: as above.
    done.map_or_else(|| syncing(|| unsafe { real(fd) }), |r| r as c_int)
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
    syncing(|| unsafe { real(fd, offset, len, flags) })
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
        syncing(call)
    } else {
        call()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_call_is_noted_at_once_and_forgotten_soon() {
        let mut lately = LONG;
        for _ in 0..10 {
            lately = average(lately, 1_000);
        }
        assert!(lately < LONG / 2);
        lately = average(lately, 5_000_000_000);
        assert!(lately > LONG);
        let quick = (1..).find(|_| {
            lately = average(lately, 1_000);
            lately < LONG
        });
        assert!(quick < Some(30));
    }
}
