//! Waiting for what libc's own helper threads do (aio(7), getaddrinfo_a(3)): only libc knows when it's done.

use crate::hub::Task;
use crate::wait::natively::natively;
use libc::{c_int, c_void, timespec};

type List = *const *const c_void;

/// aio_suspend(3), gai_suspend(3).
pub unsafe fn suspend(
    _: &'static Task,
    real: unsafe extern "C" fn(List, c_int, *const timespec) -> c_int,
    list: List,
    n: c_int,
    timeout: *const timespec,
) -> c_int {
    // SAFETY: the list is the caller's, as for aio_suspend(3).
    natively(|| unsafe { real(list, n, timeout) })
}

/// lio_listio(3), getaddrinfo_a(3): they wait if their mode says so (LIO_WAIT, GAI_WAIT).
pub unsafe fn start(
    _: &'static Task,
    real: unsafe extern "C" fn(c_int, List, c_int, *mut c_void) -> c_int,
    mode: c_int,
    list: List,
    n: c_int,
    event: *mut c_void,
) -> c_int {
    const WAIT: c_int = 0;
    // SAFETY: as for lio_listio(3).
    let call = || unsafe { real(mode, list, n, event) };
    if mode == WAIT {
        natively(call)
    } else {
        call()
    }
}
