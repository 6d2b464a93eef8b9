//! File locks, and System V queues and semaphores.

use super::hook;
use crate::io::locks;
use libc::{c_int, c_long, c_void, off_t, sembuf, size_t, ssize_t, timespec};

hook! { active fn flock(fd: c_int, operation: c_int) -> c_int => locks::flock }
hook! { active fn lockf(fd: c_int, command: c_int, len: off_t) -> c_int => locks::lockf }
hook! { active fn lockf64(fd: c_int, command: c_int, len: off_t) -> c_int => locks::lockf }
hook! { active fn msgrcv(queue: c_int, message: *mut c_void, len: size_t, kind: c_long, flags: c_int) -> ssize_t => locks::msgrcv }
hook! { active fn msgsnd(queue: c_int, message: *const c_void, len: size_t, flags: c_int) -> c_int => locks::msgsnd }
hook! { active fn semop(set: c_int, ops: *mut sembuf, n: size_t) -> c_int => locks::semop }
hook! { active fn semtimedop(set: c_int, ops: *mut sembuf, n: size_t, timeout: *const timespec) -> c_int => locks::semtimedop }
