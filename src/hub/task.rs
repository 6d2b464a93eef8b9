//! A green thread as its hub sees it: a coroutine, a thread pointer, a place in a queue.
//!
//! `green::Green` begins with a Task and adds what makes it a pthread. A Task never assumes that it stays on one
//! carrier: everything here is re-read after a suspension.

use super::{carrier::Carrier, chaos, context, listeners::Entry, loan::Loan, prefetch, Hub, RunQueue};
use crate::depth;
use crate::inspect::table::Cause;
use crate::{sys, valgrind};
use core::arch::asm;
use core::cell::{Cell, UnsafeCell};
use core::ptr;
use core::sync::atomic::{fence, AtomicBool, AtomicI32, AtomicPtr, AtomicU64, Ordering};
use corosensei::stack::{Stack, StackPointer};
use corosensei::{Coroutine, Yielder};

/// Why a parked thread goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Reason {
    /// What it waited for may have come; try again.
    Ready = 0,
    /// Its deadline has passed.
    Timeout = 1,
    /// The fd it waited on was closed or replaced.
    Closed = 2,
    /// A signal handler ran in the meantime.
    Interrupted = 3,
}

/// Something that waits, once, and that exactly one waker wakes. Implemented by `wait::Waiter`.
pub trait Wake {
    /// Makes the sleeper ready; false when another waker was first.
    fn wake(&self, reason: Reason) -> bool;
    /// As `wake`, for the carrier of `hub`, between runs: what is to be queued on that hub is put in `arrivals`.
    fn wake_here(&self, reason: Reason, hub: &Hub, arrivals: &mut RunQueue) -> bool;
    /// As `wake`, but it goes on on `hub`.
    fn wake_on(&self, reason: Reason, hub: &Hub) -> bool;
    /// Called by the hub when the sleeper's stack is no longer in use: from now on a wake must queue it. False
    /// when the wake came before, so that the hub queues it.
    fn commit_park(&self) -> bool;
    /// Has a sleeper that is parked, or about to be, look around without ending its wait: it runs what signal handlers were put
    /// off, and parks again. Whether it was parked.
    fn prod(&self) -> bool;
}

/// What the carrier does with a thread that has just given up the processor.
pub enum After {
    /// To the back of the run queue.
    Yield,
    /// Leave it alone until it's woken.
    Park(*const dyn Wake),
}

/// How a task's code is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A coroutine on its own stack.
    Coroutine,
    /// The process's first thread (or what the child of a fork goes on with): it keeps its stack and its control block,
    /// and runs on the first carrier, or on another while that one is stuck.
    Host,
}

/// The stack a coroutine runs on; the memory belongs to `green::stack`.
#[derive(Clone, Copy, Debug)]
pub struct StackBounds {
    pub base: usize,
    pub limit: usize,
}

// SAFETY: base and limit bound mapped memory that outlives the coroutine; base is 16-byte aligned. Overrunning the
// limit hits the guard.
unsafe impl Stack for StackBounds {
    fn base(&self) -> StackPointer {
        StackPointer::new(self.base).expect("a stack has an address")
    }
    fn limit(&self) -> StackPointer {
        StackPointer::new(self.limit).expect("a stack has an address")
    }
}

/// Operations between two looks at the clock.
const LOOK_EVERY: u32 = 4;

type Routine = Coroutine<(), After, (), StackBounds>;

/// The code of a task: called on its own stack, with its own thread pointer.
pub type Body = unsafe extern "C" fn(&Task);

/// MXCSR and the x87 control word: rounding, exceptions (fesetround(3), fetestexcept(3)). Each thread has its own, and no call changes them,
/// so a switch must not either.
#[derive(Clone, Copy, PartialEq, Eq)]
struct ControlWords {
    mxcsr: u32,
    x87: u16,
}

impl ControlWords {
    #[inline(always)]
    fn now() -> Self {
        let mut words = ControlWords { mxcsr: 0, x87: 0 };
        // SAFETY: both only store, into our own variables.
        unsafe {
            asm!("stmxcsr [{}]", "fnstcw [{}]", in(reg) &mut words.mxcsr, in(reg) &mut words.x87,
                 options(nostack, preserves_flags));
        }
        words
    }

    #[inline(always)]
    fn restore(self) {
        if self != Self::now() {
            self.load();
        }
    }

    #[cold]
    fn load(self) {
        // SAFETY: values that the processor itself had stored.
        unsafe {
            asm!("ldmxcsr [{}]", "fldcw [{}]", in(reg) &self.mxcsr, in(reg) &self.x87, options(nostack, preserves_flags));
        }
    }
}

/// A wait, for those who may end it.
pub struct Parked {
    /// What it's for, which of that kind, and since when (cycles).
    pub cause: Cause,
    pub on: usize,
    pub since: u64,
    pub sleeper: *const dyn Wake,
    /// None: no signal ends it. Else whether it goes on after a handler with SA_RESTART (signal(7) lists which calls do).
    pub restarts: Option<bool>,
    /// It's ended for handlers to run, and begun again afterwards: with nothing linked, since they might not come back.
    pub makes_way: bool,
    /// Signals that came just before count too: its own mask let them in.
    pub keeps_signals: bool,
    /// Cancellation ends it.
    pub is_cancellation_point: bool,
}

/// The first two cache lines are what every switch and wait touches; the hub fetches them ahead (`prefetch`).
#[repr(C, align(64))]
pub struct Task {
    /// Link of the run queue, owned by the queue that holds it.
    pub(super) next: Cell<*const Task>,
    /// Its stack pointer when it last gave up the processor, about.
    left_at: Cell<usize>,
    /// It has written since it last came to read.
    pub has_written: Cell<bool>,
    /// Whom it has written to, on another hub (`wires`).
    pub(super) told: Cell<u64>,
    /// Where what it waits for goes: to be fetched ahead, and for nothing else.
    pub target: Cell<*const u8>,
    /// The entry of the descriptor that it waits for; likewise.
    pub entry: Cell<*const Entry>,
    /// The thread pointer to run it with: its thread control block, its pthread_t.
    pub thread_pointer: usize,
    /// The hub it last ran on, which a waker gives it back to.
    pub(super) hub: AtomicPtr<Hub>,
    /// The carrier it runs on; valid only while it runs.
    pub(super) carrier: AtomicPtr<Carrier>,
    /// The signals that this thread has blocked, and as what it's counted (`process::masks`).
    pub blocked_signals: Cell<u64>,
    /// Operations left before it must let others run.
    pub budget: Cell<u32>,
    pub kind: Cell<Kind>,
    /// More than 0: it has kept a hub waiting lately, so it gets a carrier of its own at once.
    pub(super) is_long: Cell<u8>,
    /// It's to have a carrier of its own, for good; and which one it has.
    pub wants_own_carrier: Cell<bool>,
    /// Cancellation was asked for; it's disabled; its type is asynchronous; it ended the last wait.
    cancelled: AtomicBool,
    pub cancel_is_disabled: Cell<bool>,
    pub cancels_at_once: Cell<bool>,
    pub wait_was_cancelled: Cell<bool>,
    /// Its next wait counts signals that came before it: the wait's own mask has let them in.
    pub keeps_signals: Cell<bool>,
    /// Its wait, while it waits: for whoever wants to end it.
    pub parked: Loan<Parked>,
    /// Signals that are pending for it, and those that it waits for by sigwait(3).
    directed: AtomicU64,
    yielder: Cell<*const Yielder<(), After>>,
    routine: UnsafeCell<Option<Routine>>,
    pub waits_for: AtomicU64,
    /// Of those, the one that was sent on to its kernel thread.
    pub sent_on: AtomicI32,
    /// What interrupted its wait: bits of `signal`.
    pub interrupted_by: Cell<u32>,
    stack: Cell<StackBounds>,
    pub mask_class: Cell<u8>,
    pub counted_mask: Cell<u64>,
    /// Its alternative signal stack.
    pub signal_stack: Cell<libc::stack_t>,
    pub(super) own_carrier: Cell<*const Carrier>,
    /// A host's code is running elsewhere than at home, or another thread forks at home, on the host's control block.
    pub busy: AtomicBool,
    /// Where a host's code goes on, and what it wants now that it has left the processor (None: it has ended).
    context: Cell<usize>,
    pub(super) after: Cell<Option<After>>,
    /// The floating-point control words to begin with: the creator's.
    control_words: Cell<ControlWords>,
    /// It's in a call that waits in the kernel, and that a signal may end (`wait::natively`).
    pub in_native_call: Cell<bool>,
    /// Its kernel thread has its signal mask, for a call that hands that on (`process::masks::with_own`).
    pub shows_own_mask: Cell<bool>,
    /// How many of the program's signal handlers have run on it.
    pub handlers_run: Cell<u32>,
    /// Called by the carrier when the coroutine has ended and its stack is free.
    on_end: unsafe fn(&Task),
}

// SAFETY: the cells are touched only by the carrier that runs the task (or owns the queue it is in); a task is in
// one place at a time, and handing it over goes through a lock or the waiter's atomic state.
unsafe impl Sync for Task {}
// SAFETY: as above.
unsafe impl Send for Task {}

impl Task {
    /// A task that is not a coroutine: the calling kernel thread itself.
    pub fn host(thread_pointer: usize, on_end: unsafe fn(&Task)) -> Self {
        Self::new(Kind::Host, thread_pointer, on_end)
    }

    /// A task that will run as a coroutine once `prepare` has given it a body.
    pub fn coroutine(thread_pointer: usize, on_end: unsafe fn(&Task)) -> Self {
        Self::new(Kind::Coroutine, thread_pointer, on_end)
    }

    fn new(kind: Kind, thread_pointer: usize, on_end: unsafe fn(&Task)) -> Self {
        Task {
            kind: Cell::new(kind),
            thread_pointer,
            next: Cell::new(ptr::null()),
            left_at: Cell::new(0),
            has_written: Cell::new(false),
            told: Cell::new(0),
            target: Cell::new(ptr::null()),
            entry: Cell::new(ptr::null()),
            hub: AtomicPtr::new(ptr::null_mut()),
            carrier: AtomicPtr::new(ptr::null_mut()),
            interrupted_by: Cell::new(0),
            keeps_signals: Cell::new(false),
            stack: Cell::new(StackBounds { base: 0, limit: 0 }),
            blocked_signals: Cell::new(0),
            mask_class: Cell::new(0),
            counted_mask: Cell::new(0),
            signal_stack: Cell::new(sys::NO_SIGNAL_STACK),
            is_long: Cell::new(0),
            wants_own_carrier: Cell::new(false),
            own_carrier: Cell::new(ptr::null()),
            busy: AtomicBool::new(false),
            context: Cell::new(0),
            after: Cell::new(None),
            control_words: Cell::new(ControlWords::now()),
            cancelled: AtomicBool::new(false),
            cancel_is_disabled: Cell::new(false),
            cancels_at_once: Cell::new(false),
            wait_was_cancelled: Cell::new(false),
            parked: Loan::new(),
            directed: AtomicU64::new(0),
            waits_for: AtomicU64::new(0),
            sent_on: AtomicI32::new(0),
            in_native_call: Cell::new(false),
            shows_own_mask: Cell::new(false),
            handlers_run: Cell::new(0),
            budget: Cell::new(0),
            routine: UnsafeCell::new(None),
            yielder: Cell::new(ptr::null()),
            on_end,
        }
    }

    /// Puts the coroutine on its stack; it runs `body` at its first resume.
    ///
    /// # Safety
    /// The task must stay where it is and the stack must be its alone until the body has returned.
    pub unsafe fn prepare(&self, stack: StackBounds, body: Body) {
        let me = self as *const Task;
        self.stack.set(stack);
        // The one before may have been cancelled in the middle of a call.
        self.in_native_call.set(false);
        // SAFETY: nobody else touches a task that was never queued.
        let routine = unsafe { &mut *self.routine.get() };
        *routine = Some(Coroutine::with_stack(stack, move |yielder: &Yielder<(), After>, ()| {
            // SAFETY: the task outlives its body (this function's contract).
            let me = unsafe { &*me };
            me.yielder.set(yielder);
            me.control_words.get().restore();
            // SAFETY: the body is called once, on the task's own stack.
            unsafe { body(me) }
        }));
    }

    /// It will never run.
    pub fn forget_routine(&self) {
        // SAFETY: nobody else touches a task that was never queued; a coroutine that was never resumed owns nothing.
        core::mem::forget(unsafe { (*self.routine.get()).take() });
    }

    /// Runs the coroutine until it gives up the processor. None when it has ended.
    ///
    /// # Safety
    /// Only the carrier that took the task from a queue may call this, with the task's thread pointer set.
    #[inline(always)]
    pub(super) unsafe fn resume(&self, carrier: &Carrier) -> Option<After> {
        match self.kind.get() {
            Kind::Coroutine => {
                // SAFETY: a task is resumed by one carrier at a time.
                let routine = unsafe { (*self.routine.get()).as_mut().unwrap_unchecked() };
                routine.resume(()).as_yield()
            }
            Kind::Host => {
                // SAFETY: as above; a host in a queue has left its context here.
                unsafe { context::switch(carrier.loop_context.as_ptr(), self.context.get()) };
                self.after.take()
            }
        }
    }

    /// A host's code has ended: its carrier's loop goes on.
    pub fn leave_for_ever(&self) -> ! {
        super::signal::host_ended();
        loop {
            self.leave(None);
        }
    }

    fn leave(&self, after: Option<After>) {
        self.after.set(after);
        // SAFETY: a running task has a carrier, whose loop waits where it was left.
        unsafe { context::switch(self.context.as_ptr(), (*self.carrier.load(Ordering::Relaxed)).loop_context.get()) };
    }

    /// Tells the task's owner that it has ended. The task may be gone afterwards.
    ///
    /// # Safety
    /// Only once, by the carrier whose `resume` gave None.
    pub(super) unsafe fn end(&self) {
        // SAFETY: by this function's contract.
        unsafe { (self.on_end)(self) }
    }

    /// The hub that this running task is on; the answer is stale after a suspension.
    #[inline]
    pub fn hub(&self) -> &'static Hub {
        // SAFETY: a task that runs has been given a hub, and hubs live for ever.
        unsafe { &*self.hub.load(Ordering::Relaxed) }
    }

    /// The time (cycles), as of the beginning of this running task's present run.
    #[inline]
    pub fn about_now(&self) -> u64 {
        self.hub().about_now()
    }

    /// Whether an address is on the stack that the task's own code runs on. A host's could be anywhere but on the first
    /// carrier's loop's, whose bounds it has.
    pub fn runs_at(&self, address: usize) -> bool {
        let StackBounds { base, limit } = self.stack.get();
        (limit..base).contains(&address) == (self.kind.get() == Kind::Coroutine)
    }

    /// Makes the task a host: the calling thread, whose first carrier's loop has a stack of these bounds (0, 0: none yet).
    pub fn become_host(&self, loop_stack: StackBounds) {
        self.kind.set(Kind::Host);
        self.stack.set(loop_stack);
        self.busy.store(false, Ordering::Relaxed);
        self.is_long.set(0);
        self.wants_own_carrier.set(false);
        self.own_carrier.set(ptr::null());
        self.directed.store(0, Ordering::Relaxed);
    }

    /// Gives up the processor; returns when the task is run again. Only the running task may call it on itself.
    #[inline]
    pub fn suspend(&self, after: After) {
        let words = ControlWords::now();
        self.left_at.set(prefetch::stack_pointer());
        match self.kind.get() {
            // SAFETY: the yielder was set at the first resume and lives on the coroutine's stack.
            Kind::Coroutine => unsafe { (*self.yielder.get()).suspend(after) },
            Kind::Host => {
                // Until its own stack is under it again nothing of the program's may run, and a carrier has its block just before that
                // and just after. (`runs_at` can't tell a host's stack from a carrier's.)
                depth::enter();
                self.leave(Some(after));
                depth::leave_quietly();
            }
        }
        words.restore();
    }

    /// Asks the processor for what it takes to run this task soon, while another runs: with thousands of threads each of
    /// these lines is far away, and the run itself would wait for one after the other.
    #[inline(always)]
    pub(super) fn prefetch(&self) {
        prefetch::lines(self.entry.get(), 2);
        prefetch::thread(self.left_at.get() as *const u8, self.thread_pointer as *const u8, self.target.get());
    }

    /// The same for what `prefetch` itself reads.
    #[inline(always)]
    pub(super) fn prefetch_self(&self) {
        prefetch::lines(self, 3);
    }

    /// Lets every other ready thread run first.
    pub fn yield_now(&self) {
        self.suspend(After::Yield);
        depth::checkpoint();
    }

    /// Waits for a while (ns).
    pub(super) fn nap(&self, ns: u64) {
        let until = sys::now() + ns;
        while sys::now() < until {
            self.yield_now();
            sys::yield_processor();
        }
    }

    /// Counts one operation that succeeded without waiting; lets others run when the budget of operations or of time is used
    /// up, so that a thread whose data is always there does not starve them. One that has lost its hub goes back to it.
    #[inline]
    pub fn spend(&self) {
        let (left, hub) = (self.budget.get(), self.hub());
        // The clock is looked at now and then: an operation is short.
        if left == 0 || (left % LOOK_EVERY == 0 && hub.slice_is_over()) || Carrier::of(self).is_astray(hub) {
            self.budget.set(crate::config::get().budget);
            if Carrier::of(self).is_reserved() {
                // There's nobody here to let run.
                return;
            }
            self.yield_now();
        } else {
            self.budget.set(left - 1);
        }
    }

    /// As `make_ready`, for the carrier of `hub`: if that's its hub it's put in `arrivals`.
    #[inline]
    pub fn arrive(&self, hub: &Hub, arrivals: &mut RunQueue) {
        if ptr::eq(self.hub.load(Ordering::Relaxed), hub) && !chaos::reigns() {
            arrivals.push(self);
        } else {
            self.make_ready();
        }
    }

    /// Makes a task ready that is in no queue: at the back of its hub's queue. The hub is woken if it sleeps.
    pub fn make_ready(&self) {
        if chaos::reigns() {
            return chaos::hub_for(self).push(self);
        }
        self.hub().push(self);
    }

    /// As `make_ready`, at the back of this hub's queue.
    pub fn make_ready_on(&self, hub: &Hub) {
        if chaos::reigns() {
            return self.make_ready();
        }
        hub.push(self);
    }

    /// Asks it to cancel itself: ends its wait if it's in one that may be cancelled. It must be alive. The caller is deep, here and in
    /// `interrupt`: a handler that waited while the wait is borrowed, or its thread in our hands, would keep that thread.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        let parked = self.parked.borrow(|parked| {
            if parked.is_cancellation_point {
                self.interrupted_by.set(super::signal::INTERRUPTS);
                // SAFETY: as valid as what is offered.
                unsafe { (*parked.sleeper).wake(Reason::Interrupted) };
            }
        });
        if parked.is_none() && self.kernel_id() != 0 {
            // It computes, or waits in the kernel.
            super::signal::poke(self.kernel_id());
        }
    }

    /// A signal is pending for it: ends its wait, or lets it run the handler and wait on; if it doesn't wait, its kernel
    /// thread looks. `by`: how the handler was installed, a bit of `signal`.
    pub fn interrupt(&self, by: u32) {
        fence(Ordering::SeqCst);
        let parked = self.parked.borrow(|parked| {
            // SAFETY: as valid as what is offered.
            let sleeper = unsafe { &*parked.sleeper };
            if !self.has_signals() {
                // It has seen to it by itself, and this is another wait.
            } else if parked.restarts.is_some() || parked.makes_way {
                self.interrupted_by.set(by);
                sleeper.wake(Reason::Interrupted);
            } else {
                sleeper.prod();
            }
        });
        if parked.is_none() && self.kernel_id() != 0 {
            super::signal::poke(self.kernel_id());
        }
    }

    /// It's to go on elsewhere than on the first carrier.
    pub fn is_not_for_home(&self) {
        self.is_long.set(self.is_long.get().max(1));
    }

    /// Whether it has a carrier of its own and runs on another.
    pub fn belongs_elsewhere(&self) -> bool {
        self.has_own_carrier() && !ptr::eq(self.own_carrier.get(), self.carrier.load(Ordering::Relaxed))
    }

    /// If it's running where it doesn't belong, it goes to its own carrier.
    pub fn send_home(&self) {
        if self.belongs_elsewhere() && self.kernel_id() != 0 {
            super::signal::poke(self.kernel_id());
        }
    }

    /// Whether it has a carrier of its own.
    pub fn has_own_carrier(&self) -> bool {
        !self.own_carrier.get().is_null()
    }

    /// Has it run on a carrier of its own from its next run on.
    pub fn want_own_carrier(&self) {
        self.wants_own_carrier.set(true);
        self.is_long.set(u8::MAX);
    }

    /// The kernel thread that it runs on, or ran on last; 0 if it never ran.
    pub fn kernel_id(&self) -> i32 {
        // SAFETY: carriers live for ever.
        unsafe { self.carrier.load(Ordering::Relaxed).as_ref() }.map_or(0, Carrier::kernel_id)
    }

    /// Makes a signal pending for it (a bit of a mask).
    pub fn add_signal(&self, bit: u64) {
        if self.directed.fetch_or(bit, Ordering::SeqCst) & bit == 0 {
            depth::DIRECTED.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// The last signal of that number isn't pending for it any more.
    pub fn clear_signal(&self, bit: u64) {
        if self.directed.fetch_and(!bit, Ordering::SeqCst) & bit != 0 {
            depth::DIRECTED.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// The signals that are pending for it.
    #[inline]
    pub fn pending_signals(&self) -> u64 {
        self.directed.load(Ordering::SeqCst)
    }

    /// Whether a signal is pending for it that it hasn't blocked.
    #[inline]
    pub fn has_signals(&self) -> bool {
        self.directed.load(Ordering::Relaxed) & !self.blocked_signals.get() != 0
    }

    /// Whether it should act on a cancellation.
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed) && !self.cancel_is_disabled.get()
    }

    /// Queues a task for its first run, on its creator's hub.
    pub fn start(&self, hub: &'static Hub) {
        self.assign(hub);
        hub.push_new(self);
    }

    /// For how many short runs a thread counts as long after it was.
    pub(super) const LONG_FOR: u8 = 16;

    /// Gives a new task its first hub.
    pub fn assign(&self, hub: &'static Hub) {
        self.hub.store(hub as *const Hub as *mut Hub, Ordering::Relaxed);
    }
}

/// Where in a task a reader from outside finds how it goes on (`inspect`).
pub struct Seen {
    pub hub: usize,
    pub kind: usize,
    pub coroutine_sp: usize,
    pub host_sp: usize,
    /// Where the outermost frame of each coroutine begins.
    pub outermost: usize,
}

impl Seen {
    /// Corosensei doesn't tell where it keeps a coroutine's stack pointer: it's the one word that is on the stack, and changes with the
    /// first switch. At activation.
    pub fn find() -> Seen {
        use core::mem::{forget, offset_of, size_of};
        const WORDS: usize = size_of::<Option<Routine>>() / size_of::<usize>();
        let mut memory = vec![0u128; 256];
        let range = memory.as_mut_ptr_range();
        let stack = StackBounds { base: range.end as usize, limit: range.start as usize };
        let registered = valgrind::register_stack(stack.limit, stack.base);
        let mut routine = Some(Coroutine::with_stack(stack, |yielder: &Yielder<(), After>, ()| {
            yielder.suspend(After::Yield);
        }));
        let words = |routine: &Option<Routine>| -> [usize; WORDS] {
            // SAFETY: as many words as it has; all its fields are words (none is padding).
            unsafe { ptr::read(routine as *const Option<Routine> as *const [usize; WORDS]) }
        };
        let is_on_stack = |word: usize| (stack.limit..stack.base).contains(&word) && word != stack.limit;
        let before = words(&routine);
        // SAFETY: a fresh coroutine's stack pointer, at which its first instruction's address is.
        let outermost = before.iter().find(|&&w| is_on_stack(w)).map_or(0, |&sp| unsafe { *(sp as *const usize) });
        // A signal handler might need more stack than this.
        let mask = sys::signal_mask(libc::SIG_BLOCK, Some(!0));
        if let Some(routine) = &mut routine {
            routine.resume(());
        }
        sys::signal_mask(libc::SIG_SETMASK, Some(mask));
        let after = words(&routine);
        // It stays suspended, for ever.
        forget(routine);
        valgrind::forget_stack(registered);
        let sp = (0..WORDS).find(|&n| before[n] != after[n] && is_on_stack(after[n])).unwrap_or(0);
        Seen {
            hub: offset_of!(Task, hub),
            kind: offset_of!(Task, kind),
            coroutine_sp: offset_of!(Task, routine) + sp * size_of::<usize>(),
            host_sp: offset_of!(Task, context),
            outermost,
        }
    }
}
