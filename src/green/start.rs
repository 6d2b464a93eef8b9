//! The first frames of a green thread.

use super::{exit, tls, Green};
use crate::depth;
use crate::hub::Task;
use core::arch::naked_asm;
use core::sync::atomic::{fence, Ordering};
use libc::c_void;

extern "C" {
    fn green_boundary(body: unsafe extern "C" fn(*mut c_void), argument: *mut c_void) -> i32;
}

/// The bottom of the stack, for unwinders as for people: above it lies the hub's loop, and on main's hub main's own
/// frames, whose catch clauses are not this thread's. With no return address to be found an exception that nobody
/// caught ends in std::terminate, and a backtrace ends here, as on a native thread.
#[unsafe(naked)]
pub unsafe extern "C" fn bottom(task: &Task) {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_undefined rip",
        "sub rsp, 8",
        ".cfi_adjust_cfa_offset 8",
        "call {main}",
        "add rsp, 8",
        ".cfi_adjust_cfa_offset -8",
        "ret",
        ".cfi_endproc",
        main = sym thread_main
    )
}

unsafe extern "C" fn thread_main(task: &Task) {
    let green = Green::of(task);
    tls::enter();
    // SAFETY: the body runs once, here.
    unsafe { green_boundary(call_routine, green as *const Green as *mut c_void) };
    exit::ended(green);
}

const PTHREAD_CANCELED: *mut c_void = usize::MAX as *mut c_void;

unsafe extern "C" fn call_routine(green: *mut c_void) {
    // SAFETY: `thread_main` passes its own Green.
    let green = unsafe { &*(green as *const Green) };
    if let Some(routine) = green.routine.get() {
        // A signal may have come for it before it ran.
        fence(Ordering::SeqCst);
        depth::checkpoint();
        // What its joiner gets if nobody says otherwise: cancellation doesn't come through us.
        green.result.set(PTHREAD_CANCELED);
        green.result.set(routine(green.argument.get()));
    }
}

/// Runs the program's main inside a boundary of ours, so that pthread_exit from main leaves the hub running. `None`
/// when it was unwound; else what main returned.
pub fn call_main(
    main: unsafe extern "C" fn(i32, *mut *mut i8, *mut *mut i8) -> i32,
    argc: i32,
    argv: *mut *mut i8,
    envp: *mut *mut i8,
) -> Option<i32> {
    struct Call(unsafe extern "C" fn(i32, *mut *mut i8, *mut *mut i8) -> i32, i32, *mut *mut i8, *mut *mut i8);
    unsafe extern "C" fn body(call: *mut c_void) {
        // SAFETY: `call_main` passes its own Call; main is the program's.
        unsafe {
            let call = &mut *(call as *mut Call);
            call.1 = (call.0)(call.1, call.2, call.3);
        }
    }
    let mut call = Call(main, argc, argv, envp);
    // SAFETY: the body runs once, here.
    let unwound = unsafe { green_boundary(body, &mut call as *mut Call as *mut c_void) };
    (unwound == 0).then_some(call.1)
}
