//! The one place in which a green thread waits for an fd, and the engine of every blocking call: try, and only if
//! it would block, wait, then try again (libfibre's syncIO, eventlet's trampoline).

use super::{borrow, restarts, Cause, Reason, Waiter, NEVER};
use crate::hub::foresight::FEW;
use crate::hub::listeners::{mark, Armed, Direction, Entry, FileKind, Listener};
use crate::hub::{wires, Task};
use crate::{depth, sys};
use libc::c_int;

/// Why a wait for an fd ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waited {
    Ready,
    Timeout,
    /// The fd was closed or replaced meanwhile.
    Closed,
    Interrupted,
    /// The poller can't take the fd (errno); the caller falls back to the native call.
    Refused(c_int),
}

/// What a thread has done before it waits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// It tried, in vain.
    Tried,
    /// It was woken for the fd before, and tried in vain: it keeps its place at the front.
    TriedAgain,
    /// Nothing: it foresees that a try (to read) would be in vain.
    Nothing,
}

/// Waits until `fd` may be ready in a direction, or until the deadline (CLOCK_MONOTONIC nanoseconds).
/// `generation`: the life of the number that is meant (`Entry::generation`, asked before the first try).
#[inline]
pub fn trampoline(
    me: &'static Task,
    fd: c_int,
    e: &Entry,
    generation: u32,
    d: Direction,
    deadline: u64,
    before: Before,
) -> Waited {
    match wait(me, fd, e, generation, d, deadline, before) {
        Waited::Interrupted if restarts(me, cause_of(d), deadline) => Waited::Ready,
        waited => waited,
    }
}

fn cause_of(d: Direction) -> Cause {
    if d == Direction::Read {
        Cause::Read
    } else {
        Cause::Write
    }
}

/// As `trampoline`, but every handler ends it, SA_RESTART or not.
pub fn wait(
    me: &'static Task,
    fd: c_int,
    e: &Entry,
    generation: u32,
    d: Direction,
    deadline: u64,
    before: Before,
) -> Waited {
    let waiter = Waiter::new(Some(me));
    me.entry.set(e);
    e.expect(me);
    let listener = Listener::new(waiter.as_sleeper(), true).of(me).untried(before == Before::Nothing);
    // While the listener is there no signal handler may run: it might not come back.
    depth::enter();
    // SAFETY: listener and waiter live in this frame, which ends after `disarm`.
    let refused = match unsafe { e.arm(fd, generation, me.hub(), d, &listener, before == Before::TriedAgain) } {
        Armed::Ready => Some(Waited::Ready),
        Armed::Gone => Some(Waited::Closed),
        Armed::Refused(errno) => Some(Waited::Refused(errno)),
        Armed::Waiting | Armed::Elsewhere => None,
    };
    if let Some(waited) = refused {
        depth::leave();
        return waited;
    }
    let reason = waiter.wait(deadline, cause_of(d), fd as usize);
    if reason != Reason::Ready {
        e.disarm(d, &listener);
        if before == Before::Nothing {
            // Still nobody knows.
            e.set_left();
        }
    }
    depth::leave();
    match reason {
        Reason::Ready => Waited::Ready,
        Reason::Timeout => Waited::Timeout,
        Reason::Closed => Waited::Closed,
        Reason::Interrupted => Waited::Interrupted,
    }
}

/// What one attempt of an operation came to.
pub enum Attempt {
    /// It's done; the operation's answer. There may be more to have.
    Done(isize),
    /// It's done, and took all there was: the next would block.
    Drained(isize),
    /// It would block.
    Blocked,
    /// It has done a part, and would block for the rest. A handler ends it there, SA_RESTART or not.
    Partly,
    /// It failed, with this errno.
    Failed(c_int),
}

/// How long a datagram waits after a vain second try (ns).
const VAIN: u64 = 1_000_000;

/// How an operation waits.
pub struct Plan {
    pub direction: Direction,
    /// The call itself asked not to wait (MSG_DONTWAIT): would-block is the answer.
    pub dont_wait: bool,
}

impl Plan {
    pub const READ: Plan = Plan { direction: Direction::Read, dont_wait: false };
    pub const WRITE: Plan = Plan { direction: Direction::Write, dont_wait: false };
}

/// How a blocking operation ended.
pub enum Outcome {
    Done(isize),
    Failed(c_int),
    /// The fd can't be waited for; nothing was done. The caller makes the native call.
    Native,
}

/// Runs an operation to its end: tries, waits as long as the fd's own timeout allows, tries again.
///
/// `attempt` must not block, and leaves errno as it was.
#[inline]
pub fn blocking(me: &'static Task, fd: c_int, e: &Entry, plan: &Plan, mut attempt: impl FnMut() -> Attempt) -> Outcome {
    let d = plan.direction;
    let generation = e.generation();
    let mut partly = false;
    let after_write = d == Direction::Read && me.has_written.replace(false);
    let known = me.hub().poller.tells_all();
    let mut before = Before::Tried;
    let looks_ahead = known && !plan.dont_wait && !e.marked(mark::NONBLOCKING);
    if let Some(instead) = looks_ahead.then(|| expects_nothing(me, e, d, after_write)).flatten() {
        before = instead;
        me.hub().stats.calls_avoided.add(1);
    } else if let Some(outcome) = try_at_ease(me, e, d, &mut attempt) {
        return outcome;
    } else {
        let tried = try_once(me, e, d, &mut attempt);
        if after_write && known && e.is_plain() {
            e.foresight.learn(matches!(tried, Tried::Blocked { .. }));
        }
        match tried {
            Tried::Over(outcome) => return outcome,
            Tried::Blocked { after_a_part } => partly = after_a_part,
        }
    }
    if plan.dont_wait || nonblocking(fd, e) {
        return Outcome::Failed(libc::EAGAIN);
    }
    let deadline = deadline(fd, e, d);
    wires::before_waiting(me);
    loop {
        match wait(me, fd, e, generation, d, deadline, before) {
            Waited::Ready => {}
            Waited::Interrupted if !partly && restarts(me, cause_of(d), deadline) => {}
            Waited::Timeout => return Outcome::Failed(libc::EAGAIN),
            Waited::Closed => return Outcome::Failed(libc::EBADF),
            Waited::Interrupted => return Outcome::Failed(libc::EINTR),
            Waited::Refused(libc::EBADF) => return Outcome::Failed(libc::EBADF),
            Waited::Refused(_) => return Outcome::Native,
        }
        if e.generation() != generation {
            return Outcome::Failed(libc::EBADF);
        }
        if before == Before::TriedAgain && d == Direction::Write && e.kind() == FileKind::Datagram {
            // A Unix datagram socket is always writable by itself; what is full is the receiver's queue, which tells
            // nobody, and each vain try raises an edge of its own.
            Waiter::new(Some(me)).wait(deadline.min(sys::now() + VAIN), Cause::Write, fd as usize);
        }
        match try_once(me, e, d, &mut attempt) {
            Tried::Over(outcome) => return outcome,
            Tried::Blocked { after_a_part } => partly = after_a_part,
        }
        before = Before::TriedAgain;
    }
}

/// Whether a try would be in vain, and need not be made: the last took all there was, and no edge has come; or as far as that can be
/// foreseen, where nothing is lost if it was wrong, for the poller tells the level, or the hub looks by itself (`presumed`).
#[inline]
fn expects_nothing(me: &Task, e: &Entry, d: Direction, after_write: bool) -> Option<Before> {
    if e.surely_blocks(d) {
        return match d == Direction::Read && e.foresight.is_by_level() {
            true => (after_write && e.foresight.foresees()).then_some(Before::Nothing),
            false => (e.kind() == FileKind::Tcp).then_some(Before::Tried),
        };
    }
    let presumes = d == Direction::Read && after_write && me.hub().crowd() >= FEW && e.may_be_drained();
    (presumes && e.foresight.foresees()).then_some(Before::Nothing)
}

/// A first try to write where the last one succeeded: nobody waits then, for who comes to wait finds `ready` and tries. So as
/// long as it stays that nothing is noted and nobody is told. None: it would block, maybe after a part; another try finds out,
/// by the rule. (Not for reads: they'd like to know whether they took all, which only the rule tells.)
#[inline]
fn try_at_ease(me: &'static Task, e: &Entry, d: Direction, attempt: &mut impl FnMut() -> Attempt) -> Option<Outcome> {
    if d == Direction::Read || !e.is_ready(d) {
        return None;
    }
    match attempt() {
        Attempt::Done(n) | Attempt::Drained(n) => {
            note_written(me, e);
            me.spend();
            Some(Outcome::Done(n))
        }
        Attempt::Failed(errno) => {
            e.pass_on(d);
            Some(Outcome::Failed(errno))
        }
        Attempt::Blocked | Attempt::Partly => None,
    }
}

#[inline]
fn note_written(me: &Task, e: &Entry) {
    me.has_written.set(true);
    wires::written(me, e);
}

enum Tried {
    Over(Outcome),
    Blocked { after_a_part: bool },
}

#[inline]
fn try_once(me: &'static Task, e: &Entry, d: Direction, attempt: &mut impl FnMut() -> Attempt) -> Tried {
    e.begin_try(d);
    let result = match attempt() {
        Attempt::Blocked => return Tried::Blocked { after_a_part: false },
        Attempt::Partly => return Tried::Blocked { after_a_part: true },
        Attempt::Failed(errno) => {
            // What failed here fails for the others too, and no edge will tell them.
            e.set_ready(d);
            e.pass_on(d);
            return Tried::Over(Outcome::Failed(errno));
        }
        // Nothing to pass on, and an edge for what comes next.
        Attempt::Drained(n) if me.hub().poller.tells_all() => n,
        // What may be left the poller tells.
        Attempt::Done(n) if d == Direction::Read && e.foresight.is_by_level() => n,
        Attempt::Drained(n) | Attempt::Done(n) => {
            match d {
                Direction::Read => e.set_left(),
                Direction::Write => e.set_ready(d),
            }
            e.pass_on(d);
            n
        }
    };
    if d == Direction::Write {
        note_written(me, e);
    }
    me.spend();
    Tried::Over(Outcome::Done(result))
}

/// Whether the program itself made the fd non-blocking. Asks the kernel unless the answer is ours alone to know.
pub fn nonblocking(fd: c_int, e: &Entry) -> bool {
    if e.marked(mark::FLAGS_KNOWN) && !e.marked(mark::OTHERS) {
        return e.marked(mark::NONBLOCKING);
    }
    let ask = || sys::file_flags(fd).is_ok_and(|f| f & libc::O_NONBLOCK != 0);
    // Somebody may have the flag on loan for an accept.
    let on = if e.kind().is_socket() || e.kind() == FileKind::Unknown { borrow::is_nonblocking(fd) } else { ask() };
    note_nonblocking(e, on);
    on
}

/// Notes what the program set.
pub fn note_nonblocking(e: &Entry, on: bool) {
    if on {
        e.set_mark(mark::NONBLOCKING);
    } else {
        e.clear_mark(mark::NONBLOCKING);
    }
    e.set_mark(mark::FLAGS_KNOWN);
}

/// When a wait that begins now must end, by SO_RCVTIMEO or SO_SNDTIMEO.
pub fn deadline(fd: c_int, e: &Entry, d: Direction) -> u64 {
    let ns = if e.marked(mark::OTHERS) && e.kind().is_socket() {
        let name = if d == Direction::Read { libc::SO_RCVTIMEO } else { libc::SO_SNDTIMEO };
        sys::socket_timeout(fd, name).unwrap_or(0)
    } else {
        e.timeout(d)
    };
    if ns == 0 {
        NEVER
    } else {
        sys::now().saturating_add(ns)
    }
}
