//! A carrier: a kernel thread that runs a hub. It swaps the thread pointer around each green thread that it runs.
//!
//! A hub leaves a carrier in two ways. The watcher takes it when a thread keeps the carrier for too long (`tenure`); or
//! the thread itself, about to make a call that is known to be long, gives it away (`lend`). Either way the carrier finds
//! out when the thread gives up the processor: it puts the thread back into its hub's queue, and is a spare one then.
//!
//! Compiled code between `thread_pointer::set` and the way back must not use TLS, so nothing in here does.

use super::hold::{self, Hold};
use super::tenure::Run;
use super::{chaos, context, current, fleet, signal, spares, thread_pointer, After, Hub, Kind, Task, Wake};
use crate::{depth, sys, trace};
use core::cell::Cell;
use core::ptr;
use core::sync::atomic::{AtomicI32, AtomicPtr, AtomicU32, AtomicUsize, Ordering};

/// Signals that the kernel raises on the thread whose call failed: SIGPIPE, SIGXFSZ.
pub const RAISED_BY_CALLS: u64 = 1 << (libc::SIGPIPE - 1) | 1 << (libc::SIGXFSZ - 1);

pub struct Carrier {
    /// The thread pointer of the carrier's own code.
    thread_pointer: Cell<usize>,
    /// The control block that libc made for this kernel thread. The first carrier's differs from the above, since that one is
    /// main's own, and main may run on another carrier.
    native: Cell<usize>,
    /// The kernel thread's id.
    kernel_id: AtomicI32,
    /// Of RAISED_BY_CALLS, what the kernel thread has blocked.
    blocked_of_calls: Cell<u64>,
    /// Where the loop goes on when the first thread leaves this carrier.
    pub(super) loop_context: Cell<usize>,
    /// The process's first kernel thread: signals go to it, and main lives there.
    pub(super) is_first: bool,
    /// The run that its hub was in when the running thread was resumed; 0: it has no hub.
    pub(super) run: Cell<Run>,
    /// It belongs to one thread (`pin`), and runs no hub.
    pub(super) is_reserved: Cell<bool>,
    /// Its processors or policy are its thread's choice.
    pub(super) is_altered: Cell<bool>,
    /// What to do next, put here by whoever employs a spare carrier.
    hub: AtomicPtr<Hub>,
    task: AtomicPtr<Task>,
    /// 1 when something is there; the spare carrier waits for that.
    employed: AtomicU32,
    /// The thread that it runs.
    running: AtomicPtr<Task>,
    /// How long it has been in one run.
    pub hold: Hold,
    /// The same for the trace, with whose run it is.
    pub open: trace::Open,
    /// Links of the spare ones, and of all.
    pub(super) next: Cell<*const Carrier>,
    pub(super) next_of_all: Cell<*const Carrier>,
}

// SAFETY: the cells are the carrier's own, written by its kernel thread before others see it, or by the owner of the
// list that it is in; the rest is atomic.
unsafe impl Sync for Carrier {}

impl Carrier {
    /// A carrier whose kernel thread has yet to `begin`.
    pub fn new() -> Self {
        Carrier {
            thread_pointer: Cell::new(0),
            native: Cell::new(0),
            kernel_id: AtomicI32::new(0),
            blocked_of_calls: Cell::new(0),
            loop_context: Cell::new(0),
            is_first: false,
            run: Cell::new(0),
            is_reserved: Cell::new(false),
            is_altered: Cell::new(false),
            hub: AtomicPtr::new(ptr::null_mut()),
            task: AtomicPtr::new(ptr::null_mut()),
            employed: AtomicU32::new(0),
            running: AtomicPtr::new(ptr::null_mut()),
            hold: Hold::new(),
            open: trace::Open::new(),
            next: Cell::new(ptr::null()),
            next_of_all: Cell::new(ptr::null()),
        }
    }

    /// The calling kernel thread, the process's first, as a carrier of `hub` that runs `host` at present. Its loop has a
    /// stack (whose upper end is `base`) and a thread control block of its own.
    ///
    /// # Safety
    /// Stack and block are the loop's alone; the host is the caller's task.
    pub unsafe fn first(hub: &'static Hub, host: &'static Task, base: usize, thread_pointer: usize) -> &'static Self {
        let carrier: &'static Carrier = Box::leak(Box::new(Carrier { is_first: true, ..Self::new() }));
        carrier.thread_pointer.set(thread_pointer);
        carrier.native.set(native_block());
        carrier.kernel_id.store(sys::gettid(), Ordering::Relaxed);
        carrier.blocked_of_calls.set(host.blocked_signals.get() & RAISED_BY_CALLS);
        // SAFETY: by this function's contract.
        carrier.loop_context.set(unsafe { context::fresh(base, first_loop, carrier as *const Carrier as usize) });
        spares::set_first(carrier);
        carrier.task.store(host as *const Task as *mut Task, Ordering::Relaxed);
        host.kind.set(Kind::Host);
        host.carrier.store(carrier as *const Carrier as *mut Carrier, Ordering::Relaxed);
        signal::tell_host(host);
        carrier.running.store(host as *const Task as *mut Task, Ordering::Relaxed);
        host.assign(hub);
        hub.taken_over(carrier.kernel_id());
        hub.run_begins();
        carrier.run.set(hub.tenure.begin());
        if hold::noted() {
            carrier.note_begin(host);
        }
        carrier
    }

    /// The whole life of any other carrier: the calling kernel thread waits for work, does it, and waits again.
    pub fn begin(&'static self) -> ! {
        let own = thread_pointer::get();
        self.thread_pointer.set(own);
        self.native.set(own);
        // Whoever started it may be bound to some processor.
        sys::be_ordinary(&spares::processors());
        self.kernel_id.store(sys::gettid(), Ordering::Relaxed);
        current::set_current(ptr::null());
        depth::enter();
        self.serve()
    }

    fn serve(&'static self) -> ! {
        loop {
            while self.employed.load(Ordering::Acquire) == 0 {
                let _ = sys::futex_wait(&self.employed, 0, u64::MAX);
            }
            self.employed.store(0, Ordering::Relaxed);
            // SAFETY: who employs a carrier passes hubs, which live for ever, and a task that is in no queue.
            let (hub, task) = unsafe {
                let task = self.task.swap(ptr::null_mut(), Ordering::Relaxed).as_ref();
                (self.hub.swap(ptr::null_mut(), Ordering::Relaxed).as_ref(), task)
            };
            match (hub, task) {
                (Some(hub), task) => {
                    hub.taken_over(self.kernel_id());
                    if task.is_none_or(|task| self.run_task(hub, task)) {
                        self.run_hub(hub);
                    }
                }
                (None, Some(task)) => self.run_alone(task),
                (None, None) => {}
            }
            if !self.is_reserved.get() {
                if self.is_altered.replace(false) {
                    sys::be_ordinary(&spares::processors());
                }
                spares::put(self);
            }
        }
    }

    /// Gives work to this carrier, which is nobody's: a hub, of which the caller is the owner, and a task to begin with; or
    /// a task only.
    pub fn employ(&self, hub: Option<&'static Hub>, task: Option<&'static Task>) {
        self.hub.store(hub.map_or(ptr::null_mut(), |h| h as *const Hub as *mut Hub), Ordering::Relaxed);
        self.task.store(task.map_or(ptr::null_mut(), |t| t as *const Task as *mut Task), Ordering::Relaxed);
        self.employed.store(1, Ordering::Release);
        sys::futex_wake(self.employed.as_ptr(), 1);
    }

    /// Runs the hub until it's not this carrier's any more.
    fn run_hub(&'static self, hub: &'static Hub) {
        loop {
            while let Some(task) = hub.next_ready() {
                if !self.run_task(hub, task) {
                    return;
                }
            }
            if fleet::several() && hub.is_idle() && fleet::steal(hub) {
                continue;
            }
            let heeds_signals = signal::is_told(hub);
            if heeds_signals {
                signal::attend();
            }
            hub.wait(heeds_signals);
        }
    }

    /// Runs a task; whether the hub is still this carrier's afterwards.
    #[inline(always)]
    fn run_task(&'static self, hub: &'static Hub, task: &'static Task) -> bool {
        let long = task.is_long.get() > 0 || task.wants_own_carrier.get() || (chaos::reigns() && chaos::below(16) == 0);
        if long && task.wants_own_carrier.get() {
            // SAFETY: carriers live for ever.
            if let Some(own) = unsafe { task.own_carrier.get().as_ref() } {
                own.employ(None, Some(task));
                return true;
            }
        }
        if task.kind.get() == Kind::Host {
            if let Some(home) = (!self.is_first).then(spares::get_first).flatten() {
                // main goes on at home, and the hub with it, unless it's going to be kept waiting.
                home.employ((!long).then_some(hub), Some(task));
                return long;
            }
            if !self.is_first && task.busy.swap(true, Ordering::Acquire) {
                // Its control block is in use for a fork.
                hub.push(task);
                return true;
            }
            if long {
                if let Some(other) = spares::get_ready() {
                    other.employ(Some(hub), None);
                    self.run_alone(task);
                    return false;
                }
            }
        } else if long {
            if let Some(other) = spares::get_ready() {
                other.employ(None, Some(task));
                return true;
            }
        }
        hub.stats.switches.add(1);
        task.assign(hub);
        task.budget.set(hub.budget);
        hub.run_begins();
        let run = hub.tenure.begin();
        self.run.set(run);
        let after = self.switch_to(task, hold::noted());
        if !hub.tenure.end(run) {
            task.is_long.set(task.is_long.get().max(Task::LONG_FOR));
            self.run.set(0);
            self.settle(task, after);
            return false;
        }
        hub.run_ends();
        if matches!(after, Some(After::Yield)) && task.kind.get() == Kind::Coroutine && !chaos::reigns() {
            hub.put_back(task);
        } else {
            self.settle(task, after);
        }
        true
    }

    /// Runs a task that is known to be long, without a hub.
    fn run_alone(&self, task: &'static Task) {
        let began = sys::now();
        self.run.set(0);
        task.budget.set(task.hub().budget);
        // Nobody is kept waiting, so it's nothing for the audit.
        if trace::is_on() {
            self.open.begin(task);
        }
        let after = self.switch_to(task, false);
        if trace::is_on() {
            self.open.end(self.kernel_id(), task, left(&after));
        }
        if self.is_reserved.get() {
            // When it has ended this carrier is like any other.
            self.is_reserved.set(after.is_some());
        } else if sys::now() - began < SHORT && !task.wants_own_carrier.get() {
            task.is_long.set(task.is_long.get().saturating_sub(1));
        }
        self.settle(task, after);
    }

    #[inline(always)]
    fn switch_to(&self, task: &'static Task, noted: bool) -> Option<After> {
        task.carrier.store(self as *const Carrier as *mut Carrier, Ordering::Relaxed);
        self.running.store(task as *const Task as *mut Task, Ordering::Relaxed);
        self.follow(task);
        if noted {
            self.note_begin(task);
        }
        // SAFETY: the task came from a queue, so it's ours alone; both thread pointers are initialised blocks
        // and no TLS is used in between.
        let after = unsafe {
            thread_pointer::set(task.thread_pointer);
            let after = task.resume(self);
            thread_pointer::set(self.thread_pointer.get());
            after
        };
        self.running.store(ptr::null_mut(), Ordering::Relaxed);
        if noted {
            self.note_end(task, left(&after));
        }
        after
    }

    #[cold]
    fn note_begin(&self, task: &Task) {
        self.hold.begin(task);
        if trace::is_on() {
            self.open.begin(task);
        }
    }

    #[cold]
    fn note_end(&self, task: &Task, left: trace::Left) {
        self.hold.end();
        if trace::is_on() {
            self.open.end(self.kernel_id(), task, left);
        }
    }

    /// Puts a task that has left the processor where it wants to be. Its stack is not in use any more.
    #[inline]
    fn settle(&self, task: &Task, after: Option<After>) {
        if task.kind.get() == Kind::Host && !self.is_first {
            task.busy.store(false, Ordering::Release);
        }
        match after {
            Some(After::Yield) => task.make_ready(),
            Some(After::Park(sleeper)) => {
                // SAFETY: the sleeper lies on the parked stack, which can't run on before this call has let it.
                if !unsafe { Wake::commit_park(&*sleeper) } {
                    task.make_ready();
                }
            }
            None => {
                Carrier::release(task, self);
                // SAFETY: the task has ended, just now.
                unsafe { task.end() }
            }
        }
    }

    /// Called by the running thread before a call that is known to be long: its hub goes to a spare carrier. (Not if
    /// there can't be another.) The thread should yield after the call, and is back with its hub then.
    pub fn lend(&self, hub: &'static Hub) {
        let run = self.run.get();
        if run == 0 {
            return;
        }
        if let Some(other) = spares::get() {
            // Nobody runs the hub while it's in our hands: no handler of the program's, which may wait, comes meanwhile.
            depth::enter();
            if hub.tenure.take(run) {
                self.hold.excuse();
                super::stats::PROCESS.handoffs.add_shared(1);
                trace::handed_off(self.kernel_id(), Some(&self.open), other.kernel_id());
                other.employ(Some(hub), None);
            } else {
                spares::put(other);
            }
            depth::leave();
        }
    }

    /// Called by a green thread before a fork or a long call: if it runs on the first carrier, which is main's home and gets
    /// the process's signals, it goes on on another one. (Not if there can't be another.)
    pub fn leave_home(me: &Task) {
        // (Another thread may be quicker to take the carrier that was meant for this one.)
        const TRIES: u32 = 100;
        for _ in 0..TRIES {
            if me.kind.get() != Kind::Coroutine || !Carrier::of(me).is_first || !spares::prepare() {
                return;
            }
            me.is_long.set(me.is_long.get().max(1));
            me.yield_now();
        }
    }

    /// Whether the thread that runs here has no hub under it (its own is with another carrier): it should go back to that
    /// one soon.
    #[inline]
    pub fn is_astray(&self, hub: &Hub) -> bool {
        hub.tenure.run() != Some(self.run.get()) && !self.is_reserved.get()
    }

    /// Whether it's this carrier that runs the hub.
    pub fn runs(&self, hub: &Hub) -> bool {
        hub.tenure.run() == Some(self.run.get())
    }

    /// Blocks what the thread that runs here has blocked of what its own calls raise.
    #[inline(always)]
    pub fn follow(&self, task: &Task) {
        let wanted = task.blocked_signals.get() & RAISED_BY_CALLS;
        if wanted != self.blocked_of_calls.get() {
            self.block_of_calls(wanted);
        }
    }

    #[cold]
    fn block_of_calls(&self, wanted: u64) {
        let before = self.blocked_of_calls.replace(wanted);
        let unblocked = before & !wanted;
        // What is pending here was raised by another thread that had it blocked.
        // SAFETY: the set is one word.
        while unblocked != 0 && unsafe { sys::pending_signal(&unblocked, ptr::null_mut()) }.is_ok() {}
        sys::signal_mask(libc::SIG_UNBLOCK, Some(unblocked));
        sys::signal_mask(libc::SIG_BLOCK, Some(wanted));
    }

    /// What of that is blocked.
    pub fn blocked_of_calls(&self) -> u64 {
        self.blocked_of_calls.get()
    }

    /// The kernel thread's id; 0 when it has yet to begin.
    pub fn kernel_id(&self) -> i32 {
        self.kernel_id.load(Ordering::Relaxed)
    }

    /// The control block that libc made for this carrier's kernel thread.
    pub fn native(&self) -> usize {
        self.native.get()
    }

    /// Whether it's the process's first kernel thread.
    pub fn is_first(&self) -> bool {
        self.is_first
    }

    /// The carrier of a running task.
    pub fn of(task: &Task) -> &'static Carrier {
        // SAFETY: a running task has a carrier, and carriers live for ever.
        unsafe { &*task.carrier.load(Ordering::Relaxed) }
    }
}

/// Where in a carrier a reader from outside finds the next one, the running thread and the kernel thread's id.
pub const SEEN: [usize; 3] = [
    core::mem::offset_of!(Carrier, next_of_all),
    core::mem::offset_of!(Carrier, running),
    core::mem::offset_of!(Carrier, kernel_id),
];

impl Default for Carrier {
    fn default() -> Self {
        Self::new()
    }
}

/// How a run ended, for the trace.
#[inline(always)]
fn left(after: &Option<After>) -> trace::Left {
    match after {
        Some(After::Yield) => trace::Left::Yields,
        Some(After::Park(_)) => trace::Left::Parks,
        None => trace::Left::Ends,
    }
}

/// A thread that was known to be long and takes less than this (ns) is on its way to be an ordinary one again.
const SHORT: u64 = 2_000_000;

/// Where the first carrier's loop begins: the first thread, running since activation, has just given up the processor.
extern "C" fn first_loop(carrier: usize) -> ! {
    // SAFETY: `Carrier::first` passes a carrier, which lives for ever; its own block is initialised.
    let carrier = unsafe { &*(carrier as *const Carrier) };
    // SAFETY: as above.
    unsafe { thread_pointer::set(carrier.thread_pointer.get()) };
    depth::enter();
    carrier.continue_first()
}

impl Carrier {
    #[inline(never)]
    fn continue_first(&'static self) -> ! {
        // SAFETY: `first` left it here; tasks of hosts live for ever.
        let host: &'static Task = unsafe { &*self.task.swap(ptr::null_mut(), Ordering::Relaxed) };
        self.running.store(ptr::null_mut(), Ordering::Relaxed);
        let hub = host.hub();
        let after = host.after.take();
        if hold::noted() {
            self.note_end(host, left(&after));
        }
        let kept = hub.tenure.end(self.run.replace(0));
        if !kept {
            host.is_long.set(Task::LONG_FOR);
        }
        self.settle(host, after);
        if kept {
            self.run_hub(hub);
        }
        if !self.is_reserved.get() {
            spares::put(self);
        }
        self.serve()
    }
}

/// In the child of a fork that a green thread made: the control block that libc made for the one kernel thread there.
static NATIVE: AtomicUsize = AtomicUsize::new(0);

/// The control block that libc made for the process's first kernel thread, which is the caller.
pub fn native_block() -> usize {
    match NATIVE.load(Ordering::Relaxed) {
        0 => thread_pointer::get(),
        tp => tp,
    }
}

/// Notes it, in the child.
pub fn set_native_block(tp: usize) {
    NATIVE.store(tp, Ordering::Relaxed);
}

/// The caller runs with another thread control block than its own, and as nobody.
pub struct OtherBlock {
    own: usize,
    block: usize,
    me: *const Task,
    /// Of the other block; meanwhile it has the caller's.
    errno: i32,
}

impl OtherBlock {
    /// Puts another block (which may be the caller's own) under the caller: libc's for the kernel thread, for libc calls that look at
    /// that. Nobody else runs with it until `leave`.
    #[inline(never)]
    pub fn enter(block: usize) -> OtherBlock {
        let own = thread_pointer::get();
        let callers = sys::errno();
        if block != own {
            // SAFETY: an initialised block that nobody runs with; the caller's is set again by `leave`.
            unsafe { thread_pointer::set(block) };
        }
        let me = current::set_current(ptr::null());
        // A signal handler would run as nobody, too.
        depth::enter();
        OtherBlock { own, block, me, errno: exchange_errno(callers) }
    }

    /// Whether it's not the caller's own.
    pub fn is_another(&self) -> bool {
        self.block != self.own
    }

    /// The caller's own block again, with the errno that was left here.
    #[inline(never)]
    pub fn leave(self) {
        depth::leave_quietly();
        current::set_current(self.me);
        if self.is_another() {
            let errno = exchange_errno(self.errno);
            // SAFETY: back to the caller's own block.
            unsafe { thread_pointer::set(self.own) };
            exchange_errno(errno);
        }
    }
}

/// Runs `f` on the caller's stack, but with another thread control block. The errno it leaves is the caller's.
pub fn with_block<R>(block: usize, f: impl FnOnce() -> R) -> R {
    let other = OtherBlock::enter(block);
    let r = f();
    other.leave();
    r
}

/// Not inlined: the address of errno was another's a moment ago.
#[inline(never)]
fn exchange_errno(errno: i32) -> i32 {
    let before = sys::errno();
    sys::set_errno(errno);
    before
}
