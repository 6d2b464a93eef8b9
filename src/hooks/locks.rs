//! Locks.

use super::hook;
use crate::sync::{barrier, cond, mutex, rwlock, semaphore, spin};
use libc::{
    c_int, c_long, clockid_t, pthread_barrier_t, pthread_cond_t, pthread_mutex_t, pthread_rwlock_t, pthread_spinlock_t,
    sem_t, timespec,
};

hook! { green fn pthread_mutex_lock(m: *mut pthread_mutex_t) -> c_int => mutex::lock }
hook! { green fn __pthread_mutex_lock(m: *mut pthread_mutex_t) -> c_int => mutex::lock }
hook! { green fn pthread_mutex_timedlock(m: *mut pthread_mutex_t, until: *const timespec) -> c_int => mutex::timedlock }
hook! { green fn pthread_mutex_clocklock(m: *mut pthread_mutex_t, clock: clockid_t, until: *const timespec) -> c_int => mutex::clocklock }
hook! { green fn pthread_mutex_trylock(m: *mut pthread_mutex_t) -> c_int => mutex::on_owned }
hook! { green fn __pthread_mutex_trylock(m: *mut pthread_mutex_t) -> c_int => mutex::on_owned }
hook! { green fn pthread_mutex_consistent(m: *mut pthread_mutex_t) -> c_int => mutex::on_owned }
hook! { green fn pthread_mutex_consistent_np(m: *mut pthread_mutex_t) -> c_int => mutex::on_owned }
hook! { green fn pthread_mutex_setprioceiling(m: *mut pthread_mutex_t, ceiling: c_int, old: *mut c_int) -> c_int => mutex::setprioceiling }
hook! { active fn pthread_mutex_unlock(m: *mut pthread_mutex_t) -> c_int => mutex::unlock }
hook! { active fn __pthread_mutex_unlock(m: *mut pthread_mutex_t) -> c_int => mutex::unlock }

hook! { active point fn pthread_cond_wait(c: *mut pthread_cond_t, m: *mut pthread_mutex_t) -> c_int => cond::wait }
hook! { active point fn pthread_cond_timedwait(c: *mut pthread_cond_t, m: *mut pthread_mutex_t, until: *const timespec) -> c_int => cond::timedwait }
hook! { active point fn pthread_cond_clockwait(c: *mut pthread_cond_t, m: *mut pthread_mutex_t, clock: clockid_t, until: *const timespec) -> c_int => cond::clockwait }
hook! { active fn pthread_cond_signal(c: *mut pthread_cond_t) -> c_int => cond::signal }
hook! { active fn pthread_cond_broadcast(c: *mut pthread_cond_t) -> c_int => cond::broadcast }

hook! { green fn pthread_rwlock_rdlock(l: *mut pthread_rwlock_t) -> c_int => rwlock::rdlock }
hook! { green fn pthread_rwlock_tryrdlock(l: *mut pthread_rwlock_t) -> c_int => rwlock::tryrdlock }
hook! { green fn pthread_rwlock_wrlock(l: *mut pthread_rwlock_t) -> c_int => rwlock::wrlock }
hook! { green fn pthread_rwlock_timedrdlock(l: *mut pthread_rwlock_t, until: *const timespec) -> c_int => timedrdlock }
hook! { green fn pthread_rwlock_timedwrlock(l: *mut pthread_rwlock_t, until: *const timespec) -> c_int => timedwrlock }
hook! { green fn pthread_rwlock_clockrdlock(l: *mut pthread_rwlock_t, clock: clockid_t, until: *const timespec) -> c_int => clockrdlock }
hook! { green fn pthread_rwlock_clockwrlock(l: *mut pthread_rwlock_t, clock: clockid_t, until: *const timespec) -> c_int => clockwrlock }
hook! { active fn pthread_rwlock_unlock(l: *mut pthread_rwlock_t) -> c_int => rwlock::unlock }

hook! { active fn pthread_barrier_wait(b: *mut pthread_barrier_t) -> c_int => barrier::wait }

hook! { green fn pthread_spin_lock(lock: *mut pthread_spinlock_t) -> c_int => spin::lock }

hook! { green point fn sem_wait(s: *mut sem_t) -> c_int => semaphore::wait }
hook! { green point fn sem_timedwait(s: *mut sem_t, until: *const timespec) -> c_int => semaphore::timedwait }
hook! { green point fn sem_clockwait(s: *mut sem_t, clock: clockid_t, until: *const timespec) -> c_int => semaphore::clockwait }
hook! { active fn sem_post(s: *mut sem_t) -> c_int => semaphore::post }

// Variadic in C; see files.rs.
hook! { always fn syscall(number: c_long, a: usize, b: usize, c: usize, d: usize, e: usize, f: usize) -> c_long => crate::process::by_number::syscall }

type Me = &'static crate::hub::Task;
type Rw = *mut pthread_rwlock_t;
type Timed = unsafe extern "C" fn(Rw, *const timespec) -> c_int;
type Clocked = unsafe extern "C" fn(Rw, clockid_t, *const timespec) -> c_int;

unsafe fn timedrdlock(me: Me, _: Timed, l: Rw, until: *const timespec) -> c_int {
    // SAFETY: the caller's lock and time, here and below.
    unsafe { rwlock::timed(me, false, l, libc::CLOCK_REALTIME, until) }
}

unsafe fn timedwrlock(me: Me, _: Timed, l: Rw, until: *const timespec) -> c_int {
    // SAFETY: as above.
    unsafe { rwlock::timed(me, true, l, libc::CLOCK_REALTIME, until) }
}

unsafe fn clockrdlock(me: Me, _: Clocked, l: Rw, clock: clockid_t, until: *const timespec) -> c_int {
    // SAFETY: as above.
    unsafe { rwlock::timed(me, false, l, clock, until) }
}

unsafe fn clockwrlock(me: Me, _: Clocked, l: Rw, clock: clockid_t, until: *const timespec) -> c_int {
    // SAFETY: as above.
    unsafe { rwlock::timed(me, true, l, clock, until) }
}
