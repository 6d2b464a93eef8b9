//! Blocks, new and used. A few sizes (a program has one or two), each with its slab and its list of free blocks.
//!
//! A slab is one mapping that many blocks are cut from, so that a hundred thousand stacks are a few thousand
//! mappings or fewer (the kernel joins neighbours). Freed blocks keep their TLS and the top of their stack.
//!
//! The deep pages of their stacks go back to the system when nobody has wanted them for a while: what is freed is
//! `recent`, at the next look of the watcher's `idle`, and at the one after that `cold`. So a program that makes and joins
//! a thousand threads again and again finds them warm, and one that made them once has its memory back soon.

use super::block::Block;
use super::Green;
use crate::hub::stats::PROCESS;
use crate::hub::watcher::{self, Chore};
use crate::inspect::green_table;
use crate::lock::Lock;
use crate::{sys, valgrind};
use core::ptr;

/// Sizes that are pooled; a program with more of them gets mappings of their own for the rest.
const CLASSES: usize = 16;
/// How much address space a slab takes, about, and the most blocks in it.
const SLAB: usize = 64 << 20;
const SLAB_BLOCKS: usize = 256;
/// Free blocks that stay warm, of each size.
const WARM: usize = 64;
/// How many are cooled by one system call, and how many at one of the watcher's looks, about a millisecond.
const AT_ONCE: usize = 64;
const AT_A_LOOK: usize = 32 * AT_ONCE;

/// Free blocks, the last that came on top.
struct Pile {
    top: *const Green,
    count: usize,
}

impl Pile {
    const fn new() -> Self {
        Pile { top: ptr::null(), count: 0 }
    }

    fn push(&mut self, g: &'static Green) {
        g.pool_next.set(self.top);
        self.top = g;
        self.count += 1;
    }

    fn pop(&mut self) -> Option<&'static Green> {
        // SAFETY: a pooled Green lives in its block, which nobody else uses.
        let g = unsafe { self.top.as_ref() }?;
        self.top = g.pool_next.get();
        self.count -= 1;
        Some(g)
    }
}

struct Class {
    size: usize,
    guard: usize,
    /// Freed since the watcher's last look; freed before that; without their deep pages.
    recent: Pile,
    idle: Pile,
    cold: Pile,
    next: usize,
    end: usize,
    /// How many blocks the last slab had.
    last: usize,
}

static POOL: Lock<[Class; CLASSES]> = Lock::new([const { Class::new() }; CLASSES]);

/// What the pool gives.
pub enum Taken {
    /// A used block: its Green is there, its TLS needs renewing.
    Used(&'static Green),
    /// Fresh memory, all zeros, guard in place.
    New(Block),
}

/// A block of this size. ENOMEM (or another errno of mmap) when no stack can be had.
pub fn take(size: usize, guard: usize) -> sys::Result<Taken> {
    let mut pool = POOL.lock();
    let low = match class(&mut pool, size, guard) {
        None => {
            let low = sys::map(size)? as usize;
            green_table.add_range(low, size, 1);
            PROCESS.stack_reserved.add_shared(size as u64);
            low
        }
        Some(class) => {
            if let Some(g) = class.free() {
                PROCESS.stacks_reused.add_shared(1);
                return Ok(Taken::Used(g));
            }
            class.cut()?
        }
    };
    drop(pool);
    let block = Block { low, size, guard, borrowed: false };
    block.protect()?;
    valgrind::register_stack(low + guard, low + size);
    PROCESS.stacks.add_shared(1);
    Ok(Taken::New(block))
}

/// The class of a size, a free one if it's new; None when all are taken by others.
fn class(pool: &mut [Class; CLASSES], size: usize, guard: usize) -> Option<&mut Class> {
    let i = pool.iter().position(|c| c.size == 0 || (c.size, c.guard) == (size, guard))?;
    let class = &mut pool[i];
    (class.size, class.guard) = (size, guard);
    Some(class)
}

impl Class {
    const fn new() -> Self {
        let (recent, idle, cold) = (Pile::new(), Pile::new(), Pile::new());
        Class { size: 0, guard: 0, recent, idle, cold, next: 0, end: 0, last: 0 }
    }

    /// The warmest that is free.
    fn free(&mut self) -> Option<&'static Green> {
        self.recent.pop().or_else(|| self.idle.pop()).or_else(|| self.cold.pop())
    }

    /// What was freed lately is idle from now on; nothing idle is left but what stays warm.
    fn age(&mut self) {
        while let Some(g) = self.idle.pop() {
            self.recent.push(g);
        }
        self.idle = core::mem::replace(&mut self.recent, Pile::new());
    }

    fn cut(&mut self) -> sys::Result<usize> {
        if self.next == self.end {
            // Twice as many as the last time: a program with few threads needs little address space (RLIMIT_AS).
            let mut n = (SLAB / self.size).clamp(1, SLAB_BLOCKS).min(self.last * 2).max(1);
            // Where address space is short (RLIMIT_AS) a smaller slab may still fit.
            let slab = loop {
                match sys::map(n * self.size) {
                    Err(_) if n > 1 => n /= 2,
                    r => break r? as usize,
                }
            };
            // SAFETY: the mapping is new. Without this a touched stack may take a whole huge page.
            let _ = unsafe { sys::advise(slab as *mut u8, n * self.size, libc::MADV_NOHUGEPAGE) };
            PROCESS.stack_reserved.add_shared((n * self.size) as u64);
            green_table.add_range(slab, self.size, n);
            self.last = n;
            (self.next, self.end) = (slab, slab + n * self.size);
        }
        let low = self.next;
        self.next += self.size;
        Ok(low)
    }
}

/// Takes a block back, with the Green in it. Nobody may use either any more. Safe in a hub's loop: no malloc.
pub fn put(g: &'static Green) {
    let block = g.block;
    let mut pool = POOL.lock();
    match class(&mut pool, block.size, block.guard) {
        Some(class) => {
            class.recent.push(g);
            let is_many = class.recent.count + class.idle.count > WARM;
            drop(pool);
            if is_many {
                watcher::look_out();
            }
        }
        // A size without a class: the block stays mapped but cold. (Unmapping would need malloc, for its TLS.)
        None => {
            drop(pool);
            block.cool();
        }
    }
}

/// Cools what has been idle since the last time; called by the watcher now and then.
pub fn trim() -> Chore {
    let mut left = AT_A_LOOK;
    for class in 0..CLASSES {
        while POOL.lock()[class].idle.count > WARM {
            if left == 0 {
                return Chore::GoesOn;
            }
            left -= AT_ONCE;
            cool_some(class);
        }
    }
    let mut pool = POOL.lock();
    pool.iter_mut().for_each(Class::age);
    if pool.iter().any(|class| class.idle.count > WARM) {
        Chore::Later
    } else {
        Chore::Done
    }
}

/// Nobody waits for the lock while the kernel is at it: meanwhile those blocks are in no pile.
fn cool_some(class: usize) {
    let mut taken = Pile::new();
    let mut blocks = [const { None }; AT_ONCE];
    let mut pool = POOL.lock();
    for block in &mut blocks {
        let Some(g) = pool[class].idle.pop() else { break };
        *block = Some(g.block);
        taken.push(g);
    }
    drop(pool);
    Block::cool_all(&blocks);
    let mut pool = POOL.lock();
    while let Some(g) = taken.pop() {
        pool[class].cold.push(g);
    }
}

/// Fresh memory that could not become a thread goes nowhere else: its guard and zeros are as good as new, but
/// nothing lists it. Rare (no memory for a TLS vector), so it's only made cold.
pub fn waste(block: &Block) {
    block.cool();
}

/// In the child of a fork: opens the lock.
pub fn after_fork() {
    // SAFETY: the child has one thread; a list caught half-way loses a block at worst.
    unsafe { POOL.force_unlock() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_block(size: usize) -> Block {
        match take(size, 4096) {
            Ok(Taken::New(b)) => b,
            _ => panic!("a new block"),
        }
    }

    #[test]
    fn blocks_of_a_slab_are_neighbours_and_do_not_overlap() {
        let size = 17 * 4096; // a size of this test's own
        let mut lows: Vec<usize> = (0..300).map(|_| new_block(size).low).collect();
        lows.sort_unstable();
        assert!(lows.windows(2).all(|w| w[1] - w[0] >= size));
        assert!(lows.windows(2).filter(|w| w[1] - w[0] == size).count() > 290);
    }

    #[test]
    fn the_rest_of_a_block_is_zeros_and_writable() {
        let b = new_block(19 * 4096);
        for at in [b.low + b.guard, b.low + b.size - 8] {
            // SAFETY: within the block, above its guard.
            unsafe {
                assert_eq!(*(at as *const u64), 0);
                *(at as *mut u64) = 1;
            }
        }
    }

    #[test]
    fn no_address_space_is_an_error_and_not_a_crash() {
        assert!(matches!(take(1 << 50, 4096), Err(libc::ENOMEM)));
    }
}
