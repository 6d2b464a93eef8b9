//! Calls by which another program is started from a green thread: it gets that thread's signal mask, not the kernel thread's.

use super::masks::with_own;
use crate::below;
use crate::hub::Task;
use crate::wait::strangers;
use libc::{c_char, c_int, pid_t, posix_spawn_file_actions_t, posix_spawnattr_t};

type Str = *const c_char;
type Strs = *const *mut c_char;
type Actions = *const posix_spawn_file_actions_t;
type Attributes = *const posix_spawnattr_t;

/// posix_spawn(3), posix_spawnp(3).
#[allow(clippy::too_many_arguments)] // posix_spawn has six
pub unsafe fn posix_spawn(
    me: Option<&'static Task>,
    real: unsafe extern "C" fn(*mut pid_t, Str, Actions, Attributes, Strs, Strs) -> c_int,
    pid: *mut pid_t,
    path: Str,
    actions: Actions,
    attributes: Attributes,
    argv: Strs,
    env: Strs,
) -> c_int {
    strangers::expect();
    // SAFETY: the caller's arguments, here and below.
    let call = || unsafe { real(pid, path, actions, attributes, argv, env) };
    match me {
        Some(_) => with_own(call),
        None => call(),
    }
}

/// execve(2), execvpe(3). Returns if it failed.
pub unsafe fn execve(
    _: &'static Task,
    real: unsafe extern "C" fn(Str, Strs, Strs) -> c_int,
    path: Str,
    argv: Strs,
    env: Strs,
) -> c_int {
    // SAFETY: as above.
    with_own(|| unsafe { real(path, argv, env) })
}

/// execv(3), execvp(3).
pub unsafe fn execv(_: &'static Task, real: unsafe extern "C" fn(Str, Strs) -> c_int, path: Str, argv: Strs) -> c_int {
    // SAFETY: as above.
    with_own(|| unsafe { real(path, argv) })
}

/// fexecve(3).
pub unsafe fn fexecve(
    _: &'static Task,
    real: unsafe extern "C" fn(c_int, Strs, Strs) -> c_int,
    fd: c_int,
    argv: Strs,
    env: Strs,
) -> c_int {
    // SAFETY: as above.
    with_own(|| unsafe { real(fd, argv, env) })
}

/// execveat(2).
pub unsafe fn execveat(
    _: &'static Task,
    real: unsafe extern "C" fn(c_int, Str, Strs, Strs, c_int) -> c_int,
    directory: c_int,
    path: Str,
    argv: Strs,
    env: Strs,
    flags: c_int,
) -> c_int {
    // SAFETY: as above.
    with_own(|| unsafe { real(directory, path, argv, env, flags) })
}

/// What execl(3) and execle(3) come to (shim/exec.c).
///
/// # Safety
/// As for execve(2).
#[no_mangle]
pub unsafe extern "C" fn green_exec_path(path: Str, argv: Strs, env: Strs) -> c_int {
    // SAFETY: the caller's arguments, here and below.
    with_own(|| unsafe { (below::get().execve)(path, argv, env) })
}

/// What execlp(3) comes to.
///
/// # Safety
/// As for execvpe(3).
#[no_mangle]
pub unsafe extern "C" fn green_exec_file(file: Str, argv: Strs, env: Strs) -> c_int {
    // SAFETY: as above.
    with_own(|| unsafe { (below::get().execvpe)(file, argv, env) })
}
