//! Waiting for children without a SIGCHLD handler: for one child's end by its pidfd; for any, and for stops and continues, with the
//! `minder`'s help.

use super::minder::{self, OfStops};
use crate::hub::listeners::{self, Armed, Direction, Listener};
use crate::hub::{poller, Task};
use crate::wait::parking::Spot;
use crate::wait::trampoline::{trampoline, Before, Waited};
use crate::wait::{restarts, Cause, Reason, NEVER};
use crate::{depth, sys};
use core::sync::atomic::{AtomicU32, Ordering};
use libc::{c_int, id_t, idtype_t, pid_t, rusage, siginfo_t};

/// The first and the longest interval between two looks (ns), where nobody can tell when it's time.
const SOON: u64 = 500_000;
const LATER: u64 = 20_000_000;

/// What a wait is for.
struct About {
    whom: Whom,
    /// Stops or continues, too.
    stops: bool,
}

enum Whom {
    One(pid_t),
    Any,
    /// Some: a process group. When the last of them goes unseen (SIGCHLD ignored) while there are others, the minder isn't told.
    Some,
}

impl About {
    /// As the arguments of waitpid(2) say.
    fn of(pid: pid_t, options: c_int) -> About {
        let whom = match pid {
            1.. => Whom::One(pid),
            -1 => Whom::Any,
            _ => Whom::Some,
        };
        About { whom, stops: options & (libc::WUNTRACED | libc::WCONTINUED) != 0 }
    }
}

/// Repeats `look` (0: nothing yet) until it answers, or a signal interrupts.
fn wait_for(me: &'static Task, about: About, mut look: impl FnMut() -> pid_t) -> pid_t {
    let mut interval = SOON;
    let began = me.about_now();
    loop {
        match look() {
            0 => {}
            r => return r,
        }
        let end = match about.whom {
            Whom::One(pid) if !about.stops => End::of(pid),
            _ => None,
        };
        let interrupted = match end {
            Some(end) => end.wait(me),
            None => until_news(me, &about, &mut interval, began),
        };
        if interrupted {
            sys::set_errno(libc::EINTR);
            return -1;
        }
    }
}

/// How many pidfds there are, and how many of them there's room for among our own numbers (`poller`).
static PIDFDS: AtomicU32 = AtomicU32::new(0);
const ROOM: u32 = 64;

/// A child's end, as a pidfd.
struct End {
    fd: c_int,
}

impl End {
    /// None when there's no such child, or no descriptor to be had.
    fn of(pid: pid_t) -> Option<End> {
        let fd = sys::pidfd_open(pid).ok()?;
        // The program would else see it among its own numbers.
        let out_of_the_way = PIDFDS.fetch_add(1, Ordering::Relaxed) < ROOM;
        Some(End { fd: if out_of_the_way { poller::keep_away(fd) } else { fd } })
    }

    /// Waits for it; whether a signal came first.
    fn wait(&self, me: &'static Task) -> bool {
        let fd = self.fd;
        let waited =
            listeners::fresh(fd).map(|e| trampoline(me, fd, e, e.generation(), Direction::Read, NEVER, Before::Tried));
        if !matches!(waited, Some(Waited::Ready | Waited::Interrupted | Waited::Closed)) {
            // No poller takes it: as natively, in place.
            let _ = sys::poll_set(&mut [libc::pollfd { fd, events: libc::POLLIN, revents: 0 }], -1);
        }
        waited == Some(Waited::Interrupted)
    }

    /// From now on a listener is told of it. False: it isn't, since no poller takes it.
    ///
    /// # Safety
    /// Listener and sleeper stay where they are until `ignore`.
    unsafe fn tell(&self, me: &'static Task, listener: &Listener) -> bool {
        let Some(e) = listeners::fresh(self.fd) else { return false };
        // Nobody has tried to read it, so there's nothing that an edge could be too late for.
        // SAFETY: by this function's contract.
        let armed = unsafe { e.arm(self.fd, e.generation(), me.hub(), Direction::Read, listener, false) };
        matches!(armed, Armed::Waiting | Armed::Elsewhere)
    }

    fn ignore(&self, listener: &Listener) {
        if let Some(e) = listeners::entry(self.fd) {
            e.disarm(Direction::Read, listener);
        }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        PIDFDS.fetch_sub(1, Ordering::Relaxed);
        listeners::forget(self.fd);
        sys::close(self.fd);
    }
}

/// Waits until something has happened to some child, or for a while; whether a signal came first.
///
/// The minder tells of each child that can be waited for, and of the last one's end. But the one that is meant may go unseen while there
/// are others (SIGCHLD ignored, or another thread has waited for it): its own end tells of that.
fn until_news(me: &'static Task, about: &About, interval: &mut u64, began: u64) -> bool {
    let is_there = minder::is_there();
    let of_stops = about.stops.then(OfStops::begin);
    let end = match about.whom {
        Whom::One(pid) => End::of(pid),
        _ => None,
    };
    let spot = Spot::since(me, began);
    let listener = Listener::new(spot.as_sleeper(), true);
    // While the listener is there no signal handler may run: it might not come back.
    depth::enter();
    // SAFETY: `wait` leaves, before this frame goes.
    unsafe { spot.enter(minder::PLACE, false) };
    minder::ask();
    let is_told_of_end = match about.whom {
        // SAFETY: listener and spot live in this frame, which ends after `ignore`.
        Whom::One(_) => end.as_ref().is_some_and(|end| unsafe { end.tell(me, &listener) }),
        Whom::Any => true,
        Whom::Some => false,
    };
    let told = is_there && is_told_of_end && of_stops.is_none_or(|s| s.are_minded());
    let deadline = if told { NEVER } else { sys::now() + core::mem::replace(interval, (*interval * 2).min(LATER)) };
    let reason = spot.wait(deadline, Cause::Child);
    if let Some(end) = &end {
        end.ignore(&listener);
    }
    depth::leave();
    reason == Reason::Interrupted && !restarts(me, Cause::Child, NEVER)
}

pub unsafe fn wait(me: &'static Task, _: unsafe extern "C" fn(*mut c_int) -> pid_t, status: *mut c_int) -> pid_t {
    // SAFETY: status is the caller's, as for wait(2).
    wait_for(me, About::of(-1, 0), || unsafe { sys::wait4(-1, status, libc::WNOHANG, core::ptr::null_mut()) })
}

pub unsafe fn waitpid(
    me: &'static Task,
    real: unsafe extern "C" fn(pid_t, *mut c_int, c_int) -> pid_t,
    pid: pid_t,
    status: *mut c_int,
    options: c_int,
) -> pid_t {
    if options & libc::WNOHANG != 0 {
        // SAFETY: status is the caller's, as for waitpid(2).
        return unsafe { real(pid, status, options) };
    }
    // SAFETY: as above.
    wait_for(me, About::of(pid, options), || unsafe { real(pid, status, options | libc::WNOHANG) })
}

/// As waitpid(2) without options, but libc's isn't asked, which ends a cancelled thread: who calls this has something to undo first.
pub fn end(me: &'static Task, pid: pid_t, status: &mut c_int) -> pid_t {
    // SAFETY: the status is the caller's.
    wait_for(me, About::of(pid, 0), || unsafe { sys::wait4(pid, status, libc::WNOHANG, core::ptr::null_mut()) })
}

pub unsafe fn wait3(
    me: &'static Task,
    real: unsafe extern "C" fn(*mut c_int, c_int, *mut rusage) -> pid_t,
    status: *mut c_int,
    options: c_int,
    usage: *mut rusage,
) -> pid_t {
    if options & libc::WNOHANG != 0 {
        // SAFETY: as for wait3(2).
        return unsafe { real(status, options, usage) };
    }
    // SAFETY: as above.
    wait_for(me, About::of(-1, options), || unsafe { real(status, options | libc::WNOHANG, usage) })
}

pub unsafe fn wait4(
    me: &'static Task,
    real: unsafe extern "C" fn(pid_t, *mut c_int, c_int, *mut rusage) -> pid_t,
    pid: pid_t,
    status: *mut c_int,
    options: c_int,
    usage: *mut rusage,
) -> pid_t {
    if options & libc::WNOHANG != 0 {
        // SAFETY: as for wait4(2).
        return unsafe { real(pid, status, options, usage) };
    }
    // SAFETY: as above.
    wait_for(me, About::of(pid, options), || unsafe { real(pid, status, options | libc::WNOHANG, usage) })
}

pub unsafe fn waitid(
    me: &'static Task,
    real: unsafe extern "C" fn(idtype_t, id_t, *mut siginfo_t, c_int) -> c_int,
    kind: idtype_t,
    id: id_t,
    info: *mut siginfo_t,
    options: c_int,
) -> c_int {
    if options & libc::WNOHANG != 0 {
        // SAFETY: info is NULL or the caller's, as for waitid(2).
        return unsafe { real(kind, id, info, options) };
    }
    let whom = match kind {
        libc::P_PID => Whom::One(id as pid_t),
        libc::P_ALL => Whom::Any,
        _ => Whom::Some,
    };
    let about = About { whom, stops: options & (libc::WSTOPPED | libc::WCONTINUED) != 0 };
    // waitid answers 0 either way; the record's pid says whether there was a child.
    // SAFETY: as above; an all-zero record is valid.
    let r = wait_for(me, about, || unsafe {
        let mut found: siginfo_t = core::mem::zeroed();
        if real(kind, id, &mut found, options | libc::WNOHANG) != 0 {
            return -1;
        }
        if found.si_pid() != 0 && !info.is_null() {
            *info = found;
        }
        found.si_pid()
    });
    r.min(0)
}

/// In the child of a fork.
pub fn after_fork() {
    PIDFDS.store(0, Ordering::Relaxed);
}
