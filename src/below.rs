//! The functions below us: what the next library in the search order (usually libc) offers under names that policy
//! needs beside the one its hook passes in. Resolved once, before activation; a lower interposer is respected.

use core::ffi::CStr;
use core::sync::atomic::{AtomicBool, Ordering};
use libc::{
    c_char, c_int, c_void, pid_t, posix_spawn_file_actions_t, posix_spawnattr_t, pthread_attr_t, pthread_mutex_t,
    pthread_rwlock_t, pthread_t, FILE,
};
use once_cell::sync::OnceCell;

macro_rules! below {
    ($(fn $name:ident($($t:ty),*) $(-> $r:ty)?;)*) => {
        /// Their addresses.
        pub struct Below { $(pub $name: unsafe extern "C" fn($($t),*) $(-> $r)?),* }

        fn find() -> Result<Below, &'static str> {
            Ok(Below { $($name: {
                let p = next(concat!(stringify!($name), "\0"));
                if p.is_null() {
                    return Err(stringify!($name));
                }
                // SAFETY: the symbol has this type in libc.
                unsafe { core::mem::transmute::<*mut c_void, unsafe extern "C" fn($($t),*) $(-> $r)?>(p) }
            }),* })
        }
    };
}

below! {
    fn pthread_create(*mut pthread_t, *const pthread_attr_t, extern "C" fn(*mut c_void) -> *mut c_void, *mut c_void) -> c_int;
    fn pthread_join(pthread_t, *mut *mut c_void) -> c_int;
    fn pthread_exit(*mut c_void);
    fn pthread_testcancel();
    fn pthread_setcanceltype(c_int, *mut c_int) -> c_int;
    fn pthread_setcancelstate(c_int, *mut c_int) -> c_int;
    fn sigwaitinfo(*const libc::sigset_t, *mut libc::siginfo_t) -> c_int;
    fn sigaction(c_int, *const libc::sigaction, *mut libc::sigaction) -> c_int;
    fn posix_spawn(*mut pid_t, *const c_char, *const posix_spawn_file_actions_t, *const posix_spawnattr_t, *const *mut c_char, *const *mut c_char) -> c_int;
    fn execve(*const c_char, *const *mut c_char, *const *mut c_char) -> c_int;
    fn execvpe(*const c_char, *const *mut c_char, *const *mut c_char) -> c_int;
    fn fclose(*mut FILE) -> c_int;
    fn pthread_mutex_lock(*mut pthread_mutex_t) -> c_int;
    fn pthread_mutex_trylock(*mut pthread_mutex_t) -> c_int;
    fn pthread_mutex_unlock(*mut pthread_mutex_t) -> c_int;
    fn pthread_rwlock_tryrdlock(*mut pthread_rwlock_t) -> c_int;
    fn pthread_rwlock_trywrlock(*mut pthread_rwlock_t) -> c_int;
}

/// The next definition of a NUL-terminated name after ours.
fn next(name: &str) -> *mut c_void {
    // SAFETY: the name is NUL-terminated; dlsym takes no lock of the program's and allocates nothing on success.
    unsafe { libc::dlsym(libc::RTLD_NEXT, name.as_ptr() as *const c_char) }
}

/// A symbol anywhere in the process, private ones included; None if there's none.
pub fn symbol(name: &CStr) -> Option<*mut c_void> {
    // SAFETY: as for `next`.
    let p = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    (!p.is_null()).then_some(p)
}

static BELOW: OnceCell<Below> = OnceCell::new();

/// The next recv and send are libc's own.
static IS_STRAIGHT: AtomicBool = AtomicBool::new(false);

/// Resolves all; the first name that's missing, if one is.
pub fn resolve() -> Result<(), &'static str> {
    BELOW.get_or_try_init(find).map(drop)?;
    IS_STRAIGHT.store(is_libcs("recv\0") && is_libcs("send\0"), Ordering::Relaxed);
    Ok(())
}

/// Whether the next definition of a NUL-terminated name after ours is libc's own.
fn is_libcs(name: &str) -> bool {
    // SAFETY: libc is there already, and stays; the names are NUL-terminated.
    unsafe {
        let libc = libc::dlopen(c"libc.so.6".as_ptr(), libc::RTLD_NOLOAD | libc::RTLD_LAZY);
        !libc.is_null() && libc::dlsym(libc, name.as_ptr() as *const c_char) == next(name)
    }
}

/// Whether nobody stands between us and the kernel's recv and send but libc, whose functions add only what a cancellation
/// point needs and ours have done already: two locked instructions on a cache line of the thread's own, each.
#[inline]
pub fn is_straight() -> bool {
    IS_STRAIGHT.load(Ordering::Relaxed)
}

/// The functions; only after `resolve`.
#[inline]
pub fn get() -> &'static Below {
    match BELOW.get() {
        Some(below) => below,
        None => crate::report::die(format_args!("used before it was started")),
    }
}
