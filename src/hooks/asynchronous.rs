//! Asynchronous I/O and look-ups of libc's.

use super::hook;
use crate::io::asynchronous;
use libc::{c_int, c_void, timespec};

hook! { green point fn aio_suspend(list: *const *const c_void, n: c_int, timeout: *const timespec) -> c_int => asynchronous::suspend }
hook! { green point fn aio_suspend64(list: *const *const c_void, n: c_int, timeout: *const timespec) -> c_int => asynchronous::suspend }
hook! { green fn gai_suspend(list: *const *const c_void, n: c_int, timeout: *const timespec) -> c_int => asynchronous::suspend }
hook! { green fn lio_listio(mode: c_int, list: *const *const c_void, n: c_int, event: *mut c_void) -> c_int => asynchronous::start }
hook! { green fn lio_listio64(mode: c_int, list: *const *const c_void, n: c_int, event: *mut c_void) -> c_int => asynchronous::start }
hook! { green fn getaddrinfo_a(mode: c_int, list: *const *const c_void, n: c_int, event: *mut c_void) -> c_int => asynchronous::start }
