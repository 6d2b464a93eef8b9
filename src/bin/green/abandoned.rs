//! Locks that will never be unlocked: their owner has ended, or is gone.
//!
//! A living process is read piece by piece while it runs: the owner may have begun after the threads were read, or have just given the
//! lock back. So it's told only if another look, a little later, finds the same again.

use crate::lock::Owner;
use crate::locks::Contended;
use crate::process::Process;
use crate::thread::{State, Thread};
use crate::waits::Waits;
use std::thread::sleep;
use std::time::Duration;

pub fn find<'l, 't>(waits: &Waits<'t>, locks: &'l [Contended<'t>]) -> Result<Vec<&'l Contended<'t>>, String> {
    const PAUSE: Duration = Duration::from_millis(20);
    let found: Vec<_> = locks.iter().filter(|c| dead_owner(&c.lock.owner).is_some()).collect();
    let memory = waits.process.memory;
    if found.is_empty() || !memory.lives() {
        // Of a core's process the kernel's threads may not all be known, so that one is missing says nothing.
        let has_ended = |c: &&Contended| matches!(c.lock.owner, Owner::Green(_));
        return Ok(found.into_iter().filter(has_ended).collect());
    }
    if !waits.process.shows_all() {
        return Ok(Vec::new());
    }
    sleep(PAUSE);
    let mut process = Process::read(memory)?;
    let threads = process.threads();
    let now = Waits::new(&process, waits.symbols, &threads);
    let lasts = |c: &&Contended<'t>| {
        dead_owner(&c.lock.owner_now(&now)) == dead_owner(&c.lock.owner)
            && c.waiters.iter().any(|waiter| process.wait_now(waiter.thread).is_some())
    };
    Ok(found.into_iter().filter(lasts).collect())
}

/// The id in the lock, if it's that of a thread that unlocks nothing any more.
fn dead_owner(owner: &Owner) -> Option<u32> {
    match owner {
        Owner::Green(Thread { state: State::Ended, tid, .. }) => Some(*tid),
        Owner::Gone(tid) => Some(*tid),
        _ => None,
    }
}
