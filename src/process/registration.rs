//! Our handlers for fork (see `fork`): registered before any other of the process, whoever that is; malloc's may be registered before our
//! constructors run.

use super::fork::{before, in_child, in_parent};
use core::sync::atomic::{AtomicU8, Ordering};
use libc::{c_int, c_void};

pub type Handler = Option<extern "C" fn()>;
pub type Register = unsafe extern "C" fn(Handler, Handler, Handler, *mut c_void) -> c_int;

static STATE: AtomicU8 = AtomicU8::new(NOT_YET);
const NOT_YET: u8 = 0;
const BEGUN: u8 = 1;
const DONE: u8 = 2;

/// Whether ours are there.
pub fn is_done() -> bool {
    STATE.load(Ordering::Acquire) == DONE
}

/// Registers ours, if they aren't yet.
///
/// # Safety
/// `real` is libc's __register_atfork.
pub unsafe fn register_ours(real: Register) {
    if STATE.compare_exchange(NOT_YET, BEGUN, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
        // Of no library that could be closed.
        // SAFETY: by this function's contract.
        if unsafe { real(Some(before), Some(in_parent), Some(in_child), core::ptr::null_mut()) } == 0 {
            STATE.store(DONE, Ordering::Release);
        }
    }
}

/// __register_atfork, which is what pthread_atfork(3) calls.
pub unsafe fn register(
    real: Register,
    prepare: Handler,
    parent: Handler,
    child: Handler,
    library: *mut c_void,
) -> c_int {
    // SAFETY: the caller's arguments.
    unsafe {
        register_ours(real);
        real(prepare, parent, child, library)
    }
}
