//! Jumps that save and restore the signal mask.

use super::hook;
use crate::process::jumps::{before_set, jump, JumpBuffer};
use crate::runtime;
use core::arch::naked_asm;
use libc::c_int;

hook! { green fn siglongjmp(buffer: *mut JumpBuffer, value: c_int) => jump }
hook! { green fn longjmp(buffer: *mut JumpBuffer, value: c_int) => jump }
hook! { green fn _longjmp(buffer: *mut JumpBuffer, value: c_int) => jump }
hook! { green fn __longjmp_chk(buffer: *mut JumpBuffer, value: c_int) => jump }

/// The real one.
static mut REAL: usize = 0;

/// sigsetjmp(3), which is this function. It returns twice to its caller, so none can stand around it: this jumps there,
/// after a note if the mask is to be saved and there may be green threads.
#[unsafe(naked)]
#[no_mangle]
pub unsafe extern "C" fn __sigsetjmp(buffer: *mut JumpBuffer, save_mask: c_int) -> c_int {
    naked_asm!(
        "test esi, esi",
        "jz 2f",
        "cmp byte ptr [rip + {state}], {active}",
        "jne 2f",
        "push rdi",
        "push rsi",
        "sub rsp, 8",
        "call {before}",
        "add rsp, 8",
        "pop rsi",
        "pop rdi",
        "2: jmp qword ptr [rip + {real}]",
        state = sym runtime::STATE,
        active = const runtime::ACTIVE,
        before = sym before_set,
        real = sym REAL,
    )
}

extern "C" fn resolve() {
    // SAFETY: a NUL-terminated name; nobody else writes the variable, and there's one thread.
    unsafe { REAL = libc::dlsym(libc::RTLD_NEXT, c"__sigsetjmp".as_ptr()) as usize };
}

#[used]
#[link_section = ".init_array"]
static RESOLVE: extern "C" fn() = resolve;
