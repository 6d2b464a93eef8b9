//! select and pselect.

use super::{deadline_in, wait_for, word, Until};
use crate::hub::Task;
use crate::sys;
use crate::wait::NEVER;
use libc::{c_int, fd_set, sigset_t, timespec, timeval};

/// The three sets of a select, kept apart from the caller's, which each look overwrites.
struct Sets {
    given: [*mut fd_set; 3],
    asked: [Vec<u64>; 3],
}

impl Sets {
    /// # Safety
    /// Each set is NULL or has at least `n` bits, n between 0 and 2^20.
    unsafe fn new(n: c_int, given: [*mut fd_set; 3]) -> Self {
        let words = (n as usize).div_ceil(64);
        let asked = given.map(|set| {
            if set.is_null() {
                return Vec::new();
            }
            // SAFETY: by this function's contract; fd_set is an array of 64-bit words.
            unsafe { core::slice::from_raw_parts(set as *const u64, words) }.to_vec()
        });
        Sets { given, asked }
    }

    /// Writes what was asked back into the caller's sets.
    fn restore(&self) {
        for (set, asked) in self.given.iter().zip(&self.asked) {
            if !set.is_null() {
                // SAFETY: by `new`'s contract.
                unsafe { core::ptr::copy_nonoverlapping(asked.as_ptr(), *set as *mut u64, asked.len()) };
            }
        }
    }

    fn has(&self, which: usize, fd: c_int) -> bool {
        self.asked[which].get(fd as usize / 64).is_some_and(|w| w >> (fd % 64) & 1 != 0)
    }

    fn wanted(&self, n: c_int) -> impl Iterator<Item = (c_int, i16)> + Clone + '_ {
        (0..n).filter_map(|fd| {
            let bits = [(0, libc::POLLIN), (1, libc::POLLOUT), (2, libc::POLLPRI)];
            let events = bits.iter().filter(|(i, _)| self.has(*i, fd)).fold(0, |all, (_, bit)| all | bit);
            (events != 0).then_some((fd, events))
        })
    }
}

/// The most fds a select may name here; the kernel caps it at the table's size anyway.
const MOST: c_int = 1 << 20;

/// # Safety
/// As for select(2).
unsafe fn wait_select(
    me: &'static Task,
    until: Until,
    n: c_int,
    given: [*mut fd_set; 3],
    look: impl Fn() -> c_int,
) -> c_int {
    // SAFETY: by this function's contract; n was checked by the caller.
    let sets = unsafe { Sets::new(n, given) };
    wait_for(me, until, sets.wanted(n), false, || {
        sets.restore();
        look()
    })
}

pub unsafe fn select(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, *mut fd_set, *mut fd_set, *mut fd_set, *mut timeval) -> c_int,
    n: c_int,
    read: *mut fd_set,
    write: *mut fd_set,
    except: *mut fd_set,
    timeout: *mut timeval,
) -> c_int {
    // SAFETY: timeout is NULL or the caller's, as for select(2).
    let given = unsafe { timeout.as_ref() }.map(|t| (t.tv_sec, t.tv_usec));
    let deadline = match given {
        None => NEVER,
        // Nothing to wait for, or the kernel says what is wrong.
        Some((s, us)) if (s, us) == (0, 0) || s < 0 || us < 0 => {
            me.spend();
            // SAFETY: as for select(2).
            return unsafe { real(n, read, write, except, timeout) };
        }
        Some((s, us)) => sys::now().saturating_add(s as u64 * 1_000_000_000 + us as u64 * 1000),
    };
    if !(0..=MOST).contains(&n) {
        // SAFETY: as for select(2).
        return unsafe { real(n, read, write, except, timeout) };
    }
    // SAFETY: as for select(2).
    let r = unsafe {
        wait_select(me, (deadline, None), n, [read, write, except], || {
            real(n, read, write, except, &mut timeval { tv_sec: 0, tv_usec: 0 })
        })
    };
    // Linux's select leaves the time that was left.
    // SAFETY: as above.
    if let Some(t) = unsafe { timeout.as_mut() } {
        let left = deadline.saturating_sub(sys::now());
        (t.tv_sec, t.tv_usec) = ((left / 1_000_000_000) as i64, (left % 1_000_000_000 / 1000) as i64);
    }
    r
}

#[allow(clippy::too_many_arguments)] // pselect(2) has six
pub unsafe fn pselect(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, *mut fd_set, *mut fd_set, *mut fd_set, *const timespec, *const sigset_t) -> c_int,
    n: c_int,
    read: *mut fd_set,
    write: *mut fd_set,
    except: *mut fd_set,
    timeout: *const timespec,
    mask: *const sigset_t,
) -> c_int {
    // SAFETY: timeout is NULL or the caller's, as for pselect(2).
    let (Some(deadline), true) = (unsafe { deadline_in(timeout) }, (0..=MOST).contains(&n)) else {
        // SAFETY: the kernel says what is wrong.
        return unsafe { real(n, read, write, except, timeout, mask) };
    };
    let now = timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: as for pselect(2). Looks leave the kernel thread's mask alone, as in `ppoll`.
    unsafe {
        wait_select(me, (deadline, word(mask)), n, [read, write, except], || {
            real(n, read, write, except, &now, core::ptr::null())
        })
    }
}
