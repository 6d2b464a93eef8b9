//! Threads: their making, ending, joining, and what may be asked of them.

use super::hook;
use crate::green::{self, cancel, facts, join, scheduling};
use crate::hub::current;
use crate::process::masks;
use crate::sync::{c11, once};
use crate::{runtime, stats};
use libc::{c_char, c_int, c_void, clockid_t, cpu_set_t, pthread_attr_t, pthread_t, sched_param, size_t, timespec};

type Routine = extern "C" fn(*mut c_void) -> *mut c_void;
type C11Routine = extern "C" fn(*mut c_void) -> c_int;
type Main = unsafe extern "C" fn(c_int, *mut *mut c_char, *mut *mut c_char) -> c_int;
type Create = unsafe extern "C" fn(*mut pthread_t, *const pthread_attr_t, Routine, *mut c_void) -> c_int;
type StartMain =
    unsafe extern "C" fn(Main, c_int, *mut *mut c_char, *mut c_void, *mut c_void, *mut c_void, *mut c_void) -> c_int;

hook! { always fn pthread_create(id: *mut pthread_t, attr: *const pthread_attr_t, routine: Routine, arg: *mut c_void) -> c_int => create }
hook! { always fn thrd_create(id: *mut pthread_t, routine: C11Routine, arg: *mut c_void) -> c_int => create_c11 }
hook! { always fn __libc_start_main(main: Main, argc: c_int, argv: *mut *mut c_char, init: *mut c_void, fini: *mut c_void, rtld_fini: *mut c_void, stack_end: *mut c_void) -> c_int => start_main }
hook! { always fn _exit(status: c_int) => end }
hook! { always fn _Exit(status: c_int) => end }
hook! { green fn pthread_exit(value: *mut c_void) => green::pthread_exit }
hook! { active fn pthread_cancel(id: pthread_t) -> c_int => cancel::pthread_cancel }
hook! { green fn pthread_setcancelstate(state: c_int, old: *mut c_int) -> c_int => cancel::pthread_setcancelstate }
hook! { green fn pthread_setcanceltype(kind: c_int, old: *mut c_int) -> c_int => cancel::pthread_setcanceltype }
hook! { active point fn pthread_join(id: pthread_t, result: *mut *mut c_void) -> c_int => join::pthread_join }
hook! { active fn pthread_tryjoin_np(id: pthread_t, result: *mut *mut c_void) -> c_int => join::pthread_tryjoin_np }
hook! { active point fn pthread_timedjoin_np(id: pthread_t, result: *mut *mut c_void, until: *const timespec) -> c_int => join::pthread_timedjoin_np }
hook! { active point fn pthread_clockjoin_np(id: pthread_t, result: *mut *mut c_void, clock: clockid_t, until: *const timespec) -> c_int => join::pthread_clockjoin_np }
hook! { active fn pthread_detach(id: pthread_t) -> c_int => join::pthread_detach }
hook! { active fn pthread_getattr_np(id: pthread_t, attr: *mut pthread_attr_t) -> c_int => facts::pthread_getattr_np }
hook! { active fn pthread_setname_np(id: pthread_t, name: *const c_char) -> c_int => facts::pthread_setname_np }
hook! { active fn pthread_getname_np(id: pthread_t, buffer: *mut c_char, len: size_t) -> c_int => facts::pthread_getname_np }
hook! { active fn pthread_getschedparam(id: pthread_t, policy: *mut c_int, param: *mut sched_param) -> c_int => scheduling::pthread_getschedparam }
hook! { active fn pthread_setschedparam(id: pthread_t, policy: c_int, param: *const sched_param) -> c_int => scheduling::pthread_setschedparam }
hook! { active fn pthread_setschedprio(id: pthread_t, priority: c_int) -> c_int => scheduling::pthread_setschedprio }
hook! { active fn pthread_getaffinity_np(id: pthread_t, size: size_t, set: *mut cpu_set_t) -> c_int => scheduling::pthread_getaffinity_np }
hook! { active fn pthread_setaffinity_np(id: pthread_t, size: size_t, set: *const cpu_set_t) -> c_int => scheduling::pthread_setaffinity_np }
hook! { green fn sched_setaffinity(tid: c_int, size: size_t, set: *const cpu_set_t) -> c_int => scheduling::sched_setaffinity }
hook! { green fn sched_setscheduler(tid: c_int, policy: c_int, param: *const sched_param) -> c_int => scheduling::sched_setscheduler }
hook! { green fn sched_setparam(tid: c_int, param: *const sched_param) -> c_int => scheduling::sched_setparam }
hook! { green fn sched_getaffinity(tid: c_int, size: size_t, set: *mut cpu_set_t) -> c_int => scheduling::sched_getaffinity }
hook! { active fn pthread_getcpuclockid(id: pthread_t, clock: *mut clockid_t) -> c_int => scheduling::pthread_getcpuclockid }
hook! { green fn prctl(option: c_int, a: usize, b: usize, c: usize, d: usize) -> c_int => facts::prctl }
hook! { green fn pthread_once(control: *mut c_int, routine: extern "C" fn()) -> c_int => once::pthread_once }
hook! { green fn sched_yield() -> c_int => yielding }
hook! { green fn pthread_yield() -> c_int => yielding }

/// pthread_create(3). The first one activates the process.
unsafe fn create(
    real: Create,
    id: *mut pthread_t,
    attr: *const pthread_attr_t,
    routine: Routine,
    arg: *mut c_void,
) -> c_int {
    // SAFETY: as for pthread_create(3).
    unsafe {
        if !runtime::activate() {
            return real(id, attr, routine, arg);
        }
        let wanted = green::attributes_of(attr);
        match runtime::hub_for_new(current()) {
            Some(hub) if !wanted.realtime && !green::is_chosen(routine as usize, arg as usize) => {
                green::create(hub, &wanted, id, routine, arg)
            }
            _ => masks::with_own(|| real(id, attr, routine, arg)),
        }
    }
}

/// thrd_create(3). The routine's int comes back in the register that a pointer would, and its joiner takes the int from there.
unsafe fn create_c11(
    real: unsafe extern "C" fn(*mut pthread_t, C11Routine, *mut c_void) -> c_int,
    id: *mut pthread_t,
    routine: C11Routine,
    arg: *mut c_void,
) -> c_int {
    if !runtime::activate() {
        // SAFETY: as for thrd_create(3).
        return unsafe { real(id, routine, arg) };
    }
    // SAFETY: as for thrd_create(3); the two types of routine differ in the upper half of a register.
    unsafe {
        let routine = core::mem::transmute::<C11Routine, Routine>(routine);
        c11::said(create(crate::below::get().pthread_create, id, core::ptr::null(), routine, arg))
    }
}

/// The program's main, noted on the way to libc's start-up code, which knows only one kind of main.
static MAIN: once_cell::sync::OnceCell<Main> = once_cell::sync::OnceCell::new();

#[allow(clippy::too_many_arguments)] // __libc_start_main has seven
unsafe fn start_main(
    real: StartMain,
    main: Main,
    argc: c_int,
    argv: *mut *mut c_char,
    init: *mut c_void,
    fini: *mut c_void,
    rtld_fini: *mut c_void,
    stack_end: *mut c_void,
) -> c_int {
    let main = if MAIN.set(main).is_ok() { bounded_main } else { main };
    // SAFETY: the arguments are the start-up code's own.
    unsafe { real(main, argc, argv, init, fini, rtld_fini, stack_end) }
}

unsafe extern "C" fn bounded_main(argc: c_int, argv: *mut *mut c_char, envp: *mut *mut c_char) -> c_int {
    let Some(main) = MAIN.get() else { return 127 };
    match green::call_main(*main, argc, argv, envp) {
        Some(status) => status,
        None => green::main_ended(),
    }
}

/// _exit(2): no destructor runs, so the counters are told here.
unsafe fn end(real: unsafe extern "C" fn(c_int), status: c_int) {
    stats::report();
    // SAFETY: as for _exit(2).
    unsafe { real(status) }
}

unsafe fn yielding(me: &'static crate::hub::Task, _: unsafe extern "C" fn() -> c_int) -> c_int {
    me.yield_now();
    0
}

extern "C" fn at_load() {
    crate::config::get();
    crate::report::note_stderr();
    if let Err(_missing) = crate::below::resolve() {
        // Told when a thread is created; until then it's of no consequence.
    }
}

extern "C" fn at_end() {
    stats::report();
}

#[used]
#[link_section = ".init_array"]
static AT_LOAD: extern "C" fn() = at_load;

#[used]
#[link_section = ".fini_array"]
static AT_END: extern "C" fn() = at_end;
