//! The forms that -D_FORTIFY_SOURCE makes programs call: they check the room, then are the plain ones. Too little room is for libc's
//! own check, which aborts.

use super::input;
use crate::hub::Task;
use libc::{c_char, c_int, c_void, size_t, FILE};

/// __fgets_chk, __fgets_unlocked_chk.
pub unsafe fn fgets<const LOCKED: bool>(
    me: &'static Task,
    real: unsafe extern "C" fn(*mut c_char, size_t, c_int, *mut FILE) -> *mut c_char,
    line: *mut c_char,
    room: size_t,
    size: c_int,
    file: *mut FILE,
) -> *mut c_char {
    // SAFETY: as for fgets(3).
    unsafe {
        if size > 0 && size as usize > room {
            return real(line, room, size, file);
        }
        input::fgets_by::<LOCKED>(me, move || real(line, room, size, file), line, size, file)
    }
}

/// __fread_chk, __fread_unlocked_chk.
pub unsafe fn fread<const LOCKED: bool>(
    me: &'static Task,
    real: unsafe extern "C" fn(*mut c_void, size_t, size_t, size_t, *mut FILE) -> size_t,
    to: *mut c_void,
    room: size_t,
    size: size_t,
    n: size_t,
    file: *mut FILE,
) -> size_t {
    // SAFETY: as for fread(3).
    unsafe {
        if size.checked_mul(n).is_none_or(|want| want > room) {
            return real(to, room, size, n, file);
        }
        input::fread_by::<LOCKED>(me, move || real(to, room, size, n, file), to, size, n, file)
    }
}
