//! Processes.

use super::hook;
use crate::hub::early;
use crate::process::{self, children, piped, registration, starting};
use crate::runtime;
use crate::wait::strangers;
use core::arch::naked_asm;
use libc::{
    c_char, c_int, c_void, id_t, idtype_t, pid_t, posix_spawn_file_actions_t, posix_spawnattr_t, rusage, siginfo_t,
    termios, winsize, FILE,
};

type Str = *const c_char;
type Strs = *const *mut c_char;

hook! { always fn fork() -> pid_t => process::fork::fork }
hook! { always fn __fork() -> pid_t => process::fork::fork }
hook! { always fn _Fork() -> pid_t => process::fork::fork_alone }
hook! { always fn daemon(stays: c_int, keeps_files: c_int) -> c_int => daemonize }
hook! { always fn forkpty(master: *mut c_int, name: *mut c_char, terminal: *const termios, window: *const winsize) -> pid_t => fork_on_terminal }
hook! { always fn __register_atfork(prepare: registration::Handler, parent: registration::Handler, child: registration::Handler, library: *mut c_void) -> c_int => registration::register }
hook! { any fn posix_spawn(pid: *mut pid_t, path: Str, actions: *const posix_spawn_file_actions_t, attr: *const posix_spawnattr_t, argv: Strs, env: Strs) -> c_int => starting::posix_spawn }
hook! { any fn posix_spawnp(pid: *mut pid_t, file: Str, actions: *const posix_spawn_file_actions_t, attr: *const posix_spawnattr_t, argv: Strs, env: Strs) -> c_int => starting::posix_spawn }
hook! { any point fn system(command: Str) -> c_int => process::system::system }
hook! { always fn popen(command: Str, mode: Str) -> *mut FILE => piped::popen }
hook! { green fn execve(path: Str, argv: Strs, env: Strs) -> c_int => starting::execve }
hook! { green fn execvpe(path: Str, argv: Strs, env: Strs) -> c_int => starting::execve }
hook! { green fn execv(path: Str, argv: Strs) -> c_int => starting::execv }
hook! { green fn execvp(path: Str, argv: Strs) -> c_int => starting::execv }
hook! { green fn fexecve(fd: c_int, argv: Strs, env: Strs) -> c_int => starting::fexecve }
hook! { green fn execveat(directory: c_int, path: Str, argv: Strs, env: Strs, flags: c_int) -> c_int => starting::execveat }
hook! { green point fn wait(status: *mut c_int) -> pid_t => children::wait }
hook! { green point fn __wait(status: *mut c_int) -> pid_t => children::wait }
hook! { green point fn waitpid(pid: pid_t, status: *mut c_int, options: c_int) -> pid_t => children::waitpid }
hook! { green point fn __waitpid(pid: pid_t, status: *mut c_int, options: c_int) -> pid_t => children::waitpid }
hook! { green point fn wait3(status: *mut c_int, options: c_int, usage: *mut rusage) -> pid_t => children::wait3 }
hook! { green point fn wait4(pid: pid_t, status: *mut c_int, options: c_int, usage: *mut rusage) -> pid_t => children::wait4 }
hook! { green point fn waitid(kind: idtype_t, id: id_t, info: *mut siginfo_t, options: c_int) -> c_int => children::waitid }

/// libc's daemon and forkpty call its own fork.
unsafe fn daemonize(_: unsafe extern "C" fn(c_int, c_int) -> c_int, stays: c_int, keeps_files: c_int) -> c_int {
    // SAFETY: as for daemon(3).
    unsafe { process::daemon::daemon(fork::hooked, stays, keeps_files) }
}

unsafe fn fork_on_terminal(
    _: unsafe extern "C" fn(*mut c_int, *mut c_char, *const termios, *const winsize) -> pid_t,
    master: *mut c_int,
    name: *mut c_char,
    terminal: *const termios,
    window: *const winsize,
) -> pid_t {
    // SAFETY: as for forkpty(3).
    unsafe { process::daemon::forkpty(fork::hooked, master, name, terminal, window) }
}

extern "C" {
    fn green_execl(path: Str, first: Str) -> c_int;
    fn green_execle(path: Str, first: Str) -> c_int;
    fn green_execlp(file: Str, first: Str) -> c_int;
    fn _Fork() -> pid_t;
}

/// Exports a variadic function of shim/exec.c.
macro_rules! variadic {
    ($name:ident => $shim:ident) => {
        /// See exec(3).
        #[unsafe(naked)]
        #[no_mangle]
        pub unsafe extern "C" fn $name() {
            naked_asm!("jmp {}", sym $shim)
        }
    };
}

variadic! { execl => green_execl }
variadic! { execle => green_execle }
variadic! { execlp => green_execlp }

/// The real vfork; until it's resolved, fork.
static mut REAL_VFORK: unsafe extern "C" fn() -> pid_t = libc::fork;

/// vfork(2). No function can stand around it, since it returns twice on one stack: dormant, this jumps to the real
/// one. Active, it's fork (without handlers, as natively), as POSIX allows: the child of a real vfork would change our tables in the
/// shared memory.
#[unsafe(naked)]
#[no_mangle]
pub unsafe extern "C" fn vfork() -> pid_t {
    naked_asm!(
        "cmp byte ptr [rip + {state}], {active}",
        "je 2f",
        "mov byte ptr [rip + {unsure}], 1",
        "jmp qword ptr [rip + {real}]",
        "2: jmp qword ptr [rip + {fork}@GOTPCREL]",
        state = sym runtime::STATE,
        active = const runtime::ACTIVE,
        unsure = sym early::UNSURE,
        real = sym REAL_VFORK,
        fork = sym _Fork,
    )
}

extern "C" {
    fn __clone();
}

/// The real clone; until it's resolved, its other name.
static mut REAL_CLONE: unsafe extern "C" fn() = __clone;

/// clone(2): whoever is made, thread or process, may have the caller's descriptors. It begins on another stack, so no function can stand
/// around this one either.
#[unsafe(naked)]
#[no_mangle]
pub unsafe extern "C" fn clone() {
    naked_asm!(
        "push rdi",
        "push rsi",
        "push rdx",
        "push rcx",
        "push r8",
        "push r9",
        "sub rsp, 8",
        "call {before}",
        "add rsp, 8",
        "pop r9",
        "pop r8",
        "pop rcx",
        "pop rdx",
        "pop rsi",
        "pop rdi",
        "jmp qword ptr [rip + {real}]",
        before = sym before_clone,
        real = sym REAL_CLONE,
    )
}

extern "C" fn before_clone() {
    strangers::expect_copies();
}

extern "C" fn resolve() {
    // SAFETY: NUL-terminated names, and libc's types for them; nobody else writes the variables, and there's one thread.
    unsafe {
        let real = libc::dlsym(libc::RTLD_NEXT, c"vfork".as_ptr());
        if !real.is_null() {
            REAL_VFORK = core::mem::transmute::<*mut c_void, unsafe extern "C" fn() -> pid_t>(real);
        }
        let real = libc::dlsym(libc::RTLD_NEXT, c"clone".as_ptr());
        if !real.is_null() {
            REAL_CLONE = core::mem::transmute::<*mut c_void, unsafe extern "C" fn()>(real);
        }
        let register = libc::dlsym(libc::RTLD_NEXT, c"__register_atfork".as_ptr());
        if !register.is_null() {
            registration::register_ours(core::mem::transmute::<*mut c_void, registration::Register>(register));
        }
    }
}

#[used]
#[link_section = ".init_array"]
static RESOLVE: extern "C" fn() = resolve;
