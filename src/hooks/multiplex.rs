//! Waiting on many.

use super::hook;
use crate::io::multiplex;
use libc::{c_int, epoll_event, fd_set, nfds_t, pollfd, sigset_t, size_t, timespec, timeval};

hook! { green point fn poll(fds: *mut pollfd, n: nfds_t, timeout_ms: c_int) -> c_int => multiplex::poll::poll }
hook! { green point fn __poll(fds: *mut pollfd, n: nfds_t, timeout_ms: c_int) -> c_int => multiplex::poll::poll }
hook! { green point fn ppoll(fds: *mut pollfd, n: nfds_t, timeout: *const timespec, mask: *const sigset_t) -> c_int => multiplex::poll::ppoll }
hook! { green point fn select(n: c_int, read: *mut fd_set, write: *mut fd_set, except: *mut fd_set, timeout: *mut timeval) -> c_int => multiplex::select::select }
hook! { green point fn __select(n: c_int, read: *mut fd_set, write: *mut fd_set, except: *mut fd_set, timeout: *mut timeval) -> c_int => multiplex::select::select }
hook! { green point fn pselect(n: c_int, read: *mut fd_set, write: *mut fd_set, except: *mut fd_set, timeout: *const timespec, mask: *const sigset_t) -> c_int => multiplex::select::pselect }

hook! { green point fn epoll_wait(fd: c_int, events: *mut epoll_event, most: c_int, timeout_ms: c_int) -> c_int => multiplex::epoll::epoll_wait }
hook! { green point fn epoll_pwait(fd: c_int, events: *mut epoll_event, most: c_int, timeout_ms: c_int, mask: *const sigset_t) -> c_int => multiplex::epoll::epoll_pwait }
hook! { green point fn epoll_pwait2(fd: c_int, events: *mut epoll_event, most: c_int, timeout: *const timespec, mask: *const sigset_t) -> c_int => multiplex::epoll::epoll_pwait2 }

// The fortified forms check the array's size as glibc does, then are the plain ones.
hook! { green point fn __poll_chk(fds: *mut pollfd, n: nfds_t, timeout_ms: c_int, room: size_t) -> c_int => poll_chk }
hook! { green point fn __ppoll_chk(fds: *mut pollfd, n: nfds_t, timeout: *const timespec, mask: *const sigset_t, room: size_t) -> c_int => ppoll_chk }

type Me = &'static crate::hub::Task;

unsafe fn poll_chk(
    me: Me,
    real: unsafe extern "C" fn(*mut pollfd, nfds_t, c_int, size_t) -> c_int,
    fds: *mut pollfd,
    n: nfds_t,
    timeout_ms: c_int,
    room: size_t,
) -> c_int {
    // SAFETY: as for poll(2); an array that's too small goes to glibc's own check, which aborts.
    unsafe {
        if room / size_of::<pollfd>() < n as usize {
            return real(fds, n, timeout_ms, room);
        }
        multiplex::poll::poll(me, multiplex::poll::kernel_poll, fds, n, timeout_ms)
    }
}

unsafe fn ppoll_chk(
    me: Me,
    real: unsafe extern "C" fn(*mut pollfd, nfds_t, *const timespec, *const sigset_t, size_t) -> c_int,
    fds: *mut pollfd,
    n: nfds_t,
    timeout: *const timespec,
    mask: *const sigset_t,
    room: size_t,
) -> c_int {
    // SAFETY: as above.
    unsafe {
        if room / size_of::<pollfd>() < n as usize {
            return real(fds, n, timeout, mask, room);
        }
        multiplex::poll::ppoll(me, multiplex::poll::kernel_ppoll, fds, n, timeout, mask)
    }
}
