//! Spin locks: glibc's word and glibc's try. Whoever doesn't get it soon lets others run, since the holder may be one of
//! them, and before long sleeps a little between tries: a spin lock's unlock tells nobody.

use crate::hub::Task;
use crate::wait::{Cause, Waiter};
use crate::{depth, sys};
use libc::{c_int, pthread_spinlock_t};

/// Tries before others may run, and turns of others before it sleeps; the shortest and longest sleep (ns).
const TRIES: u32 = 100;
const TURNS: u32 = 20;
const SOON: u64 = 20_000;
const LATER: u64 = 1_000_000;

/// pthread_spin_lock(3). 0.
pub unsafe fn lock(
    me: &'static Task,
    _: unsafe extern "C" fn(*mut pthread_spinlock_t) -> c_int,
    lock: *mut pthread_spinlock_t,
) -> c_int {
    let mut pause = SOON;
    let began = me.about_now();
    for turn in 0u32.. {
        for _ in 0..TRIES {
            // SAFETY: the caller's lock.
            if unsafe { libc::pthread_spin_trylock(lock) } == 0 {
                return 0;
            }
            core::hint::spin_loop();
        }
        if turn < TURNS {
            me.yield_now();
        } else {
            Waiter::since(me, began).wait(sys::now() + pause, Cause::Lock, lock as usize);
            depth::checkpoint();
            pause = (pause * 2).min(LATER);
        }
    }
    0
}
