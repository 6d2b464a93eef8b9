//! pthread_once: who comes while another is inside waits green.

use crate::hub::Task;
use crate::wait::parking::{self, Spot};
use crate::wait::Cause;
use crate::{depth, sys};
use core::sync::atomic::{AtomicU32, Ordering};
use libc::{c_int, c_void};

/// glibc's values of a pthread_once_t (its statically initialised 0 is public; done is what later calls look for).
const NEW: u32 = 0;
const INSIDE: u32 = 1;
const DONE: u32 = 2;

/// The control's initialisation may have begun before the process was active, by the real function, which doesn't
/// look into the parking lot: a waiter looks again this often (ns).
const LOOK_AGAIN: u64 = 2_000_000;

extern "C" {
    fn green_run_once(routine: extern "C" fn(), failed: unsafe extern "C" fn(*mut c_void), control: *mut c_void);
}

/// pthread_once(3) on a green thread. 0.
pub unsafe fn pthread_once(
    me: &'static Task,
    _: unsafe extern "C" fn(*mut c_int, extern "C" fn()) -> c_int,
    control: *mut c_int,
    routine: extern "C" fn(),
) -> c_int {
    // SAFETY: the caller's control, an int that is only used atomically.
    let state = unsafe { AtomicU32::from_ptr(control as *mut u32) };
    let began = me.about_now();
    loop {
        let now = state.load(Ordering::Acquire);
        if now & DONE != 0 {
            return 0;
        }
        if now == NEW {
            if state.compare_exchange(NEW, INSIDE, Ordering::AcqRel, Ordering::Acquire).is_err() {
                continue;
            }
            // SAFETY: the routine is the caller's; `failed` resets the control it's given.
            unsafe { green_run_once(routine, failed, control as *mut c_void) };
            settle(state, DONE);
            return 0;
        }
        let spot = Spot::since(me, began);
        // SAFETY: the spot is left or woken before this frame goes.
        unsafe { spot.enter(control as usize, false) };
        if state.load(Ordering::Acquire) == now {
            spot.wait(sys::now() + LOOK_AGAIN, Cause::Once);
        } else {
            spot.leave();
        }
        depth::checkpoint();
    }
}

/// The routine was left by an exception, pthread_exit or a cancellation: the next one runs it again.
unsafe extern "C" fn failed(control: *mut c_void) {
    // SAFETY: `pthread_once` passes its control.
    settle(unsafe { AtomicU32::from_ptr(control as *mut u32) }, NEW);
}

/// Sets the state and wakes who waits, green (the lot) or in the kernel (the real pthread_once's futex).
fn settle(state: &AtomicU32, value: u32) {
    state.store(value, Ordering::SeqCst);
    parking::unpark_all(state.as_ptr() as usize);
    sys::futex_wake(state.as_ptr(), i32::MAX as u32);
}
