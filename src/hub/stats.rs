//! Counters, kept without locks: each hub's are written by its carrier alone, the process's by anybody.

use core::sync::atomic::{AtomicU64, Ordering};

/// A counter with one writer at a time; readers may be late. (A thread that has lost its hub still counts there: then one
/// of two may get lost.)
#[derive(Default)]
pub struct Count(AtomicU64);

impl Count {
    pub const fn new() -> Self {
        Count(AtomicU64::new(0))
    }

    /// Adds from the only writer: a load and a store, no locked instruction.
    #[inline]
    pub fn add(&self, n: u64) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_add(n), Ordering::Relaxed);
    }

    /// Adds where several threads may.
    #[inline]
    pub fn add_shared(&self, n: u64) -> u64 {
        self.0.fetch_add(n, Ordering::Relaxed) + n
    }

    /// Takes away where several threads may; what is left.
    #[inline]
    pub fn sub_shared(&self, n: u64) -> u64 {
        self.0.fetch_sub(n, Ordering::Relaxed) - n
    }

    /// Keeps the largest.
    pub fn max_shared(&self, n: u64) {
        self.0.fetch_max(n, Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Back to 0, in the child of a fork.
    pub fn reset(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// One list of names for the struct, the sum and the report.
macro_rules! counters {
    ($(#[$doc:meta])* $name:ident { $($(#[$d:meta])* $field:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Default)]
        #[repr(C)] // `NAMES` tells where each is
        pub struct $name { $($(#[$d])* pub $field: Count),* }

        impl $name {
            pub const fn new() -> Self {
                $name { $($field: Count::new()),* }
            }

            /// Their names, in order, each with a space behind it.
            pub const NAMES: &'static str = concat!($(stringify!($field), " "),*);

            /// Each counter's name and value, in order.
            pub fn each(&self, mut f: impl FnMut(&'static str, u64)) {
                $(f(stringify!($field), self.$field.get());)*
            }

            /// All to 0, in the child of a fork.
            pub fn reset(&self) {
                $(self.$field.reset();)*
            }
        }
    };
}

counters! {
    /// What one hub did.
    HubStats {
        /// Green threads resumed.
        switches,
        /// Parks by cause.
        parks_read, parks_write, parks_poll, parks_sleep, parks_lock, parks_cond, parks_join, parks_other,
        /// Looks at the poller, and what they brought.
        polls, events,
        /// Timers that fired; how late they were, summed up (microseconds).
        timers, timers_late_us,
        /// Wake-ups of a sleeping carrier by another thread.
        alarms,
        /// Green threads taken from other hubs.
        steals,
        /// Reads and writes that were known to fail and so never made.
        calls_avoided,
    }
}

counters! {
    /// What the process did.
    ProcessStats {
        /// Green threads created, at once alive at most, and alive now.
        threads, peak, alive,
        /// Stacks made; address space reserved for them in bytes (committed when touched); stacks used again.
        stacks, stack_reserved, stacks_reused,
        /// Kernel threads that run green ones, at most at once, and hubs that left a stuck one.
        carriers, handoffs,
        /// How late a timer fired at most (microseconds).
        timer_latest_us,
    }
}

/// The process's counters.
pub static PROCESS: ProcessStats = ProcessStats::new();
