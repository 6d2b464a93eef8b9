//! What reads: glibc's loops over the buffer (fileops.c, iogetline.c, iogetdelim.c), with a green read to fill it.

use super::output::flush_before_reading;
use super::real;
use super::stream::{copy, flag, Stream};
use super::{is_to_end, libcs, standard_input, under_lock, EOF};
use crate::hub::Task;
use crate::io::file;
use crate::sys;
use crate::wait::trampoline::{blocking, nonblocking, Attempt, Outcome, Plan};
use core::ptr;
use libc::{c_char, c_int, c_void, size_t, ssize_t, FILE};

type Me = &'static Task;

/// What the buffer can't simply be filled with.
const NOT_SIMPLY: c_int =
    flag::EOF_SEEN | flag::NO_READS | flag::IN_BACKUP | flag::UNBUFFERED | flag::LINE_BUFFERED | flag::PUTTING;

/// Fills the buffer, which is empty: waits until there's something. False at the end, on an error (the stream's flags and errno say
/// which), or if the thread is to end. The caller has the stream to itself.
pub(super) fn fill(me: Me, f: &Stream) -> bool {
    if is_to_end(me) {
        return false;
    }
    if f.buf_base.get().is_null() && f.save_base.get().is_null() && f.has(flag::EOF_SEEN | flag::NO_READS) == 0 {
        // SAFETY: an open stream without a buffer. (It also finds out whether it's a terminal's: line by line.)
        unsafe { (real::get().allocate)(f.file()) };
    }
    if f.has(NOT_SIMPLY) != 0
        || f.buf_base.get().is_null()
        || !f.save_base.get().is_null()
        || !f.markers.get().is_null()
    {
        return fill_by_libc(me, f);
    }
    f.orient();
    f.nothing_read();
    f.nothing_written();
    let base = f.buf_base.get();
    // SAFETY: the stream's own buffer.
    let n = unsafe { file::read(me, file::kernel_read, f.fileno.get(), base as *mut c_void, f.size()) };
    took(me, f, n);
    // SAFETY: within the buffer.
    f.read_end.set(unsafe { base.add(n.max(0) as usize) });
    n > 0
}

/// Notes what a read gave.
fn took(me: Me, f: &Stream, n: ssize_t) {
    if n > 0 {
        if f.offset.get() >= 0 {
            f.offset.set(f.offset.get() + n as i64);
        }
    } else if !me.wait_was_cancelled.get() {
        f.set(if n == 0 { flag::EOF_SEEN } else { flag::ERR_SEEN });
        f.offset.set(-1);
    }
}

/// As `fill`, where there's more to it: waits for the descriptor, if libc will read from it, and then lets libc do it.
#[cold]
fn fill_by_libc(me: Me, f: &Stream) -> bool {
    // SAFETY: an open stream.
    let underflow = || unsafe { (real::get().underflow)(f.file()) } != EOF;
    // Behind what was pushed back the buffer goes on: those two are swapped meanwhile.
    let goes_on = f.has(flag::IN_BACKUP) != 0 && f.save_end.get() > f.save_base.get();
    if f.has(flag::EOF_SEEN | flag::NO_READS) != 0 || goes_on {
        return underflow();
    }
    if !flush_before_reading(me, f) {
        return false;
    }
    let Some((e, _)) = f.descriptor() else { return underflow() };
    let fd = f.fileno.get();
    let outcome =
        blocking(me, fd, e, &Plan::READ, || match sys::poll_now(fd, libc::POLLIN) == 0 && !nonblocking(fd, e) {
            true => Attempt::Blocked,
            false => Attempt::Done(1),
        });
    match outcome {
        Outcome::Done(_) | Outcome::Native => underflow(),
        Outcome::Failed(_) if me.wait_was_cancelled.get() => false,
        Outcome::Failed(errno) => {
            f.set(flag::ERR_SEEN);
            sys::set_errno(errno);
            false
        }
    }
}

/// Takes one byte that is there.
#[inline(always)]
fn next(f: &Stream) -> c_int {
    let p = f.read_ptr.get();
    // SAFETY: the caller has seen that there's one.
    unsafe {
        f.read_ptr.set(p.add(1));
        *p as c_int
    }
}

type Getc = unsafe extern "C" fn(*mut FILE) -> c_int;

/// fgetc(3), getc(3), and without the lock.
#[inline]
pub unsafe fn getc<const LOCKED: bool>(me: Me, real: Getc, file: *mut FILE) -> c_int {
    // SAFETY: the caller's open stream, here and below.
    let libc = move || unsafe { real(file) };
    // SAFETY: as above.
    let Some(f) = (unsafe { Stream::of(file) }) else { return libc() };
    under_lock::<LOCKED, _>(me, f, || one(me, f), libc)
}

/// One byte, or EOF; None: libc's affair.
#[inline(always)]
fn one(me: Me, f: &Stream) -> Option<c_int> {
    if f.readable() > 0 {
        return Some(next(f));
    }
    one_more(me, f)
}

#[cold]
#[inline(never)]
fn one_more(me: Me, f: &Stream) -> Option<c_int> {
    f.waits().then(|| if fill(me, f) { next(f) } else { EOF })
}

/// getchar(3).
pub unsafe fn getchar<const LOCKED: bool>(me: Me, real: unsafe extern "C" fn() -> c_int) -> c_int {
    let file = standard_input();
    // SAFETY: the program's open stream.
    let libc = move || unsafe { real() };
    // SAFETY: as above.
    let Some(f) = (unsafe { Stream::of(file) }) else { return libc() };
    under_lock::<LOCKED, _>(me, f, || one(me, f), libc)
}

/// __uflow: what the macro of getc_unlocked(3) calls when the buffer is empty.
pub unsafe fn uflow(me: Me, real: Getc, file: *mut FILE) -> c_int {
    // SAFETY: as for `getc`.
    unsafe { getc::<false>(me, real, file) }
}

/// Copies what there is, up to `most` bytes and to the first `stop`, if one is given. How many, and whether it was met.
///
/// # Safety
/// `most` bytes of room.
#[inline(always)]
unsafe fn take_until(f: &Stream, to: *mut u8, most: usize, stop: Option<u8>) -> (usize, bool) {
    let (from, there) = (f.read_ptr.get(), f.readable().min(most));
    let (mut n, mut met) = (there, false);
    // SAFETY: there are so many bytes to read; by this function's contract, to write too.
    unsafe {
        if let Some(stop) = stop {
            let at = libc::memchr(from as *const c_void, stop as c_int, there);
            if !at.is_null() {
                (n, met) = (at as usize - from as usize + 1, true);
            }
        }
        copy(from, to, n);
        f.read_ptr.set(from.add(n));
    }
    (n, met)
}

/// fgets(3).
pub unsafe fn fgets<const LOCKED: bool>(
    me: Me,
    real: unsafe extern "C" fn(*mut c_char, c_int, *mut FILE) -> *mut c_char,
    line: *mut c_char,
    size: c_int,
    file: *mut FILE,
) -> *mut c_char {
    // SAFETY: the caller's line and stream.
    unsafe { fgets_by::<LOCKED>(me, move || real(line, size, file), line, size, file) }
}

/// fgets(3), which `libc` would call.
pub(super) unsafe fn fgets_by<const LOCKED: bool>(
    me: Me,
    libc: impl FnOnce() -> *mut c_char,
    line: *mut c_char,
    size: c_int,
    file: *mut FILE,
) -> *mut c_char {
    // SAFETY: the caller's open stream.
    let Some(f) = (unsafe { Stream::of(file) }) else { return libc() };
    if size <= 1 {
        return libc();
    }
    let most = size as usize - 1;
    let ours = || {
        // SAFETY: the caller's line.
        unsafe {
            if get_line_at_once(f, line as *mut u8, most) {
                return Some(line);
            }
            f.waits().then(|| get_line(me, f, line as *mut u8, most) as *mut c_char)
        }
    };
    under_lock::<LOCKED, _>(me, f, ours, libc)
}

/// The line, if the buffer holds all of it: then it doesn't matter where that comes from.
///
/// # Safety
/// `most` bytes of room and one more.
#[inline(always)]
unsafe fn get_line_at_once(f: &Stream, line: *mut u8, most: usize) -> bool {
    let (from, there) = (f.read_ptr.get(), f.readable().min(most));
    if there == 0 || f.mode.get() > 0 {
        return false;
    }
    // SAFETY: there are so many bytes to read; by this function's contract, to write too.
    unsafe {
        let end = libc::memchr(from as *const c_void, b'\n' as c_int, there);
        let n = if end.is_null() { there } else { end as usize - from as usize + 1 };
        if end.is_null() && n < most {
            return false;
        }
        copy(from, line, n);
        *line.add(n) = 0;
        f.read_ptr.set(from.add(n));
    }
    f.orient();
    true
}

/// # Safety
/// `most` bytes of room and one more.
#[inline(never)]
unsafe fn get_line(me: Me, f: &Stream, line: *mut u8, most: usize) -> *mut u8 {
    // An error of before is kept, but says nothing of this call.
    let before = f.has(flag::ERR_SEEN);
    f.clear(flag::ERR_SEEN);
    f.orient();
    let mut done = 0;
    while done < most && (f.readable() > 0 || fill(me, f)) {
        // SAFETY: by this function's contract.
        let (n, met) = unsafe { take_until(f, line.add(done), most - done, Some(b'\n')) };
        done += n;
        if met {
            break;
        }
    }
    // Bytes with a would-block behind them are an answer; the error is for the next call.
    let failed = done == 0 || (f.has(flag::ERR_SEEN) != 0 && sys::errno() != libc::EAGAIN);
    f.set(before);
    if failed {
        return ptr::null_mut();
    }
    // SAFETY: as above.
    unsafe { *line.add(done) = 0 };
    line
}

/// fread(3).
pub unsafe fn fread<const LOCKED: bool>(
    me: Me,
    real: unsafe extern "C" fn(*mut c_void, size_t, size_t, *mut FILE) -> size_t,
    to: *mut c_void,
    size: size_t,
    n: size_t,
    file: *mut FILE,
) -> size_t {
    // SAFETY: the caller's memory and stream.
    unsafe { fread_by::<LOCKED>(me, move || real(to, size, n, file), to, size, n, file) }
}

/// fread(3), which `libc` would call.
pub(super) unsafe fn fread_by<const LOCKED: bool>(
    me: Me,
    libc: impl FnOnce() -> size_t,
    to: *mut c_void,
    size: size_t,
    n: size_t,
    file: *mut FILE,
) -> size_t {
    let want = size.wrapping_mul(n);
    // SAFETY: the caller's open stream.
    let Some(f) = (unsafe { Stream::of(file) }) else { return libc() };
    if want == 0 {
        return libc();
    }
    let ours = || {
        if f.readable() >= want && f.mode.get() <= 0 {
            // SAFETY: the caller's memory.
            unsafe { take_until(f, to as *mut u8, want, None) };
            return Some(n);
        }
        if !f.waits() {
            return None;
        }
        // SAFETY: the caller's memory.
        let got = unsafe { get_bytes(me, f, to as *mut u8, want) }?;
        Some(if got == want { n } else { got / size })
    };
    under_lock::<LOCKED, _>(me, f, ours, libc)
}

/// As glibc's _IO_file_xsgetn. None: nothing was done, it's libc's affair.
///
/// # Safety
/// `want` bytes of room.
#[inline(never)]
unsafe fn get_bytes(me: Me, f: &Stream, to: *mut u8, want: usize) -> Option<usize> {
    if f.unwritten() > 0 {
        return None;
    }
    if f.buf_base.get().is_null() {
        if !f.save_base.get().is_null() {
            return None;
        }
        // SAFETY: an open stream without a buffer.
        unsafe { (real::get().allocate)(f.file()) };
    }
    let mut done = 0;
    while done < want {
        // SAFETY: by this function's contract.
        done += unsafe { take_until(f, to.add(done), want - done, None) }.0;
        let left = want - done;
        if left == 0 {
            break;
        }
        if f.has(flag::IN_BACKUP) != 0 || left < f.size() {
            if !fill(me, f) {
                break;
            }
            continue;
        }
        // A buffer's worth or more goes straight to where it's wanted.
        if is_to_end(me) {
            break;
        }
        f.nothing_read();
        f.nothing_written();
        let whole = if f.size() >= 128 { left - left % f.size() } else { left };
        // SAFETY: by this function's contract.
        let got = unsafe { file::read(me, file::kernel_read, f.fileno.get(), to.add(done) as *mut c_void, whole) };
        if got <= 0 {
            let offset = f.offset.get();
            took(me, f, got);
            f.offset.set(offset);
            break;
        }
        took(me, f, got);
        done += got as usize;
    }
    Some(done)
}

/// How many of the bytes that are there belong to a line, and whether it ends with them.
#[inline(always)]
fn until(f: &Stream, stop: u8) -> (usize, bool) {
    let (from, there) = (f.read_ptr.get(), f.readable());
    // SAFETY: there are so many bytes to read.
    let at = unsafe { libc::memchr(from as *const c_void, stop as c_int, there) };
    match at.is_null() {
        true => (there, false),
        false => (at as usize - from as usize + 1, true),
    }
}

type GetDelim = unsafe extern "C" fn(*mut *mut c_char, *mut size_t, c_int, *mut FILE) -> ssize_t;

/// getdelim(3).
pub unsafe fn getdelim(
    me: Me,
    real: GetDelim,
    line: *mut *mut c_char,
    size: *mut size_t,
    stop: c_int,
    file: *mut FILE,
) -> ssize_t {
    // SAFETY: the caller's line and stream.
    unsafe { get_delimited(me, line, size, stop, file, move || real(line, size, stop, file)) }
}

/// getline(3).
pub unsafe fn getline(
    me: Me,
    real: unsafe extern "C" fn(*mut *mut c_char, *mut size_t, *mut FILE) -> ssize_t,
    line: *mut *mut c_char,
    size: *mut size_t,
    file: *mut FILE,
) -> ssize_t {
    // SAFETY: as above.
    unsafe { get_delimited(me, line, size, b'\n' as c_int, file, move || real(line, size, file)) }
}

/// # Safety
/// As for getdelim(3).
unsafe fn get_delimited(
    me: Me,
    line: *mut *mut c_char,
    size: *mut size_t,
    stop: c_int,
    file: *mut FILE,
    libc: impl FnOnce() -> ssize_t,
) -> ssize_t {
    // SAFETY: the caller's open stream.
    let Some(f) = (unsafe { Stream::of(file) }) else { return libc() };
    if line.is_null() || size.is_null() {
        return libcs(me, f, libc);
    }
    let ours = || {
        // An earlier error is libc's to tell.
        if f.has(flag::ERR_SEEN) != 0 {
            return None;
        }
        // SAFETY: by this function's contract.
        unsafe {
            let (line, size) = (&mut *line, &mut *size);
            get_whole(f, *line, *size, stop as u8)
                .or_else(|| f.waits().then(|| get_growing(me, f, line, size, stop as u8)))
        }
    };
    under_lock::<true, _>(me, f, ours, libc)
}

/// The line, if the buffer holds all of it and there's room: then it doesn't matter where that comes from.
///
/// # Safety
/// A line of that size, or NULL.
#[inline(always)]
unsafe fn get_whole(f: &Stream, line: *mut c_char, size: usize, stop: u8) -> Option<ssize_t> {
    if f.readable() == 0 || f.mode.get() > 0 || line.is_null() {
        return None;
    }
    let (n, met) = until(f, stop);
    if !met || n >= size {
        return None;
    }
    f.orient();
    // SAFETY: by this function's contract.
    unsafe {
        take_until(f, line as *mut u8, n, None);
        *line.add(n) = 0;
    }
    Some(n as ssize_t)
}

/// # Safety
/// A line of the program's allocator, of that size.
#[inline(never)]
unsafe fn get_growing(me: Me, f: &Stream, line: &mut *mut c_char, size: &mut size_t, stop: u8) -> ssize_t {
    /// How much a first line gets.
    const FIRST: usize = 120;
    if line.is_null() || *size == 0 {
        // SAFETY: as realloc(3) of nothing, by the program's own allocator.
        let fresh = unsafe { libc::realloc(*line as *mut c_void, FIRST) };
        if fresh.is_null() {
            return -1;
        }
        (*line, *size) = (fresh as *mut c_char, FIRST);
    }
    let mut done = 0;
    while f.readable() > 0 || fill(me, f) {
        let (n, met) = until(f, stop);
        let needed = done + n + 1;
        if needed > ssize_t::MAX as usize {
            sys::set_errno(libc::EOVERFLOW);
            return -1;
        }
        if needed > *size {
            let larger = needed.max(size.saturating_mul(2));
            // SAFETY: the program's line.
            let fresh = unsafe { libc::realloc(*line as *mut c_void, larger) };
            if fresh.is_null() {
                return -1;
            }
            (*line, *size) = (fresh as *mut c_char, larger);
        }
        // SAFETY: there's room for so much.
        unsafe { take_until(f, (*line as *mut u8).add(done), n, None) };
        done += n;
        if met {
            break;
        }
    }
    if done == 0 {
        return -1;
    }
    // SAFETY: room for one more was made.
    unsafe { *line.add(done) = 0 };
    done as ssize_t
}
