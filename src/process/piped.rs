//! popen(3) and what ends it: a shell, a pipe, a plain stream, and a list of which stream has which child. (glibc's own streams wait for
//! their children inside fclose, where nobody sees it.)

use super::shell::{self, Beginning};
use crate::hub::current;
use crate::lock::{Guard, Lock};
use crate::{below, config, io, sys};
use core::ffi::CStr;
use core::mem::MaybeUninit;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};
use libc::{c_char, c_int, pid_t, FILE};

/// Streams and their children.
type Streams = Vec<(usize, pid_t)>;
pub type Held = Guard<'static, Streams>;

static STREAMS: Lock<Streams> = Lock::new(Vec::new());
/// How many there are, for who closes another stream.
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Keeps others from changing the list; the child of a fork finds it whole.
pub fn hold() -> Held {
    STREAMS.lock()
}

/// What a mode says.
struct Mode {
    reads: bool,
    /// The stream's descriptor is closed by exec.
    private: bool,
}

fn parse(mode: &CStr) -> Option<Mode> {
    let (mut reads, mut writes, mut private) = (false, false, false);
    for &letter in mode.to_bytes() {
        match letter {
            b'r' => reads = true,
            b'w' => writes = true,
            b'e' => private = true,
            _ => return None,
        }
    }
    (reads != writes).then_some(Mode { reads, private })
}

fn fail(error: c_int) -> *mut FILE {
    sys::set_errno(error);
    ptr::null_mut()
}

/// popen(3).
pub unsafe fn popen(
    real: unsafe extern "C" fn(*const c_char, *const c_char) -> *mut FILE,
    command: *const c_char,
    mode: *const c_char,
) -> *mut FILE {
    if config::get().disable || below::resolve().is_err() {
        // SAFETY: as for popen(3).
        return unsafe { real(command, mode) };
    }
    // SAFETY: the caller's strings.
    let (command, mode) = unsafe { (CStr::from_ptr(command), CStr::from_ptr(mode)) };
    let Some(mode) = parse(mode) else { return fail(libc::EINVAL) };
    let ends = match sys::pipe() {
        Ok(ends) => ends,
        Err(e) => return fail(e),
    };
    let (own, childs) = if mode.reads { (ends[0], ends[1]) } else { (ends[1], ends[0]) };
    io::known::made_pipe_end(own, libc::O_CLOEXEC);
    // SAFETY: an open descriptor and a plain mode.
    let stream = unsafe { libc::fdopen(own, if mode.reads { c"r".as_ptr() } else { c"w".as_ptr() }) };
    if stream.is_null() {
        let e = sys::errno();
        sys::close(own);
        sys::close(childs);
        return fail(e);
    }
    let started = start(command, childs, if mode.reads { 1 } else { 0 });
    sys::close(childs);
    match started {
        Ok(pid) => {
            if !mode.private {
                let _ = sys::fcntl(own, libc::F_SETFD, 0);
            }
            STREAMS.lock().push((stream as usize, pid));
            COUNT.fetch_add(1, Ordering::Relaxed);
            stream
        }
        Err(_) => {
            // SAFETY: the stream is ours alone.
            unsafe { (below::get().fclose)(stream) };
            // Whatever it was, glibc says so.
            fail(libc::ENOMEM)
        }
    }
}

/// Starts the shell, with `end` as its descriptor number `number`, and none of the other streams of popen's (POSIX).
fn start(command: &CStr, end: c_int, number: c_int) -> Result<pid_t, c_int> {
    let mut files = MaybeUninit::uninit();
    let files = files.as_mut_ptr();
    // SAFETY: libc's own functions on an object that the first makes and the last ends; listed streams are open.
    unsafe {
        match libc::posix_spawn_file_actions_init(files) {
            0 => {}
            e => return Err(e),
        }
        let mut r = libc::posix_spawn_file_actions_adddup2(files, end, number);
        // malloc may wait, so not under the lock.
        let others: Vec<usize> = STREAMS.lock().iter().map(|&(stream, _)| stream).collect();
        for stream in others {
            let fd = libc::fileno(stream as *mut FILE);
            if r == 0 && fd >= 0 && fd != number {
                r = libc::posix_spawn_file_actions_addclose(files, fd);
            }
        }
        let mask = current().map(|me| me.blocked_signals.get());
        let started = match r {
            0 => shell::start(command, Beginning { mask, defaults: 0, files }),
            e => Err(e),
        };
        libc::posix_spawn_file_actions_destroy(files);
        started
    }
}

/// Before a stream is closed: its child, if it's one of popen's; from now on it's none.
pub fn take(stream: *mut FILE) -> Option<pid_t> {
    if COUNT.load(Ordering::Relaxed) == 0 {
        return None;
    }
    let mut streams = STREAMS.lock();
    let n = streams.iter().position(|&(s, _)| s == stream as usize)?;
    COUNT.fetch_sub(1, Ordering::Relaxed);
    Some(streams.remove(n).1)
}

/// After it was closed, with `result`: waits for the child, and says what pclose(3) does: the child's status, or if that's 0
/// the result; -1 when the child's not to be had (ECHILD).
pub fn reap(child: pid_t, result: c_int) -> c_int {
    let errno = sys::errno();
    let end = match current() {
        Some(me) => shell::sure_end_of(me, child),
        None => shell::end_of_natively(child),
    };
    match end {
        Ok(0) => {
            sys::set_errno(errno);
            result
        }
        Ok(status) => {
            sys::set_errno(errno);
            status
        }
        Err(e) => {
            sys::set_errno(e);
            -1
        }
    }
}
