//! Processes.

use super::hook;
use crate::process::{self, children};
use crate::runtime;
use core::arch::naked_asm;
use libc::{c_int, id_t, idtype_t, pid_t, rusage, siginfo_t};

hook! { always fn fork() -> pid_t => process::fork::fork }
hook! { green point fn wait(status: *mut c_int) -> pid_t => children::wait }
hook! { green point fn waitpid(pid: pid_t, status: *mut c_int, options: c_int) -> pid_t => children::waitpid }
hook! { green point fn __waitpid(pid: pid_t, status: *mut c_int, options: c_int) -> pid_t => children::waitpid }
hook! { green point fn wait3(status: *mut c_int, options: c_int, usage: *mut rusage) -> pid_t => children::wait3 }
hook! { green point fn wait4(pid: pid_t, status: *mut c_int, options: c_int, usage: *mut rusage) -> pid_t => children::wait4 }
hook! { green point fn waitid(kind: idtype_t, id: id_t, info: *mut siginfo_t, options: c_int) -> c_int => children::waitid }

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
