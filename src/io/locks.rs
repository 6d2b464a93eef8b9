//! Locks on files (flock, fcntl, lockf) and System V queues and semaphores: other processes hold them, and only the kernel
//! knows when they're free. Tried first; who must wait does it natively, while the hub goes on elsewhere.

use super::fail;
use crate::hub::current;
use crate::sys;
use crate::wait::natively::{first_at_once, natively, until_handled};
use libc::{c_int, c_long, c_void, off_t, sembuf, size_t, ssize_t, timespec};

/// flock(2).
pub unsafe fn flock(real: unsafe extern "C" fn(c_int, c_int) -> c_int, fd: c_int, operation: c_int) -> c_int {
    // SAFETY: no memory is involved.
    let lock = |operation| unsafe { real(fd, operation) };
    if operation & libc::LOCK_NB != 0 {
        return lock(operation);
    }
    first_at_once(&[libc::EWOULDBLOCK], || lock(operation | libc::LOCK_NB), || lock(operation))
}

/// What a lock held by another gives (fcntl(2), lockf(3)).
const HELD: [c_int; 2] = [libc::EAGAIN, libc::EACCES];

/// lockf(3).
pub unsafe fn lockf(
    real: unsafe extern "C" fn(c_int, c_int, off_t) -> c_int,
    fd: c_int,
    command: c_int,
    len: off_t,
) -> c_int {
    // SAFETY: no memory is involved.
    let lock = |command| unsafe { real(fd, command, len) };
    if command != libc::F_LOCK {
        return lock(command);
    }
    first_at_once(&HELD, || lock(libc::F_TLOCK), || lock(command))
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
    let set = |command| unsafe { real(fd, command, lock) };
    first_at_once(&HELD, || set(at_once), || set(command))
}

/// msgrcv(2): a copy, by position (linux/msg.h).
const MSG_COPY: c_int = 0o40000;

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
    // MSG_COPY asks for IPC_NOWAIT, or is an error.
    if flags & (libc::IPC_NOWAIT | MSG_COPY) != 0 {
        return receive(flags);
    }
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
    if flags & libc::IPC_NOWAIT != 0 {
        return send(flags);
    }
    first_at_once(&[libc::EAGAIN], || send(flags | libc::IPC_NOWAIT), || send(flags))
}

/// semop(2).
pub unsafe fn semop(
    real: unsafe extern "C" fn(c_int, *mut sembuf, size_t) -> c_int,
    set: c_int,
    ops: *mut sembuf,
    n: size_t,
) -> c_int {
    // SAFETY: the operations are the caller's, as for semop(2).
    unsafe { operate(set, ops, n, || until_handled(core::ptr::null(), |_| real(set, ops, n))) }
}

/// semtimedop(2).
pub unsafe fn semtimedop(
    real: unsafe extern "C" fn(c_int, *mut sembuf, size_t, *const timespec) -> c_int,
    set: c_int,
    ops: *mut sembuf,
    n: size_t,
    timeout: *const timespec,
) -> c_int {
    // SAFETY: the operations are the caller's, as for semtimedop(2).
    unsafe { operate(set, ops, n, || until_handled(timeout, |timeout| real(set, ops, n, timeout))) }
}

/// Tries with no time to wait, then makes the call, unless none of the operations would wait.
unsafe fn operate(set: c_int, ops: *mut sembuf, n: size_t, call: impl Fn() -> c_int) -> c_int {
    if current().is_none() {
        return call();
    }
    // SAFETY: the operations are the caller's.
    match unsafe { sys::semaphores_at_once(set, ops, n) } {
        Ok(_) => 0,
        Err(libc::EAGAIN) => {
            // The kernel has read the operations, so we can too.
            // SAFETY: as above.
            let ops = unsafe { core::slice::from_raw_parts(ops, n) };
            if ops.iter().all(|op| c_int::from(op.sem_flg) & libc::IPC_NOWAIT != 0) {
                return fail(libc::EAGAIN) as c_int;
            }
            natively(call)
        }
        Err(_) => call(),
    }
}
