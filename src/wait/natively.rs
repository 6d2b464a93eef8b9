//! A call that is known to be long and that only the kernel can wait for: the thread makes it, on its carrier, and the hub
//! goes on on another meanwhile. (What nobody knows to be long, the watcher finds out after a while.)

use crate::hub::carrier::Carrier;
use crate::hub::{current, Task};
use crate::sys;

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
