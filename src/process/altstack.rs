//! Alternative signal stacks (sigaltstack(2)), one for each green thread. The kernel knows one for each kernel thread, which
//! is ours (`green::overflow`); a handler that wants the thread's own is called on it from there.

use crate::hub::{current, Task};
use crate::sys::{self, NO_SIGNAL_STACK};
use core::arch::naked_asm;
use libc::{c_int, c_void, siginfo_t, stack_t};

pub type Handler = unsafe extern "C" fn(c_int, *mut siginfo_t, *mut c_void);

/// SS_AUTODISARM: disabled while a handler runs on it.
const AUTODISARM: c_int = i32::MIN;

fn holds(stack: &stack_t, address: usize) -> bool {
    stack.ss_flags & libc::SS_DISABLE == 0
        && (stack.ss_sp as usize..stack.ss_sp as usize + stack.ss_size).contains(&address)
}

/// An address in the caller's frame, or near it.
#[inline(always)]
fn here() -> usize {
    let mark = 0u8;
    core::hint::black_box(&mark) as *const u8 as usize
}

/// sigaltstack(2) on a green thread. 0, or -1 and EPERM (in use), EINVAL (flags), ENOMEM (too small).
pub unsafe fn sigaltstack(
    me: &'static Task,
    _: unsafe extern "C" fn(*const stack_t, *mut stack_t) -> c_int,
    new: *const stack_t,
    old: *mut stack_t,
) -> c_int {
    let own = me.signal_stack.get();
    let in_use = holds(&own, here());
    let mut wanted = own;
    // SAFETY: new and old are NULL or the caller's, as for sigaltstack(2).
    unsafe {
        if let Some(&asked) = new.as_ref() {
            let mode = asked.ss_flags & !AUTODISARM;
            let error = if in_use {
                libc::EPERM
            } else if mode != 0 && mode != libc::SS_ONSTACK && mode != libc::SS_DISABLE {
                libc::EINVAL
            } else if mode != libc::SS_DISABLE && asked.ss_size < libc::MINSIGSTKSZ {
                libc::ENOMEM
            } else {
                0
            };
            if error != 0 {
                sys::set_errno(error);
                return -1;
            }
            wanted = match mode {
                libc::SS_DISABLE => NO_SIGNAL_STACK,
                _ => stack_t { ss_flags: asked.ss_flags & AUTODISARM, ..asked },
            };
        }
        if let Some(old) = old.as_mut() {
            *old = own;
            if in_use {
                old.ss_flags |= libc::SS_ONSTACK;
            }
        }
    }
    me.signal_stack.set(wanted);
    0
}

/// The upper end of the calling thread's alternative stack, if it has one and isn't on it.
pub fn top() -> Option<usize> {
    let stack = match current() {
        Some(me) => me.signal_stack.get(),
        None => sys::signal_stack(None),
    };
    let usable = stack.ss_flags & libc::SS_DISABLE == 0 && !holds(&stack, here());
    usable.then_some(stack.ss_sp as usize + stack.ss_size)
}

/// Takes over the stack that the first thread has set before the process was active.
pub fn take_over(main: &Task) {
    let own = sys::signal_stack(None);
    if own.ss_flags & libc::SS_DISABLE != 0 {
        return main.signal_stack.set(NO_SIGNAL_STACK);
    }
    main.signal_stack.set(stack_t { ss_flags: own.ss_flags & AUTODISARM, ..own });
    // The kernel thread gets one of ours.
    sys::signal_stack(Some(NO_SIGNAL_STACK));
}

/// In the child of a fork, which goes on natively for now: the kernel knows the stack again.
pub fn after_fork(me: &Task) {
    sys::signal_stack(Some(me.signal_stack.get()));
}

/// Calls a handler on another stack.
///
/// # Safety
/// `top` is the upper end of memory that is large enough and not in use as a stack.
#[unsafe(naked)]
pub unsafe extern "C" fn call_on(
    signal: c_int,
    info: *mut siginfo_t,
    context: *mut c_void,
    handler: Handler,
    top: usize,
) {
    naked_asm!(
        ".cfi_startproc",
        "push rbp",
        ".cfi_adjust_cfa_offset 8",
        ".cfi_rel_offset rbp, 0",
        "mov rbp, rsp",
        ".cfi_def_cfa_register rbp",
        "mov rsp, r8",
        "and rsp, -16",
        "call rcx",
        "mov rsp, rbp",
        "pop rbp",
        ".cfi_def_cfa rsp, 8",
        "ret",
        ".cfi_endproc",
    )
}
