//! Calls that fork inside libc, where it would not be our fork: daemon and forkpty.

use crate::{stats, sys};
use libc::{c_char, c_int, pid_t, termios, winsize};

/// Our fork, with all that its hook does.
type Fork = unsafe fn() -> pid_t;

/// daemon(3): goes on in a child that leads a session of its own, in / and with /dev/null at 0, 1 and 2, unless told otherwise.
/// -1 with errno; ENODEV when /dev/null isn't that.
pub unsafe fn daemon(fork: Fork, stays: c_int, keeps_files: c_int) -> c_int {
    // SAFETY: as for fork(2).
    match unsafe { fork() } {
        -1 => return -1,
        0 => {}
        _ => {
            stats::report();
            sys::exit_group(0)
        }
    }
    // SAFETY: plain calls, none of them a hook.
    unsafe {
        if libc::setsid() == -1 {
            return -1;
        }
        if stays == 0 {
            libc::chdir(c"/".as_ptr());
        }
    }
    match keeps_files {
        0 => sys::to_libc(to_null().map(|()| 0)) as c_int,
        _ => 0,
    }
}

/// /dev/null as 0, 1 and 2. (In the child nobody waits on those.)
fn to_null() -> sys::Result<()> {
    const NULL: u64 = libc::makedev(1, 3);
    let fd = sys::open(b"/dev/null\0", libc::O_RDWR, 0)?;
    let is_null = sys::device(fd)? == Some(NULL);
    if is_null {
        for n in 0..3 {
            sys::duplicate(fd, n);
        }
    }
    if !is_null || fd > 2 {
        sys::close(fd);
    }
    if is_null {
        Ok(())
    } else {
        Err(libc::ENODEV)
    }
}

/// forkpty(3).
pub unsafe fn forkpty(
    fork: Fork,
    master: *mut c_int,
    name: *mut c_char,
    terminal: *const termios,
    window: *const winsize,
) -> pid_t {
    let (mut ours, mut childs) = (-1, -1);
    // SAFETY: the caller's arguments, as for openpty(3), which is no hook; nor is login_tty(3).
    unsafe {
        if libc::openpty(&mut ours, &mut childs, name, terminal, window) == -1 {
            return -1;
        }
        let pid = fork();
        match pid {
            0 => {
                sys::close(ours);
                if libc::login_tty(childs) != 0 {
                    sys::exit_group(1);
                }
            }
            -1 => {
                let errno = sys::errno();
                sys::close(ours);
                sys::close(childs);
                sys::set_errno(errno);
            }
            _ => {
                *master = ours;
                sys::close(childs);
            }
        }
        pid
    }
}
