//! Running over a stack's guard: says which thread, how large its stack is and what enlarges it; then the process
//! dies of SIGSEGV as it would natively. A program's own SIGSEGV handler is never replaced.

use super::Green;
use crate::hub::current;
use crate::{sys, tell};
use core::ptr;
use libc::{c_int, c_void, siginfo_t};

/// For a handler that writes one line.
const HANDLER_STACK: usize = 64 << 10;

/// Installs the handler if the program has none. At activation.
pub fn install() {
    // SAFETY: plain sigaction(2) with valid objects.
    unsafe {
        let mut old: libc::sigaction = core::mem::zeroed();
        if libc::sigaction(libc::SIGSEGV, ptr::null(), &mut old) != 0 || old.sa_sigaction != libc::SIG_DFL {
            return;
        }
        let mut new: libc::sigaction = core::mem::zeroed();
        new.sa_sigaction = on_fault as unsafe extern "C" fn(c_int, *mut siginfo_t, *mut c_void) as usize;
        new.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        libc::sigaction(libc::SIGSEGV, &new, ptr::null_mut());
    }
}

/// Gives the calling kernel thread a stack for signal handlers, unless it has one: the thread's own is used up when
/// this one is needed.
pub fn guard_main() {
    if sys::signal_stack(None).ss_flags & libc::SS_DISABLE == 0 {
        return;
    }
    if let Ok(memory) = sys::map(HANDLER_STACK) {
        // The mapping is never given back.
        let new = libc::stack_t { ss_sp: memory as *mut c_void, ss_flags: 0, ss_size: HANDLER_STACK };
        sys::signal_stack(Some(new));
    }
}

/// Whether an action's handler is ours.
pub fn is_fault_handler(handler: usize) -> bool {
    handler == on_fault as unsafe extern "C" fn(c_int, *mut siginfo_t, *mut c_void) as usize
}

unsafe extern "C" fn on_fault(_: c_int, info: *mut siginfo_t, _: *mut c_void) {
    // SAFETY: the kernel's record.
    let (address, code) = unsafe { ((*info).si_addr() as usize, (*info).si_code) };
    if let Some(green) = current().map(Green::of) {
        let block = &green.block;
        if code > 0 && block.in_guard(address) {
            let name = green.shown_name();
            let name = core::str::from_utf8(&name).unwrap_or("?").trim_end_matches('\0');
            tell!(
                "thread \"{name}\" ({:#x}) ran over its stack of {} KiB; GREEN_STACK=SIZE gives all threads at least SIZE",
                green.pthread(),
                (block.stack().base - block.stack().limit).div_ceil(1024)
            );
        }
    }
    // SAFETY: the default action, which the fault meets again as soon as we return.
    unsafe {
        let mut default: libc::sigaction = core::mem::zeroed();
        default.sa_sigaction = libc::SIG_DFL;
        libc::sigaction(libc::SIGSEGV, &default, ptr::null_mut());
    }
    if code <= 0 {
        // Somebody sent it: no fault comes again by itself.
        sys::raise(libc::SIGSEGV);
    }
}
