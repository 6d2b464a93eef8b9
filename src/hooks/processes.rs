//! Processes.

use super::hook;
use crate::{process, runtime};
use core::arch::naked_asm;
use libc::pid_t;

hook! { active fn fork() -> pid_t => process::fork::fork }

/// The real vfork; until it's resolved, fork.
static mut REAL_VFORK: unsafe extern "C" fn() -> pid_t = libc::fork;

/// vfork(2). No function can stand around it, since it returns twice on one stack: dormant, this jumps to the real
/// one. Active, it's fork, as POSIX allows: the child of a real vfork would change our tables in the shared memory.
#[unsafe(naked)]
#[no_mangle]
pub unsafe extern "C" fn vfork() -> pid_t {
    naked_asm!(
        "cmp byte ptr [rip + {state}], {active}",
        "je 2f",
        "jmp qword ptr [rip + {real}]",
        "2: jmp qword ptr [rip + {fork}@GOTPCREL]",
        state = sym runtime::STATE,
        active = const runtime::ACTIVE,
        real = sym REAL_VFORK,
        fork = sym libc::fork,
    )
}

extern "C" fn resolve() {
    // SAFETY: a NUL-terminated name, and libc's type for it; nobody else writes the variable, and there's one thread.
    unsafe {
        let real = libc::dlsym(libc::RTLD_NEXT, c"vfork".as_ptr());
        if !real.is_null() {
            REAL_VFORK = core::mem::transmute::<*mut libc::c_void, unsafe extern "C" fn() -> pid_t>(real);
        }
    }
}

#[used]
#[link_section = ".init_array"]
static RESOLVE: extern "C" fn() = resolve;
