//! Processes.

use super::hook;
use crate::process::{self, children, starting};
use crate::runtime;
use core::arch::naked_asm;
use libc::{
    c_char, c_int, id_t, idtype_t, pid_t, posix_spawn_file_actions_t, posix_spawnattr_t, rusage, siginfo_t, FILE,
};

type Str = *const c_char;
type Strs = *const *mut c_char;

hook! { always fn fork() -> pid_t => process::fork::fork }
hook! { green fn posix_spawn(pid: *mut pid_t, path: Str, actions: *const posix_spawn_file_actions_t, attr: *const posix_spawnattr_t, argv: Strs, env: Strs) -> c_int => starting::posix_spawn }
hook! { green fn posix_spawnp(pid: *mut pid_t, file: Str, actions: *const posix_spawn_file_actions_t, attr: *const posix_spawnattr_t, argv: Strs, env: Strs) -> c_int => starting::posix_spawn }
hook! { green point fn system(command: Str) -> c_int => starting::system }
hook! { green fn popen(command: Str, mode: Str) -> *mut FILE => starting::popen }
hook! { green fn execve(path: Str, argv: Strs, env: Strs) -> c_int => starting::execve }
hook! { green fn execvpe(path: Str, argv: Strs, env: Strs) -> c_int => starting::execve }
hook! { green fn execv(path: Str, argv: Strs) -> c_int => starting::execv }
hook! { green fn execvp(path: Str, argv: Strs) -> c_int => starting::execv }
hook! { green fn fexecve(fd: c_int, argv: Strs, env: Strs) -> c_int => starting::fexecve }
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
