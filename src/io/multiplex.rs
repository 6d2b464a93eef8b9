//! poll, ppoll, select, pselect: look natively without waiting; if nothing is there, listen on every fd with one
//! waiter, look once more, park.

use super::{fail, sleep};
use crate::hub::listeners::{self, Armed, Direction, Entry, Listener};
use crate::hub::Task;
use crate::process::masks::masked;
use crate::wait::{Cause, Reason, Waiter, NEVER};
use crate::{depth, sys};
use libc::{c_int, fd_set, nfds_t, pollfd, sigset_t, timespec, timeval};

/// One listener of a poll, and where it's queued.
struct Ear {
    entry: &'static Entry,
    direction: Direction,
    listener: Listener,
}

/// Until when to wait (CLOCK_MONOTONIC, ns), and with which signals blocked meanwhile, if not the thread's own.
type Until = (u64, Option<u64>);

/// A signal set as one word; None for NULL.
///
/// # Safety
/// NULL or a valid set.
unsafe fn word(set: *const sigset_t) -> Option<u64> {
    // SAFETY: by this function's contract; the kernel's signals are the set's first word.
    unsafe { (set as *const u64).as_ref() }.copied()
}

/// Waits until `look` gives something other than 0, or the deadline passes (then 0), or a signal comes (EINTR).
///
/// `mask`: the signals to block while waiting. `wanted` lists the fds and their poll events.
fn wait_for(
    me: &'static Task,
    (deadline, mask): Until,
    wanted: impl Iterator<Item = (c_int, i16)> + Clone,
    look: impl Fn() -> c_int,
) -> c_int {
    let errno = sys::errno();
    let found = look();
    if found != 0 {
        me.spend();
        return found;
    }
    loop {
        if deadline != NEVER && sys::now() >= deadline {
            me.spend();
            return 0;
        }
        let waiter = Waiter::new(Some(me));
        let mut ears: Vec<Ear> = Vec::with_capacity(wanted.clone().map(|(_, events)| directions(events).count()).sum());
        let mut deaf = false;
        // While there are listeners no signal handler may run: it might not come back.
        depth::enter();
        for (fd, events) in wanted.clone() {
            let Some(entry) = listeners::entry(fd) else { continue };
            for direction in directions(events) {
                ears.push(Ear {
                    entry,
                    direction,
                    listener: Listener::new(waiter.as_sleeper(), false).for_events(events),
                });
                // SAFETY: the vector was made large enough, so the listener stays where it is until it's disarmed.
                let armed = unsafe {
                    entry.arm(fd, entry.generation(), me.hub(), direction, &ears[ears.len() - 1].listener, false)
                };
                if matches!(armed, Armed::Refused(_) | Armed::Gone) {
                    ears.pop();
                    deaf = true;
                }
            }
        }
        let found = look();
        if found == 0 && !deaf {
            let reason = masked(me, mask, || {
                let reason = waiter.wait(deadline, Cause::Poll, ears.len());
                // Before any handler, which might not come back.
                disarm(&ears);
                depth::leave_quietly();
                reason
            });
            depth::checkpoint();
            if reason == Reason::Interrupted {
                return fail(libc::EINTR) as c_int;
            }
        } else {
            disarm(&ears);
            depth::leave();
            if found == 0 {
                // Some fd can't be listened to (no memory for a registration, a file that epoll refuses but that
                // isn't ready): ask again, at short intervals.
                let soon = sys::now() + 1_000_000;
                Waiter::new(Some(me)).wait(soon.min(deadline), Cause::Poll, ears.len());
            }
        }
        let found = if found != 0 { found } else { look() };
        if found != 0 {
            if found > 0 {
                sys::set_errno(errno);
            }
            return found;
        }
    }
}

/// Takes all listeners back; only then may a signal handler run (and leave by longjmp).
fn disarm(ears: &[Ear]) {
    depth::enter();
    for ear in ears {
        ear.entry.disarm(ear.direction, &ear.listener);
    }
    depth::leave();
}

/// Errors and hang-ups, which are always reported, come as read edges.
fn directions(events: i16) -> impl Iterator<Item = Direction> {
    let write = events & (libc::POLLOUT | libc::POLLWRNORM | libc::POLLWRBAND) != 0;
    [Some(Direction::Read), write.then_some(Direction::Write)].into_iter().flatten()
}

pub unsafe fn poll(
    me: &'static Task,
    real: unsafe extern "C" fn(*mut pollfd, nfds_t, c_int) -> c_int,
    fds: *mut pollfd,
    n: nfds_t,
    timeout_ms: c_int,
) -> c_int {
    let deadline = match timeout_ms {
        // SAFETY: fds is the caller's, as for poll(2).
        0 => return unsafe { real(fds, n, 0) },
        ms if ms < 0 => NEVER,
        ms => sys::now() + ms as u64 * 1_000_000,
    };
    // SAFETY: as above.
    unsafe { wait_poll(me, (deadline, None), fds, n, || real(fds, n, 0)) }
}

/// # Safety
/// As for poll(2).
unsafe fn wait_poll(me: &'static Task, until: Until, fds: *mut pollfd, n: nfds_t, look: impl Fn() -> c_int) -> c_int {
    // SAFETY: a first look lets the kernel check the array (EFAULT, EINVAL) before we read it.
    let wanted = (0..n as usize).map(move |i| unsafe { ((*fds.add(i)).fd, (*fds.add(i)).events) });
    wait_for(me, until, wanted.filter(|w| w.0 >= 0), look)
}

pub unsafe fn ppoll(
    me: &'static Task,
    real: unsafe extern "C" fn(*mut pollfd, nfds_t, *const timespec, *const sigset_t) -> c_int,
    fds: *mut pollfd,
    n: nfds_t,
    timeout: *const timespec,
    mask: *const sigset_t,
) -> c_int {
    // SAFETY: timeout is NULL or the caller's, as for ppoll(2).
    let Some(deadline) = (unsafe { deadline_in(timeout) }) else {
        // SAFETY: the kernel says what is wrong with it.
        return unsafe { real(fds, n, timeout, mask) };
    };
    let now = timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: as for ppoll(2).
    unsafe { wait_poll(me, (deadline, word(mask)), fds, n, || real(fds, n, &now, mask)) }
}

/// A relative timeout as a deadline; NULL is for ever. None when the kernel would refuse it.
///
/// # Safety
/// NULL or a valid timespec.
unsafe fn deadline_in(timeout: *const timespec) -> Option<u64> {
    if timeout.is_null() {
        return Some(NEVER);
    }
    // SAFETY: by this function's contract.
    unsafe { sleep::valid(timeout) }.map(|ns| sys::now().saturating_add(ns))
}

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
    wait_for(me, until, sets.wanted(n), || {
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
    // SAFETY: as for pselect(2).
    unsafe {
        wait_select(me, (deadline, word(mask)), n, [read, write, except], || real(n, read, write, except, &now, mask))
    }
}

/// poll(2) straight from the kernel, for names that have no plain form below them.
pub unsafe extern "C" fn kernel_poll(fds: *mut pollfd, n: nfds_t, timeout_ms: c_int) -> c_int {
    // SAFETY: as for poll(2).
    sys::to_libc(unsafe { sys::syscall(libc::SYS_poll, fds as usize, n as usize, timeout_ms as usize, 0, 0, 0) })
        as c_int
}

/// ppoll(2) straight from the kernel. The kernel may write to its timeout; the caller's is left alone.
pub unsafe extern "C" fn kernel_ppoll(
    fds: *mut pollfd,
    n: nfds_t,
    timeout: *const timespec,
    mask: *const sigset_t,
) -> c_int {
    // SAFETY: as for ppoll(2).
    unsafe {
        let mut copy = timeout.as_ref().copied();
        let timeout = copy.as_mut().map_or(core::ptr::null_mut(), |t| t as *mut timespec);
        sys::to_libc(sys::syscall(libc::SYS_ppoll, fds as usize, n as usize, timeout as usize, mask as usize, 8, 0))
            as c_int
    }
}
