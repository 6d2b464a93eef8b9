//! The switch between a carrier's loop and the first thread, whose stack is the process's own. (Coroutines have
//! corosensei's; this one is symmetric, so that the first thread can be left on one carrier and go on on another.)

use core::arch::naked_asm;

/// Saves the calling context's callee-saved registers on its stack and its stack pointer in `*from`; goes on with the
/// context whose stack pointer is `to`. Returns when somebody switches back.
///
/// # Safety
/// `to` must be what an earlier switch saved, or `fresh` made, and has not been gone to since.
#[unsafe(naked)]
pub unsafe extern "C" fn switch(from: *mut usize, to: usize) {
    naked_asm!(
        "push rbp",
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "mov [rdi], rsp",
        "mov rsp, rsi",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "ret"
    )
}

/// A context that will call `entry(argument)`, which never returns, on a stack whose upper end is `base`.
///
/// # Safety
/// The stack is nobody else's and is at least a page.
pub unsafe fn fresh(base: usize, entry: extern "C" fn(usize) -> !, argument: usize) -> usize {
    let words = (base & !15) as *mut usize;
    // SAFETY: by this function's contract.
    unsafe {
        // As if `switch` had been called at `start`, with the two where it restores r12 and r13 from.
        let saved: [usize; 8] = [0, 0, argument, entry as usize, 0, 0, start as *const () as usize, 0];
        let bottom = words.sub(saved.len());
        bottom.copy_from_nonoverlapping(saved.as_ptr(), saved.len());
        bottom as usize
    }
}

#[unsafe(naked)]
unsafe extern "C" fn start() -> ! {
    naked_asm!(".cfi_startproc", ".cfi_undefined rip", "sub rsp, 8", "mov rdi, r13", "call r12", "ud2", ".cfi_endproc")
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::cell::Cell;

    struct Pair {
        here: Cell<usize>,
        there: Cell<usize>,
        seen: Cell<u32>,
    }

    extern "C" fn other(pair: usize) -> ! {
        // SAFETY: the test passes its Pair, which outlives this context's runs.
        let pair = unsafe { &*(pair as *const Pair) };
        loop {
            pair.seen.set(pair.seen.get() + 1);
            // SAFETY: the test waits in its own context.
            unsafe { switch(pair.there.as_ptr(), pair.here.get()) };
        }
    }

    #[test]
    fn back_and_forth() {
        let mut stack = vec![0u128; 4096];
        let base = stack.as_mut_ptr_range().end as usize;
        let pair = Pair { here: Cell::new(0), there: Cell::new(0), seen: Cell::new(0) };
        // SAFETY: the stack is this test's own.
        pair.there.set(unsafe { fresh(base, other, &pair as *const Pair as usize) });
        for n in 1..=3 {
            // SAFETY: the other context waits.
            unsafe { switch(pair.here.as_ptr(), pair.there.get()) };
            assert_eq!(pair.seen.get(), n);
        }
    }
}
