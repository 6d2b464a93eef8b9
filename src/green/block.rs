//! The memory of one green thread: one range, its parts laid out from the top down.
//!
//! ```text
//!   low                                                                                          low + size
//!   | guard | stack, growing down <──────── base | Green | static TLS | struct pthread … ┊ …         |
//!                                                                     ^ thread pointer   ^ the last page
//! ```
//!
//! Only the top is touched while the thread is parked: two pages for a shallow one. The page boundary lies behind the first
//! line of `struct pthread`, which is all that's used often of it. So what each switch and wait touches (that line, our
//! variables just below it, the Task, the last frames of a shallow stack) is one page: with thousands of threads every page
//! more is one more walk through the page tables.
//!
//! The guard is a guard region (MADV_GUARD_INSTALL, Linux 6.13), which costs no mapping of its own, else an inaccessible page.

use super::{tls, Green};
use crate::hub::StackBounds;
use crate::sys;
use core::ptr;
use core::sync::atomic::{AtomicBool, Ordering};

pub const PAGE: usize = 4096;
/// A cache line.
const LINE: usize = 64;

/// One green thread's range.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    pub low: usize,
    pub size: usize,
    pub guard: usize,
    /// The program's own memory (pthread_attr_setstack): never pooled.
    pub borrowed: bool,
}

impl Block {
    /// What a block for `stack` bytes of stack and a guard takes, in whole pages.
    pub fn size_for(stack: usize, guard: usize) -> usize {
        guard + (stack + Self::overhead()).next_multiple_of(PAGE)
    }

    /// What lies above the stack, at most, with the gaps for alignment.
    pub fn overhead() -> usize {
        Self::record_at(false) + tls::layout().align + LINE
    }

    /// How far the Green is from the end of a block, when that's borrowed, or one of ours: then it begins and ends with a page.
    pub fn record_at(borrowed: bool) -> usize {
        Self::behind(borrowed) + tls::layout().below.next_multiple_of(LINE) + size_of::<Green>()
    }

    /// How far the thread pointer is from a block's end.
    fn behind(borrowed: bool) -> usize {
        let above = tls::layout().above;
        if borrowed {
            above.next_multiple_of(LINE)
        } else {
            LINE + (above - LINE).next_multiple_of(PAGE)
        }
    }

    /// Where the Green goes.
    pub fn green(&self) -> *mut Green {
        (self.thread_pointer() - tls::layout().below.next_multiple_of(LINE) - size_of::<Green>()) as *mut Green
    }

    pub fn thread_pointer(&self) -> usize {
        (self.low + self.size - Self::behind(self.borrowed)) & !(tls::layout().align - 1)
    }

    /// The stack's bounds for the coroutine.
    pub fn stack(&self) -> StackBounds {
        StackBounds { base: self.green() as usize, limit: self.low + self.guard }
    }

    /// Whether an address is where this block's stack has run out.
    pub fn in_guard(&self, address: usize) -> bool {
        (self.low..self.low + self.guard).contains(&address)
    }

    /// Makes the guard. ENOMEM when there's no mapping left to split.
    pub fn protect(&self) -> sys::Result<()> {
        const MADV_GUARD_INSTALL: i32 = 102;
        static NO_REGIONS: AtomicBool = AtomicBool::new(false);
        if self.guard == 0 || self.borrowed {
            return Ok(());
        }
        let low = self.low as *mut u8;
        if !NO_REGIONS.load(Ordering::Relaxed) {
            // SAFETY: the block is new and ours, and nothing lives in its guard.
            match unsafe { sys::advise(low, self.guard, MADV_GUARD_INSTALL) } {
                Ok(_) => return Ok(()),
                Err(_) => NO_REGIONS.store(true, Ordering::Relaxed),
            }
        }
        // SAFETY: as above.
        unsafe { sys::forbid(low, self.guard) }.map(drop)
    }

    /// Has the pages that every thread touches ready: one call for what would be two page faults or three. If there's no
    /// memory, the thread finds out when it touches them.
    pub fn populate(&self) {
        /// What the first frames take, at least.
        const FRAMES: usize = 1024;
        let low = (self.stack().base - FRAMES) & !(PAGE - 1);
        // SAFETY: the block is new and ours; nothing changes but that its pages are there.
        let _ = unsafe { sys::advise(low as *mut u8, self.low + self.size - low, libc::MADV_POPULATE_WRITE) };
    }

    /// The stack's deep pages: its range but for what lies at the top.
    fn deep(&self) -> libc::iovec {
        let StackBounds { base, limit } = self.stack();
        let len = (base & !(PAGE - 1)).saturating_sub(limit);
        libc::iovec { iov_base: limit as *mut libc::c_void, iov_len: len }
    }

    /// Gives the stack's deep pages back to the system.
    pub fn cool(&self) {
        let deep = self.deep();
        // SAFETY: the thread has ended; its stack below the top page holds nothing.
        let _ = unsafe { sys::advise(deep.iov_base as *mut u8, deep.iov_len, libc::MADV_DONTNEED) };
    }

    /// The same for several, by one call where the kernel has it (Linux 6.15).
    pub fn cool_all<const N: usize>(blocks: &[Option<Block>; N]) {
        let nothing = libc::iovec { iov_base: ptr::null_mut(), iov_len: 0 };
        let ranges = blocks.each_ref().map(|block| block.as_ref().map_or(nothing, Block::deep));
        let all = ranges.iter().map(|range| range.iov_len).sum();
        // SAFETY: as in `cool`.
        if unsafe { sys::advise_all(&ranges, libc::MADV_DONTNEED) } != Ok(all) {
            blocks.iter().flatten().for_each(Block::cool);
        }
    }
}
