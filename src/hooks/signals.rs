//! Signals.

use super::hook;
use crate::process::{actions, altstack, await_signal, directed, masks};
use libc::{c_int, pthread_t, sighandler_t, siginfo_t, sigset_t, sigval, stack_t, timespec};

hook! { always fn sigaction(number: c_int, new: *const libc::sigaction, old: *mut libc::sigaction) -> c_int => actions::sigaction }
hook! { always fn __sigaction(number: c_int, new: *const libc::sigaction, old: *mut libc::sigaction) -> c_int => actions::sigaction }
hook! { always fn signal(number: c_int, handler: sighandler_t) -> sighandler_t => actions::signal }
hook! { always fn bsd_signal(number: c_int, handler: sighandler_t) -> sighandler_t => actions::signal }
hook! { always fn ssignal(number: c_int, handler: sighandler_t) -> sighandler_t => actions::signal }
hook! { always fn sysv_signal(number: c_int, handler: sighandler_t) -> sighandler_t => actions::sysv_signal }
hook! { always fn __sysv_signal(number: c_int, handler: sighandler_t) -> sighandler_t => actions::sysv_signal }
hook! { always fn siginterrupt(number: c_int, ends: c_int) -> c_int => actions::siginterrupt }
hook! { green fn pthread_sigmask(how: c_int, set: *const sigset_t, old: *mut sigset_t) -> c_int => masks::mask }
hook! { green fn sigprocmask(how: c_int, set: *const sigset_t, old: *mut sigset_t) -> c_int => masks::mask }
hook! { active fn pthread_kill(id: pthread_t, number: c_int) -> c_int => directed::pthread_kill }
hook! { active fn pthread_sigqueue(id: pthread_t, number: c_int, value: sigval) -> c_int => directed::pthread_sigqueue }
hook! { green fn tgkill(group: c_int, kernel_thread: c_int, number: c_int) -> c_int => directed::tgkill }
hook! { green fn sigpending(set: *mut sigset_t) -> c_int => masks::sigpending }
hook! { green fn sigaltstack(new: *const stack_t, old: *mut stack_t) -> c_int => altstack::sigaltstack }
hook! { green fn raise(number: c_int) -> c_int => directed::raise }
hook! { green point fn sigsuspend(set: *const sigset_t) -> c_int => await_signal::sigsuspend }
hook! { green point fn pause() -> c_int => await_signal::pause }
hook! { green point fn sigwait(set: *const sigset_t, number: *mut c_int) -> c_int => await_signal::sigwait }
hook! { green point fn sigwaitinfo(set: *const sigset_t, info: *mut siginfo_t) -> c_int => await_signal::sigwaitinfo }
hook! { green point fn sigtimedwait(set: *const sigset_t, info: *mut siginfo_t, time: *const timespec) -> c_int => await_signal::sigtimedwait }
