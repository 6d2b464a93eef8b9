//! What the kernel does for a thread: scheduling parameters, processors, CPU clocks. A green thread has none of it, until it's given a
//! choice of its own, or asked for its clock: then it gets a kernel thread to itself (`Carrier::reserve`), whose they are.

use super::{from_pthread, Green};
use crate::hub::carrier::Carrier;
use crate::hub::{current, Kind, Task};
use libc::{c_int, clockid_t, cpu_set_t, pthread_t, sched_param, size_t, timespec};

/// Of which kernel thread the answer is: the thread's own, or 0 for any carrier. None: a native thread, or main, whom libc knows.
fn kernel_thread(id: pthread_t) -> Option<c_int> {
    let green = coroutine(id)?;
    Some(match green.task.has_own_carrier() {
        true => Carrier::reserve(&green.task).map_or(0, Carrier::kernel_id),
        false => 0,
    })
}

fn coroutine(id: pthread_t) -> Option<&'static Green> {
    from_pthread(id).filter(|g| g.task.kind.get() == Kind::Coroutine)
}

/// Does something with a thread that can't end meanwhile; ESRCH if it has.
fn while_it_lives(green: &'static Green, f: impl FnOnce() -> c_int) -> c_int {
    let life = green.life_state();
    if life.ended || life.gone {
        return libc::ESRCH;
    }
    f()
}

/// An answer in libc's convention as an error number.
fn error(r: c_int) -> c_int {
    if r == -1 {
        crate::sys::errno()
    } else {
        0
    }
}

/// Gives a thread a kernel thread, and changes something there. EAGAIN if there's none to be had.
fn alter(task: &Task, change: impl FnOnce(c_int) -> c_int) -> c_int {
    let Some(own) = Carrier::reserve(task) else { return libc::EAGAIN };
    own.note_altered();
    let errno = crate::sys::errno();
    let r = error(change(own.kernel_id()));
    crate::sys::set_errno(errno);
    r
}

/// `alter`, for a thread that may run, or may have ended.
fn alter_living(green: &'static Green, change: impl FnOnce(c_int) -> c_int) -> c_int {
    let r = while_it_lives(green, || alter(&green.task, change));
    move_in(green);
    r
}

/// A thread goes to its own carrier, if it has been given one: at once if it's oneself, else as soon as it can be interrupted.
pub(super) fn move_in(green: &'static Green) {
    match current() {
        Some(me) if core::ptr::eq(me, &green.task) => {
            if me.has_own_carrier() {
                Carrier::pin(me);
            }
        }
        _ => green.task.send_home(),
    }
}

/// pthread_getschedparam(3).
pub unsafe fn pthread_getschedparam(
    real: unsafe extern "C" fn(pthread_t, *mut c_int, *mut sched_param) -> c_int,
    id: pthread_t,
    policy: *mut c_int,
    param: *mut sched_param,
) -> c_int {
    // SAFETY: as for pthread_getschedparam(3).
    unsafe {
        let Some(tid) = kernel_thread(id) else { return real(id, policy, param) };
        *policy = libc::sched_getscheduler(tid);
        error(libc::sched_getparam(tid, param))
    }
}

/// pthread_setschedparam(3).
pub unsafe fn pthread_setschedparam(
    real: unsafe extern "C" fn(pthread_t, c_int, *const sched_param) -> c_int,
    id: pthread_t,
    policy: c_int,
    param: *const sched_param,
) -> c_int {
    let Some(green) = coroutine(id) else {
        // SAFETY: as for pthread_setschedparam(3).
        return unsafe { real(id, policy, param) };
    };
    // SAFETY: as above.
    unsafe {
        let nothing_new = policy == libc::SCHED_OTHER && (*param).sched_priority == 0 && !green.task.has_own_carrier();
        match nothing_new {
            true => 0,
            false => alter_living(green, |tid| libc::sched_setscheduler(tid, policy, param)),
        }
    }
}

/// pthread_setschedprio(3).
pub unsafe fn pthread_setschedprio(
    real: unsafe extern "C" fn(pthread_t, c_int) -> c_int,
    id: pthread_t,
    priority: c_int,
) -> c_int {
    match coroutine(id) {
        // SAFETY: as for pthread_setschedprio(3).
        None => unsafe { real(id, priority) },
        Some(green) => {
            let param = sched_param { sched_priority: priority };
            // SAFETY: the kernel reads the priority.
            alter_living(green, |tid| unsafe { libc::sched_setparam(tid, &param) })
        }
    }
}

/// pthread_getaffinity_np(3).
pub unsafe fn pthread_getaffinity_np(
    real: unsafe extern "C" fn(pthread_t, size_t, *mut cpu_set_t) -> c_int,
    id: pthread_t,
    size: size_t,
    set: *mut cpu_set_t,
) -> c_int {
    // SAFETY: as for pthread_getaffinity_np(3).
    unsafe {
        match kernel_thread(id) {
            None => real(id, size, set),
            Some(tid) => error(libc::sched_getaffinity(tid, size, set)),
        }
    }
}

/// pthread_setaffinity_np(3).
pub unsafe fn pthread_setaffinity_np(
    real: unsafe extern "C" fn(pthread_t, size_t, *const cpu_set_t) -> c_int,
    id: pthread_t,
    size: size_t,
    set: *const cpu_set_t,
) -> c_int {
    match coroutine(id) {
        // SAFETY: as for pthread_setaffinity_np(3).
        None => unsafe { real(id, size, set) },
        // SAFETY: as above.
        Some(green) => alter_living(green, |tid| unsafe { libc::sched_setaffinity(tid, size, set) }),
    }
}

/// sched_setaffinity(2): 0 is the calling thread.
pub unsafe fn sched_setaffinity(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, size_t, *const cpu_set_t) -> c_int,
    tid: c_int,
    size: size_t,
    set: *const cpu_set_t,
) -> c_int {
    choose_own(me, tid);
    // SAFETY: as for sched_setaffinity(2).
    unsafe { real(own(me, tid), size, set) }
}

/// A coroutine is about to change what the kernel does for its kernel thread: it gets one to itself.
fn choose_own(me: &'static Task, tid: c_int) {
    let is_own = tid == 0 || tid == crate::sys::gettid();
    if is_own && me.kind.get() == Kind::Coroutine && Carrier::pin(me) {
        Carrier::of(me).note_altered();
    }
}

/// sched_setscheduler(2).
pub unsafe fn sched_setscheduler(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, c_int, *const sched_param) -> c_int,
    tid: c_int,
    policy: c_int,
    param: *const sched_param,
) -> c_int {
    choose_own(me, tid);
    // SAFETY: as for sched_setscheduler(2).
    unsafe { real(own(me, tid), policy, param) }
}

/// sched_setparam(2).
pub unsafe fn sched_setparam(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, *const sched_param) -> c_int,
    tid: c_int,
    param: *const sched_param,
) -> c_int {
    choose_own(me, tid);
    // SAFETY: as for sched_setparam(2).
    unsafe { real(own(me, tid), param) }
}

/// sched_getaffinity(2).
pub unsafe fn sched_getaffinity(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, size_t, *mut cpu_set_t) -> c_int,
    tid: c_int,
    size: size_t,
    set: *mut cpu_set_t,
) -> c_int {
    // SAFETY: as for sched_getaffinity(2).
    unsafe { real(own(me, tid), size, set) }
}

/// The kernel thread that a 0 means: main's is the process's first, wherever it runs now.
fn own(me: &Task, tid: c_int) -> c_int {
    match (me.kind.get(), tid) {
        (Kind::Host, 0) => crate::sys::getpid(),
        _ => tid,
    }
}

/// A new thread begins with what its creator has chosen, as natively.
pub fn inherit(creator: &Task, new: &Task) {
    if !creator.has_own_carrier() || creator.kind.get() != Kind::Coroutine {
        return;
    }
    let Some(own) = Carrier::reserve(creator).filter(|own| own.is_altered()) else { return };
    let tid = own.kernel_id();
    // SAFETY: plain calls with valid objects.
    unsafe {
        let (mut set, mut param): (cpu_set_t, sched_param) = (core::mem::zeroed(), core::mem::zeroed());
        let policy = libc::sched_getscheduler(tid);
        libc::sched_getparam(tid, &mut param);
        libc::sched_getaffinity(tid, size_of_val(&set), &mut set);
        alter(new, |tid| libc::sched_setscheduler(tid, policy, &param));
        alter(new, |tid| libc::sched_setaffinity(tid, size_of_val(&set), &set));
    }
}

/// The processors that a new thread's attributes ask for. EINVAL if there are none of them.
pub fn begin_on(task: &Task, set: &cpu_set_t) -> c_int {
    // SAFETY: the kernel reads the set.
    alter(task, |tid| unsafe { libc::sched_setaffinity(tid, size_of::<cpu_set_t>(), set) })
}

/// pthread_getcpuclockid(3): its kernel thread's clock.
pub unsafe fn pthread_getcpuclockid(
    real: unsafe extern "C" fn(pthread_t, *mut clockid_t) -> c_int,
    id: pthread_t,
    clock: *mut clockid_t,
) -> c_int {
    /// CPUCLOCK_SCHED of a thread, in the low bits of such a clock's number (clock_getres(2)).
    const OF_A_THREAD: c_int = 6;
    let green = coroutine(id);
    if let Some(e) = green.map(|green| while_it_lives(green, || 0)).filter(|&e| e != 0) {
        return e;
    }
    match green.map(|green| Carrier::reserve(&green.task)) {
        // SAFETY: as for pthread_getcpuclockid(3).
        None => unsafe { real(id, clock) },
        Some(None) => libc::EAGAIN,
        Some(Some(own)) => {
            // SAFETY: the caller's variable.
            unsafe { *clock = !own.kernel_id() << 3 | OF_A_THREAD };
            green.into_iter().for_each(move_in);
            0
        }
    }
}

/// clock_gettime(2). A thread's own CPU clock is its kernel thread's.
pub unsafe fn clock_gettime(
    me: &'static Task,
    real: unsafe extern "C" fn(clockid_t, *mut timespec) -> c_int,
    clock: clockid_t,
    now: *mut timespec,
) -> c_int {
    if clock == libc::CLOCK_THREAD_CPUTIME_ID && me.kind.get() == Kind::Coroutine {
        Carrier::pin(me);
    }
    // SAFETY: as for clock_gettime(2).
    unsafe { real(clock, now) }
}
