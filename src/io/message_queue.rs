//! POSIX message queues. On Linux a queue is a descriptor that can be polled, and a deadline in the past is a form that doesn't
//! wait: ETIMEDOUT then means what EAGAIN does elsewhere.

use super::{fail, sleep};
use crate::hub::listeners::{self, Direction};
use crate::hub::Task;
use crate::sys;
use crate::wait::trampoline::{wait, Before, Waited};
use crate::wait::{restarts, Cause, NEVER};
use libc::{c_char, c_int, c_uint, mqd_t, size_t, ssize_t, timespec};

/// Runs one operation to its end: `once(deadline)` is the system call with an absolute time, `real` the program's own call.
///
/// # Safety
/// NULL, or a time, as for mq_timedreceive(3).
unsafe fn run(
    me: &'static Task,
    queue: mqd_t,
    direction: Direction,
    until: *const timespec,
    once: impl Fn(*const timespec) -> sys::Result,
    real: impl Fn() -> ssize_t,
) -> ssize_t {
    const PAST: timespec = timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: by this function's contract.
    let time = unsafe { sleep::valid(until) };
    let blocks = sys::file_flags(queue).is_ok_and(|flags| flags & libc::O_NONBLOCK == 0);
    let (Some(e), true) = (listeners::entry(queue), blocks && (until.is_null() || time.is_some())) else {
        // It doesn't wait, or the kernel says what is wrong.
        return real();
    };
    let deadline = time.map_or(NEVER, |ns| sleep::deadline_of(libc::CLOCK_REALTIME, ns));
    let generation = e.generation();
    let mut before = Before::Tried;
    loop {
        e.begin_try(direction);
        match once(&PAST) {
            Err(libc::ETIMEDOUT) => {}
            result => {
                e.set_ready(direction);
                e.pass_on(direction);
                me.spend();
                return result.map_or_else(fail, |n| n as ssize_t);
            }
        }
        if deadline != NEVER && sys::now() >= deadline {
            return fail(libc::ETIMEDOUT);
        }
        match wait(me, queue, e, generation, direction, deadline, before) {
            // Once more at the deadline, too.
            Waited::Ready | Waited::Timeout => {}
            // Unlike a socket's, these calls restart whether they have a deadline or not (signal(7)).
            Waited::Interrupted if restarts(me, Cause::Read, NEVER) => {}
            Waited::Closed => return fail(libc::EBADF),
            Waited::Interrupted => return fail(libc::EINTR),
            Waited::Refused(_) => return real(),
        }
        before = Before::TriedAgain;
    }
}

/// mq_timedreceive(3)'s system call.
unsafe fn receive(
    queue: mqd_t,
    text: *mut c_char,
    len: size_t,
    priority: *mut c_uint,
    until: *const timespec,
) -> sys::Result {
    let (text, priority) = (text as usize, priority as usize);
    // SAFETY: as for mq_timedreceive(3).
    unsafe { sys::syscall(libc::SYS_mq_timedreceive, queue as usize, text, len, priority, until as usize, 0) }
}

/// mq_timedsend(3)'s system call.
unsafe fn send(
    queue: mqd_t,
    text: *const c_char,
    len: size_t,
    priority: c_uint,
    until: *const timespec,
) -> sys::Result {
    let text = text as usize;
    // SAFETY: as for mq_timedsend(3).
    unsafe { sys::syscall(libc::SYS_mq_timedsend, queue as usize, text, len, priority as usize, until as usize, 0) }
}

/// mq_receive(3).
pub unsafe fn mq_receive(
    me: &'static Task,
    real: unsafe extern "C" fn(mqd_t, *mut c_char, size_t, *mut c_uint) -> ssize_t,
    queue: mqd_t,
    text: *mut c_char,
    len: size_t,
    priority: *mut c_uint,
) -> ssize_t {
    // SAFETY: the memory is the caller's, as for mq_receive(3), here and below.
    unsafe {
        let once = |past| receive(queue, text, len, priority, past);
        run(me, queue, Direction::Read, core::ptr::null(), once, || real(queue, text, len, priority))
    }
}

/// mq_timedreceive(3).
#[allow(clippy::too_many_arguments)]
pub unsafe fn mq_timedreceive(
    me: &'static Task,
    real: unsafe extern "C" fn(mqd_t, *mut c_char, size_t, *mut c_uint, *const timespec) -> ssize_t,
    queue: mqd_t,
    text: *mut c_char,
    len: size_t,
    priority: *mut c_uint,
    until: *const timespec,
) -> ssize_t {
    // SAFETY: as above.
    unsafe {
        let once = |past| receive(queue, text, len, priority, past);
        run(me, queue, Direction::Read, until, once, || real(queue, text, len, priority, until))
    }
}

/// mq_send(3).
pub unsafe fn mq_send(
    me: &'static Task,
    real: unsafe extern "C" fn(mqd_t, *const c_char, size_t, c_uint) -> c_int,
    queue: mqd_t,
    text: *const c_char,
    len: size_t,
    priority: c_uint,
) -> c_int {
    // SAFETY: as above.
    unsafe {
        let once = |past| send(queue, text, len, priority, past);
        run(me, queue, Direction::Write, core::ptr::null(), once, || real(queue, text, len, priority) as ssize_t)
            as c_int
    }
}

/// mq_timedsend(3).
#[allow(clippy::too_many_arguments)]
pub unsafe fn mq_timedsend(
    me: &'static Task,
    real: unsafe extern "C" fn(mqd_t, *const c_char, size_t, c_uint, *const timespec) -> c_int,
    queue: mqd_t,
    text: *const c_char,
    len: size_t,
    priority: c_uint,
    until: *const timespec,
) -> c_int {
    // SAFETY: as above.
    unsafe {
        let once = |past| send(queue, text, len, priority, past);
        let real = || real(queue, text, len, priority, until) as ssize_t;
        run(me, queue, Direction::Write, until, once, real) as c_int
    }
}
