//! epoll_wait, epoll_pwait, epoll_pwait2. The program's epoll instance is itself a descriptor that can be waited for: the
//! hub's poller has it like any other, and an event of one of its fds is an edge of its own.

use super::{deadline_in, deadline_in_ms, look_once, watch, word, Until, Watch};
use crate::hub::listeners::{self, Direction};
use crate::hub::Task;
use libc::{c_int, epoll_event, pollfd, sigset_t, timespec};

/// epoll_wait(2).
pub unsafe fn epoll_wait(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, *mut epoll_event, c_int, c_int) -> c_int,
    fd: c_int,
    events: *mut epoll_event,
    most: c_int,
    timeout_ms: c_int,
) -> c_int {
    if timeout_ms == 0 {
        me.spend();
        // SAFETY: events is the caller's, as for epoll_wait(2).
        return unsafe { real(fd, events, most, 0) };
    }
    // SAFETY: as above.
    wait(me, (deadline_in_ms(timeout_ms), None), fd, || unsafe { real(fd, events, most, 0) })
}

/// epoll_pwait(2).
pub unsafe fn epoll_pwait(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, *mut epoll_event, c_int, c_int, *const sigset_t) -> c_int,
    fd: c_int,
    events: *mut epoll_event,
    most: c_int,
    timeout_ms: c_int,
    mask: *const sigset_t,
) -> c_int {
    // SAFETY: events and mask are the caller's, as for epoll_pwait(2), here and below.
    let look = || unsafe { real(fd, events, most, 0, core::ptr::null()) };
    // Without time no signal is looked for, unlike in ppoll(2).
    if timeout_ms == 0 {
        me.spend();
        return look();
    }
    // SAFETY: as above.
    wait(me, (deadline_in_ms(timeout_ms), unsafe { word(mask) }), fd, look)
}

/// epoll_pwait2(2): the timeout in nanoseconds, NULL for ever.
pub unsafe fn epoll_pwait2(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, *mut epoll_event, c_int, *const timespec, *const sigset_t) -> c_int,
    fd: c_int,
    events: *mut epoll_event,
    most: c_int,
    timeout: *const timespec,
    mask: *const sigset_t,
) -> c_int {
    // SAFETY: timeout is NULL or the caller's, as for epoll_pwait2(2).
    let Some(deadline) = (unsafe { deadline_in(timeout) }) else {
        // SAFETY: the kernel says what is wrong with it.
        return unsafe { real(fd, events, most, timeout, mask) };
    };
    let now = timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: as above, here and below.
    let look = || unsafe { real(fd, events, most, &now, core::ptr::null()) };
    // SAFETY: as above.
    if unsafe { timeout.as_ref() }.is_some_and(|t| t.tv_sec == 0 && t.tv_nsec == 0) {
        me.spend();
        return look();
    }
    // SAFETY: as above.
    wait(me, (deadline, unsafe { word(mask) }), fd, look)
}

/// An epoll instance of the program's, and the call, not waiting.
struct Instance<L> {
    wanted: [pollfd; 1],
    look: L,
}

impl<L: Fn() -> c_int> Watch for Instance<L> {
    fn wanted(&self) -> &[pollfd] {
        &self.wanted
    }

    /// Several threads may wait on one instance: who finds something lets the next one look for more.
    fn look(&mut self) -> c_int {
        let entry = listeners::entry(self.wanted[0].fd);
        entry.inspect(|e| e.begin_try(Direction::Read));
        let n = (self.look)();
        if n > 0 {
            entry.inspect(|e| {
                e.set_ready(Direction::Read);
                e.pass_on(Direction::Read);
            });
        }
        n
    }

    /// The looks have written the events where they belong.
    fn tell(&mut self, _: c_int) {}
}

fn wait(me: &'static Task, until: Until, fd: c_int, look: impl Fn() -> c_int) -> c_int {
    let mut instance = Instance { wanted: [pollfd { fd, events: libc::POLLIN, revents: 0 }], look };
    look_once(me, &mut instance).unwrap_or_else(|| watch(me, until, instance, true, drop))
}
