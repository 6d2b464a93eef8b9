//! Signals.

use super::hook;
use crate::process::{directed, signals};
use libc::{c_int, pthread_t, sighandler_t, siginfo_t, sigset_t, timespec};

hook! { active fn sigaction(number: c_int, new: *const libc::sigaction, old: *mut libc::sigaction) -> c_int => signals::sigaction }
hook! { active fn __sigaction(number: c_int, new: *const libc::sigaction, old: *mut libc::sigaction) -> c_int => signals::sigaction }
hook! { active fn signal(number: c_int, handler: sighandler_t) -> sighandler_t => signals::signal }
hook! { active fn bsd_signal(number: c_int, handler: sighandler_t) -> sighandler_t => signals::signal }
hook! { active fn ssignal(number: c_int, handler: sighandler_t) -> sighandler_t => signals::signal }
hook! { green fn pthread_sigmask(how: c_int, set: *const sigset_t, old: *mut sigset_t) -> c_int => signals::mask }
hook! { green fn sigprocmask(how: c_int, set: *const sigset_t, old: *mut sigset_t) -> c_int => signals::mask }
hook! { active fn pthread_kill(id: pthread_t, number: c_int) -> c_int => directed::pthread_kill }
hook! { green fn raise(number: c_int) -> c_int => signals::raise }
hook! { green point fn sigsuspend(set: *const sigset_t) -> c_int => signals::sigsuspend }
hook! { green point fn pause() -> c_int => signals::pause }
hook! { green point fn sigwait(set: *const sigset_t, number: *mut c_int) -> c_int => signals::sigwait }
hook! { green point fn sigwaitinfo(set: *const sigset_t, info: *mut siginfo_t) -> c_int => signals::sigwaitinfo }
hook! { green point fn sigtimedwait(set: *const sigset_t, info: *mut siginfo_t, time: *const timespec) -> c_int => signals::sigtimedwait }
