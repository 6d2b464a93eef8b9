//! Calls that wait for the disk, known to be long: the hub is lent meanwhile.

use crate::hub::Task;
use crate::wait::natively::natively;
use libc::{c_int, c_uint, c_void, off64_t, size_t};

/// fsync(2), fdatasync(2), syncfs(2), tcdrain(3): until all of one file has arrived.
pub unsafe fn sync_file(_: &'static Task, real: unsafe extern "C" fn(c_int) -> c_int, fd: c_int) -> c_int {
    // SAFETY: no memory is involved, here and below.
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
