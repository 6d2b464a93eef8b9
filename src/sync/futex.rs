//! futex(2) by `syscall()`: where Rust's std, libstdc++'s atomics, call guards and futures, and many runtimes wait.
//!
//! A green thread waits in the parking lot, at the word's address; wakers look there and, since foreign threads and
//! other processes wait in the kernel, ask the kernel too. For a word in memory that another process may share, green threads
//! wait in the kernel as well. (Most words without FUTEX_PRIVATE_FLAG are in nobody else's memory.)

use crate::hub::{current, Task};
use crate::io::{fail, sleep};
use crate::wait::natively::natively;
use crate::wait::parking::{self, Spot};
use crate::wait::{restarts, Cause, Reason, NEVER};
use crate::{depth, sys};
use core::sync::atomic::{fence, AtomicU32, Ordering};
use libc::{c_int, c_long, timespec};

/// syscall(2)'s own form: the number and six words.
pub type Syscall = unsafe extern "C" fn(c_long, usize, usize, usize, usize, usize, usize) -> c_long;

/// How long a green thread waits for a word without FUTEX_PRIVATE_FLAG before it looks itself (ns): it may be woken by a system
/// call instruction of the program's own.
const LOOK_AGAIN: u64 = 2_000_000;

/// The operation without its flags.
const OPERATION: c_int = !(libc::FUTEX_PRIVATE_FLAG | libc::FUTEX_CLOCK_REALTIME);

/// futex(2) by syscall(2), on any thread of an active process. What isn't ours passes through: operations for priority inheritance,
/// where everybody waits in the kernel.
pub unsafe fn futex(real: Syscall, a: usize, b: usize, c: usize, d: usize, e: usize, f: usize) -> c_long {
    // SAFETY: the arguments are the caller's, here and below.
    let native = || unsafe { real(libc::SYS_futex, a, b, c, d, e, f) };
    let op = b as c_int & OPERATION;
    let mask = if matches!(op, libc::FUTEX_WAIT_BITSET | libc::FUTEX_WAKE_BITSET) { f as u32 } else { u32::MAX };
    match op {
        libc::FUTEX_WAIT | libc::FUTEX_WAIT_BITSET => match current() {
            Some(me) if mask != 0 && a != 0 && a.is_multiple_of(4) => {
                // SAFETY: as above.
                if b as c_int & libc::FUTEX_PRIVATE_FLAG == 0 && unsafe { sys::is_shared_page(a) } {
                    return natively(native);
                }
                // SAFETY: as above.
                unsafe { wait(me, a, b as c_int, c as u32, d, mask) }
            }
            _ => native(),
        },
        libc::FUTEX_WAKE | libc::FUTEX_WAKE_BITSET => {
            // SAFETY: as above, fewer to wake.
            wake(a, (c as c_int).max(1) as usize, mask, |rest| unsafe { real(libc::SYS_futex, a, b, rest, d, e, f) })
        }
        libc::FUTEX_REQUEUE | libc::FUTEX_CMP_REQUEUE => {
            let (most, most_moved) = (c as c_int, d as c_int);
            if most < 0 || most_moved < 0 {
                return native();
            }
            // SAFETY: as for futex(2): a word.
            let is_another = || unsafe { AtomicU32::from_ptr(a as *mut u32) }.load(Ordering::SeqCst) != f as u32;
            if op == libc::FUTEX_CMP_REQUEUE && is_another() {
                return fail(libc::EAGAIN) as c_long;
            }
            let (most, most_moved) = (most as usize, most_moved as usize);
            fence(Ordering::SeqCst);
            let woken = parking::unpark_some(a, most, u32::MAX);
            let moved = parking::requeue(a, e, most_moved);
            // The kernel counts both, whatever futex(2) says of FUTEX_REQUEUE.
            let green = woken + moved;
            // SAFETY: as above. The rest, in the kernel.
            together(green, unsafe { real(libc::SYS_futex, a, b, most - woken, most_moved - moved, e, f) })
        }
        libc::FUTEX_WAKE_OP => {
            let flag = b & libc::FUTEX_PRIVATE_FLAG as usize;
            // SAFETY: as for futex(2): a word.
            let Some(also) = (unsafe { operate(e, f as u32) }) else { return native() };
            let wake_at = |word: usize, most: usize| {
                // SAFETY: as above.
                wake(word, (most as c_int).max(1) as usize, u32::MAX, |rest| unsafe {
                    real(libc::SYS_futex, word, libc::FUTEX_WAKE as usize | flag, rest, 0, 0, 0)
                })
            };
            let first = wake_at(a, c);
            if first < 0 || !also {
                return first;
            }
            first + wake_at(e, d).max(0)
        }
        _ => native(),
    }
}

/// Wakes up to `most`, green ones first; `rest` asks the kernel for the others.
fn wake(word: usize, most: usize, mask: u32, rest: impl FnOnce(usize) -> c_long) -> c_long {
    // The program may have changed the word by a plain store: natively the kernel sees to it that this is seen before.
    fence(Ordering::SeqCst);
    let green = parking::unpark_some(word, most, mask);
    if green >= most {
        return green as c_long;
    }
    together(green, rest(most - green))
}

/// How many green ones and, by the kernel's answer, others; its error only if there's nothing else to tell.
fn together(green: usize, others: c_long) -> c_long {
    match others {
        -1 if green == 0 => -1,
        n => green as c_long + n.max(0),
    }
}

/// FUTEX_WAKE_OP's operation on its second word (futex(2) tells how it's encoded); whether the comparison holds for the old
/// value. None: an operation that doesn't exist.
///
/// # Safety
/// An aligned word.
unsafe fn operate(word: usize, code: u32) -> Option<bool> {
    /// FUTEX_OP_ARG_SHIFT.
    const SHIFT: u32 = 8;
    let signed = |bits: u32| ((bits << 20) as i32) >> 20;
    let (op, comparison) = (code >> 28, code >> 24 & 15);
    if comparison > 5 {
        return None;
    }
    let (argument, compared) = (signed(code >> 12 & 0xfff), signed(code & 0xfff));
    let argument = if op & SHIFT != 0 { 1i32.wrapping_shl(argument as u32) } else { argument } as u32;
    // SAFETY: by this function's contract.
    let word = unsafe { AtomicU32::from_ptr(word as *mut u32) };
    let old = match op & !SHIFT {
        0 => word.swap(argument, Ordering::SeqCst),
        1 => word.fetch_add(argument, Ordering::SeqCst),
        2 => word.fetch_or(argument, Ordering::SeqCst),
        3 => word.fetch_and(!argument, Ordering::SeqCst),
        4 => word.fetch_xor(argument, Ordering::SeqCst),
        _ => return None,
    } as i32;
    Some(match comparison {
        0 => old == compared,
        1 => old != compared,
        2 => old < compared,
        3 => old <= compared,
        4 => old > compared,
        _ => old >= compared,
    })
}

/// # Safety
/// As for futex(2) with FUTEX_WAIT or FUTEX_WAIT_BITSET.
unsafe fn wait(me: &'static Task, word: usize, op: c_int, expected: u32, timeout: usize, mask: u32) -> c_long {
    let errno = sys::errno();
    let deadline = match timeout {
        0 => NEVER,
        // SAFETY: by this function's contract.
        t => match unsafe { sleep::valid(t as *const timespec) } {
            None => return fail(libc::EINVAL) as c_long,
            // FUTEX_WAIT's is relative; FUTEX_WAIT_BITSET's absolute, on one of two clocks.
            Some(ns) if op & OPERATION == libc::FUTEX_WAIT => sys::now().saturating_add(ns),
            Some(ns) if op & libc::FUTEX_CLOCK_REALTIME != 0 => sleep::deadline_of(libc::CLOCK_REALTIME, ns),
            Some(ns) => ns,
        },
    };
    // SAFETY: by this function's contract: an aligned word. A wild one faults here, where the kernel says EFAULT.
    let value = unsafe { AtomicU32::from_ptr(word as *mut u32) };
    let may_be_woken_by_others = op & libc::FUTEX_PRIVATE_FLAG == 0;
    'again: loop {
        let spot = || Spot::heeding(Some(me), mask);
        let look_again = || match may_be_woken_by_others {
            true => deadline.min(sys::now() + LOOK_AGAIN),
            false => deadline,
        };
        // The one that waits, and the one that takes its place for the next look.
        let mut until = look_again();
        let mut spots = [spot(), spot()];
        let mut now = 0;
        // SAFETY: the spot is left or woken before this frame goes.
        unsafe { spots[now].enter(word, false) };
        // Queued first, then looked: whoever changes the word after this look finds us.
        if value.load(Ordering::SeqCst) != expected {
            let was_in = spots[now].leave();
            depth::checkpoint();
            return match was_in {
                false => 0,
                true => fail(libc::EAGAIN) as c_long,
            };
        }
        loop {
            let reason = spots[now].wait_in_place(until, Cause::Futex);
            let looks = reason == Reason::Timeout && until != deadline;
            // One that was moved waits for a wake-up, whatever is in the words.
            if looks && (spots[now].was_moved_from(word) || value.load(Ordering::SeqCst) == expected) {
                until = look_again();
                let next = 1 - now;
                spots[next] = spot();
                // SAFETY: as above; that one is in no list any more.
                if !unsafe { spots[next].take_over(&spots[now]) } {
                    spots[now].is_out();
                    depth::checkpoint();
                    break 'again;
                }
                now = next;
                continue;
            }
            let was_woken = !spots[now].leave();
            depth::checkpoint();
            match reason {
                _ if was_woken => break 'again,
                Reason::Timeout if !looks => return fail(libc::ETIMEDOUT) as c_long,
                Reason::Interrupted if restarts(me, Cause::Futex, deadline) => continue 'again,
                Reason::Interrupted => return fail(libc::EINTR) as c_long,
                _ => break 'again,
            }
        }
    }
    sys::set_errno(errno);
    0
}
