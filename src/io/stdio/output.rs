//! What writes: glibc's way from a call to the buffer and on (fileops.c), so that a reader sees the same writes, with a green
//! write to empty it.

use super::real;
use super::stream::{copy, flag, Stream};
use super::{is_to_end, libcs, locked, standard_output, under_lock, EOF};
use crate::green::cancel;
use crate::hub::{current, Task};
use crate::io::file;
use crate::sys;
use libc::{c_char, c_int, c_void, size_t, FILE};

type Me = &'static Task;

/// Writes it all, as glibc's _IO_new_file_write. How many bytes are gone.
fn write_all(me: Me, f: &Stream, from: *const u8, n: usize) -> usize {
    let mut done = 0;
    while done < n && !is_to_end(me) {
        // SAFETY: the caller's bytes.
        let r =
            unsafe { file::write(me, file::kernel_write, f.fileno.get(), from.add(done) as *const c_void, n - done) };
        if r < 0 {
            if !me.wait_was_cancelled.get() {
                f.set(flag::ERR_SEEN);
            }
            break;
        }
        done += r as usize;
    }
    if f.offset.get() >= 0 {
        f.offset.set(f.offset.get() + done as i64);
    }
    done
}

/// Writes past the buffer, or the buffer itself, which is empty after that: glibc's new_do_write. How many bytes are gone.
fn write_through(me: Me, f: &Stream, from: *const u8, n: usize) -> usize {
    if f.has(flag::APPENDING) != 0 {
        f.offset.set(-1);
    } else if f.read_end.get() != f.write_base.get() {
        let back = f.write_base.get() as isize - f.read_end.get() as isize;
        // SAFETY: no memory is involved.
        let r = unsafe { sys::syscall(libc::SYS_lseek, f.fileno.get() as usize, back as usize, 1, 0, 0, 0) };
        let at = sys::to_libc(r);
        if at < 0 {
            return 0;
        }
        f.offset.set(at as i64);
    }
    let done = write_all(me, f, from, n);
    if me.wait_was_cancelled.get() {
        return done;
    }
    if f.cur_column.get() != 0 && done > 0 {
        // SAFETY: the caller's bytes.
        let gone = unsafe { core::slice::from_raw_parts(from, done) };
        f.cur_column.set(match gone.iter().rposition(|&b| b == b'\n') {
            Some(at) => (done - at) as u16,
            None => f.cur_column.get().wrapping_add(done as u16),
        });
    }
    f.nothing_read();
    f.nothing_written();
    if f.has(flag::LINE_BUFFERED | flag::UNBUFFERED) == 0 {
        f.write_end.set(f.buf_end.get());
    }
    done
}

/// Whether it's being written to and has a buffer.
fn is_putting(f: &Stream) -> bool {
    f.has(flag::NO_WRITES | flag::PUTTING) == flag::PUTTING && !f.write_base.get().is_null()
}

/// Writes what waits in the buffer. False on an error, or if the thread is to end.
fn empty(me: Me, f: &Stream) -> bool {
    let n = f.unwritten();
    n == 0 || write_through(me, f, f.write_base.get(), n) == n
}

/// Makes room: begins to write, or writes what waits. False on an error, or if the thread is to end.
fn make_room(me: Me, f: &Stream) -> bool {
    if is_putting(f) {
        return empty(me, f);
    }
    // SAFETY: an open stream; nothing waits to be written.
    unsafe { (real::get().overflow)(f.file(), EOF) != EOF }
}

/// Before libc reads: what this stream has written goes first, and if it isn't fully buffered, what a line-buffered standard output
/// holds. False if that fails, or if the thread is to end.
pub(super) fn flush_before_reading(me: Me, f: &Stream) -> bool {
    const LINES: c_int = flag::LINKED | flag::LINE_BUFFERED;
    if is_putting(f) && !empty(me, f) {
        return false;
    }
    // SAFETY: the program's own stream.
    let Some(out) = (unsafe { Stream::of(standard_output()) }) else { return true };
    if f.has(flag::LINE_BUFFERED | flag::UNBUFFERED) != 0 && out.has(LINES | flag::NO_WRITES) == LINES {
        flush_quietly(me, out);
    }
    !me.wait_was_cancelled.get()
}

/// Writes what waits in a stream that may wait. True if that went well.
fn flush_quietly(me: Me, f: &Stream) -> bool {
    locked(me, f, || !(f.unwritten() > 0 && f.waits() && is_putting(f)) || empty(me, f))
}

/// Before a call that closes or moves a stream: what it has written goes first. False if that failed (errno).
///
/// # Safety
/// An open stream.
pub unsafe fn before_leaving(file: *mut FILE) -> bool {
    // SAFETY: by this function's contract.
    let (Some(me), Some(f)) = (current(), unsafe { Stream::of(file) }) else { return true };
    let done = flush_quietly(me, f);
    cancel::after(me);
    done
}

/// Puts one byte where there's no room for it: glibc's _IO_new_file_overflow. The byte or EOF.
#[inline(never)]
fn put_more(me: Me, f: &Stream, byte: u8) -> c_int {
    f.orient();
    if !is_putting(f) && !make_room(me, f) {
        return EOF;
    }
    if f.write_ptr.get() == f.buf_end.get() && !empty(me, f) {
        return EOF;
    }
    put_byte(f, byte);
    let at_once = f.has(flag::UNBUFFERED) != 0 || (f.has(flag::LINE_BUFFERED) != 0 && byte == b'\n');
    if at_once && !empty(me, f) {
        return EOF;
    }
    byte as c_int
}

/// Puts a byte into room that is there.
#[inline(always)]
fn put_byte(f: &Stream, byte: u8) {
    let p = f.write_ptr.get();
    // SAFETY: the caller has seen that there's room.
    unsafe {
        *p = byte;
        f.write_ptr.set(p.add(1));
    }
}

/// Puts bytes into room that is there, up to `most`; how many.
///
/// # Safety
/// So many bytes to read, and room for them.
#[inline(always)]
unsafe fn put_bytes(f: &Stream, from: *const u8, n: usize) {
    let p = f.write_ptr.get();
    // SAFETY: by this function's contract.
    unsafe {
        copy(from, p, n);
        f.write_ptr.set(p.add(n));
    }
}

/// Puts bytes if there's room for all, and no line to end: then it doesn't matter where they go later.
#[inline(always)]
pub(super) fn put_at_once(f: &Stream, bytes: &[u8]) -> bool {
    let fits =
        f.room() >= bytes.len() && f.has(flag::LINE_BUFFERED) == 0 && f.mode.get() <= 0 && !f.write_ptr.get().is_null();
    if fits {
        f.orient();
        // SAFETY: it fits.
        unsafe { put_bytes(f, bytes.as_ptr(), bytes.len()) };
    }
    fits
}

/// Puts bytes: glibc's _IO_new_file_xsputn. How many, or -1 if all are in the buffer but couldn't be flushed.
#[inline(never)]
pub(super) fn put(me: Me, f: &Stream, bytes: &[u8]) -> isize {
    f.orient();
    let n = bytes.len();
    let (mut rest, mut flush) = (bytes, false);
    let mut fits = 0;
    if f.has(flag::LINE_BUFFERED | flag::PUTTING) == flag::LINE_BUFFERED | flag::PUTTING {
        fits = f.buf_end.get() as usize - f.write_ptr.get() as usize;
        if fits >= n {
            if let Some(at) = bytes.iter().rposition(|&b| b == b'\n') {
                (fits, flush) = (at + 1, true);
            }
        }
    } else if f.room() > 0 {
        fits = f.room();
    }
    let first = fits.min(n);
    if first > 0 {
        // SAFETY: it fits.
        unsafe { put_bytes(f, bytes.as_ptr(), first) };
        rest = &bytes[first..];
    }
    if rest.is_empty() && !flush {
        return n as isize;
    }
    if !make_room(me, f) {
        return if rest.is_empty() { EOF as isize } else { (n - rest.len()) as isize };
    }
    // Whole buffers go past it.
    let size = f.size();
    let whole = if size >= 128 { rest.len() - rest.len() % size } else { rest.len() };
    if whole > 0 {
        let done = write_through(me, f, rest.as_ptr(), whole);
        rest = &rest[done..];
        if done < whole {
            return (n - rest.len()) as isize;
        }
    }
    while !rest.is_empty() {
        let fits = f.room().min(rest.len());
        // SAFETY: it fits.
        unsafe { put_bytes(f, rest.as_ptr(), fits) };
        rest = &rest[fits..];
        match rest.split_first() {
            Some((&byte, behind)) if put_more(me, f, byte) != EOF => rest = behind,
            _ => break,
        }
    }
    (n - rest.len()) as isize
}

type Putc = unsafe extern "C" fn(c_int, *mut FILE) -> c_int;

/// One byte; None: libc's affair.
#[inline(always)]
fn put_one(me: Me, f: &Stream, c: c_int) -> Option<c_int> {
    if f.room() > 0 {
        put_byte(f, c as u8);
        return Some(c as u8 as c_int);
    }
    put_one_more(me, f, c)
}

#[cold]
fn put_one_more(me: Me, f: &Stream, c: c_int) -> Option<c_int> {
    f.waits().then(|| put_more(me, f, c as u8))
}

/// fputc(3), putc(3), and without the lock.
#[inline]
pub unsafe fn putc<const LOCKED: bool>(me: Me, real: Putc, c: c_int, file: *mut FILE) -> c_int {
    // SAFETY: the caller's open stream, here and below.
    let libc = move || unsafe { real(c, file) };
    // SAFETY: as above.
    let Some(f) = (unsafe { Stream::of(file) }) else { return libc() };
    under_lock::<LOCKED, _>(me, f, || put_one(me, f, c), libc)
}

/// putchar(3).
pub unsafe fn putchar<const LOCKED: bool>(me: Me, real: unsafe extern "C" fn(c_int) -> c_int, c: c_int) -> c_int {
    // SAFETY: the program's open stream, here and below.
    let libc = move || unsafe { real(c) };
    // SAFETY: as above.
    let Some(f) = (unsafe { Stream::of(standard_output()) }) else { return libc() };
    under_lock::<LOCKED, _>(me, f, || put_one(me, f, c), libc)
}

/// __overflow: what the macros of putc_unlocked(3) call when there's no room.
pub unsafe fn overflow(
    me: Me,
    real: unsafe extern "C" fn(*mut FILE, c_int) -> c_int,
    file: *mut FILE,
    c: c_int,
) -> c_int {
    // SAFETY: the caller's open stream, here and below.
    let libc = move || unsafe { real(file, c) };
    // SAFETY: as above.
    match unsafe { Stream::of(file) } {
        Some(f) if c != EOF => under_lock::<false, _>(me, f, || put_one(me, f, c), libc),
        _ => libc(),
    }
}

/// # Safety
/// A string.
unsafe fn text<'a>(s: *const c_char) -> &'a [u8] {
    // SAFETY: by this function's contract.
    unsafe { core::slice::from_raw_parts(s as *const u8, libc::strlen(s)) }
}

/// fputs(3).
pub unsafe fn fputs<const LOCKED: bool>(
    me: Me,
    real: unsafe extern "C" fn(*const c_char, *mut FILE) -> c_int,
    s: *const c_char,
    file: *mut FILE,
) -> c_int {
    // SAFETY: the caller's string and stream, here and below.
    let libc = move || unsafe { real(s, file) };
    // SAFETY: as above.
    let Some(f) = (unsafe { Stream::of(file) }) else { return libc() };
    // SAFETY: as above.
    let bytes = unsafe { text(s) };
    let ours = || {
        if put_at_once(f, bytes) {
            return Some(1);
        }
        f.waits().then(|| if put(me, f, bytes) == bytes.len() as isize { 1 } else { EOF })
    };
    under_lock::<LOCKED, _>(me, f, ours, libc)
}

/// puts(3).
pub unsafe fn puts(me: Me, real: unsafe extern "C" fn(*const c_char) -> c_int, s: *const c_char) -> c_int {
    // SAFETY: the caller's string, the program's stream, here and below.
    let libc = move || unsafe { real(s) };
    // SAFETY: as above.
    let Some(f) = (unsafe { Stream::of(standard_output()) }) else { return libc() };
    if !f.waits() {
        return libcs(me, f, libc);
    }
    // SAFETY: as above.
    let bytes = unsafe { text(s) };
    let ours = || {
        let all = put(me, f, bytes) == bytes.len() as isize && put_one(me, f, b'\n' as c_int) != Some(EOF);
        Some(if all { (bytes.len() + 1).min(c_int::MAX as usize) as c_int } else { EOF })
    };
    under_lock::<true, _>(me, f, ours, libc)
}

/// fwrite(3).
pub unsafe fn fwrite<const LOCKED: bool>(
    me: Me,
    real: unsafe extern "C" fn(*const c_void, size_t, size_t, *mut FILE) -> size_t,
    from: *const c_void,
    size: size_t,
    n: size_t,
    file: *mut FILE,
) -> size_t {
    // SAFETY: the caller's bytes and stream, here and below.
    let libc = move || unsafe { real(from, size, n, file) };
    let request = size.wrapping_mul(n);
    // SAFETY: as above.
    let Some(f) = (unsafe { Stream::of(file) }) else { return libc() };
    if request == 0 || request > isize::MAX as usize {
        return libc();
    }
    // SAFETY: as above.
    let bytes = unsafe { core::slice::from_raw_parts(from as *const u8, request) };
    let ours = || {
        if put_at_once(f, bytes) {
            return Some(n);
        }
        if !f.waits() {
            return None;
        }
        let done = put(me, f, bytes);
        Some(if done == request as isize || done == EOF as isize { n } else { done as usize / size })
    };
    under_lock::<LOCKED, _>(me, f, ours, libc)
}

/// fflush(3). Of all streams (NULL): libc's affair.
pub unsafe fn fflush<const LOCKED: bool>(
    me: Me,
    real: unsafe extern "C" fn(*mut FILE) -> c_int,
    file: *mut FILE,
) -> c_int {
    // SAFETY: NULL or the caller's open stream, here and below.
    let libc = move || unsafe { real(file) };
    // SAFETY: as above.
    let Some(f) = (unsafe { Stream::of(file) }) else { return libc() };
    // Nothing is left to write when libc has its turn, which sees to the reading side.
    let ours = || match f.unwritten() > 0 && f.waits() && is_putting(f) && !empty(me, f) {
        true => Some(EOF),
        false => None,
    };
    under_lock::<LOCKED, _>(me, f, ours, libc)
}
