//! The model tests: the library's wake-up protocols, over all interleavings and all reorderings that the memory model
//! allows (loom). No wake-up is lost, exactly one waker wins, a hub has exactly one owner.
//!
//! What is compiled here are the library's own sources: the files below use atomics and locks by `crate::atomic` and
//! `crate::lock` only, and here these are loom's. A model is a closure with a few threads in it; loom runs it once for
//! each order of their steps. Its threads wait in alarms (`world`), so a lost wake-up is a deadlock, which loom reports.
//!
//! ```text
//! cargo test --test model                     all of them, in seconds
//! cargo test --test model -- --nocapture      with the number of executions of each
//! ```
//!
//! That they can fail is a test too, where a protocol can be used wrongly (`should_panic`).

#![warn(clippy::undocumented_unsafe_blocks)]

/// loom's atomics in the place of the library's.
mod atomic {
    pub use loom::hint::spin_loop;
    pub use loom::sync::atomic::{fence, AtomicBool, AtomicPtr, AtomicU32, AtomicU64, Ordering};

    macro_rules! constructor {
        ($($function:tt)*) => { $($function)* };
    }
    pub(crate) use constructor;
}

mod lock;

#[allow(dead_code)]
#[path = "../../src/wait/bucket.rs"]
mod bucket;
#[allow(dead_code)]
#[path = "../../src/hub/doze.rs"]
mod doze;
#[allow(dead_code)]
#[path = "../../src/list.rs"]
mod list;
#[allow(dead_code)]
#[path = "../../src/hub/loan.rs"]
mod loan;
#[allow(dead_code)]
#[path = "../../src/wait/rendezvous.rs"]
mod rendezvous;
#[path = "../../src/hub/tenure.rs"]
mod tenure;

mod world;

mod lending;
mod owning;
mod parking;
mod sleeping;
mod waiting;
mod whole;
