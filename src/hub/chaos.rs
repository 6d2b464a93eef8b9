//! Chaos, for tests (GREEN_CHAOS=seed): ready threads are run in a shuffled order and on whatever hub, so that what
//! happens once in a million runs happens at once. The same seed gives the same choices.

use super::{fleet, signal, Hub, Kind, Task};
use core::sync::atomic::{AtomicU64, Ordering};

/// The generator's state; 0 is no chaos.
static STATE: AtomicU64 = AtomicU64::new(0);

/// Begins with a seed.
pub fn begin(seed: u64) {
    STATE.store(seed.wrapping_mul(2).wrapping_add(1), Ordering::Relaxed);
}

/// Whether there's chaos.
#[inline]
pub fn reigns() -> bool {
    STATE.load(Ordering::Relaxed) != 0
}

/// A number below `n` (splitmix64; each caller takes the next of one sequence).
pub fn below(n: usize) -> usize {
    let mut z = STATE.fetch_add(0x9E37_79B9_7F4A_7C16, Ordering::Relaxed);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) % n as u64) as usize
}

/// Where a task that has become ready goes: anywhere. But the first thread of a program with signal handlers stays at home as
/// far as it can: elsewhere its handlers run a moment later than natively, and tests would see that.
pub fn hub_for(task: &Task) -> &'static Hub {
    if task.kind.get() == Kind::Host && signal::matters() {
        return task.hub();
    }
    let all = fleet::hubs().count();
    fleet::hubs().nth(below(all)).unwrap_or(task.hub())
}
