//! GREEN_TRACE: a timeline of what ran where: runs of green threads on carriers, parks, wake-ups, handoffs.
//!
//! Events go into a ring of fixed size, the oldest are overwritten; `write` makes the file of it when the process ends. Nothing here
//! allocates, locks or waits, so it may be called from wherever threads are switched or woken. While it's off all this costs what the
//! blocking audit costs while that is off: one branch on a word that each switch reads anyway (`hub::hold::noted`).

mod event;
mod write;

pub use event::Left;
pub use write::write;

use crate::config;
use crate::hub::{current, hold, Reason, Task};
use crate::sys;
use core::ptr;
use core::sync::atomic::{fence, AtomicPtr, AtomicU64, Ordering};
use event::{Event, What, WORDS};

/// How many events are kept: the last ones. (4 MiB of memory, committed when touched.)
pub const KEPT: usize = 64 << 10;

/// One event's place: a cache line.
#[repr(C, align(64))]
struct Slot {
    /// Its event's number from 1; 0: none yet; BUSY: somebody writes.
    turn: AtomicU64,
    words: [AtomicU64; WORDS],
}

const BUSY: u64 = u64::MAX;

/// KEPT slots; NULL while nothing is traced.
static RING: AtomicPtr<Slot> = AtomicPtr::new(ptr::null_mut());
/// How many events there were.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// The name of a green thread, padded with NULs (all NULs: it has none); said by `green`.
pub type NameOf = fn(&Task) -> [u8; 16];
static NAME_OF: once_cell::sync::OnceCell<NameOf> = once_cell::sync::OnceCell::new();

/// Begins to trace, if that's wanted. At activation, before there are carriers.
pub fn begin(name_of: NameOf) {
    if config::get().trace.is_none() {
        return;
    }
    let _ = NAME_OF.set(name_of);
    match sys::map(KEPT * size_of::<Slot>()) {
        Ok(ring) => {
            NEXT.store(0, Ordering::Relaxed);
            RING.store(ring as *mut Slot, Ordering::Release);
            hold::note();
        }
        Err(e) => crate::tell!("GREEN_TRACE: no memory for it ({})", crate::report::Errno(e)),
    }
}

/// In the child of a fork: what is there is the parent's.
pub fn after_fork() {
    let ring = RING.swap(ptr::null_mut(), Ordering::Relaxed);
    if !ring.is_null() {
        // SAFETY: the child's own copy, and the child has one thread.
        unsafe { sys::unmap(ring as *mut u8, KEPT * size_of::<Slot>()) };
    }
}

/// Whether events are kept.
#[inline]
pub fn is_on() -> bool {
    !RING.load(Ordering::Relaxed).is_null()
}

fn name_of(task: &Task) -> [u8; 16] {
    NAME_OF.get().map_or([0; 16], |name_of| name_of(task))
}

fn record(event: Event) {
    // SAFETY: zeroed memory of KEPT slots, which is never given back while there are other threads.
    let Some(ring) = (unsafe { (RING.load(Ordering::Acquire) as *const [Slot; KEPT]).as_ref() }) else { return };
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let slot = &ring[n as usize % KEPT];
    if slot.turn.swap(BUSY, Ordering::Acquire) == BUSY {
        // Somebody was overtaken by a whole ring of events; he ends what he began.
        return;
    }
    for (word, value) in slot.words.iter().zip(event.words()) {
        word.store(value, Ordering::Relaxed);
    }
    slot.turn.store(n + 1, Ordering::Release);
}

/// Each event that is kept, the oldest first, about. Those that are being written are left out.
fn each(ring: &[Slot; KEPT], mut f: impl FnMut(Event)) {
    let next = NEXT.load(Ordering::Relaxed) as usize;
    for n in next.saturating_sub(KEPT)..next {
        let slot = &ring[n % KEPT];
        let turn = slot.turn.load(Ordering::Acquire);
        let words = core::array::from_fn(|i| slot.words[i].load(Ordering::Relaxed));
        fence(Ordering::Acquire);
        if turn != 0 && turn != BUSY && slot.turn.load(Ordering::Relaxed) == turn {
            f(Event::from_words(words));
        }
    }
}

/// A carrier's present run: written by the carrier when it begins, made an event when it ends, by the carrier or at the process's end.
pub struct Open {
    /// ns; 0: no run.
    began: AtomicU64,
    thread: AtomicU64,
    name: [AtomicU64; 2],
}

impl Open {
    pub const fn new() -> Self {
        Open { began: AtomicU64::new(0), thread: AtomicU64::new(0), name: [const { AtomicU64::new(0) }; 2] }
    }

    /// The carrier is about to run this thread.
    pub fn begin(&self, task: &Task) {
        self.set_name(name_of(task));
        self.thread.store(task.thread_pointer as u64, Ordering::Relaxed);
        self.began.store(sys::now(), Ordering::Release);
    }

    /// The thread has given up the processor, and is still the carrier's.
    pub fn end(&self, kernel_id: i32, task: &Task, left: Left) {
        // It may have got its name in this run.
        self.set_name(name_of(task));
        let (cause, on) = match left {
            Left::Parks => task.parked.borrow(|wait| (wait.cause as u8, wait.on)).unwrap_or((0, 0)),
            _ => (0, 0),
        };
        self.close(kernel_id, left, cause, on as u64);
    }

    /// The process ends in the middle of it.
    fn close(&self, kernel_id: i32, left: Left, cause: u8, on: u64) {
        let began = self.began.swap(0, Ordering::Acquire);
        if began != 0 {
            let (thread, name) = self.who();
            let lasted = sys::now().saturating_sub(began);
            record(Event { when: began, lasted, thread, on, name, kernel_id, what: What::Run(left), detail: cause });
        }
    }

    fn set_name(&self, name: [u8; 16]) {
        let [a, b] = event::halves(name);
        self.name[0].store(a, Ordering::Relaxed);
        self.name[1].store(b, Ordering::Relaxed);
    }

    /// The thread that runs, and its name.
    fn who(&self) -> (u64, [u8; 16]) {
        let name = event::whole([self.name[0].load(Ordering::Relaxed), self.name[1].load(Ordering::Relaxed)]);
        (self.thread.load(Ordering::Relaxed), name)
    }
}

impl Default for Open {
    fn default() -> Self {
        Self::new()
    }
}

/// A parked thread is about to be queued, by the caller, who alone may do that.
#[cold]
#[inline(never)]
pub fn woken(task: &Task, reason: Reason) {
    if is_on() {
        record(Event {
            when: sys::now(),
            lasted: 0,
            thread: task.thread_pointer as u64,
            on: current().map_or(0, |me| me.thread_pointer as u64),
            name: name_of(task),
            kernel_id: sys::gettid(),
            what: What::Wake,
            detail: reason as u8,
        });
    }
}

/// A hub leaves a carrier, whose present run goes on, for another one.
#[cold]
#[inline(never)]
pub fn handed_off(from: i32, run: Option<&Open>, to: i32) {
    if is_on() {
        let (thread, name) = run.map_or((0, [0; 16]), Open::who);
        record(Event {
            when: sys::now(),
            lasted: 0,
            thread,
            on: to as u64,
            name,
            kernel_id: from,
            what: What::Handoff,
            detail: 0,
        });
    }
}
