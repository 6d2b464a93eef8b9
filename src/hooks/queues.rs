//! File locks, System V queues and semaphores, POSIX message queues.

use super::hook;
use crate::hub::clerk;
use crate::io::{descriptors, locks, message_queue};
use libc::{c_char, c_int, c_long, c_uint, c_void, mqd_t, off_t, sembuf, sigevent, size_t, ssize_t, timespec};

hook! { active fn flock(fd: c_int, operation: c_int) -> c_int => locks::flock }
hook! { active fn lockf(fd: c_int, command: c_int, len: off_t) -> c_int => locks::lockf }
hook! { active fn lockf64(fd: c_int, command: c_int, len: off_t) -> c_int => locks::lockf }
hook! { active fn msgrcv(queue: c_int, message: *mut c_void, len: size_t, kind: c_long, flags: c_int) -> ssize_t => locks::msgrcv }
hook! { active fn msgsnd(queue: c_int, message: *const c_void, len: size_t, flags: c_int) -> c_int => locks::msgsnd }
hook! { active fn semop(set: c_int, ops: *mut sembuf, n: size_t) -> c_int => locks::semop }
hook! { active fn semtimedop(set: c_int, ops: *mut sembuf, n: size_t, timeout: *const timespec) -> c_int => locks::semtimedop }

hook! { green point fn mq_receive(queue: mqd_t, text: *mut c_char, len: size_t, priority: *mut c_uint) -> ssize_t => message_queue::mq_receive }
hook! { green point fn mq_timedreceive(queue: mqd_t, text: *mut c_char, len: size_t, priority: *mut c_uint, until: *const timespec) -> ssize_t => message_queue::mq_timedreceive }
hook! { green point fn mq_send(queue: mqd_t, text: *const c_char, len: size_t, priority: c_uint) -> c_int => message_queue::mq_send }
hook! { green point fn mq_timedsend(queue: mqd_t, text: *const c_char, len: size_t, priority: c_uint, until: *const timespec) -> c_int => message_queue::mq_timedsend }
hook! { always fn mq_notify(queue: mqd_t, event: *const sigevent) -> c_int => clerk::mq_notify }
// A queue is a descriptor.
hook! { active fn mq_close(queue: mqd_t) -> c_int => descriptors::close }
