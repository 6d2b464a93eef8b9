//! open of a FIFO, which waits for the other end: only the kernel knows when that comes, and there's no other way to wait for
//! it than to open it, so the hub is lent meanwhile. What else is opened is opened in place, or through the ring.

use super::known;
use super::through_ring::{through_ring, Operation};
use crate::hub::Task;
use crate::sys;
use crate::wait::natively::natively;
use libc::{c_char, c_int, c_uint, FILE};

/// Whether opening a path may wait.
///
/// # Safety
/// A string, as for open(2).
unsafe fn waits(folder: c_int, path: *const c_char, flags: c_int) -> bool {
    // A FIFO opened for both, or without waiting, doesn't; nor what is only named, or made anew.
    const NEVER: c_int = libc::O_NONBLOCK | libc::O_PATH | libc::O_DIRECTORY | libc::O_EXCL;
    if flags & NEVER != 0 || flags & libc::O_ACCMODE == libc::O_RDWR {
        return false;
    }
    // SAFETY: by this function's contract.
    let kind = unsafe { sys::file_type_at(folder, path) };
    kind == Ok(libc::S_IFIFO)
}

/// Opens a regular file through the ring, if there is one.
///
/// # Safety
/// As for open(2).
unsafe fn ring(me: &'static Task, folder: c_int, path: *const c_char, flags: c_int, mode: c_uint) -> Option<c_int> {
    me.hub().poller.ring()?;
    // SAFETY: by this function's contract.
    let fd = unsafe { through_ring(me, Operation::Open { folder, path, flags, mode }) }? as c_int;
    known::opened(fd);
    Some(fd)
}

/// # Safety
/// As for open(2).
unsafe fn either<R>(folder: c_int, path: *const c_char, flags: c_int, call: impl FnOnce() -> R) -> R {
    // SAFETY: by this function's contract.
    if unsafe { waits(folder, path, flags) } {
        natively(call)
    } else {
        call()
    }
}

/// open(2).
pub unsafe fn open(
    me: &'static Task,
    real: unsafe extern "C" fn(*const c_char, c_int, c_uint) -> c_int,
    path: *const c_char,
    flags: c_int,
    mode: c_uint,
) -> c_int {
    // SAFETY: the path is the caller's, as for open(2), here and below.
    let opened = unsafe { ring(me, libc::AT_FDCWD, path, flags, mode) };
    // SAFETY: as above.
    opened.unwrap_or_else(|| unsafe { either(libc::AT_FDCWD, path, flags, || real(path, flags, mode)) })
}

/// openat(2).
pub unsafe fn openat(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, *const c_char, c_int, c_uint) -> c_int,
    folder: c_int,
    path: *const c_char,
    flags: c_int,
    mode: c_uint,
) -> c_int {
    // SAFETY: as above.
    let opened = unsafe { ring(me, folder, path, flags, mode) };
    // SAFETY: as above.
    opened.unwrap_or_else(|| unsafe { either(folder, path, flags, || real(folder, path, flags, mode)) })
}

/// open(2) without a mode, as fortified programs call it.
pub unsafe fn open_plain(
    me: &'static Task,
    real: unsafe extern "C" fn(*const c_char, c_int) -> c_int,
    path: *const c_char,
    flags: c_int,
) -> c_int {
    // SAFETY: as above.
    let opened = unsafe { ring(me, libc::AT_FDCWD, path, flags, 0) };
    // SAFETY: as above.
    opened.unwrap_or_else(|| unsafe { either(libc::AT_FDCWD, path, flags, || real(path, flags)) })
}

/// openat(2) without a mode.
pub unsafe fn openat_plain(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, *const c_char, c_int) -> c_int,
    folder: c_int,
    path: *const c_char,
    flags: c_int,
) -> c_int {
    // SAFETY: as above.
    let opened = unsafe { ring(me, folder, path, flags, 0) };
    // SAFETY: as above.
    opened.unwrap_or_else(|| unsafe { either(folder, path, flags, || real(folder, path, flags)) })
}

/// creat(2).
pub unsafe fn creat(
    me: &'static Task,
    real: unsafe extern "C" fn(*const c_char, c_uint) -> c_int,
    path: *const c_char,
    mode: c_uint,
) -> c_int {
    const FLAGS: c_int = libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC;
    // SAFETY: as above.
    let opened = unsafe { ring(me, libc::AT_FDCWD, path, FLAGS, mode) };
    // SAFETY: as above.
    opened.unwrap_or_else(|| unsafe { either(libc::AT_FDCWD, path, FLAGS, || real(path, mode)) })
}

/// fopen(3).
pub unsafe fn fopen(
    _: &'static Task,
    real: unsafe extern "C" fn(*const c_char, *const c_char) -> *mut FILE,
    path: *const c_char,
    mode: *const c_char,
) -> *mut FILE {
    // SAFETY: the strings are the caller's, as for fopen(3).
    unsafe {
        let both = !mode.is_null() && !libc::strchr(mode, b'+' as c_int).is_null();
        either(libc::AT_FDCWD, path, if both { libc::O_RDWR } else { libc::O_RDONLY }, || real(path, mode))
    }
}
