//! What can be seen of the process from outside (`green ps`): a table that is kept anyway, and read by others in our memory.

pub mod table;

use table::{Counters, Offsets, Table};

/// Found by its name in the library's symbol table.
#[allow(non_upper_case_globals)]
#[no_mangle]
pub static green_table: Table = Table::new();

/// Tells where the counters are. At activation, before `describe`.
pub fn describe_counters(counters: Counters) {
    // SAFETY: as below.
    unsafe { *green_table.counters.get() = counters };
}

/// At activation. `hubs`, `outermost`: as in the table.
pub fn describe(offsets: Offsets, hubs: usize, outermost: usize, cycles: u64, nanoseconds: u64) {
    use core::sync::atomic::Ordering::{Relaxed, Release};
    // SAFETY: written by the one thread that activates the process; who reads them first asks `active`.
    unsafe { *green_table.offsets.get() = offsets };
    green_table.hubs.store(hubs, Relaxed);
    green_table.outermost.store(outermost, Relaxed);
    green_table.cycles.store(cycles, Relaxed);
    green_table.nanoseconds.store(nanoseconds, Relaxed);
    green_table.active.store(1, Release);
}

/// In the child of a fork, until it's active again.
pub fn after_fork() {
    use core::sync::atomic::Ordering::Relaxed;
    green_table.active.store(0, Relaxed);
    green_table.life.fetch_add(1, Relaxed);
    green_table.carriers.store(0, Relaxed);
}
