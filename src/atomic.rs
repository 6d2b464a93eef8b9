//! The atomics of the protocols that are model-checked: tests/model/ puts loom's in their place and compiles the very
//! same sources.

pub use core::sync::atomic::{AtomicU64, Ordering};
