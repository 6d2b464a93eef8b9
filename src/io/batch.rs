//! recvmmsg and sendmmsg: many messages in one call. Each attempt is the real call without waiting, for as many messages as
//! are left; what is there or fits at once costs one system call, as natively.

use super::socket::{buffers, note_message, note_passed, sendmsg, total};
use super::{attempted, fail, known, sleep};
use crate::hub::listeners::FileKind;
use crate::hub::Task;
use crate::sys;
use crate::wait::trampoline::{blocking, nonblocking, Attempt, Outcome, Plan};
use libc::{c_int, c_uint, mmsghdr, msghdr, ssize_t, timespec};

/// The most messages that the kernel takes at once (sendmmsg(2)).
const MOST: c_uint = 1024;

type RecvMany = unsafe extern "C" fn(c_int, *mut mmsghdr, c_uint, c_int, *mut timespec) -> c_int;

/// As `note_message`, of several.
///
/// # Safety
/// As for sendmmsg(2).
pub unsafe fn note_messages(messages: *const mmsghdr, n: c_uint) {
    if !messages.is_null() {
        // SAFETY: by this function's contract.
        (0..n as usize).for_each(|i| unsafe { note_message(&(*messages.add(i)).msg_hdr) });
    }
}

/// recvmmsg(2). The timeout counts only when a message has come (recvmmsg(2), BUGS), and what is left of it is written back.
pub unsafe fn recvmmsg(
    me: &'static Task,
    real: RecvMany,
    fd: c_int,
    messages: *mut mmsghdr,
    n: c_uint,
    flags: c_int,
    timeout: *mut timespec,
) -> c_int {
    const AT_ONCE: c_int = libc::MSG_DONTWAIT | libc::MSG_ERRQUEUE | libc::MSG_OOB;
    // SAFETY: the timeout is NULL or the caller's, as for recvmmsg(2).
    let time = unsafe { sleep::valid(timeout) };
    let looked = known::look(fd).filter(|(_, kind)| kind.is_socket());
    let (Some((e, _)), true) = (looked, flags & AT_ONCE == 0 && n > 0 && (timeout.is_null() || time.is_some())) else {
        // SAFETY: all is the caller's, as for recvmmsg(2).
        return unsafe { real(fd, messages, n, flags, timeout) };
    };
    let end = time.map(|ns| sys::now().saturating_add(ns));
    let mut done = 0;
    let mut plan = Plan::READ;
    while done < n {
        // With a timeout one by one: it's looked at after each.
        let some = if end.is_some() { 1 } else { n - done };
        let outcome = blocking(me, fd, e, &plan, || {
            // SAFETY: as above; the messages behind those that are done.
            after_some(done, || unsafe {
                real(fd, messages.add(done as usize), some, flags | libc::MSG_DONTWAIT, core::ptr::null_mut())
            })
        });
        match outcome {
            Outcome::Done(got) => {
                done += got as c_uint;
                // An error that comes behind a message is kept for the next call, and asking would take it.
                if (got as c_uint) < some && sys::poll_now(fd, 0) & libc::POLLERR != 0 {
                    break;
                }
            }
            _ if done > 0 => break,
            Outcome::Failed(errno) => return fail(errno) as c_int,
            // SAFETY: as above.
            Outcome::Native => return unsafe { real(fd, messages, n, flags, timeout) },
        }
        if end.is_some_and(|end| sys::now() >= end) {
            break;
        }
        plan.dont_wait = flags & libc::MSG_WAITFORONE != 0;
    }
    if let Some(end) = end {
        // SAFETY: a time was there.
        unsafe { *timeout = sys::timespec_of(end.saturating_sub(sys::now())) };
    }
    done as c_int
}

/// One attempt; a handler ends the call there if messages were done before.
fn after_some(done: c_uint, call: impl FnOnce() -> c_int) -> Attempt {
    match attempted(sys::from_libc(|| call() as isize)) {
        Attempt::Blocked if done > 0 => Attempt::Partly,
        other => other,
    }
}

type SendMany = unsafe extern "C" fn(c_int, *mut mmsghdr, c_uint, c_int) -> c_int;

/// sendmmsg(2). How many messages were sent, before the first that failed.
pub unsafe fn sendmmsg(
    me: &'static Task,
    real: SendMany,
    fd: c_int,
    messages: *mut mmsghdr,
    n: c_uint,
    flags: c_int,
) -> c_int {
    let looked = known::look(fd).filter(|(_, kind)| kind.is_socket());
    let (Some((e, kind)), true) = (looked, flags & (libc::MSG_DONTWAIT | libc::MSG_FASTOPEN) == 0 && n > 0) else {
        // SAFETY: all is the caller's, as for sendmmsg(2).
        return unsafe { real(fd, messages, n, flags) };
    };
    if nonblocking(fd, e) {
        // SAFETY: as above.
        return unsafe { real(fd, messages, n, flags) };
    }
    let n = n.min(MOST);
    let mut done = 0;
    while done < n {
        // SAFETY: as above.
        let next = unsafe { messages.add(done as usize) };
        let mut cut = false;
        let outcome = if kind == FileKind::Datagram {
            // SAFETY: as above.
            (done..n).for_each(|i| unsafe { note_passed(&(*messages.add(i as usize)).msg_hdr) });
            blocking(me, fd, e, &Plan::WRITE, || {
                // SAFETY: as above.
                after_some(done, || unsafe { real(fd, next, n - done, flags | libc::MSG_DONTWAIT) })
            })
        } else {
            // SAFETY: as above.
            unsafe { whole(me, fd, next, flags, &mut cut) }
        };
        match outcome {
            Outcome::Done(sent) => done += sent as c_uint,
            _ if done > 0 => break,
            Outcome::Failed(errno) => return fail(errno) as c_int,
            // SAFETY: as above.
            Outcome::Native => return unsafe { real(fd, messages, n, flags) },
        }
        if cut {
            break;
        }
    }
    done as c_int
}

/// One message on a stream, which is sent when all of it is; `cut` when something ended it before.
///
/// # Safety
/// As for sendmmsg(2).
unsafe fn whole(me: &'static Task, fd: c_int, message: *mut mmsghdr, flags: c_int, cut: &mut bool) -> Outcome {
    // SAFETY: by this function's contract.
    unsafe {
        match sendmsg(me, kernel_sendmsg, fd, &(*message).msg_hdr, flags) {
            n if n >= 0 => {
                (*message).msg_len = n as c_uint;
                let header = &(*message).msg_hdr;
                *cut = buffers(header.msg_iov, header.msg_iovlen).is_some_and(|b| (n as usize) < total(b));
                Outcome::Done(1)
            }
            _ => Outcome::Failed(sys::errno()),
        }
    }
}

/// sendmsg(2) straight from the kernel.
unsafe extern "C" fn kernel_sendmsg(fd: c_int, message: *const msghdr, flags: c_int) -> ssize_t {
    // SAFETY: as for sendmsg(2).
    sys::to_libc(unsafe { sys::sendmsg(fd, &*message, flags) })
}
