//! printf and scanf. The variadic forms come through shim/formatted.c, which makes a va_list of what they get.
//!
//! What is printed to a stream that may wait is formatted into memory first: how long it is nobody knows before, and libc would
//! write it by its own write. scanf waits for its first byte, behind the white space that it skips anyway, and then it's libc's.

use super::real;
pub use super::real::VaList;
use super::stream::{flag, Stream};
use super::{input, libcs, locked, output, standard_input, standard_output, under_lock, EOF};
use crate::green::cancel;
use crate::hub::listeners::FileKind;
use crate::hub::Task;
use crate::io::{file, known};
use crate::wait::natively::natively;
use core::ffi::CStr;
use core::mem::MaybeUninit;
use libc::{c_char, c_int, c_void, FILE};

type Me = &'static Task;
type Str = *const c_char;

/// What fits here needs no memory of the heap's: a buffer's worth, so that it's formatted once.
const SHORT: usize = 4096;

/// What a stream without a buffer gets one for, in one call (libc's BUFSIZ).
const UNBUFFERED: usize = 8192;

/// Formats and passes the text on; None if that fails, or there's no memory for it. `level`: how strictly, as the fortified forms say it.
///
/// # Safety
/// As for vprintf(3).
#[inline(always)]
unsafe fn with_text<R>(level: c_int, format: Str, list: *mut VaList, then: impl FnOnce(&[u8]) -> R) -> Option<R> {
    let vsnprintf = real::get().vsnprintf;
    let into = |p: *mut u8, room: usize| {
        // SAFETY: by this function's contract; so much room; each reads the list from its beginning.
        let n = unsafe {
            let mut list = *list;
            vsnprintf(p as *mut c_char, room, level, usize::MAX, format, &mut list)
        };
        usize::try_from(n).ok()
    };
    let mut short = [const { MaybeUninit::<u8>::uninit() }; SHORT];
    let len = into(short.as_mut_ptr() as *mut u8, SHORT)?;
    if len < SHORT {
        // SAFETY: so many bytes were written.
        return Some(then(unsafe { core::slice::from_raw_parts(short.as_ptr() as *const u8, len) }));
    }
    let mut long: Vec<u8> = Vec::new();
    long.try_reserve_exact(len + 1).ok()?;
    let again = into(long.as_mut_ptr(), len + 1)?;
    // SAFETY: so many bytes were written.
    Some(then(unsafe { core::slice::from_raw_parts(long.as_ptr(), again.min(len)) }))
}

type Print = unsafe extern "C" fn(*const c_char, *mut VaList) -> c_int;
type PrintChecked = unsafe extern "C" fn(c_int, *const c_char, *mut VaList) -> c_int;
type PrintTo<T> = unsafe extern "C" fn(T, *const c_char, *mut VaList) -> c_int;
type PrintToChecked<T> = unsafe extern "C" fn(T, c_int, *const c_char, *mut VaList) -> c_int;

/// vfprintf(3), which `libc` would call.
///
/// # Safety
/// As for vfprintf(3).
unsafe fn print(
    me: Me,
    file: *mut FILE,
    level: c_int,
    format: Str,
    list: *mut VaList,
    libc: impl Fn() -> c_int,
) -> c_int {
    // SAFETY: by this function's contract.
    let Some(f) = (unsafe { Stream::of(file) }) else { return libc() };
    if f.has(flag::NO_WRITES) != 0 || !f.waits() {
        return libcs(me, f, libc);
    }
    let all = |bytes: &[u8]| match locked(me, f, || put_text(me, f, bytes)) {
        true => bytes.len() as c_int,
        false => -1,
    };
    // What can't be formatted here libc writes piece by piece, for long maybe.
    // SAFETY: by this function's contract.
    let Some(r) = (unsafe { with_text(level, format, list, all) }) else { return libcs(me, f, || natively(libc)) };
    // Only now, for the text may have had memory.
    cancel::after(me);
    r
}

/// Puts all of a text, in the pieces in which libc does.
#[inline(always)]
fn put_text(me: Me, f: &Stream, bytes: &[u8]) -> bool {
    let put = |part: &[u8]| output::put(me, f, part) == part.len() as isize;
    output::put_at_once(f, bytes)
        || match f.has(flag::UNBUFFERED) != 0 && bytes.len() > UNBUFFERED {
            true => bytes.chunks(UNBUFFERED).all(put),
            false => put(bytes),
        }
}

/// vfprintf(3).
pub unsafe fn vfprintf(me: Me, real: PrintTo<*mut FILE>, file: *mut FILE, format: Str, list: *mut VaList) -> c_int {
    // SAFETY: the caller's stream and arguments, here and below.
    unsafe { print(me, file, 0, format, list, || real(file, format, list)) }
}

/// __vfprintf_chk.
pub unsafe fn vfprintf_chk(
    me: Me,
    real: PrintToChecked<*mut FILE>,
    file: *mut FILE,
    level: c_int,
    format: Str,
    list: *mut VaList,
) -> c_int {
    // SAFETY: as above.
    unsafe { print(me, file, level, format, list, || real(file, level, format, list)) }
}

/// vprintf(3).
pub unsafe fn vprintf(me: Me, real: Print, format: Str, list: *mut VaList) -> c_int {
    // SAFETY: as above; the program's stream.
    unsafe { print(me, standard_output(), 0, format, list, || real(format, list)) }
}

/// __vprintf_chk.
pub unsafe fn vprintf_chk(me: Me, real: PrintChecked, level: c_int, format: Str, list: *mut VaList) -> c_int {
    // SAFETY: as above.
    unsafe { print(me, standard_output(), level, format, list, || real(level, format, list)) }
}

/// vdprintf(3), which `libc` would call.
///
/// # Safety
/// As for vdprintf(3).
unsafe fn print_to_fd(
    me: Me,
    fd: c_int,
    level: c_int,
    format: Str,
    list: *mut VaList,
    libc: impl Fn() -> c_int,
) -> c_int {
    if known::look(fd).is_none_or(|(_, kind)| matches!(kind, FileKind::Regular | FileKind::Unknown)) {
        return libc();
    }
    cancel::before(me);
    // SAFETY: by this function's contract.
    let written = unsafe { with_text(level, format, list, |bytes| write_in_blocks(me, fd, bytes)) };
    let Some(r) = written else { return natively(libc) };
    cancel::after(me);
    r
}

/// vdprintf(3).
pub unsafe fn vdprintf(me: Me, real: PrintTo<c_int>, fd: c_int, format: Str, list: *mut VaList) -> c_int {
    // SAFETY: the caller's arguments, here and below.
    unsafe { print_to_fd(me, fd, 0, format, list, || real(fd, format, list)) }
}

/// __vdprintf_chk.
pub unsafe fn vdprintf_chk(
    me: Me,
    real: PrintToChecked<c_int>,
    fd: c_int,
    level: c_int,
    format: Str,
    list: *mut VaList,
) -> c_int {
    // SAFETY: as above.
    unsafe { print_to_fd(me, fd, level, format, list, || real(fd, level, format, list)) }
}

/// As libc does it, by a stream of its own: whole buffers, then the rest. How many bytes, or -1.
fn write_in_blocks(me: Me, fd: c_int, bytes: &[u8]) -> c_int {
    /// What libc takes for a buffer on what isn't a regular file (st_blksize).
    const BUFFER: usize = 4096;
    let whole = bytes.len() - bytes.len() % BUFFER;
    for mut part in [&bytes[..whole], &bytes[whole..]] {
        while !part.is_empty() {
            // SAFETY: our bytes.
            let n = unsafe { file::write(me, file::kernel_write, fd, part.as_ptr() as *const c_void, part.len()) };
            if n < 0 {
                return -1;
            }
            part = &part[n as usize..];
        }
    }
    bytes.len() as c_int
}

/// vfscanf(3), which `libc` would call.
///
/// # Safety
/// As for vfscanf(3).
unsafe fn scan(me: Me, file: *mut FILE, format: Str, libc: impl Fn() -> c_int) -> c_int {
    // SAFETY: by this function's contract, here and below.
    let Some(f) = (unsafe { Stream::of(file) }) else { return libc() };
    if !f.waits() {
        return libcs(me, f, libc);
    }
    // SAFETY: as above.
    let format = unsafe { CStr::from_ptr(format) }.to_bytes();
    let skips = skips(format);
    if skips == Skips::NothingRead {
        return libcs(me, f, libc);
    }
    // libc may end the thread as it reads on, and gives back only what it took: it takes the lock itself.
    let ours = || match await_first(me, f, skips == Skips::Space) {
        true => None,
        // What the end means to a format libc knows; it doesn't read again.
        false if f.has(flag::EOF_SEEN) != 0 => None,
        false => Some(if format.iter().all(is_space) { 0 } else { EOF }),
    };
    under_lock::<true, _>(me, f, ours, libc)
}

/// vfscanf(3), of whatever standard.
pub unsafe fn vfscanf(me: Me, real: PrintTo<*mut FILE>, file: *mut FILE, format: Str, list: *mut VaList) -> c_int {
    // SAFETY: the caller's stream and arguments, here and below.
    unsafe { scan(me, file, format, || real(file, format, list)) }
}

/// vscanf(3), of whatever standard.
pub unsafe fn vscanf(me: Me, real: Print, format: Str, list: *mut VaList) -> c_int {
    // SAFETY: as above; the program's stream.
    unsafe { scan(me, standard_input(), format, || real(format, list)) }
}

/// What a format does first.
#[derive(PartialEq, Eq, Debug)]
enum Skips {
    /// It doesn't read.
    NothingRead,
    /// It skips white space, and what was skipped isn't counted for the program.
    Space,
    Nothing,
}

/// isspace(3), of the C locale.
fn is_space(byte: &u8) -> bool {
    byte.is_ascii_whitespace() || *byte == 0x0b
}

fn skips(format: &[u8]) -> Skips {
    let Some(&first) = format.first() else { return Skips::NothingRead };
    if is_space(&first) && !format.contains(&b'n') {
        return Skips::Space;
    }
    if first != b'%' {
        return Skips::Nothing;
    }
    let modifier = |b: &&u8| b"*'I0123456789$hlLjztqam".contains(b);
    match format[1..].iter().find(|b| !modifier(b)) {
        Some(b'n') => Skips::NothingRead,
        Some(b'c' | b'C' | b'[') => Skips::Nothing,
        // Some other %n would count it.
        _ if format.contains(&b'n') => Skips::Nothing,
        _ => Skips::Space,
    }
}

/// Waits for a first byte, or one that isn't white space. False at the end, on an error, or if the thread is to end.
fn await_first(me: Me, f: &Stream, behind_space: bool) -> bool {
    loop {
        while f.readable() > 0 {
            let p = f.read_ptr.get();
            // SAFETY: there's a byte to read.
            let byte = unsafe { *p };
            if !behind_space || !is_space(&byte) {
                return true;
            }
            // SAFETY: as above.
            f.read_ptr.set(unsafe { p.add(1) });
        }
        if !input::fill(me, f) {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_tells_what_it_skips() {
        for format in ["%d", " x", "%*5s", "%lld %s", "\n", "%i"] {
            assert_eq!(skips(format.as_bytes()), Skips::Space, "{format}");
        }
        for format in ["%c", "x %d", "%[a-z]", "%d%n"] {
            assert_eq!(skips(format.as_bytes()), Skips::Nothing, "{format}");
        }
        assert_eq!(skips(b"%d%n"), Skips::Nothing);
        assert_eq!(skips(b""), Skips::NothingRead);
        assert_eq!(skips(b"%n%d"), Skips::NothingRead);
    }
}
