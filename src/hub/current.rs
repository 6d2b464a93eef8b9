//! "Who am I": the calling thread's green thread, from the one thread-local variable (shim/tls.c).

use super::Task;
use core::arch::asm;

/// The green thread that runs this code; None on a foreign kernel thread, in a hub's loop, and before activation.
///
/// One load through FS. The asm is volatile, so it's never merged over a switch.
#[inline(always)]
pub fn current() -> Option<&'static Task> {
    let p: *const Task;
    // SAFETY: green_self is an initial-exec TLS variable of this library; the load touches only the caller's
    // own TLS block. A non-null value is a green thread, which lives as long as the code it runs.
    unsafe {
        asm!("mov {p}, qword ptr [rip + green_self@GOTTPOFF]", "mov {p}, qword ptr fs:[{p}]", p = out(reg) p,
             options(nostack, readonly, preserves_flags));
        p.as_ref()
    }
}

extern "C" {
    fn green_self_address() -> *mut *const core::ffi::c_void;
}

/// Sets the calling thread's variable; gives the old value.
pub fn set_current(task: *const Task) -> *const Task {
    // SAFETY: the address is of the calling thread's own variable.
    unsafe { core::ptr::replace(green_self_address(), task as *const _) as *const Task }
}

/// The variable's distance from the thread pointer, the same in every thread of the process (negative).
#[inline(always)]
pub fn offset() -> isize {
    let offset: isize;
    // SAFETY: reads the word in which the loader has left that distance.
    unsafe {
        asm!("mov {o}, qword ptr [rip + green_self@GOTTPOFF]", o = out(reg) offset,
             options(nostack, readonly, preserves_flags));
    }
    offset
}
