//! Names and addresses: libc's resolver asks servers, and waits for them by its own poll. Such a look-up is made on the thread's
//! kernel thread, while the hub goes on on another at once; no more than GREEN_MAX_LOOKUPS at a time, for each holds one.
//!
//! What needs nobody to be asked is made in place: addresses in figures, and users and groups as long as they come from files.

use crate::config;
use crate::hub::Task;
use crate::sync::gate::Gate;
use crate::sys;
use crate::wait::natively::natively;
use core::ffi::{c_void, CStr};
use core::mem::ManuallyDrop;
use core::net::{Ipv4Addr, Ipv6Addr};
use core::sync::atomic::{AtomicU64, Ordering};
use libc::{addrinfo, c_char, c_int, gid_t, group, hostent, passwd, size_t, sockaddr, socklen_t, uid_t};

type Me = &'static Task;
type Str = *const c_char;
type Answer = *mut u8;

static GATE: Gate = Gate::new();

extern "C" {
    fn green_guarded(
        call: unsafe extern "C" fn(*mut c_void),
        after: unsafe extern "C" fn(*mut c_void),
        argument: *mut c_void,
    );
}

/// A call to be made, then what it gave.
union Slot<F, R> {
    call: ManuallyDrop<F>,
    result: ManuallyDrop<R>,
}

unsafe extern "C" fn make<R, F: FnOnce() -> R>(slot: *mut c_void) {
    let slot = slot as *mut Slot<F, R>;
    // SAFETY: `slowly` passes a slot with a call in it.
    unsafe {
        let call = ManuallyDrop::take(&mut (*slot).call);
        (*slot).result = ManuallyDrop::new(natively(|| {
            // Answers come in hundreds at once, and who serves connections is not to wait behind them.
            let stands_back = sys::stand_back(true);
            let r = call();
            let _ = stands_back && sys::stand_back(false);
            r
        }));
    }
}

unsafe extern "C" fn leave(_: *mut c_void) {
    GATE.leave();
}

/// A look-up that may be long.
fn slowly<R, F: FnOnce() -> R>(me: Me, call: F) -> R {
    GATE.enter(me, config::get().max_lookups);
    let mut slot = Slot { call: ManuallyDrop::new(call) };
    // SAFETY: the slot holds a call, and its result when this returns. A cancellation of the look-up unwinds these frames, which have
    // nothing to drop.
    unsafe {
        green_guarded(make::<R, F>, leave, &raw mut slot as *mut c_void);
        ManuallyDrop::into_inner(slot.result)
    }
}

/// In the child of a fork: nobody looks anything up.
pub fn after_fork() {
    GATE.clear();
}

/// A look-up that is mostly quick: in place, unless one was long lately.
fn seldom_slowly<R>(me: Me, call: impl FnOnce() -> R) -> R {
    /// What is long, and how long it's remembered (ns).
    const LONG: u64 = 5_000_000;
    const LATELY: u64 = 5_000_000_000;
    static LAST: AtomicU64 = AtomicU64::new(0);
    let begin = sys::now();
    let last = LAST.load(Ordering::Relaxed);
    if last != 0 && begin < last + LATELY {
        return slowly(me, || {
            let begin = sys::now();
            let r = call();
            note(&LAST, begin, LONG);
            r
        });
    }
    let r = call();
    note(&LAST, begin, LONG);
    r
}

fn note(last: &AtomicU64, begin: u64, long: u64) {
    let now = sys::now();
    if now - begin > long {
        last.store(now, Ordering::Relaxed);
    }
}

/// Whether nobody needs to be asked about a name: there's none, it's an address in figures, or this machine itself.
///
/// # Safety
/// NULL or a string.
unsafe fn is_plain(name: Str) -> bool {
    if name.is_null() {
        return true;
    }
    // SAFETY: by this function's contract.
    let Ok(name) = unsafe { CStr::from_ptr(name) }.to_str() else { return false };
    let address = name.split('%').next().unwrap_or(name);
    name == "localhost" || address.parse::<Ipv4Addr>().is_ok() || address.parse::<Ipv6Addr>().is_ok()
}

/// A look-up of a name.
///
/// # Safety
/// As for `is_plain`.
unsafe fn of_name<R>(me: Me, name: Str, call: impl FnOnce() -> R) -> R {
    // SAFETY: by this function's contract.
    if unsafe { is_plain(name) } {
        call()
    } else {
        slowly(me, call)
    }
}

/// getaddrinfo(3).
pub unsafe fn getaddrinfo(
    me: Me,
    real: unsafe extern "C" fn(Str, Str, *const addrinfo, *mut *mut addrinfo) -> c_int,
    name: Str,
    service: Str,
    hints: *const addrinfo,
    found: *mut *mut addrinfo,
) -> c_int {
    // SAFETY: the caller's arguments, here and below.
    unsafe {
        let call = || real(name, service, hints, found);
        if hints.as_ref().is_some_and(|h| h.ai_flags & libc::AI_NUMERICHOST != 0) {
            return call();
        }
        of_name(me, name, call)
    }
}

type GetNameInfo =
    unsafe extern "C" fn(*const sockaddr, socklen_t, *mut c_char, socklen_t, *mut c_char, socklen_t, c_int) -> c_int;

/// getnameinfo(3).
#[allow(clippy::too_many_arguments)] // It has seven.
pub unsafe fn getnameinfo(
    me: Me,
    real: GetNameInfo,
    address: *const sockaddr,
    len: socklen_t,
    name: *mut c_char,
    name_len: socklen_t,
    service: *mut c_char,
    service_len: socklen_t,
    flags: c_int,
) -> c_int {
    // SAFETY: as above.
    let call = || unsafe { real(address, len, name, name_len, service, service_len, flags) };
    if flags & libc::NI_NUMERICHOST != 0 || name.is_null() || name_len == 0 {
        return call();
    }
    slowly(me, call)
}

/// gethostbyname(3).
pub unsafe fn gethostbyname(me: Me, real: unsafe extern "C" fn(Str) -> *mut hostent, name: Str) -> *mut hostent {
    // SAFETY: as above.
    unsafe { of_name(me, name, || real(name)) }
}

/// gethostbyname2(3).
pub unsafe fn gethostbyname2(
    me: Me,
    real: unsafe extern "C" fn(Str, c_int) -> *mut hostent,
    name: Str,
    family: c_int,
) -> *mut hostent {
    // SAFETY: as above.
    unsafe { of_name(me, name, || real(name, family)) }
}

type ByNameR = unsafe extern "C" fn(Str, *mut hostent, *mut c_char, size_t, *mut *mut hostent, *mut c_int) -> c_int;

/// gethostbyname_r(3).
#[allow(clippy::too_many_arguments)] // It has six.
pub unsafe fn gethostbyname_r(
    me: Me,
    real: ByNameR,
    name: Str,
    host: *mut hostent,
    buffer: *mut c_char,
    len: size_t,
    found: *mut *mut hostent,
    error: *mut c_int,
) -> c_int {
    // SAFETY: as above.
    unsafe { of_name(me, name, || real(name, host, buffer, len, found, error)) }
}

type ByName2R =
    unsafe extern "C" fn(Str, c_int, *mut hostent, *mut c_char, size_t, *mut *mut hostent, *mut c_int) -> c_int;

/// gethostbyname2_r(3).
#[allow(clippy::too_many_arguments)] // It has seven.
pub unsafe fn gethostbyname2_r(
    me: Me,
    real: ByName2R,
    name: Str,
    family: c_int,
    host: *mut hostent,
    buffer: *mut c_char,
    len: size_t,
    found: *mut *mut hostent,
    error: *mut c_int,
) -> c_int {
    // SAFETY: as above.
    unsafe { of_name(me, name, || real(name, family, host, buffer, len, found, error)) }
}

/// gethostbyaddr(3).
pub unsafe fn gethostbyaddr(
    me: Me,
    real: unsafe extern "C" fn(*const c_void, socklen_t, c_int) -> *mut hostent,
    address: *const c_void,
    len: socklen_t,
    family: c_int,
) -> *mut hostent {
    // SAFETY: as above.
    slowly(me, || unsafe { real(address, len, family) })
}

type ByAddressR = unsafe extern "C" fn(
    *const c_void,
    socklen_t,
    c_int,
    *mut hostent,
    *mut c_char,
    size_t,
    *mut *mut hostent,
    *mut c_int,
) -> c_int;

/// gethostbyaddr_r(3).
#[allow(clippy::too_many_arguments)] // It has eight.
pub unsafe fn gethostbyaddr_r(
    me: Me,
    real: ByAddressR,
    address: *const c_void,
    len: socklen_t,
    family: c_int,
    host: *mut hostent,
    buffer: *mut c_char,
    buffer_len: size_t,
    found: *mut *mut hostent,
    error: *mut c_int,
) -> c_int {
    // SAFETY: as above.
    slowly(me, || unsafe { real(address, len, family, host, buffer, buffer_len, found, error) })
}

/// res_query(3), res_search(3).
pub unsafe fn res_query(
    me: Me,
    real: unsafe extern "C" fn(Str, c_int, c_int, Answer, c_int) -> c_int,
    name: Str,
    class: c_int,
    kind: c_int,
    answer: Answer,
    len: c_int,
) -> c_int {
    // SAFETY: as above.
    slowly(me, || unsafe { real(name, class, kind, answer, len) })
}

/// res_nquery(3), res_nsearch(3).
#[allow(clippy::too_many_arguments)] // They have six.
pub unsafe fn res_nquery(
    me: Me,
    real: unsafe extern "C" fn(*mut c_void, Str, c_int, c_int, Answer, c_int) -> c_int,
    state: *mut c_void,
    name: Str,
    class: c_int,
    kind: c_int,
    answer: Answer,
    len: c_int,
) -> c_int {
    // SAFETY: as above.
    slowly(me, || unsafe { real(state, name, class, kind, answer, len) })
}

/// res_querydomain(3).
#[allow(clippy::too_many_arguments)] // It has six.
pub unsafe fn res_querydomain(
    me: Me,
    real: unsafe extern "C" fn(Str, Str, c_int, c_int, Answer, c_int) -> c_int,
    name: Str,
    domain: Str,
    class: c_int,
    kind: c_int,
    answer: Answer,
    len: c_int,
) -> c_int {
    // SAFETY: as above.
    slowly(me, || unsafe { real(name, domain, class, kind, answer, len) })
}

/// res_nquerydomain(3).
#[allow(clippy::too_many_arguments)] // It has seven.
pub unsafe fn res_nquerydomain(
    me: Me,
    real: unsafe extern "C" fn(*mut c_void, Str, Str, c_int, c_int, Answer, c_int) -> c_int,
    state: *mut c_void,
    name: Str,
    domain: Str,
    class: c_int,
    kind: c_int,
    answer: Answer,
    len: c_int,
) -> c_int {
    // SAFETY: as above.
    slowly(me, || unsafe { real(state, name, domain, class, kind, answer, len) })
}

/// res_send(3).
pub unsafe fn res_send(
    me: Me,
    real: unsafe extern "C" fn(*const u8, c_int, Answer, c_int) -> c_int,
    message: *const u8,
    message_len: c_int,
    answer: Answer,
    len: c_int,
) -> c_int {
    // SAFETY: as above.
    slowly(me, || unsafe { real(message, message_len, answer, len) })
}

/// res_nsend(3).
pub unsafe fn res_nsend(
    me: Me,
    real: unsafe extern "C" fn(*mut c_void, *const u8, c_int, Answer, c_int) -> c_int,
    state: *mut c_void,
    message: *const u8,
    message_len: c_int,
    answer: Answer,
    len: c_int,
) -> c_int {
    // SAFETY: as above.
    slowly(me, || unsafe { real(state, message, message_len, answer, len) })
}

/// getpwnam(3).
pub unsafe fn getpwnam(me: Me, real: unsafe extern "C" fn(Str) -> *mut passwd, name: Str) -> *mut passwd {
    // SAFETY: as above.
    seldom_slowly(me, || unsafe { real(name) })
}

/// getpwuid(3).
pub unsafe fn getpwuid(me: Me, real: unsafe extern "C" fn(uid_t) -> *mut passwd, id: uid_t) -> *mut passwd {
    // SAFETY: as above.
    seldom_slowly(me, || unsafe { real(id) })
}

/// getgrnam(3).
pub unsafe fn getgrnam(me: Me, real: unsafe extern "C" fn(Str) -> *mut group, name: Str) -> *mut group {
    // SAFETY: as above.
    seldom_slowly(me, || unsafe { real(name) })
}

/// getgrgid(3).
pub unsafe fn getgrgid(me: Me, real: unsafe extern "C" fn(gid_t) -> *mut group, id: gid_t) -> *mut group {
    // SAFETY: as above.
    seldom_slowly(me, || unsafe { real(id) })
}

/// getpwnam_r(3), getpwuid_r(3), getgrnam_r(3), getgrgid_r(3): of a `K`, into an `E`.
pub unsafe fn entry<K: Copy, E>(
    me: Me,
    real: unsafe extern "C" fn(K, *mut E, *mut c_char, size_t, *mut *mut E) -> c_int,
    key: K,
    entry: *mut E,
    buffer: *mut c_char,
    len: size_t,
    found: *mut *mut E,
) -> c_int {
    // SAFETY: as above.
    seldom_slowly(me, || unsafe { real(key, entry, buffer, len, found) })
}

/// getgrouplist(3).
pub unsafe fn getgrouplist(
    me: Me,
    real: unsafe extern "C" fn(Str, gid_t, *mut gid_t, *mut c_int) -> c_int,
    user: Str,
    group: gid_t,
    groups: *mut gid_t,
    n: *mut c_int,
) -> c_int {
    // SAFETY: as above.
    seldom_slowly(me, || unsafe { real(user, group, groups, n) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_ask_nobody() {
        // SAFETY: strings.
        let plain = |name: &CStr| unsafe { is_plain(name.as_ptr()) };
        for name in [c"10.0.0.1", c"::1", c"fe80::1%eth0", c"localhost"] {
            assert!(plain(name), "{name:?}");
        }
        for name in [c"example.org", c"", c"1.2.3.4.5", c"host%1", c"local"] {
            assert!(!plain(name), "{name:?}");
        }
    }
}
