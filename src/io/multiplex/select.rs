//! select and pselect.

use super::{deadline_in, look_once, watch, word, Until, Watch};
use crate::hub::Task;
use crate::sys;
use crate::wait::NEVER;
use libc::{c_int, fd_set, pollfd, sigset_t, timespec, timeval};

type Three = [*mut fd_set; 3];

/// The three sets of a select: as given, as asked, and as the last look has found them.
struct Selected<L> {
    given: Three,
    asked: [Vec<u64>; 3],
    found: [Vec<u64>; 3],
    wanted: Vec<pollfd>,
    look: L,
    /// Where what is left of the time is written, and until when that is.
    time: Option<(*mut timeval, u64)>,
}

impl<L: Fn(Three) -> c_int> Selected<L> {
    /// `look` is the call, not waiting.
    ///
    /// # Safety
    /// Each set is NULL or has at least `n` bits, n between 0 and 2^20.
    unsafe fn new(n: c_int, given: Three, look: L) -> Self {
        let words = (n as usize).div_ceil(64);
        let asked = given.map(|set| {
            if set.is_null() {
                return Vec::new();
            }
            // SAFETY: by this function's contract; fd_set is an array of 64-bit words.
            unsafe { core::slice::from_raw_parts(set as *const u64, words) }.to_vec()
        });
        let has = |which: usize, fd: c_int| asked[which].get(fd as usize / 64).is_some_and(|w| w >> (fd % 64) & 1 != 0);
        let bits = [(0, libc::POLLIN), (1, libc::POLLOUT), (2, libc::POLLPRI)];
        let events = |fd| bits.iter().filter(|(i, _)| has(*i, fd)).fold(0, |all, (_, bit)| all | bit);
        let wanted = (0..n).map(|fd| pollfd { fd, events: events(fd), revents: 0 }).filter(|p| p.events != 0).collect();
        Selected { given, found: asked.clone(), wanted, look, time: None, asked }
    }
}

impl<L: Fn(Three) -> c_int> Watch for Selected<L> {
    fn wanted(&self) -> &[pollfd] {
        &self.wanted
    }

    fn look(&mut self) -> c_int {
        let mut sets = self.given;
        for (i, set) in sets.iter_mut().enumerate().filter(|(_, set)| !set.is_null()) {
            self.found[i].copy_from_slice(&self.asked[i]);
            *set = self.found[i].as_mut_ptr() as *mut fd_set;
        }
        (self.look)(sets)
    }

    fn tell(&mut self, n: c_int) {
        for (set, found) in self.given.iter().zip(&self.found).filter(|(set, _)| n >= 0 && !set.is_null()) {
            // SAFETY: by `new`'s contract.
            unsafe { core::ptr::copy_nonoverlapping(found.as_ptr(), *set as *mut u64, found.len()) };
        }
        if let Some((time, until)) = self.time {
            let left = until.saturating_sub(sys::now());
            // SAFETY: the caller's time, as for select(2).
            unsafe {
                *time = timeval { tv_sec: (left / 1_000_000_000) as i64, tv_usec: (left % 1_000_000_000 / 1000) as i64 }
            };
        }
    }
}

/// The most fds a select may name here; the kernel caps it at the table's size anyway.
const MOST: c_int = 1 << 20;

fn wait(me: &'static Task, until: Until, mut selected: Selected<impl Fn(Three) -> c_int>) -> c_int {
    look_once(me, &mut selected).unwrap_or_else(|| watch(me, until, selected, false, drop))
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
    // SAFETY: as for select(2), here and below.
    let look =
        |[read, write, except]: Three| unsafe { real(n, read, write, except, &mut timeval { tv_sec: 0, tv_usec: 0 }) };
    // SAFETY: as above.
    let mut selected = unsafe { Selected::new(n, [read, write, except], look) };
    // Linux's select leaves the time that was left.
    selected.time = (!timeout.is_null()).then_some((timeout, deadline));
    wait(me, (deadline, None), selected)
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
    // Looks leave the kernel thread's mask alone, as in `ppoll`.
    // SAFETY: as for pselect(2), here and below.
    let look = |[read, write, except]: Three| unsafe { real(n, read, write, except, &now, core::ptr::null()) };
    // SAFETY: as above.
    let (selected, mask) = unsafe { (Selected::new(n, [read, write, except], look), word(mask)) };
    wait(me, (deadline, mask), selected)
}
