//! futex(2) by `syscall()`: where Rust's std, libstdc++'s atomics, call guards and futures, and many runtimes wait.
//!
//! A green thread waits in the parking lot, at the word's address; wakers look there and, since foreign threads and
//! other processes wait in the kernel, ask the kernel too. A word that another process may wake (no
//! FUTEX_PRIVATE_FLAG) is looked at again every now and then while a green thread waits for it.

use crate::hub::{current, Task};
use crate::io::{fail, sleep};
use crate::sys;
use crate::wait::parking::{self, Spot};
use crate::wait::{Cause, Reason, NEVER};
use core::sync::atomic::{fence, AtomicU32, Ordering};
use libc::{c_int, c_long, timespec};

/// syscall(2)'s own form: the number and six words.
pub type Syscall = unsafe extern "C" fn(c_long, usize, usize, usize, usize, usize, usize) -> c_long;

/// How long a green thread waits for a shared word before it looks itself (ns).
const LOOK_AGAIN: u64 = 2_000_000;

/// The operation without its flags.
const OPERATION: c_int = !(libc::FUTEX_PRIVATE_FLAG | libc::FUTEX_CLOCK_REALTIME);

/// syscall(2) on any thread of an active process. Other numbers than SYS_futex pass through, and operations for
/// priority inheritance, where everybody waits in the kernel.
#[allow(clippy::too_many_arguments)] // syscall(2) has seven
pub unsafe fn syscall(
    real: Syscall,
    number: c_long,
    a: usize,
    b: usize,
    c: usize,
    d: usize,
    e: usize,
    f: usize,
) -> c_long {
    // SAFETY: the arguments are the caller's, here and below.
    let native = || unsafe { real(number, a, b, c, d, e, f) };
    match number {
        libc::SYS_futex => {}
        // A number that is closed past close(2) must not leave its notes behind.
        libc::SYS_close => {
            crate::hub::listeners::forget(a as c_int);
            return native();
        }
        _ => return native(),
    }
    let op = b as c_int & OPERATION;
    let mask = if matches!(op, libc::FUTEX_WAIT_BITSET | libc::FUTEX_WAKE_BITSET) { f as u32 } else { u32::MAX };
    match op {
        libc::FUTEX_WAIT | libc::FUTEX_WAIT_BITSET => match current() {
            // SAFETY: as above.
            Some(me) if mask != 0 && a != 0 && a.is_multiple_of(4) => unsafe {
                wait(me, a, b as c_int, c as u32, d, mask)
            },
            _ => native(),
        },
        libc::FUTEX_WAKE | libc::FUTEX_WAKE_BITSET => {
            let most = (c as c_int).max(1) as usize;
            // The program may have changed the word by a plain store: natively the kernel sees to it that this is seen before.
            fence(Ordering::SeqCst);
            let green = parking::unpark_some(a, most, mask);
            if green >= most {
                return green as c_long;
            }
            // SAFETY: as above, fewer to wake.
            match unsafe { real(number, a, b, most - green, d, e, f) } {
                -1 if green == 0 => -1,
                n => green as c_long + n.max(0),
            }
        }
        // Those who wait in the kernel are moved, or woken by what the second word holds; green waiters are all woken to
        // look for themselves, as futex(2) lets happen at any time.
        libc::FUTEX_REQUEUE | libc::FUTEX_CMP_REQUEUE | libc::FUTEX_WAKE_OP => {
            let r = native();
            if r < 0 {
                return r;
            }
            let second = if op == libc::FUTEX_WAKE_OP { parking::unpark_all(e) } else { 0 };
            r + (parking::unpark_all(a) + second) as c_long
        }
        _ => native(),
    }
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
    loop {
        let spot = Spot::masked(Some(me), mask);
        // SAFETY: the spot is left or woken before this frame goes.
        unsafe { spot.enter(word, false) };
        // Queued first, then looked: whoever changes the word after this look finds us.
        if value.load(Ordering::SeqCst) != expected {
            spot.leave();
            return match spot.woken() {
                true => 0,
                false => fail(libc::EAGAIN) as c_long,
            };
        }
        let shared = op & libc::FUTEX_PRIVATE_FLAG == 0;
        let until = if shared { deadline.min(sys::now() + LOOK_AGAIN) } else { deadline };
        match spot.wait(until, Cause::Futex) {
            Reason::Timeout if until != deadline => {
                if value.load(Ordering::SeqCst) != expected {
                    break;
                }
            }
            Reason::Timeout => return fail(libc::ETIMEDOUT) as c_long,
            Reason::Interrupted => return fail(libc::EINTR) as c_long,
            _ => break,
        }
    }
    sys::set_errno(errno);
    0
}
