//! Asks the processor for memory that will be needed soon. With thousands of threads nearly all that one of them touches
//! is far away (each has a stack, a control block, a task, an fd's entry of its own), and what is needed one after the other
//! would be waited for one after the other.

use super::current;
use core::arch::asm;
use core::arch::x86_64::{_mm_prefetch, _MM_HINT_T0};

/// A cache line, in bytes.
const LINE: usize = 64;

/// How many lines from its stack pointer on a thread that goes on is going to touch, about: our frames below its own.
const STACK_LINES: usize = 10;

/// And of what it receives.
const TARGET_LINES: usize = 4;

/// The caller's stack pointer, about.
#[inline(always)]
pub fn stack_pointer() -> usize {
    let sp: usize;
    // SAFETY: reads a register.
    unsafe { asm!("mov {}, rsp", out(reg) sp, options(nomem, nostack, preserves_flags)) };
    sp
}

/// So many lines from an address on. It may be any: nothing is read.
#[inline(always)]
pub fn lines<T>(from: *const T, n: usize) {
    for i in 0..n {
        // SAFETY: a prefetch of an address that isn't mapped does nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>((from as *const i8).wrapping_add(i * LINE)) };
    }
}

/// What a thread is going to touch when it goes on: its stack from where it left, our variables and the first line of its control
/// block, and where what it waits for goes.
#[inline(always)]
pub fn thread(stack: *const u8, block: *const u8, target: *const u8) {
    lines(stack, STACK_LINES);
    lines(block, 1);
    lines(block.wrapping_offset(current::offset()), 1);
    lines(target, TARGET_LINES);
}
