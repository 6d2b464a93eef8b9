//! Calls that don't read and don't write, but take the stream's lock; and those that move or close it, which first write what waits.

use super::output::before_leaving;
use super::stream::{flag, Stream};
use super::{libcs, lock, locked, EOF};
use crate::hub::Task;
use crate::sys;
use libc::{c_char, c_int, c_long, c_void, off_t, size_t, FILE};

type Me = &'static Task;

/// A call that takes the lock.
///
/// # Safety
/// An open stream.
unsafe fn quietly<R>(me: Me, file: *mut FILE, call: impl FnOnce() -> R) -> R {
    // SAFETY: by this function's contract.
    match unsafe { Stream::of(file) } {
        Some(stream) => libcs(me, stream, call),
        None => call(),
    }
}

/// feof(3), ferror(3): whether a mark is set, at a moment when nobody else has the lock.
pub unsafe fn ask<const MARK: c_int>(me: Me, real: unsafe extern "C" fn(*mut FILE) -> c_int, file: *mut FILE) -> c_int {
    // SAFETY: the caller's open stream, here and below.
    let Some(f) = (unsafe { Stream::of(file) }) else { return unsafe { real(file) } };
    if f.is_locking() {
        lock::await_free(me, f.lock());
    }
    (f.has(MARK) != 0) as c_int
}

/// clearerr(3).
pub unsafe fn clearerr(me: Me, real: unsafe extern "C" fn(*mut FILE), file: *mut FILE) {
    // SAFETY: as above.
    unsafe { quietly(me, file, || real(file)) }
}

/// ungetc(3).
pub unsafe fn ungetc(
    me: Me,
    real: unsafe extern "C" fn(c_int, *mut FILE) -> c_int,
    c: c_int,
    file: *mut FILE,
) -> c_int {
    // SAFETY: as above.
    unsafe { quietly(me, file, || real(c, file)) }
}

/// ftell(3).
pub unsafe fn ftell(me: Me, real: unsafe extern "C" fn(*mut FILE) -> c_long, file: *mut FILE) -> c_long {
    // SAFETY: as above.
    unsafe { quietly(me, file, || real(file)) }
}

/// fseek(3), fseeko(3).
pub unsafe fn fseek(
    me: Me,
    real: unsafe extern "C" fn(*mut FILE, off_t, c_int) -> c_int,
    file: *mut FILE,
    offset: off_t,
    from: c_int,
) -> c_int {
    // SAFETY: as above.
    unsafe {
        if !before_leaving(file) {
            return -1;
        }
        quietly(me, file, || real(file, offset, from))
    }
}

/// fsetpos(3).
pub unsafe fn fsetpos(
    me: Me,
    real: unsafe extern "C" fn(*mut FILE, *const c_void) -> c_int,
    file: *mut FILE,
    position: *const c_void,
) -> c_int {
    // SAFETY: as above; the caller's position.
    unsafe {
        if !before_leaving(file) {
            return -1;
        }
        quietly(me, file, || real(file, position))
    }
}

/// rewind(3).
pub unsafe fn rewind(me: Me, real: unsafe extern "C" fn(*mut FILE), file: *mut FILE) {
    // SAFETY: as above.
    unsafe {
        if before_leaving(file) {
            quietly(me, file, || real(file));
        } else if let Some(f) = Stream::of(file) {
            // What couldn't be written keeps it from moving, but the marks go.
            locked(me, f, || f.clear(flag::EOF_SEEN | flag::ERR_SEEN));
        }
    }
}

/// setvbuf(3). What waits is written only where libc would: it keeps the buffer if it's given no other.
pub unsafe fn setvbuf(
    me: Me,
    real: unsafe extern "C" fn(*mut FILE, *mut c_char, c_int, size_t) -> c_int,
    file: *mut FILE,
    buffer: *mut c_char,
    mode: c_int,
    size: size_t,
) -> c_int {
    // SAFETY: as above; the caller's buffer.
    unsafe {
        let changes = mode == libc::_IONBF || (!buffer.is_null() && matches!(mode, libc::_IOLBF | libc::_IOFBF));
        if changes && !before_leaving(file) {
            return EOF;
        }
        quietly(me, file, || real(file, buffer, mode, size))
    }
}

/// fclose(3), pclose(3), by a call that closes: what waits is written before, and if that failed, that's the answer.
///
/// # Safety
/// An open stream, which the call closes.
pub unsafe fn closing(file: *mut FILE, close: impl FnOnce() -> c_int) -> c_int {
    // SAFETY: by this function's contract.
    let flushed = unsafe { before_leaving(file) };
    let errno = sys::errno();
    let r = close();
    if flushed || r != 0 {
        return r;
    }
    sys::set_errno(errno);
    EOF
}
