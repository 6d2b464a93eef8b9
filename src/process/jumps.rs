//! sigsetjmp and siglongjmp: the mask that they save and restore is the kernel thread's. So a green thread's own is kept
//! beside it, in a part of the saved sigset_t that the kernel doesn't use, and put back by the jump; and what the kernel thread
//! gets is what it should have, whatever kernel thread it is by then.

use super::masks;
use crate::hub::carrier::Carrier;
use crate::hub::{current, Task};
use libc::c_int;

/// glibc's struct __jmp_buf_tag (x86-64; ABI): eight registers, whether the mask was saved, the mask.
#[repr(C)]
pub struct JumpBuffer {
    registers: [u64; 8],
    mask_was_saved: c_int,
    /// The kernel's word, then ours: a mark, and the green thread's mask.
    mask: [u64; 16],
}

/// What marks a mask of ours.
const MARK: u64 = 0x6a75_6d70_6772_656e;

/// Before the real __sigsetjmp, which saves the kernel thread's mask.
///
/// # Safety
/// As for sigsetjmp(3).
pub unsafe extern "C" fn before_set(buffer: *mut JumpBuffer) {
    if let (Some(me), false) = (current(), buffer.is_null()) {
        // SAFETY: the caller's buffer.
        let buffer = unsafe { &mut *buffer };
        buffer.mask[1] = MARK;
        buffer.mask[2] = me.blocked_signals.get();
    }
}

type Jump = unsafe extern "C" fn(*mut JumpBuffer, c_int);

/// siglongjmp(3), longjmp(3).
pub unsafe fn jump(me: &'static Task, real: Jump, buffer: *mut JumpBuffer, value: c_int) {
    // SAFETY: the caller's buffer, filled by setjmp.
    let saved = unsafe { &mut *buffer };
    if saved.mask_was_saved != 0 {
        // What was saved before the process was active was the thread's own mask.
        let own = if saved.mask[1] == MARK { saved.mask[2] } else { saved.mask[0] };
        masks::change(me, own);
        saved.mask[0] = masks::of_kernel_thread(Carrier::of(me));
    }
    // SAFETY: as for siglongjmp(3).
    unsafe { real(buffer, value) }
}
