//! open of a FIFO, which waits for the other end: only the kernel knows when that comes, and there's no other way to wait for
//! it than to open it, so the hub is lent meanwhile. What else is opened is opened in place, or through the ring.

use super::known;
use super::through_ring::{through_ring, Operation};
use crate::hub::Task;
use crate::sys;
use crate::wait::natively::natively;
use libc::{c_char, c_int, c_uint, FILE};

/// Whether an open with these flags waits, if it's a FIFO's.
fn may_wait(flags: c_int) -> bool {
    // One opened for both, or without waiting, doesn't; nor what is only named, or made anew.
    const NEVER: c_int = libc::O_NONBLOCK | libc::O_PATH | libc::O_DIRECTORY | libc::O_EXCL;
    flags & NEVER == 0 && flags & libc::O_ACCMODE != libc::O_RDWR
}

/// Opens a path as `call` does, in the way that its kind asks for.
///
/// # Safety
/// As for openat(2).
unsafe fn opens(
    me: &'static Task,
    folder: c_int,
    path: *const c_char,
    flags: c_int,
    mode: c_uint,
    call: impl FnOnce() -> c_int,
) -> c_int {
    let has_ring = me.hub().poller.ring().is_some();
    if !has_ring && !may_wait(flags) {
        return call();
    }
    // SAFETY: by this function's contract, here and below.
    let through_ring = || unsafe { through_ring(me, Operation::Open { folder, path, flags, mode }) };
    // SAFETY: as above.
    let opened = match unsafe { sys::file_type_at(folder, path) } {
        Ok(libc::S_IFIFO) if may_wait(flags) => return natively(call),
        Ok(libc::S_IFREG) if has_ring => through_ring(),
        // What isn't there yet will be a file.
        Err(libc::ENOENT) if has_ring && flags & libc::O_CREAT != 0 => through_ring(),
        _ => None,
    };
    opened.map_or_else(call, |fd| {
        known::opened(fd as c_int);
        fd as c_int
    })
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
    unsafe { opens(me, libc::AT_FDCWD, path, flags, mode, || real(path, flags, mode)) }
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
    unsafe { opens(me, folder, path, flags, mode, || real(folder, path, flags, mode)) }
}

/// open(2) without a mode, as fortified programs call it.
pub unsafe fn open_plain(
    me: &'static Task,
    real: unsafe extern "C" fn(*const c_char, c_int) -> c_int,
    path: *const c_char,
    flags: c_int,
) -> c_int {
    // SAFETY: as above.
    unsafe { opens(me, libc::AT_FDCWD, path, flags, 0, || real(path, flags)) }
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
    unsafe { opens(me, folder, path, flags, 0, || real(folder, path, flags)) }
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
    unsafe { opens(me, libc::AT_FDCWD, path, FLAGS, mode, || real(path, mode)) }
}

/// fopen(3).
pub unsafe fn fopen(
    _: &'static Task,
    real: unsafe extern "C" fn(*const c_char, *const c_char) -> *mut FILE,
    path: *const c_char,
    mode: *const c_char,
) -> *mut FILE {
    let call = || {
        // SAFETY: the strings are the caller's, as for fopen(3), here and below.
        unsafe { real(path, mode) }
    };
    // SAFETY: as above.
    let both = !mode.is_null() && !unsafe { libc::strchr(mode, b'+' as c_int) }.is_null();
    // SAFETY: as above.
    if !both && unsafe { sys::file_type_at(libc::AT_FDCWD, path) } == Ok(libc::S_IFIFO) {
        natively(call)
    } else {
        call()
    }
}
