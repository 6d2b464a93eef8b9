//! The surface: one hook per libc name, by family, one line each. To add one: find its family's file, write its C
//! prototype, and name the policy that answers (in io/, sync/, green/ or process/).
//!
//! Three kinds, by who is asked:
//!
//! - `green`: on a green thread, `policy(me, real, arguments…)`; on any other the real call. One load, one branch.
//! - `active`: once the process is active, on any thread, `policy(real, arguments…)`.
//! - `any`: on any thread, `policy(me, real, arguments…)`, where `me` is None on one that isn't green.
//! - `always`: from the first instruction of the process.
//!
//! `point` after the kind: it's a cancellation point (pthreads(7) lists them). `else` after the policy: what is to be noted before the
//! real call on a thread that isn't green.
//!
//! The real functions are resolved when the library is loaded, by one constructor per hook; a name that this libc
//! doesn't have is left out, since then nobody can call it either.

mod asynchronous;
mod c11;
mod files;
mod jumps;
mod locks;
mod multiplex;
mod processes;
mod queues;
mod resolver;
mod signals;
mod sockets;
mod stdio;
mod threads;
mod time;

/// Defines a hook. `name` in a module of its own, for redhook makes two items of that name.
macro_rules! hook {
    (green fn $name:ident($($a:ident: $t:ty),*) $(-> $r:ty)? => $policy:path) => {
        $crate::hooks::define! { $name($($a: $t),*) $(-> $r)? {
            match $crate::hub::current() {
                Some(me) => $policy(me, redhook::real!($name), $($a),*),
                None => redhook::real!($name)($($a),*),
            }
        } }
    };
    (green point fn $name:ident($($a:ident: $t:ty),*) $(-> $r:ty)? => $policy:path) => {
        $crate::hooks::hook! { green point fn $name($($a: $t),*) $(-> $r)? => $policy, else () }
    };
    (green point fn $name:ident($($a:ident: $t:ty),*) $(-> $r:ty)? => $policy:path, else $look:expr) => {
        $crate::hooks::define! { $name($($a: $t),*) $(-> $r)? {
            match $crate::hub::current() {
                Some(me) => {
                    $crate::green::cancel::before(me);
                    let result = $policy(me, redhook::real!($name), $($a),*);
                    $crate::green::cancel::after(me);
                    result
                }
                None => {
                    $look;
                    redhook::real!($name)($($a),*)
                }
            }
        } }
    };
    (any fn $name:ident($($a:ident: $t:ty),*) $(-> $r:ty)? => $policy:path) => {
        $crate::hooks::define! { $name($($a: $t),*) $(-> $r)? {
            $policy($crate::hub::current(), redhook::real!($name), $($a),*)
        } }
    };
    (any point fn $name:ident($($a:ident: $t:ty),*) $(-> $r:ty)? => $policy:path) => {
        $crate::hooks::define! { $name($($a: $t),*) $(-> $r)? {
            let me = $crate::hub::current();
            me.inspect(|me| $crate::green::cancel::before(me));
            let result = $policy(me, redhook::real!($name), $($a),*);
            me.inspect(|me| $crate::green::cancel::after(me));
            result
        } }
    };
    (active point fn $name:ident($($a:ident: $t:ty),*) $(-> $r:ty)? => $policy:path) => {
        $crate::hooks::define! { $name($($a: $t),*) $(-> $r)? {
            if $crate::runtime::is_active() {
                let me = $crate::hub::current();
                me.inspect(|me| $crate::green::cancel::before(me));
                let result = $policy(redhook::real!($name), $($a),*);
                me.inspect(|me| $crate::green::cancel::after(me));
                result
            } else {
                redhook::real!($name)($($a),*)
            }
        } }
    };
    (active fn $name:ident($($a:ident: $t:ty),*) $(-> $r:ty)? => $policy:path) => {
        $crate::hooks::define! { $name($($a: $t),*) $(-> $r)? {
            if $crate::runtime::is_active() {
                $policy(redhook::real!($name), $($a),*)
            } else {
                redhook::real!($name)($($a),*)
            }
        } }
    };
    (always fn $name:ident($($a:ident: $t:ty),*) $(-> $r:ty)? => $policy:path) => {
        $crate::hooks::define! { $name($($a: $t),*) $(-> $r)? {
            $policy(redhook::real!($name), $($a),*)
        } }
    };
}
use hook;

/// The part that all kinds share: the exported symbol, and the constructor that resolves the real one.
macro_rules! define {
    ($name:ident($($a:ident: $t:ty),*) $(-> $r:ty)? $body:block) => {
        #[allow(non_snake_case)] // _Exit
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            redhook::hook! { unsafe fn $name($($a: $t),*) $(-> $r)? => hooked $body }

            extern "C" fn resolve() {
                // SAFETY: a NUL-terminated name.
                let there = unsafe { libc::dlsym(libc::RTLD_NEXT, concat!(stringify!($name), "\0").as_ptr() as *const _) };
                if !there.is_null() {
                    let _ = redhook::real!($name);
                }
            }

            #[used]
            #[link_section = ".init_array"]
            static RESOLVE: extern "C" fn() = resolve;
        }
    };
}
use define;
