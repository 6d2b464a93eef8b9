//! A call that is known to be long and that only the kernel can wait for: the thread makes it, on its carrier, and the hub
//! goes on on another meanwhile. (What nobody knows to be long, the watcher finds out after a while.)

use crate::hub::carrier::Carrier;
use crate::hub::{current, Task};
use crate::{depth, sys};
use libc::{c_int, timespec};

/// Makes a long call; errno is what the call left. None or a foreign thread: just makes it.
pub fn natively<R>(call: impl FnOnce() -> R) -> R {
    match current() {
        Some(me) => lending(me, call),
        None => call(),
    }
}

fn lending<R>(me: &'static Task, call: impl FnOnce() -> R) -> R {
    Carrier::leave_home(me);
    Carrier::of(me).lend(me.hub());
    let outer = me.in_native_call.replace(true);
    let r = call();
    me.in_native_call.set(outer);
    if Carrier::of(me).is_astray(me.hub()) {
        let errno = sys::errno();
        me.yield_now();
        sys::set_errno(errno);
    }
    r
}

/// A call that any signal ends, with or without SA_RESTART: made again, with the time that is left, if it ended (EINTR) though
/// no handler ran and nothing else is for this thread. (We signal each other, and the kernel interrupts a kernel thread for
/// what io_uring has to do on it.)
///
/// # Safety
/// `time` is NULL, for ever, or as the call wants it.
pub unsafe fn until_handled(time: *const timespec, call: impl Fn(*const timespec) -> c_int) -> c_int {
    let Some(me) = current() else { return call(time) };
    let (errno, handled) = (sys::errno(), me.handlers_run.get());
    // SAFETY: by this function's contract. A time that isn't one is the call's affair.
    let until = unsafe { time.as_ref() }.map(|time| sys::now().saturating_add(sys::nanoseconds(time)));
    let mut r = call(time);
    while r < 0 && sys::errno() == libc::EINTR && me.handlers_run.get() == handled {
        if me.pending_signals() != 0 || me.is_cancelled() || depth::is_put_off() {
            break;
        }
        sys::set_errno(errno);
        let left = until.map(|until| sys::timespec_of(until.saturating_sub(sys::now())));
        r = call(left.as_ref().map_or(core::ptr::null(), |left| left));
    }
    r
}

/// A call in libc's convention that may be long: first without waiting; where that says that it would wait (one of
/// `busy`), natively.
pub fn first_at_once<R: PartialEq + From<i8>>(
    busy: &[i32],
    at_once: impl FnOnce() -> R,
    call: impl FnOnce() -> R,
) -> R {
    if current().is_none() {
        return call();
    }
    let errno = sys::errno();
    let r = at_once();
    if r != R::from(-1) || !busy.contains(&sys::errno()) {
        return r;
    }
    sys::set_errno(errno);
    natively(call)
}
