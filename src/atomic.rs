//! The atomics of the protocols that are model-checked: tests/model/ puts loom's in their place and compiles the very
//! same sources.

pub use core::hint::spin_loop;
pub use core::sync::atomic::{fence, AtomicBool, AtomicPtr, AtomicU32, AtomicU64, Ordering};

/// A constructor for statics, `const fn` here. loom's atomics have none, so in the model it's a plain `fn`.
macro_rules! constructor {
    ($(#[$attribute:meta])* $visible:vis fn $($rest:tt)*) => {
        $(#[$attribute])* $visible const fn $($rest)*
    };
}
pub(crate) use constructor;
