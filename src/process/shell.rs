//! `sh -c command`, for system(3) and popen(3): glibc's own would wait for it where nobody sees it.

use crate::below;
use crate::hub::Task;
use crate::process::children;
use crate::sys;
use crate::wait::strangers;
use core::ffi::CStr;
use core::mem::MaybeUninit;
use core::ptr;
use libc::{c_char, c_int, pid_t, posix_spawn_file_actions_t};

extern "C" {
    static environ: *const *mut c_char;
}

/// What a shell begins with.
pub struct Beginning {
    /// Its signal mask; the kernel thread's if None.
    pub mask: Option<u64>,
    /// Signals that are set to their defaults.
    pub defaults: u64,
    /// What is done with descriptors; NULL for nothing.
    pub files: *const posix_spawn_file_actions_t,
}

/// Starts it; its process id, or posix_spawn(3)'s error.
///
/// # Safety
/// The file actions are NULL or initialised. The process is active, or `below` is resolved.
pub unsafe fn start(command: &CStr, with: Beginning) -> Result<pid_t, c_int> {
    let mut pid = 0;
    strangers::expect();
    let argv = [c"sh".as_ptr(), c"-c".as_ptr(), command.as_ptr(), ptr::null()];
    let mut attributes = MaybeUninit::uninit();
    let attributes = attributes.as_mut_ptr();
    // SAFETY: libc's own functions on an object that the first makes and the last ends; strings and arrays outlive the call.
    let r = unsafe {
        match libc::posix_spawnattr_init(attributes) {
            0 => {}
            e => return Err(e),
        }
        let mut flags = libc::POSIX_SPAWN_SETSIGDEF;
        libc::posix_spawnattr_setsigdefault(attributes, &sys::signal_set(with.defaults));
        if let Some(mask) = with.mask {
            flags |= libc::POSIX_SPAWN_SETSIGMASK;
            libc::posix_spawnattr_setsigmask(attributes, &sys::signal_set(mask));
        }
        libc::posix_spawnattr_setflags(attributes, flags as _);
        let spawn = below::get().posix_spawn;
        let argv = argv.as_ptr() as *const *mut c_char;
        let r = spawn(&mut pid, c"/bin/sh".as_ptr(), with.files, attributes, argv, environ);
        libc::posix_spawnattr_destroy(attributes);
        r
    };
    match r {
        0 => Ok(pid),
        e => Err(e),
    }
}

/// Waits for a child's end as waitpid(2), with no regard to signals; its status, or -1 with errno (ECHILD). EINTR only when the
/// wait was cancelled.
pub fn end_of(me: &'static Task, pid: pid_t) -> Result<c_int, c_int> {
    let mut status = 0;
    loop {
        match children::end(me, pid, &mut status) {
            r if r == pid => return Ok(status),
            _ => match sys::errno() {
                libc::EINTR if !me.wait_was_cancelled.get() => {}
                e => return Err(e),
            },
        }
    }
}

/// As `end_of`, but it can't be cancelled.
pub fn sure_end_of(me: &'static Task, pid: pid_t) -> Result<c_int, c_int> {
    let was_cancelled = me.wait_was_cancelled.replace(false);
    let was_disabled = me.cancel_is_disabled.replace(true);
    let r = end_of(me, pid);
    me.cancel_is_disabled.set(was_disabled);
    me.wait_was_cancelled.set(was_cancelled);
    r
}

/// As `sure_end_of`, on a thread that isn't green: in place.
pub fn end_of_natively(child: pid_t) -> Result<c_int, c_int> {
    let mut status = 0;
    loop {
        // SAFETY: the status is ours.
        match unsafe { sys::wait4(child, &mut status, 0, ptr::null_mut()) } {
            -1 if sys::errno() == libc::EINTR => {}
            -1 => return Err(sys::errno()),
            _ => return Ok(status),
        }
    }
}
