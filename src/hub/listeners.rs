//! The fd table: for each descriptor who waits on it, and what is known of it without asking the kernel.
//!
//! An fd is registered with one hub's poller at the first wait, edge-triggered for both directions, and stays so
//! until it's closed. `ready[direction]` says whether a try may succeed (or that it was left so: `LEFT`); the rule that loses no edge:
//!
//!   1. the thread clears `ready`, and then tries;
//!   2. if that would block it queues a listener, under the entry's lock, unless `ready` is set again;
//!   3. an edge sets `ready`, under the lock, and wakes the first listener.
//!
//! An edge before 2 is seen there; one after 2 finds the listener. An edge before 1 brought data that the try sees.
//!
//! (An fd may be registered by level for a while: see `foresight`. And a thread may queue without a try: see `presumed`.)
//!
//! A number is reused at once, so each entry has a generation which is in the poller's token: an event for an
//! older life of the number is dropped.

use super::foresight::{self, Foresight};
use super::poller::{self, Event, Poller};
use super::{fleet, prefetch, Hub, Reason, RunQueue, Task, Wake};
use crate::list::{Linked, Links, List};
use crate::lock::Lock;
use crate::sys;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicU8, AtomicUsize, Ordering};
use libc::c_int;
use once_cell::sync::OnceCell;

/// Which half of an fd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Direction {
    Read = 0,
    Write = 1,
}

/// What an fd refers to, as far as waiting on it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum FileKind {
    /// Not looked at yet.
    Unknown = 0,
    /// A TCP socket: a short read means that there's no more for now.
    Tcp = 1,
    /// Another byte-stream socket, or SEQPACKET: anything connected whose sends may be partial.
    Stream = 2,
    /// A socket that sends whole messages.
    Datagram = 3,
    Pipe = 4,
    /// A terminal or another character device.
    Device = 5,
    /// eventfd, timerfd, signalfd, inotify, epoll…
    Anonymous = 6,
    /// A regular file, directory or block device: never waits.
    Regular = 7,
}

impl FileKind {
    fn from(n: u8) -> FileKind {
        use FileKind::*;
        [Unknown, Tcp, Stream, Datagram, Pipe, Device, Anonymous, Regular][n as usize & 7]
    }

    pub fn is_socket(self) -> bool {
        matches!(self, FileKind::Tcp | FileKind::Stream | FileKind::Datagram)
    }
}

/// Facts about an fd, as bits of `Entry::marks`.
pub mod mark {
    /// Others may share the description (a dup, a parent, a child): nothing about it may be cached.
    pub const SHARED: u32 = 1;
    /// The program made it non-blocking. Meaningful only with FLAGS_KNOWN.
    pub const NONBLOCKING: u32 = 2;
    /// NONBLOCKING is known.
    pub const FLAGS_KNOWN: u32 = 4;
    /// Its end, an error or urgent data was reported: a short read proves nothing.
    pub const FINAL: u32 = 8;
    /// RWF_NOWAIT doesn't work on it.
    pub const NO_NOWAIT: u32 = 16;
    /// One of our own descriptors, which the program can't close.
    pub const OURS: u32 = 64;
    /// An operation in a ring is moving the file's position.
    pub const POSITION: u32 = 128;
    /// A program that was started since may have it, too, and change what hangs on the description: flags, timeouts.
    pub const GIVEN: u32 = 256;
    /// Either: others may have it.
    pub const OTHERS: u32 = SHARED | GIVEN;
    /// A program's setting (SO_RCVLOWAT, an upper protocol) makes short reads meaningless.
    pub const ODD: u32 = 32;
}

/// One thread's wish to hear of an fd. It lies on the waiting thread's stack.
pub struct Listener {
    sleeper: *const dyn Wake,
    /// Whose it is, if it's a green thread's that wants to read or write; or NULL.
    task: *const Task,
    /// Takes what it's woken for (a reader), so that one is woken per event; else (poll) it only looks.
    consumes: bool,
    /// Its thread hasn't tried: it foresees that this would be in vain.
    untried: bool,
    /// For pollers that don't know edges: what it waits for, if not what a reader or writer does (poll(2)'s bits).
    events: Option<u32>,
    links: Links<Listener>,
}

impl Listener {
    pub fn new(sleeper: *const dyn Wake, consumes: bool) -> Self {
        Listener { sleeper, task: core::ptr::null(), consumes, untried: false, events: None, links: Links::new() }
    }

    /// It's this thread's.
    pub fn of(self, task: &Task) -> Self {
        Listener { task, ..self }
    }

    /// Its thread hasn't tried, if so.
    pub fn untried(self, untried: bool) -> Self {
        Listener { untried, ..self }
    }

    /// It waits for these events (of poll(2)) only, besides errors and hang-ups.
    pub fn for_events(self, events: i16) -> Self {
        let read = libc::POLLRDNORM | libc::POLLRDBAND;
        let write = libc::POLLWRNORM | libc::POLLWRBAND;
        let plain = |all: i16, bit: i16| if events & all != 0 { bit } else { 0 };
        Listener {
            events: Some((events | plain(read, libc::POLLIN) | plain(write, libc::POLLOUT)) as u16 as u32),
            ..self
        }
    }

    /// What it waits for in a direction.
    fn wanted(&self, d: Direction) -> u32 {
        self.events.unwrap_or(match d {
            Direction::Read => (libc::POLLIN | libc::POLLRDHUP) as u32,
            Direction::Write => libc::POLLOUT as u32,
        })
    }

    /// Wakes whoever waits; false when that happened before. The caller holds the entry's lock and has taken the
    /// listener out: neither it nor the sleeper is touched again.
    fn wake(&self, reason: Reason) -> bool {
        // SAFETY: the sleeper lives as long as its listener, which is disarmed, under the lock, before it goes.
        unsafe { (*self.sleeper).wake(reason) }
    }

    /// As `wake`, for the hub's own carrier: what is to run there is put in `arrivals`.
    #[inline]
    fn wake_here(&self, hub: &Hub, arrivals: &mut RunQueue) -> bool {
        // SAFETY: as in `wake`.
        unsafe { (*self.sleeper).wake_here(Reason::Ready, hub, arrivals) }
    }
}

impl Linked for Listener {
    fn links(&self) -> &Links<Listener> {
        &self.links
    }
}

/// Wakes all that only look, and the first that consumes.
#[inline]
fn wake_some(queue: &mut List<Listener>, reason: Reason) {
    wake_some_by(queue, |l| l.wake(reason));
}

#[inline]
fn wake_some_by(queue: &mut List<Listener>, mut wake: impl FnMut(&Listener) -> bool) {
    let mut woken = false;
    for l in queue.iter() {
        let consumes = l.consumes;
        if !(consumes && woken) {
            queue.remove(l);
            woken |= wake(l) && consumes;
        }
    }
}

/// Wakes every listener.
fn wake_all(queue: &mut List<Listener>, reason: Reason) {
    for l in queue.iter() {
        queue.remove(l);
        l.wake(reason);
    }
}

/// What is behind an entry's lock.
struct Waiting {
    queues: [List<Listener>; 2],
    /// The hub whose poller has the fd.
    hub: Option<&'static Hub>,
}

/// One descriptor. All bits zero is a valid entry: unknown, not registered, nobody waiting. (Two cache lines, which the
/// processor fetches together.)
#[repr(C, align(128))]
pub struct Entry {
    generation: AtomicU32,
    marks: AtomicU32,
    kind: AtomicU8,
    registered: AtomicBool,
    /// DRAINED, TOLD or LEFT.
    ready: [AtomicU8; 2],
    pub foresight: Foresight,
    /// The wire that it's an end of; 0: none that is known.
    pub(super) wire: AtomicU32,
    waiting: Lock<Waiting>,
    ahead: Ahead,
    /// SO_RCVTIMEO and SO_SNDTIMEO in nanoseconds; 0 is none.
    timeouts: [AtomicU64; 2],
}

/// A try would be in vain, as far as is known: there was nothing more, and no edge has come since.
const DRAINED: u8 = 0;
/// A try may succeed: an edge has come.
const TOLD: u8 = 1;
/// A try may succeed: a read took all that it asked for, and no edge has come since.
const LEFT: u8 = 2;

/// What the last who came to wait is going to touch when it goes on, to be fetched ahead and for nothing else: by then it may be
/// gone.
struct Ahead {
    /// Its stack, from about where it left; its task; its control block; where what it waits for goes.
    stack: AtomicUsize,
    task: AtomicUsize,
    block: AtomicUsize,
    target: AtomicUsize,
}

impl Ahead {
    #[inline]
    fn note(&self, task: &Task) {
        self.stack.store(prefetch::stack_pointer(), Ordering::Relaxed);
        self.task.store(task as *const Task as usize, Ordering::Relaxed);
        self.block.store(task.thread_pointer, Ordering::Relaxed);
        self.target.store(task.target.get() as usize, Ordering::Relaxed);
    }

    /// Has the pages of all that looked up.
    #[inline]
    fn translate(&self) {
        let at = |p: &AtomicUsize| p.load(Ordering::Relaxed) as *const u8;
        prefetch::lines(at(&self.task), 1);
        prefetch::lines(at(&self.stack), 1);
    }

    #[inline]
    fn fetch(&self) {
        let at = |p: &AtomicUsize| p.load(Ordering::Relaxed) as *const u8;
        prefetch::lines(at(&self.task), 3);
        prefetch::thread(at(&self.stack), at(&self.block), at(&self.target));
    }
}

/// What became of a wish to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Armed {
    /// The listener is queued; park now, and disarm afterwards.
    Waiting,
    /// The same; and it's another hub's poller that has the fd, whose carrier may be delivering events at any time.
    Elsewhere,
    /// It became ready meanwhile: try again.
    Ready,
    /// The number has been closed or replaced meanwhile.
    Gone,
    /// The poller can't take this fd (EPERM: always ready; EBADF; ENOSPC, ENOMEM: limits).
    Refused(c_int),
}

impl Entry {
    pub fn kind(&self) -> FileKind {
        FileKind::from(self.kind.load(Ordering::Relaxed))
    }

    pub fn set_kind(&self, kind: FileKind) {
        self.kind.store(kind as u8, Ordering::Relaxed);
    }

    pub fn marked(&self, mark: u32) -> bool {
        self.marks.load(Ordering::Relaxed) & mark != 0
    }

    pub fn set_mark(&self, mark: u32) {
        self.marks.fetch_or(mark, Ordering::Relaxed);
    }

    /// Takes the file's position for an operation; false if another has it.
    pub fn take_position(&self) -> bool {
        self.marks.fetch_or(mark::POSITION, Ordering::Acquire) & mark::POSITION == 0
    }

    pub fn clear_mark(&self, mark: u32) {
        self.marks.fetch_and(!mark, Ordering::AcqRel);
    }

    /// From now on somebody else may hold the description too: nothing about it may be cached.
    pub fn share(&self) {
        self.set_mark(mark::SHARED);
        self.clear_mark(mark::FLAGS_KNOWN);
    }

    /// SO_RCVTIMEO or SO_SNDTIMEO in nanoseconds, 0 for none, as last set through this number.
    pub fn timeout(&self, d: Direction) -> u64 {
        self.timeouts[d as usize].load(Ordering::Relaxed)
    }

    pub fn set_timeout(&self, d: Direction, ns: u64) {
        self.timeouts[d as usize].store(ns, Ordering::Relaxed);
    }

    /// Whether the number still means what it meant when this was asked first.
    pub fn generation(&self) -> u32 {
        self.generation.load(Ordering::Acquire)
    }

    /// Step 1 of the rule: a try follows. (It's a system call that takes a lock of the file's before it looks, so the store is
    /// out by then without a fence of ours.)
    #[inline]
    pub fn begin_try(&self, d: Direction) {
        self.ready[d as usize].store(DRAINED, Ordering::Release);
    }

    /// Whether a try may succeed, as far as is known.
    #[inline]
    pub fn is_ready(&self, d: Direction) -> bool {
        self.ready[d as usize].load(Ordering::Relaxed) != DRAINED
    }

    /// After a try that may have left something behind.
    #[inline]
    pub fn set_ready(&self, d: Direction) {
        self.ready[d as usize].store(TOLD, Ordering::Relaxed);
    }

    /// After a read that took all that it asked for, and may have left more. (An edge that comes at the very moment may be
    /// forgotten: who presumes that nothing was left is found out.)
    #[inline]
    pub fn set_left(&self) {
        let ready = &self.ready[Direction::Read as usize];
        if ready.load(Ordering::Relaxed) == DRAINED {
            ready.store(LEFT, Ordering::Relaxed);
        }
    }

    /// Whether it may be presumed that a read left nothing: all that is known is that it took what it asked for.
    #[inline]
    pub fn may_be_drained(&self) -> bool {
        let d = Direction::Read as usize;
        self.ready[d].load(Ordering::Relaxed) == LEFT
            && self.timeouts[d].load(Ordering::Relaxed) == 0
            && matches!(self.kind(), FileKind::Tcp | FileKind::Stream)
            && self.registered.load(Ordering::Acquire)
            && self.is_plain()
    }

    /// Known to block: registered, and no edge since a try that took everything. (With a poller that `tells_all`; else nothing
    /// is known.)
    #[inline]
    pub fn surely_blocks(&self, d: Direction) -> bool {
        !self.is_ready(d) && self.registered.load(Ordering::Acquire) && self.is_plain()
    }

    /// Nothing is known that would forbid to foresee what a try comes to.
    #[inline]
    pub fn is_plain(&self) -> bool {
        !self.marked(mark::FINAL | mark::ODD | mark::SHARED)
    }

    /// Registers the fd if needed and queues the listener. `front`: it was first before. `generation`: the number's life
    /// that the caller means.
    ///
    /// The registration follows the waiting thread to its present hub, unless somebody else waits too.
    ///
    /// # Safety
    /// The listener and its sleeper must stay valid until `disarm`.
    pub unsafe fn arm(
        &self,
        fd: c_int,
        generation: u32,
        hub: &'static Hub,
        d: Direction,
        l: &Listener,
        front: bool,
    ) -> Armed {
        // SAFETY: by this function's contract.
        let armed = unsafe { self.try_to_arm(fd, generation, hub, d, l, front) };
        match armed {
            // It may be the poller's own descriptor that is gone, or that has just got another number.
            Armed::Refused(e) if poller::is_lost(e) && sys::fcntl(fd, libc::F_GETFD, 0).is_ok() => {
                let _ = hub.mend();
                // SAFETY: as above.
                unsafe { self.try_to_arm(fd, generation, hub, d, l, front) }
            }
            armed => armed,
        }
    }

    /// # Safety
    /// As for `arm`.
    unsafe fn try_to_arm(
        &self,
        fd: c_int,
        generation: u32,
        hub: &'static Hub,
        d: Direction,
        l: &Listener,
        front: bool,
    ) -> Armed {
        let mut waiting = self.waiting.lock();
        if generation != self.generation() {
            return Armed::Gone;
        }
        if let Some(other) = waiting.hub.filter(|h| !core::ptr::eq(*h, hub)) {
            if waiting.queues.iter().all(|q| q.iter().next().is_none()) {
                other.drop_fd(fd, token(fd, generation));
                waiting.hub = None;
                self.foresight.end_level();
            }
        }
        let token = token(fd, generation);
        if waiting.hub.is_none() {
            match hub.poller.add(fd, token) {
                // The number was closed and reused behind our back, or registered in an older life.
                Err(libc::EEXIST) => {
                    if let Err(e) = hub.poller.replace(fd, token) {
                        return Armed::Refused(e);
                    }
                }
                Err(e) => return Armed::Refused(e),
                Ok(()) => {}
            }
            waiting.hub = Some(hub);
            note(fd);
            self.registered.store(true, Ordering::Release);
        }
        let told_anew = self.choose_manner(&mut waiting, fd, hub, d, l, front);
        match self.ready[d as usize].load(Ordering::SeqCst) {
            DRAINED if l.untried && !told_anew && !self.foresight.is_by_level() => {
                // It was when its thread looked. There may be something that no edge will tell.
                return Armed::Ready;
            }
            LEFT if l.untried && (self.foresight.is_by_level() || self.presume(&waiting, fd, hub)) => {
                self.begin_try(d);
            }
            TOLD | LEFT if l.consumes => return Armed::Ready,
            _ => {}
        }
        // SAFETY: by this function's contract.
        unsafe { waiting.queues[d as usize].push(l, front) };
        let armed = match waiting.hub {
            Some(other) if !core::ptr::eq(other, hub) => Armed::Elsewhere,
            _ => Armed::Waiting,
        };
        if let Some(hub) = waiting.hub {
            hub.poller.want(fd, token, d, l.wanted(d));
            hub.heed();
        }
        armed
    }

    /// Whether the hub will look at this fd although no edge comes. (`untried` listeners are readers.)
    #[inline]
    fn presume(&self, waiting: &Waiting, fd: c_int, hub: &Hub) -> bool {
        waiting.hub.is_some_and(|h| core::ptr::eq(h, hub)) && hub.presume(fd)
    }

    /// The running thread is about to wait here.
    #[inline]
    pub fn expect(&self, task: &Task) {
        self.ahead.note(task);
    }

    /// Whether the fd is registered by level or by edges, in view of who comes to wait. True if it has just become edges, and an event
    /// comes for what is there.
    #[inline]
    fn choose_manner(
        &self,
        waiting: &mut Waiting,
        fd: c_int,
        hub: &Hub,
        d: Direction,
        l: &Listener,
        front: bool,
    ) -> bool {
        let foresight = &self.foresight;
        let reads = d == Direction::Read && l.consumes && l.events.is_none();
        if foresight.is_by_level() {
            if !front {
                foresight.be_patient();
            }
            let wrong = !reads || (front && foresight.loses_patience());
            if wrong {
                foresight.distrust();
            }
            let ends = wrong || hub.crowd() >= foresight::MANY;
            if ends {
                self.go_by_edges(waiting, fd);
            }
            return ends;
        }
        if reads
            && foresight.is_sure()
            && waiting.queues.iter().all(|q| q.iter().next().is_none())
            && waiting.hub.is_some_and(|h| core::ptr::eq(h, hub))
            && hub.crowd() < foresight::FEW
        {
            if hub.poller.tell_level(fd, token(fd, self.generation())).is_ok() {
                foresight.begin_level();
            } else {
                foresight.distrust();
            }
        }
        false
    }

    /// Registers by edges what was by level; the present state is told anew.
    #[cold]
    fn go_by_edges(&self, waiting: &mut Waiting, fd: c_int) {
        self.foresight.end_level();
        if waiting.hub.is_some_and(|h| h.poller.replace(fd, token(fd, self.generation())).is_err()) {
            // It's gone, behind our back: who waits finds out by trying.
            for d in 0..2 {
                self.ready[d].store(TOLD, Ordering::SeqCst);
                wake_all(&mut waiting.queues[d], Reason::Ready);
            }
        }
    }

    /// Takes the listener out if it's still queued. After this nobody touches it or its sleeper.
    pub fn disarm(&self, d: Direction, l: &Listener) {
        self.waiting.lock().queues[d as usize].remove(l);
    }

    /// Lets the next consumer in line try, after one has succeeded and may have left something. No edge comes for
    /// what is there already.
    #[inline]
    pub fn pass_on(&self, d: Direction) {
        wake_some(&mut self.waiting.lock().queues[d as usize], Reason::Ready);
    }

    /// Somebody may proceed: sets `ready` and wakes, as an edge does.
    pub fn stir(&self) {
        let mut waiting = self.waiting.lock();
        for d in 0..2 {
            self.ready[d].store(TOLD, Ordering::SeqCst);
            wake_some(&mut waiting.queues[d], Reason::Ready);
        }
    }

    /// There's something to read, and `hub`'s carrier is running the thread that wrote it: wakes who reads there. False if
    /// somebody waits on another hub.
    pub(super) fn written_here(&self, hub: &Hub) -> bool {
        let mut waiting = self.waiting.lock();
        self.ready[0].store(TOLD, Ordering::SeqCst);
        let is_here = waiting.hub.is_some_and(|h| core::ptr::eq(h, hub));
        if is_here {
            wake_some(&mut waiting.queues[0], Reason::Ready);
        }
        is_here || waiting.queues[0].iter().next().is_none()
    }

    /// The same for a reader on another hub that sleeps: it goes on on this one.
    pub(super) fn fetch_reader(&self, hub: &Hub) {
        let mut waiting = self.waiting.lock();
        if !waiting.hub.is_some_and(Hub::is_asleep) {
            return;
        }
        let Some(l) = waiting.queues[0].iter().next() else { return };
        // SAFETY: a queued listener's task is alive.
        let moves = unsafe { l.task.as_ref() }.is_some_and(fleet::moves);
        if moves && l.consumes {
            waiting.queues[0].remove(l);
            // SAFETY: as in `Listener::wake`.
            unsafe { (*l.sleeper).wake_on(Reason::Ready, hub) };
        }
    }

    fn edge(&self, hub: &Hub, event: &Event, arrivals: &mut RunQueue) {
        let generation = (event.token >> 32) as u32;
        let mut waiting = self.waiting.lock_deep();
        if generation != self.generation() {
            return;
        }
        if event.final_or_urgent() {
            self.set_mark(mark::FINAL);
        }
        for (d, on) in [(0, event.readable()), (1, event.writable())] {
            if on {
                let level_for_nobody =
                    d == 0 && self.foresight.is_by_level() && waiting.queues[0].iter().next().is_none();
                if level_for_nobody && self.foresight.loses_patience() {
                    if hub.crowd() < foresight::FEW {
                        // (Else its thread may just not have had its turn.)
                        self.foresight.distrust();
                    }
                    self.go_by_edges(&mut waiting, event.token as u32 as c_int);
                }
                self.ready[d].store(TOLD, Ordering::SeqCst);
                if d == 0 {
                    hub.presumed.remove(event.token as u32 as c_int);
                }
                wake_some_by(&mut waiting.queues[d], |l| l.wake_here(hub, arrivals));
            }
        }
        if event.ended() && waiting.hub.is_some_and(|h| core::ptr::eq(h, hub)) {
            // Who still waits hears of the present state; else the next who comes to wait adds it.
            let wanted = waiting.queues.iter().any(|q| q.iter().next().is_some());
            if !wanted || hub.poller.add(event.token as u32 as c_int, event.token).is_err() {
                self.registered.store(false, Ordering::Release);
                waiting.hub = None;
            }
        }
    }

    /// Registers the fd again with a hub that has lost its poller; wakes who waits if that fails.
    fn register_anew(&self, fd: c_int, hub: &Hub) {
        let mut waiting = self.waiting.lock();
        if !waiting.hub.is_some_and(|h| core::ptr::eq(h, hub)) {
            return;
        }
        let token = token(fd, self.generation());
        self.foresight.end_level();
        if !matches!(hub.poller.add(fd, token), Ok(()) | Err(libc::EEXIST)) {
            // It's gone as well: who waits finds out by trying.
            self.registered.store(false, Ordering::Release);
            waiting.hub = None;
            for d in 0..2 {
                self.ready[d].store(TOLD, Ordering::SeqCst);
                wake_all(&mut waiting.queues[d], Reason::Ready);
            }
        }
    }

    /// Nothing that is noted of the number can be trusted: whoever waits tries again.
    fn look_anew(&self, fd: c_int) {
        let mut waiting = self.waiting.lock();
        if let Some(hub) = waiting.hub.take() {
            self.registered.store(false, Ordering::Release);
            let _ = hub.drop_fd(fd, token(fd, self.generation()));
        }
        self.marks.store(0, Ordering::Relaxed);
        self.foresight.forget();
        self.wire.store(0, Ordering::Relaxed);
        self.set_kind(FileKind::Unknown);
        for d in 0..2 {
            self.ready[d].store(TOLD, Ordering::SeqCst);
            wake_all(&mut waiting.queues[d], Reason::Ready);
        }
    }

    /// The number's present life ends (it's being closed or replaced): wakes all who wait with `Closed`.
    fn forget(&self, fd: c_int) {
        let mut waiting = self.waiting.lock();
        let generation = self.generation.fetch_add(1, Ordering::AcqRel);
        let mut holder = None;
        if let Some(hub) = waiting.hub.take() {
            self.registered.store(false, Ordering::Release);
            hub.presumed.remove(fd);
            // A description that somebody else keeps alive would stay in the poller.
            // (Known or not: its level would be told for ever.)
            if self.marked(mark::OTHERS) || self.foresight.is_by_level() || hub.poller.holds_files() {
                holder = hub.drop_fd(fd, token(fd, generation)).map(|turn| (hub, turn));
            }
        }
        self.marks.store(0, Ordering::Relaxed);
        self.foresight.forget();
        self.wire.store(0, Ordering::Relaxed);
        self.set_kind(FileKind::Unknown);
        for d in 0..2 {
            self.ready[d].store(DRAINED, Ordering::Relaxed);
            self.timeouts[d].store(0, Ordering::Relaxed);
            wake_all(&mut waiting.queues[d], Reason::Closed);
        }
        drop(waiting);
        if let Some((hub, turn)) = holder {
            // The other end is to hear of the close when it's made.
            hub.settle(turn);
        }
    }
}

pub(super) fn token(fd: c_int, generation: u32) -> u64 {
    (generation as u64) << 32 | fd as u32 as u64
}

/// Descriptors beyond this have no entry and are plain native ones; it's Linux's default ceiling (fs.nr_open).
const MOST: usize = 1 << 20;

struct Table(*mut Entry);
// SAFETY: entries are made of atomics and a lock.
unsafe impl Sync for Table {}
// SAFETY: as above.
unsafe impl Send for Table {}

const _: () = assert!(size_of::<Entry>() == 128);

static TABLE: OnceCell<Table> = OnceCell::new();
/// Its bytes.
const SIZE: usize = MOST * size_of::<Entry>();
/// The kernel gives the child of a fork a table of zeros.
static IS_WIPED: AtomicBool = AtomicBool::new(false);

/// Reserves the table's address space; it's committed as numbers come into use. ENOMEM when there's none.
pub fn reserve() -> sys::Result<()> {
    let made = TABLE.get_or_try_init(|| sys::map(SIZE).map(|p| Table(p as *mut Entry)));
    made.map(|table| {
        // SAFETY: no child of a fork uses what the parent has noted.
        let advised = unsafe { sys::advise(table.0 as *mut u8, SIZE, libc::MADV_WIPEONFORK) };
        IS_WIPED.store(advised.is_ok(), Ordering::Relaxed);
    })
}

/// The entry of a descriptor; None for impossible numbers, and before activation.
#[inline]
pub fn entry(fd: c_int) -> Option<&'static Entry> {
    let table = TABLE.get()?;
    if fd as u32 as usize >= MOST {
        return None;
    }
    // SAFETY: within the mapping; zero pages are valid entries; the mapping is never given back.
    Some(unsafe { &*table.0.add(fd as usize) })
}

/// One more than the highest number of which something is noted.
static NOTED: AtomicU32 = AtomicU32::new(0);

/// Something is noted of a number.
#[inline]
pub fn note(fd: c_int) {
    if fd as u32 >= NOTED.load(Ordering::Relaxed) {
        NOTED.fetch_max(fd as u32 + 1, Ordering::SeqCst);
    }
}

/// The entries of which something may be noted, from 0 on.
fn noted() -> impl Iterator<Item = &'static Entry> {
    (0..NOTED.load(Ordering::SeqCst) as c_int).map_while(entry)
}

/// The numbers of those.
pub fn noted_numbers() -> impl Iterator<Item = c_int> {
    0..NOTED.load(Ordering::SeqCst) as c_int
}

/// Before a number is closed or replaced: ends its present life here.
pub fn forget(fd: c_int) {
    if let Some(e) = entry(fd).filter(|e| !e.marked(mark::OURS)) {
        e.forget(fd);
    }
}

/// The life of a number that begins now; to be asked between `forget` and the real close.
pub fn life(fd: c_int) -> Option<u32> {
    entry(fd).map(Entry::generation)
}

/// After the real close: a thread that came to wait for the number between `forget` and that, in that life, would wait for ever. It
/// tries again, and finds that the number is closed; or else it's one that has just been given the number anew.
pub fn forget_latecomers(fd: c_int, life: Option<u32>) {
    let Some(e) = entry(fd).filter(|e| !e.marked(mark::OURS)) else { return };
    if e.kind.load(Ordering::Relaxed) != 0 && life == Some(e.generation()) {
        e.look_anew(fd);
    }
}

/// Notes a descriptor as ours.
pub fn claim(fd: c_int) {
    if let Some(e) = entry(fd) {
        e.set_mark(mark::OURS);
    }
}

/// A descriptor of ours is about to be closed by us.
pub fn disclaim(fd: c_int) {
    if let Some(e) = entry(fd) {
        e.clear_mark(mark::OURS);
    }
}

/// Whether a descriptor is ours.
#[inline]
pub fn is_ours(fd: c_int) -> bool {
    entry(fd).is_some_and(|e| e.marked(mark::OURS))
}

/// After the kernel gave out a number: whatever is noted of an older life is void (it may have been closed behind
/// our back).
pub fn fresh(fd: c_int) -> Option<&'static Entry> {
    let e = entry(fd)?;
    note(fd);
    if e.marked(mark::OURS) {
        // It was closed past our hooks.
        fleet::lose(fd);
    }
    if e.kind.load(Ordering::Relaxed) != 0
        || e.registered.load(Ordering::Relaxed)
        || e.marks.load(Ordering::Relaxed) != 0
    {
        e.forget(fd);
    } else {
        // A life of its own, even if nothing was noted of the one before: who closed that may still be looking for latecomers.
        e.generation.fetch_add(1, Ordering::AcqRel);
    }
    Some(e)
}

/// Hands events from a hub's poller to those who wait: who is to run on this hub. `own` is called for those that are the hub's
/// own. A few events at a time.
///
/// With thousands of descriptors each event's entry, and its thread's listener, task, stack and control block are far away. So
/// the entries are all asked for first, and with each one that is dealt with all that the next one's thread is going to touch.
#[inline]
pub(super) fn deliver(hub: &Hub, events: &[Event], own: impl Fn(&Event)) -> RunQueue {
    let of = |event: &Event| if event.token == poller::ALARM { None } else { entry(event.token as u32 as c_int) };
    events.iter().filter_map(of).for_each(|e| prefetch::lines(e, 2));
    events.iter().filter_map(of).for_each(|e| e.ahead.translate());
    let mut arrivals = RunQueue::new();
    if let Some(e) = events.first().and_then(of) {
        e.ahead.fetch();
    }
    for (i, event) in events.iter().enumerate() {
        if let Some(e) = events.get(i + 1).and_then(of) {
            e.ahead.fetch();
        }
        match of(event) {
            Some(e) => e.edge(hub, event, &mut arrivals),
            None => own(event),
        }
    }
    arrivals
}

/// A descriptor on which a thread waits that hasn't tried has something to tell, which is what poll(2) said.
pub(super) fn tell(hub: &Hub, fd: c_int, events: i16, arrivals: &mut RunQueue) {
    if let Some(e) = entry(fd) {
        e.foresight.distrust();
        e.edge(hub, &Event::polled(token(fd, e.generation()), events), arrivals);
    }
}

/// A hub has a new poller: registers all that its old one had.
pub(super) fn register_anew(hub: &Hub) {
    for (fd, e) in noted().enumerate() {
        e.register_anew(fd as c_int, hub);
    }
}

/// All entries as new: in the child of a fork, whose hubs are not the parent's.
pub fn clear() {
    if let Some(table) = TABLE.get().filter(|_| !IS_WIPED.load(Ordering::Relaxed)) {
        // SAFETY: private anonymous memory reads as zeros after this, which are valid entries.
        let _ = unsafe { sys::advise(table.0 as *mut u8, SIZE, libc::MADV_DONTNEED) };
    }
    NOTED.store(0, Ordering::Relaxed);
}

/// Notes for every known fd that another process now shares it (after a fork).
pub fn share_all() {
    for e in noted().filter(|e| e.kind() != FileKind::Unknown) {
        e.share();
    }
}

/// Sets a mark on every known fd.
pub fn mark_all(mark: u32) {
    for e in noted().filter(|e| e.kind() != FileKind::Unknown) {
        e.set_mark(mark);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    /// A sleeper that notes in what order it was woken.
    struct Note<'a>(u32, &'a RefCell<Vec<(u32, Reason)>>);
    impl Wake for Note<'_> {
        fn wake(&self, reason: Reason) -> bool {
            self.1.borrow_mut().push((self.0, reason));
            true
        }
        fn wake_here(&self, reason: Reason, _: &Hub, _: &mut RunQueue) -> bool {
            self.wake(reason)
        }
        fn wake_on(&self, reason: Reason, _: &Hub) -> bool {
            self.wake(reason)
        }
        fn commit_park(&self) -> bool {
            true
        }
        fn prod(&self) -> bool {
            false
        }
    }

    struct Scene {
        entry: &'static Entry,
        hub: &'static Hub,
        fds: [c_int; 2],
    }

    fn scene() -> Scene {
        reserve().expect("memory");
        let mut fds = [0; 2];
        // SAFETY: fds holds two ints.
        assert_eq!(unsafe { libc::pipe(fds.as_mut_ptr()) }, 0);
        let hub = Box::leak(Box::new(Hub::new(1).expect("a hub")));
        Scene { entry: fresh(fds[0]).expect("an entry"), hub, fds }
    }

    fn listen(n: &Note<'_>, consumes: bool) -> Listener {
        let p: *const (dyn Wake + '_) = n;
        // SAFETY: only the lifetime is erased; the note outlives its listener here.
        Listener::new(
            unsafe { core::mem::transmute::<*const (dyn Wake + '_), *const (dyn Wake + 'static)>(p) },
            consumes,
        )
    }

    fn event(s: &Scene) -> Event {
        Event::new(token(s.fds[0], s.entry.generation()), true, false, false)
    }

    #[test]
    fn one_consumer_per_event_in_order_and_all_who_only_look() {
        let s = scene();
        let log = RefCell::new(Vec::new());
        let notes: Vec<_> = (0..4).map(|i| Note(i, &log)).collect();
        let listeners: Vec<_> = notes.iter().enumerate().map(|(i, n)| listen(n, i != 1)).collect();
        for l in &listeners {
            assert_eq!(
                // SAFETY: the listeners outlive the test's use of the entry.
                unsafe { s.entry.arm(s.fds[0], s.entry.generation(), s.hub, Direction::Read, l, false) },
                Armed::Waiting
            );
        }
        deliver(s.hub, &[event(&s)], |_| ());
        assert_eq!(*log.borrow(), [(0, Reason::Ready), (1, Reason::Ready)]);
        s.entry.begin_try(Direction::Read);
        // Spurious: the first goes back to the front of the line.
        assert_eq!(
            // SAFETY: as above.
            unsafe { s.entry.arm(s.fds[0], s.entry.generation(), s.hub, Direction::Read, &listeners[0], true) },
            Armed::Waiting
        );
        s.entry.disarm(Direction::Read, &listeners[2]);
        s.entry.pass_on(Direction::Read);
        s.entry.pass_on(Direction::Read);
        assert_eq!(log.borrow()[2..], [(0, Reason::Ready), (3, Reason::Ready)]);
    }

    #[test]
    fn an_edge_between_try_and_wait_is_seen() {
        let s = scene();
        let log = RefCell::new(Vec::new());
        let note = Note(0, &log);
        let l = listen(&note, true);
        s.entry.begin_try(Direction::Read);
        deliver(s.hub, &[event(&s)], |_| ());
        assert_eq!(
            // SAFETY: the listener outlives the test.
            unsafe { s.entry.arm(s.fds[0], s.entry.generation(), s.hub, Direction::Read, &l, false) },
            Armed::Ready
        );
        assert!(log.borrow().is_empty());
    }

    #[test]
    fn closing_wakes_all_and_old_events_mean_nothing() {
        let s = scene();
        let log = RefCell::new(Vec::new());
        let notes: Vec<_> = (0..2).map(|i| Note(i, &log)).collect();
        let listeners: Vec<_> = notes.iter().map(|n| listen(n, true)).collect();
        for l in &listeners {
            // SAFETY: the listeners outlive the test.
            unsafe { s.entry.arm(s.fds[0], s.entry.generation(), s.hub, Direction::Read, l, false) };
        }
        let old = event(&s);
        forget(s.fds[0]);
        assert_eq!(*log.borrow(), [(0, Reason::Closed), (1, Reason::Closed)]);
        deliver(s.hub, &[old], |_| ());
        assert!(!s.entry.is_ready(Direction::Read));
        assert_eq!(s.entry.kind(), FileKind::Unknown);
    }
}
