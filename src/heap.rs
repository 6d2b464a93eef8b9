//! The library's own memory: what Rust's `Box` and `Vec` use in here.
//!
//! A hook must never enter the program's malloc: malloc itself may lock a mutex, which is a hook. So our
//! allocations come from anonymous mappings: powers of two up to 32 KiB from free lists, larger ones mapped each.
//! Few things are allocated at all (timer heap, poll sets, the pool's lists), none of them per wait.

use crate::lock::Lock;
use crate::sys;
use core::alloc::{GlobalAlloc, Layout};
use core::ptr;

/// Smallest block: 16 bytes. Largest from a list: 16 << 11 = 32 KiB.
const CLASSES: usize = 12;
/// How much is asked of the kernel at once.
const CHUNK: usize = 256 * 1024;

struct Free {
    heads: [*mut u8; CLASSES],
    next: *mut u8,
    left: usize,
}

pub struct Heap(Lock<Free>);

impl Heap {
    pub const fn new() -> Self {
        Heap(Lock::new(Free { heads: [ptr::null_mut(); CLASSES], next: ptr::null_mut(), left: 0 }))
    }

    /// For the child of a fork; see `Lock::force_unlock`.
    ///
    /// # Safety
    /// The caller must be the only thread of the process.
    pub unsafe fn after_fork(&self) {
        // SAFETY: by this function's contract. The forking thread held no lock, so lists are whole unless
        // another carrier was inside; then one block is lost at worst.
        unsafe { self.0.force_unlock() }
    }
}

impl Default for Heap {
    fn default() -> Self {
        Self::new()
    }
}

/// The list that serves a layout, or None when it's mapped on its own.
fn class(layout: &Layout) -> Option<usize> {
    let size = layout.size().max(layout.align()).max(16).next_power_of_two();
    let class = size.trailing_zeros() as usize - 4;
    (class < CLASSES).then_some(class)
}

// SAFETY: blocks are disjoint, as large as their class (or mapping), and aligned to it (or to a page).
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(class) = class(&layout) else {
            return sys::map(layout.size()).unwrap_or(ptr::null_mut());
        };
        let mut free = self.0.lock();
        let head = free.heads[class];
        if !head.is_null() {
            // SAFETY: a listed block's first word is the next block.
            free.heads[class] = unsafe { *(head as *mut *mut u8) };
            return head;
        }
        let size = 16usize << class;
        // Chunks are page-aligned; going by the block's own size keeps each block aligned to it.
        let skip = (free.next as usize).wrapping_neg() & (size - 1);
        if free.left < skip + size {
            let Ok(chunk) = sys::map(CHUNK) else { return ptr::null_mut() };
            (free.next, free.left) = (chunk, CHUNK);
        } else {
            free.next = free.next.wrapping_add(skip);
            free.left -= skip;
        }
        let skip = (free.next as usize).wrapping_neg() & (size - 1);
        let block = free.next.wrapping_add(skip);
        free.next = block.wrapping_add(size);
        free.left -= skip + size;
        block
    }

    unsafe fn dealloc(&self, p: *mut u8, layout: Layout) {
        match class(&layout) {
            // SAFETY: the caller gives back a mapping that `alloc` made with this length.
            None => unsafe { sys::unmap(p, layout.size()) },
            Some(class) => {
                let mut free = self.0.lock();
                // SAFETY: the block is ours again and holds at least one word.
                unsafe { *(p as *mut *mut u8) = free.heads[class] };
                free.heads[class] = p;
            }
        }
    }
}
