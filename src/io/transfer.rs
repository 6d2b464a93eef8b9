//! Data that goes from one descriptor to another inside the kernel: sendfile, splice, tee, vmsplice, copy_file_range.
//!
//! A pipe has a form that doesn't wait (SPLICE_F_NONBLOCK); a socket has none here, so its description is non-blocking for
//! just as long as one piece takes (`wait::borrow`).

use super::{answer, attempted, fail, known};
use crate::hub::listeners::{Direction, Entry, FileKind};
use crate::hub::Task;
use crate::sys;
use crate::wait::borrow;
use crate::wait::natively::natively;
use crate::wait::trampoline::{self, blocking, nonblocking, Attempt, Before, Outcome, Plan, Waited};
use libc::{c_int, c_uint, iovec, loff_t, off_t, size_t, ssize_t};

/// How much goes to a socket while its flag is on loan.
const PIECE: usize = 256 * 1024;

/// What the kernel moves at most in one call (sendfile(2)).
const MOST: usize = 0x7fff_f000;

/// From here on copying between files may take long.
const LONG: usize = 1 << 20;

const NO_WAIT: c_uint = libc::SPLICE_F_NONBLOCK;

/// sendfile(2).
pub unsafe fn sendfile(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, c_int, *mut off_t, size_t) -> ssize_t,
    out: c_int,
    from: c_int,
    offset: *mut off_t,
    len: size_t,
) -> ssize_t {
    // SAFETY: the offset is NULL or the caller's, as for sendfile(2).
    let native = || unsafe { real(out, from, offset, len) };
    let Some((e, kind)) = known::look(out) else { return native() };
    let waits = kind.is_socket() || kind == FileKind::Pipe;
    if !waits || len == 0 || nonblocking(out, e) {
        return native();
    }
    if kind == FileKind::Pipe {
        // That's what sendfile to a pipe is, and it has a form that doesn't wait.
        // SAFETY: as above.
        let outcome = blocking(me, out, e, &Plan::WRITE, || attempted(unsafe { splice_file(from, offset, out, len) }));
        return answer(outcome, native);
    }
    let len = len.min(MOST);
    let mut done = 0;
    let outcome = blocking(me, out, e, &Plan::WRITE, || loop {
        let piece = (len - done).min(PIECE);
        // SAFETY: as above. The kernel moves the offset on.
        match borrow::nonblocking(out, || attempted(sys::from_libc(|| unsafe { real(out, from, offset, piece) }))) {
            Ok(Attempt::Done(n)) => {
                done += n as usize;
                if n == 0 || done == len {
                    return Attempt::Done(done as ssize_t);
                }
            }
            Ok(Attempt::Failed(_)) | Err(_) if done > 0 => return Attempt::Done(done as ssize_t),
            Ok(Attempt::Blocked) if done > 0 => return Attempt::Partly,
            Ok(other) => return other,
            Err(errno) => return Attempt::Failed(errno),
        }
    });
    match outcome {
        Outcome::Done(n) => n,
        _ if done > 0 => done as ssize_t,
        outcome => answer(outcome, native),
    }
}

/// From a file to a pipe, as much as has room.
///
/// # Safety
/// NULL, or an offset to move on.
unsafe fn splice_file(from: c_int, offset: *mut off_t, out: c_int, len: usize) -> sys::Result {
    let flags = NO_WAIT as usize;
    // SAFETY: by this function's contract.
    unsafe { sys::syscall(libc::SYS_splice, from as usize, offset as usize, out as usize, 0, len, flags) }
}

/// One end of a transfer.
#[derive(Clone, Copy)]
struct End {
    fd: c_int,
    entry: &'static Entry,
    kind: FileKind,
    direction: Direction,
    /// The number's life that is meant.
    life: u32,
}

impl End {
    fn new(fd: c_int, direction: Direction) -> Option<End> {
        let (entry, kind) = known::look(fd)?;
        Some(End { fd, entry, kind, direction, life: entry.generation() })
    }

    /// Whether a try might move something.
    fn is_ready(self) -> bool {
        let events = if self.direction == Direction::Read { libc::POLLIN } else { libc::POLLOUT };
        sys::poll_now(self.fd, events) != 0
    }

    fn is_nonblocking(self) -> bool {
        nonblocking(self.fd, self.entry)
    }

    /// Calls with this end's description made non-blocking, if it's one that has no other way.
    fn at_once(self, call: impl FnOnce() -> ssize_t) -> ssize_t {
        if self.kind.is_socket() {
            borrow::nonblocking(self.fd, call).unwrap_or_else(fail)
        } else {
            call()
        }
    }

    /// Waits until it may be ready; 0 or the errno. `partly`: a part was moved, so a handler ends it, SA_RESTART or not.
    fn wait(self, me: &'static Task, partly: bool) -> c_int {
        let deadline = trampoline::deadline(self.fd, self.entry, self.direction);
        let wait = if partly { trampoline::wait } else { trampoline::trampoline };
        match wait(me, self.fd, self.entry, self.life, self.direction, deadline, Before::Tried) {
            Waited::Ready => 0,
            Waited::Timeout => libc::EAGAIN,
            Waited::Closed => libc::EBADF,
            Waited::Interrupted => libc::EINTR,
            Waited::Refused(errno) => errno,
        }
    }

    fn pass_on(self) {
        self.entry.set_ready(self.direction);
        self.entry.pass_on(self.direction);
    }
}

/// Moves from one end to the other: `real()` is the call without waiting; `enough(done)` says whether what was moved is an
/// answer.
fn between(
    me: &'static Task,
    from: End,
    to: End,
    real: impl Fn(usize) -> ssize_t,
    enough: impl Fn(usize) -> bool,
) -> ssize_t {
    let errno = sys::errno();
    let mut done = 0;
    let result = loop {
        from.entry.begin_try(from.direction);
        to.entry.begin_try(to.direction);
        let moved = from.at_once(|| to.at_once(|| real(done)));
        if moved > 0 {
            done += moved as usize;
        }
        if moved >= 0 {
            from.pass_on();
            to.pass_on();
            if moved == 0 || enough(done) {
                break 0;
            }
            continue;
        }
        let why = sys::errno();
        let (full, empty) = (!to.is_ready(), !from.is_ready());
        // The side that isn't waited for may have more for another thread.
        if !empty {
            from.pass_on();
        }
        if !full {
            to.pass_on();
        }
        if why != libc::EAGAIN {
            break why;
        }
        if done > 0 && empty {
            break 0;
        }
        let waited = match (empty, full) {
            (true, _) => from.wait(me, done > 0),
            (_, true) => to.wait(me, done > 0),
            // It became ready meanwhile.
            _ => 0,
        };
        if waited != 0 {
            break waited;
        }
    };
    if done == 0 && result != 0 {
        return fail(result);
    }
    sys::set_errno(errno);
    me.spend();
    done as ssize_t
}

/// splice(2).
#[allow(clippy::too_many_arguments)] // splice has six
pub unsafe fn splice(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, *mut loff_t, c_int, *mut loff_t, size_t, c_uint) -> ssize_t,
    from: c_int,
    from_offset: *mut loff_t,
    to: c_int,
    to_offset: *mut loff_t,
    len: size_t,
    flags: c_uint,
) -> ssize_t {
    // SAFETY: the offsets are NULL or the caller's, as for splice(2).
    let call = |len, flags| unsafe { real(from, from_offset, to, to_offset, len, flags) };
    let Some((a, b)) = ends(from, to).filter(|_| flags & NO_WAIT == 0 && len > 0) else { return call(len, flags) };
    // Out of a pipe goes on until the pipe is empty; into one takes what there is.
    let drains = a.kind == FileKind::Pipe && b.kind != FileKind::Pipe;
    between(me, a, b, |done| call(len - done, flags | NO_WAIT), |done| !drains || done >= len || !a.is_ready())
}

/// tee(2).
pub unsafe fn tee(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, c_int, size_t, c_uint) -> ssize_t,
    from: c_int,
    to: c_int,
    len: size_t,
    flags: c_uint,
) -> ssize_t {
    // SAFETY: no memory is involved.
    let call = |flags| unsafe { real(from, to, len, flags) };
    let Some((a, b)) = ends(from, to).filter(|_| flags & NO_WAIT == 0 && len > 0) else { return call(flags) };
    between(me, a, b, |_| call(flags | NO_WAIT), |_| true)
}

/// Both ends, if one of them is a pipe and the program itself made none non-blocking; else the plain call won't wait, or says
/// what is wrong.
fn ends(from: c_int, to: c_int) -> Option<(End, End)> {
    let (a, b) = (End::new(from, Direction::Read)?, End::new(to, Direction::Write)?);
    let pipe = a.kind == FileKind::Pipe || b.kind == FileKind::Pipe;
    (pipe && !a.is_nonblocking() && !b.is_nonblocking()).then_some((a, b))
}

/// vmsplice(2): into a pipe, or out of it, by the end that it is.
pub unsafe fn vmsplice(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, *const iovec, size_t, c_uint) -> ssize_t,
    fd: c_int,
    iov: *const iovec,
    n: size_t,
    flags: c_uint,
) -> ssize_t {
    // SAFETY: the vector is the caller's, as for vmsplice(2).
    let call = |flags| unsafe { real(fd, iov, n, flags) };
    let reads = sys::file_flags(fd).is_ok_and(|f| f & libc::O_ACCMODE == libc::O_RDONLY);
    let end = End::new(fd, if reads { Direction::Read } else { Direction::Write });
    let Some(end) = end.filter(|end| end.kind == FileKind::Pipe && flags & NO_WAIT == 0) else { return call(flags) };
    let errno = sys::errno();
    // The pipe's own O_NONBLOCK is nothing to this call.
    loop {
        end.entry.begin_try(end.direction);
        let moved = call(flags | NO_WAIT);
        if moved >= 0 || sys::errno() != libc::EAGAIN {
            end.pass_on();
            me.spend();
            return moved;
        }
        sys::set_errno(errno);
        match end.wait(me, false) {
            0 => {}
            errno => return fail(errno),
        }
    }
}

/// copy_file_range(2): between files, where only the disk is waited for; much of it lends the hub.
#[allow(clippy::too_many_arguments)] // copy_file_range has six
pub unsafe fn copy_file_range(
    _: &'static Task,
    real: unsafe extern "C" fn(c_int, *mut loff_t, c_int, *mut loff_t, size_t, c_uint) -> ssize_t,
    from: c_int,
    from_offset: *mut loff_t,
    to: c_int,
    to_offset: *mut loff_t,
    len: size_t,
    flags: c_uint,
) -> ssize_t {
    // SAFETY: as for copy_file_range(2).
    let call = || unsafe { real(from, from_offset, to, to_offset, len, flags) };
    if len >= LONG {
        natively(call)
    } else {
        call()
    }
}
