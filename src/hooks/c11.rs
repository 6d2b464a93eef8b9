//! The C11 names of threads and locks (threads.h).

use super::hook;
use crate::sync::c11;
use libc::{c_int, pthread_cond_t, pthread_mutex_t, pthread_t, timespec};

hook! { green fn mtx_lock(m: *mut pthread_mutex_t) -> c_int => c11::mtx_lock }
hook! { green fn mtx_timedlock(m: *mut pthread_mutex_t, until: *const timespec) -> c_int => c11::mtx_timedlock }
hook! { active fn mtx_unlock(m: *mut pthread_mutex_t) -> c_int => c11::mtx_unlock }
hook! { active point fn cnd_wait(c: *mut pthread_cond_t, m: *mut pthread_mutex_t) -> c_int => c11::cnd_wait }
hook! { active point fn cnd_timedwait(c: *mut pthread_cond_t, m: *mut pthread_mutex_t, until: *const timespec) -> c_int => c11::cnd_timedwait }
hook! { active fn cnd_signal(c: *mut pthread_cond_t) -> c_int => c11::cnd_signal }
hook! { active fn cnd_broadcast(c: *mut pthread_cond_t) -> c_int => c11::cnd_broadcast }
hook! { green fn call_once(flag: *mut c_int, routine: extern "C" fn()) => c11::call_once }
hook! { active point fn thrd_join(id: pthread_t, result: *mut c_int) -> c_int => c11::thrd_join }
hook! { active fn thrd_detach(id: pthread_t) -> c_int => c11::thrd_detach }
hook! { green fn thrd_exit(result: c_int) => c11::thrd_exit }
hook! { green point fn thrd_sleep(time: *const timespec, left: *mut timespec) -> c_int => c11::thrd_sleep }
hook! { green fn thrd_yield() => c11::thrd_yield }
