//! Barriers, ours entirely: of glibc's memory only the counters are used, and left as glibc's destroy expects them.
//! Green and foreign threads meet; process-shared ones go to the real call, natively.

use crate::depth;
use crate::hub::current;
use crate::wait::natively::natively;
use crate::wait::parking::{self, Spot};
use crate::wait::{Cause, NEVER};
use core::sync::atomic::{AtomicU32, Ordering};
use libc::{c_int, pthread_barrier_t};

/// glibc's struct pthread_barrier as far as it's used.
#[repr(C)]
struct Inside {
    arrived: AtomicU32,
    round: u32,
    count: u32,
    shared: c_int,
}

/// pthread_barrier_wait(3). 0, and PTHREAD_BARRIER_SERIAL_THREAD for one.
///
/// Each thread queues before it counts itself, so the last one finds all others of its round in the queue, and before
/// any of the next round: it wakes just as many. Whoever is woken doesn't look at the barrier again, which may be gone.
pub unsafe fn wait(
    real: unsafe extern "C" fn(*mut pthread_barrier_t) -> c_int,
    barrier: *mut pthread_barrier_t,
) -> c_int {
    // SAFETY: the caller's barrier.
    let inside = unsafe { &*(barrier as *const Inside) };
    if inside.shared != 0 {
        // SAFETY: as above.
        return natively(|| unsafe { real(barrier) });
    }
    let (address, count) = (barrier as usize, inside.count);
    let spot = Spot::new(current());
    // SAFETY: the spot is left or woken before this frame goes.
    unsafe { spot.enter(address, false) };
    if inside.arrived.fetch_add(1, Ordering::AcqRel) + 1 < count {
        // Nothing but the last one's wake-up ends this.
        spot.wait(NEVER, Cause::Barrier);
        depth::checkpoint();
        return 0;
    }
    spot.leave();
    inside.arrived.store(0, Ordering::Release);
    for _ in 1..count {
        parking::unpark_one(address);
    }
    libc::PTHREAD_BARRIER_SERIAL_THREAD
}
