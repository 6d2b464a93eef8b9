//! System calls by number (syscall(2)): those that our notes depend on, or that wait as a hook of ours does, are what their
//! names are. The rest passes through.

use super::directed;
use crate::hub::{clerk, current, early};
use crate::io::descriptors;
use crate::runtime;
use crate::sync::futex::{futex, Syscall};
use crate::wait::strangers;
use libc::{c_int, c_long, c_uint};

/// syscall(2). Before the process is active only what the library depends on from then on is noted.
#[allow(clippy::too_many_arguments)] // syscall(2) has seven
pub unsafe fn syscall(
    real: Syscall,
    number: c_long,
    a: usize,
    b: usize,
    c: usize,
    d: usize,
    e: usize,
    f: usize,
) -> c_long {
    // SAFETY: the arguments are the caller's, here and below.
    let native = || unsafe { real(number, a, b, c, d, e, f) };
    match number {
        libc::SYS_fork | libc::SYS_vfork | libc::SYS_clone | libc::SYS_clone3 => strangers::expect_copies(),
        libc::SYS_mq_notify => clerk::forgo(),
        _ => {}
    }
    if !runtime::is_active() {
        early::called(number);
        return native();
    }
    match number {
        // SAFETY: as above.
        libc::SYS_futex => unsafe { futex(real, a, b, c, d, e, f) },
        // SAFETY: as above.
        libc::SYS_close => unsafe { descriptors::close(descriptors::kernel_close, a as c_int) }.into(),
        libc::SYS_close_range => {
            let (first, last, flags) = (a as c_uint, b as c_uint, c as c_int);
            // SAFETY: as above.
            unsafe { descriptors::close_range(descriptors::kernel_close_range, first, last, flags) }.into()
        }
        // SAFETY: as above.
        libc::SYS_dup => unsafe { descriptors::dup(descriptors::kernel_dup, a as c_int) }.into(),
        // SAFETY: as above.
        libc::SYS_dup2 => unsafe { descriptors::dup2(descriptors::kernel_dup2, a as c_int, b as c_int) }.into(),
        libc::SYS_dup3 => {
            let (fd, onto, flags) = (a as c_int, b as c_int, c as c_int);
            // SAFETY: as above.
            unsafe { descriptors::dup3(descriptors::kernel_dup3, fd, onto, flags) }.into()
        }
        libc::SYS_tgkill | libc::SYS_tkill => {
            let (group, thread, signal) = if number == libc::SYS_tgkill { (a, b, c) } else { (0, a, b) };
            let to_me =
                current().and_then(|me| directed::to_oneself(me, group as c_int, thread as c_int, signal as c_int));
            to_me.map_or_else(native, |r| r as c_long)
        }
        _ => native(),
    }
}
