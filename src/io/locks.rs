//! Locks on files (flock, fcntl, lockf) and System V queues and semaphores: other processes hold them, and only the kernel
//! knows when they're free. Tried first; who must wait does it natively, while the hub goes on elsewhere.

use crate::wait::natively::first_at_once;
use libc::{c_int, c_long, c_void, off_t, sembuf, size_t, ssize_t, timespec};

/// flock(2).
pub unsafe fn flock(real: unsafe extern "C" fn(c_int, c_int) -> c_int, fd: c_int, operation: c_int) -> c_int {
    // SAFETY: no memory is involved.
    first_at_once(
        &[libc::EWOULDBLOCK],
        || unsafe { real(fd, operation | libc::LOCK_NB) },
        || unsafe { real(fd, operation) },
    )
}

/// lockf(3).
pub unsafe fn lockf(
    real: unsafe extern "C" fn(c_int, c_int, off_t) -> c_int,
    fd: c_int,
    command: c_int,
    len: off_t,
) -> c_int {
    let at_once = if command == libc::F_LOCK { libc::F_TLOCK } else { command };
    // SAFETY: no memory is involved.
    first_at_once(
        &[libc::EAGAIN, libc::EACCES],
        || unsafe { real(fd, at_once, len) },
        || unsafe { real(fd, command, len) },
    )
}

/// fcntl(2) with F_SETLKW or F_OFD_SETLKW.
pub unsafe fn set_lock(
    real: unsafe extern "C" fn(c_int, c_int, c_long) -> c_int,
    fd: c_int,
    command: c_int,
    lock: c_long,
) -> c_int {
    let at_once = if command == libc::F_SETLKW { libc::F_SETLK } else { libc::F_OFD_SETLK };
    // SAFETY: the lock is the caller's, as for fcntl(2).
    first_at_once(
        &[libc::EAGAIN, libc::EACCES],
        || unsafe { real(fd, at_once, lock) },
        || unsafe { real(fd, command, lock) },
    )
}

/// msgrcv(2).
pub unsafe fn msgrcv(
    real: unsafe extern "C" fn(c_int, *mut c_void, size_t, c_long, c_int) -> ssize_t,
    queue: c_int,
    message: *mut c_void,
    len: size_t,
    kind: c_long,
    flags: c_int,
) -> ssize_t {
    // SAFETY: the message is the caller's, as for msgrcv(2).
    let receive = |flags| unsafe { real(queue, message, len, kind, flags) };
    // Without a wait what isn't there is ENOMSG.
    first_at_once(&[libc::ENOMSG], || receive(flags | libc::IPC_NOWAIT), || receive(flags))
}

/// msgsnd(2).
pub unsafe fn msgsnd(
    real: unsafe extern "C" fn(c_int, *const c_void, size_t, c_int) -> c_int,
    queue: c_int,
    message: *const c_void,
    len: size_t,
    flags: c_int,
) -> c_int {
    // SAFETY: the message is the caller's, as for msgsnd(2).
    let send = |flags| unsafe { real(queue, message, len, flags) };
    first_at_once(&[libc::EAGAIN], || send(flags | libc::IPC_NOWAIT), || send(flags))
}

/// Semaphore operations that a first try may hold.
const MOST: usize = 64;

/// Calls `attempt` with the operations, each made IPC_NOWAIT. None: too many, or all were so already.
unsafe fn without_wait(ops: *mut sembuf, n: size_t, attempt: impl FnOnce(*mut sembuf) -> c_int) -> Option<c_int> {
    if ops.is_null() || n == 0 || n > MOST {
        return None;
    }
    let mut copy = [sembuf { sem_num: 0, sem_op: 0, sem_flg: 0 }; MOST];
    // SAFETY: n operations of the caller's.
    unsafe { copy.as_mut_ptr().copy_from_nonoverlapping(ops, n) };
    copy[..n].iter_mut().for_each(|op| op.sem_flg |= libc::IPC_NOWAIT as i16);
    Some(attempt(copy.as_mut_ptr()))
}

/// semop(2).
pub unsafe fn semop(
    real: unsafe extern "C" fn(c_int, *mut sembuf, size_t) -> c_int,
    set: c_int,
    ops: *mut sembuf,
    n: size_t,
) -> c_int {
    // SAFETY: the operations are the caller's or a copy, as for semop(2).
    let operate = |ops| unsafe { real(set, ops, n) };
    // SAFETY: as above.
    first_at_once(
        &[libc::EAGAIN],
        || unsafe { without_wait(ops, n, operate) }.unwrap_or_else(|| operate(ops)),
        || operate(ops),
    )
}

/// semtimedop(2).
pub unsafe fn semtimedop(
    real: unsafe extern "C" fn(c_int, *mut sembuf, size_t, *const timespec) -> c_int,
    set: c_int,
    ops: *mut sembuf,
    n: size_t,
    timeout: *const timespec,
) -> c_int {
    // SAFETY: the operations are the caller's or a copy, as for semtimedop(2).
    let operate = |ops| unsafe { real(set, ops, n, timeout) };
    // SAFETY: as above.
    first_at_once(
        &[libc::EAGAIN],
        || unsafe { without_wait(ops, n, operate) }.unwrap_or_else(|| operate(ops)),
        || operate(ops),
    )
}
