//! The FS register: which TLS block and thread control block the running code sees.

use crate::sys;
use core::arch::asm;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The calling thread's thread pointer, which is its pthread_t.
#[inline(always)]
pub fn get() -> usize {
    let tp: usize;
    // SAFETY: the first word of the thread control block is its own address (x86-64 TLS ABI).
    unsafe { asm!("mov {tp}, qword ptr fs:[0]", tp = out(reg) tp, options(nostack, readonly, preserves_flags)) };
    tp
}

static FSGSBASE: AtomicBool = AtomicBool::new(false);

/// Asks the machine once whether user space may write FS itself (AT_HWCAP2 bit 1, Linux 5.9 and an x86 that can).
pub fn probe() {
    // SAFETY: getauxval reads the vector that the kernel gave.
    FSGSBASE.store(unsafe { libc::getauxval(libc::AT_HWCAP2) } & 2 != 0, Ordering::Relaxed);
}

/// Makes `tp` the thread pointer.
///
/// # Safety
/// `tp` must be an initialised thread control block, and the code between this and the way back must not have
/// cached an address of the old TLS block.
#[inline(always)]
pub unsafe fn set(tp: usize) {
    if FSGSBASE.load(Ordering::Relaxed) {
        // SAFETY: by this function's contract; the probe says that the instruction is allowed.
        unsafe { asm!("wrfsbase {}", in(reg) tp, options(nostack, preserves_flags)) };
    } else {
        const ARCH_SET_FS: usize = 0x1002;
        // SAFETY: by this function's contract.
        let _ = unsafe { sys::syscall(libc::SYS_arch_prctl, ARCH_SET_FS, tp, 0, 0, 0, 0) };
    }
}

static TID: AtomicUsize = AtomicUsize::new(0);

/// Where a thread control block keeps the thread's id.
pub fn set_tid_offset(offset: usize) {
    TID.store(offset, Ordering::Relaxed);
}

/// Sets that id; gives the old one.
pub fn set_tid(id: i32) -> i32 {
    // SAFETY: the calling thread's own word, whose offset is known once there are green threads.
    unsafe { core::ptr::replace((get() + TID.load(Ordering::Relaxed)) as *mut i32, id) }
}

/// The calling thread's id as its mutexes know it: the kernel's, or a green thread's own.
pub fn tid() -> i32 {
    // SAFETY: the offset is libc's own; before it's known this reads the header, which equals no id.
    unsafe { *((get() + TID.load(Ordering::Relaxed)) as *const i32) }
}
