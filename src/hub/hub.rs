//! A hub: a run queue, timers, fd listeners and one poller, run by exactly one carrier at a time.
//!
//! One turn: run what is ready, in the order in which it became ready; then look at events and timers, waiting
//! exactly as long as the next timer allows if there's nothing to run. While threads stay ready the poller is
//! asked now and then (POLL_EVERY), so that neither I/O nor timers starve.
//!
//! No wake-up is lost: a sleeper first says that it sleeps, then looks at its queue once more; a waker first
//! queues, then looks whether the hub sleeps (`doze`).

use super::doze::Doze;
use super::poller::{self, AnyPoller, Event, Own, Poller, ALARM};
use super::presumed::{Added, Presumed};
use super::stats::{HubStats, PROCESS};
use super::tenure::Tenure;
use super::timers::{TimerId, Timers};
use super::{chaos, fleet, listeners, signal, spares, watcher, RunQueue, Task, Wake};
use crate::lock::Lock;
use crate::{depth, sys};
use core::cell::{Cell, UnsafeCell};
use core::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, Ordering};

/// Switches between two looks at the poller while threads stay ready: as many as it can have events for.
const POLL_EVERY: u32 = 500;

/// The same in cycles, for threads that take their time: about a millisecond, if there were FEW switches at least, else four. (On a
/// machine that is slow just now looks would become a good part of all calls.)
const LOOK_AFTER: u64 = 2_500_000;
const LOOK_AT_LAST: u64 = 4 * LOOK_AFTER;
const FEW: u32 = 30;

/// The clock is read after so many runs, or after each while they take longer (cycles) than this on average.
const CLOCK_EVERY: u64 = 8;
const CLOCK_AFTER: u64 = 50_000;

/// How long a thread runs whose calls never have to wait (cycles): about a millisecond.
const SLICE: u64 = 2_500_000;

/// Events taken from the poller at once.
const EVENTS: usize = 512;

/// And so many of them delivered at once: then those threads run while all that delivering has touched, or fetched ahead, is
/// near.
const AT_ONCE: usize = 16;

/// So many stand for one event in `Hub::crowd`.
const CROWD_UNIT: u32 = 64;

pub struct Hub {
    pub poller: AnyPoller,
    pub stats: HubStats,
    /// Operations a thread may do before it lets others run.
    pub(super) budget: u32,
    /// Whose it is.
    pub(super) tenure: Tenure,
    /// The kernel thread of its carrier.
    pub(super) kernel_id: AtomicI32,
    ready: Lock<RunQueue>,
    timers: Lock<Timers>,
    /// Set while the carrier waits, or is about to wait, in the poller.
    doze: Doze,
    /// Odd while the carrier is in the poller.
    turn: AtomicU32,
    /// Written to end that wait; and how many are using its number just now.
    alarm: Own,
    ringing: AtomicU32,
    /// The alarm couldn't be rung.
    is_broken: AtomicBool,
    /// Held by who moves or re-makes our descriptors.
    mending: Lock<()>,
    switches_since_look: Cell<u32>,
    /// When the last run of a task ended, or the poller was done (cycles); when that was looked at last.
    clock: Cell<u64>,
    looked_at: Cell<u64>,
    runs_since_clock: Cell<u64>,
    /// When the present run of a task began, 0 between runs; and how long runs take on average.
    run_since: AtomicU64,
    average_run: Cell<u64>,
    /// A thread that has just yielded: `next_ready`, which comes next, queues it and takes another with the queue locked once.
    back: Cell<*const Task>,
    events: UnsafeCell<[Event; EVENTS]>,
    /// Which of those have yet to be delivered.
    pending: Cell<(usize, usize)>,
    /// How many events a look finds, in CROWD_UNITs: the average of the last few.
    crowd: Cell<u32>,
    /// On which of its descriptors a thread waits that hasn't tried.
    pub(super) presumed: Box<Presumed>,
}

// SAFETY: the cell and the event buffer are touched by the one carrier that runs the hub; the rest is locked or
// atomic.
unsafe impl Sync for Hub {}

/// How long is waited for a carrier to leave its poller, when it was rung for (ns). It has but to get a processor.
const SETTLING: u64 = 100_000_000;

/// How long a hub that can't have a poller again sleeps at most, before it tries once more (ns).
const TRY_AGAIN: u64 = 1_000_000;

impl Hub {
    /// Where in a hub a reader from outside finds its kernel thread's id, and when it last looked at the clock.
    pub const SEEN: [usize; 2] = [core::mem::offset_of!(Hub, kernel_id), core::mem::offset_of!(Hub, clock)];

    /// A hub with its poller and alarm. EMFILE, ENFILE or ENOMEM when the kernel gives none.
    pub fn new(budget: u32) -> sys::Result<Hub> {
        let poller = AnyPoller::new()?;
        let alarm = Own::keep(sys::eventfd().inspect_err(|_| poller.close())?);
        poller.add(alarm.number(), ALARM).inspect_err(|_| {
            poller.close();
            alarm.close();
        })?;
        Ok(Hub {
            poller,
            stats: HubStats::new(),
            budget,
            tenure: Tenure::new(),
            kernel_id: AtomicI32::new(0),
            ready: Lock::new(RunQueue::new()),
            timers: Lock::new(Timers::new()),
            doze: Doze::new(),
            turn: AtomicU32::new(0),
            alarm,
            ringing: AtomicU32::new(0),
            is_broken: AtomicBool::new(false),
            mending: Lock::new(()),
            switches_since_look: Cell::new(0),
            clock: Cell::new(0),
            looked_at: Cell::new(0),
            runs_since_clock: Cell::new(0),
            run_since: AtomicU64::new(0),
            average_run: Cell::new(0),
            back: Cell::new(core::ptr::null()),
            events: UnsafeCell::new([Event::NONE; EVENTS]),
            pending: Cell::new((0, 0)),
            crowd: Cell::new(0),
            presumed: Box::new(Presumed::new()),
        })
    }

    /// Queues a task and, if the carrier sleeps, wakes it. From any thread.
    #[inline]
    pub(super) fn push(&self, task: &Task) {
        depth::enter();
        self.ready.lock_deep().push(task);
        self.ring_deep(Doze::get_up);
        depth::leave();
    }

    /// Queues a task that has never run. Nobody knows how long it will, so where two wait another hub may come and take one.
    pub(super) fn push_new(&self, task: &Task) {
        self.push(task);
        if fleet::several() {
            fleet::call_for_help(self.ready.lock().len() as u64 * fleet::UNKNOWN);
        }
    }

    /// Ends the carrier's wait, if it waits.
    #[inline]
    pub(super) fn wake_up(&self) {
        self.ring(Doze::rouse);
    }

    /// As `wake_up`, for what stands in for the program's signal handlers: another handler that came meanwhile has its turn later.
    pub(super) fn wake_up_in_handler(&self) {
        depth::enter();
        self.ring_deep(Doze::rouse);
        depth::leave_quietly();
    }

    /// Rings if the carrier sleeps. (Only one of those who see that is told: if a handler of the program's, which may wait, came before
    /// that one has rung, nobody would.)
    #[inline]
    fn ring(&self, get_up: fn(&Doze) -> bool) {
        depth::enter();
        self.ring_deep(get_up);
        depth::leave();
    }

    /// As `ring`, for who is deep already.
    #[inline(always)]
    fn ring_deep(&self, get_up: fn(&Doze) -> bool) {
        if get_up(&self.doze) {
            self.note_awake();
            self.stats.alarms.add_shared(1);
            self.use_alarm(|alarm| sys::write(alarm, &1u64.to_ne_bytes()));
        }
    }

    /// One call on the alarm. It has its number for that long (`make_way`); if it's gone the carrier is told.
    fn use_alarm(&self, call: impl FnOnce(libc::c_int) -> sys::Result) {
        self.ringing.fetch_add(1, Ordering::SeqCst);
        let r = call(self.alarm.number());
        self.ringing.fetch_sub(1, Ordering::SeqCst);
        if r.is_err_and(|e| e != libc::EAGAIN) {
            self.break_down();
        }
    }

    /// Called by who finds that the alarm is gone, maybe in a signal handler: whoever sleeps is to look.
    #[cold]
    fn break_down(&self) {
        self.is_broken.store(true, Ordering::SeqCst);
        spares::all().filter(|carrier| carrier.kernel_id() != 0).for_each(|carrier| signal::poke(carrier.kernel_id()));
    }

    /// If this number was ours it's somebody else's now. When this returns nobody uses it any more for what it was.
    pub(super) fn lose(&self, number: libc::c_int) {
        if !self.alarm.lose(number) && !self.poller.lose(number) {
            return;
        }
        let turn = self.turn.load(Ordering::SeqCst);
        let until = sys::now() + SETTLING;
        loop {
            self.break_down();
            if turn.is_multiple_of(2) || self.turn.load(Ordering::SeqCst) != turn || sys::now() >= until {
                return;
            }
            sys::nap(SETTLING / 1000);
        }
    }

    /// What was asked of the poller matters now: if it learns of that with the carrier's next wait only, and the carrier
    /// sleeps, it's woken.
    #[inline]
    pub fn heed(&self) {
        if self.poller.defers() {
            self.wake_up();
        }
    }

    /// Takes an fd out of the poller. If the carrier's present wait may still hold the file it's ended, and the answer is what
    /// `settle` wants to know.
    pub(super) fn drop_fd(&self, fd: libc::c_int, token: u64) -> Option<u32> {
        let held = self.poller.remove(fd, token);
        let turn = self.turn.load(Ordering::SeqCst);
        if !held || turn.is_multiple_of(2) {
            return None;
        }
        self.wake_up();
        Some(turn)
    }

    /// Waits until the carrier has left the wait that it was in at that turn, which is being ended. (Not for ever.)
    pub(super) fn settle(&self, turn: u32) {
        let until = sys::now() + SETTLING;
        while turn % 2 == 1 && self.turn.load(Ordering::SeqCst) == turn && sys::now() < until {
            sys::yield_processor();
        }
    }

    /// The program is about to replace this number: if it's one of ours it changes. Whether it was. EMFILE: there's no other.
    pub(super) fn make_way(&self, number: libc::c_int) -> sys::Result<bool> {
        let _mending = self.mending.lock();
        let was_alarm = self.alarm.make_way(number)?;
        if !was_alarm && !self.poller.make_way(number)? {
            return Ok(false);
        }
        // Nobody is to use the old number any more, which is the same file until we return.
        let until = sys::now() + SETTLING;
        while self.ringing.load(Ordering::SeqCst) > 0 && sys::now() < until {
            sys::yield_processor();
        }
        if was_alarm {
            self.poller.renumber(number, self.alarm.number());
        }
        let turn = self.turn.load(Ordering::SeqCst);
        self.use_alarm(|alarm| sys::write(alarm, &1u64.to_ne_bytes()));
        self.settle(turn);
        Ok(true)
    }

    /// Makes our descriptors again if they are gone: the program has closed them past our hooks. What was registered is
    /// registered anew.
    #[cold]
    pub(super) fn mend(&self) -> sys::Result<()> {
        let _mending = self.mending.lock();
        let alarm_is_gone = sys::fcntl(self.alarm.number(), libc::F_GETFD, 0).is_err();
        if self.is_broken.load(Ordering::SeqCst) || alarm_is_gone {
            // The old one stays if it's still there: who knows whose the number is.
            self.alarm.replace(sys::eventfd)?;
            self.is_broken.store(false, Ordering::SeqCst);
        }
        if self.poller.mend(self.alarm.number())? {
            listeners::register_anew(self);
        }
        Ok(())
    }

    /// Called by the one who has made the hub awake.
    fn note_awake(&self) {
        fleet::count_sleeper(false);
        watcher::look_out();
    }

    /// The oldest ready task; None when there's none or it's time to look at the poller.
    #[inline]
    pub(super) fn next_ready(&self) -> Option<&'static Task> {
        // SAFETY: a task that is to be queued lives.
        let back = unsafe { self.back.replace(core::ptr::null()).as_ref() };
        let n = self.switches_since_look.get();
        if n >= POLL_EVERY {
            back.inspect(|task| self.ready.lock_deep().push(task));
            return None;
        }
        self.switches_since_look.set(n + 1);
        let mut ready = self.ready.lock_deep();
        if let Some(task) = back {
            ready.push(task);
        }
        if ready.is_empty() && self.has_pending() {
            drop(ready);
            let arrivals = self.deliver(AT_ONCE);
            ready = self.ready.lock_deep();
            ready.append(arrivals);
        }
        if chaos::reigns() {
            (0..chaos::below(4)).for_each(|_| ready.rotate());
        }
        let task = ready.pop();
        let (from, to) = self.pending.get();
        let waiting = (ready.len() + to - from) as u64;
        drop(ready);
        if waiting > 0 && fleet::several() {
            fleet::call_for_help(waiting * self.average_run.get());
        }
        task
    }

    /// Whether events wait to be delivered.
    #[inline]
    fn has_pending(&self) -> bool {
        let (from, to) = self.pending.get();
        from < to
    }

    /// How many events a look finds, on average of the last ones.
    #[inline]
    pub fn crowd(&self) -> u32 {
        self.crowd.get() / CROWD_UNIT
    }

    /// Delivers up to `most` of the pending events: who is to run here.
    #[inline]
    fn deliver(&self, most: usize) -> RunQueue {
        let (from, to) = self.pending.get();
        let end = to.min(from + most);
        self.pending.set((end, to));
        // SAFETY: only this hub's carrier is here, and it's here once; the buffer is filled anew in `wait` only.
        let events = unsafe { &(&(*self.events.get()))[from..end] };
        listeners::deliver(self, events, |event| {
            if event.token == ALARM {
                self.use_alarm(|alarm| sys::read(alarm, &mut [0; 8]));
                if event.ended() {
                    self.use_alarm(|alarm| self.poller.add(alarm, ALARM).map(|()| 0));
                }
            }
        })
    }

    /// Takes back a task that lets others run. Called by the hub's carrier, before `next_ready`.
    #[inline]
    pub(super) fn put_back(&self, task: &Task) {
        self.back.set(task);
    }

    /// Whether its carrier sleeps.
    pub(super) fn is_asleep(&self) -> bool {
        self.doze.is_asleep()
    }

    /// A carrier has become the hub's owner: this kernel thread.
    pub(super) fn taken_over(&self, by: i32) {
        self.kernel_id.store(by, Ordering::Relaxed);
        self.clock.set(fleet::cycles());
    }

    /// A task's run begins.
    #[inline]
    pub(super) fn run_begins(&self) {
        self.run_since.store(self.clock.get(), Ordering::Relaxed);
    }

    /// It has ended, and the hub is still the carrier's.
    #[inline]
    pub(super) fn run_ends(&self) {
        self.run_since.store(0, Ordering::Relaxed);
        let (average, runs) = (self.average_run.get(), self.runs_since_clock.get() + 1);
        if runs < CLOCK_EVERY && average < CLOCK_AFTER {
            // Reading the clock costs a good part of what a short run costs.
            return self.runs_since_clock.set(runs);
        }
        self.runs_since_clock.set(0);
        let now = fleet::cycles();
        let each = now.wrapping_sub(self.clock.get()) / runs;
        self.average_run.set(average - average / 8 + each / 8);
        self.clock.set(now);
        let since = now.wrapping_sub(self.looked_at.get());
        if since > LOOK_AT_LAST || (since > LOOK_AFTER && self.switches_since_look.get() >= FEW) {
            self.switches_since_look.set(POLL_EVERY);
        }
    }

    /// The time (cycles), as of the beginning of the present run.
    #[inline]
    pub fn about_now(&self) -> u64 {
        match self.run_since.load(Ordering::Relaxed) {
            0 => fleet::cycles(),
            began => began,
        }
    }

    /// Whether the thread that runs here has done so for long enough, if others wait.
    #[inline]
    pub(super) fn slice_is_over(&self) -> bool {
        fleet::cycles().wrapping_sub(self.run_since.load(Ordering::Relaxed)) > SLICE
    }

    /// Gives part of what waits here to a hub that has nothing.
    pub(super) fn give_away(&self, loot: &mut RunQueue) {
        let mut ready = self.ready.lock();
        let n = fleet::spare(ready.len(), self.run_since.load(Ordering::Relaxed));
        fleet::take(&mut ready, loot, n);
    }

    /// Takes what another hub gave. Called by this hub's own carrier, which is awake.
    pub(super) fn receive(&self, loot: RunQueue) {
        self.ready.lock().append(loot);
    }

    /// Whether nothing is ready.
    pub(super) fn is_idle(&self) -> bool {
        self.ready.lock().is_empty()
    }

    /// Whether something waits for this hub's carrier: a ready thread, a timer that is due, an event, a signal.
    pub(super) fn has_work(&self) -> bool {
        !self.is_idle()
            || self.has_pending()
            || self.timers.lock().next_deadline().is_some_and(|deadline| deadline <= sys::now())
            || (signal::is_told(self) && signal::came())
            || self.presumed.any()
            || self.poller.has_events()
    }

    /// Looks at events and timers; waits for them if nothing is ready, and no signal came that matters to this hub.
    pub(super) fn wait(&self, heeds_signals: bool) {
        self.switches_since_look.set(0);
        if self.has_pending() {
            if !fleet::any_asleep() {
                // What was found first comes first, and a few at a time while what it takes is near (AT_ONCE). Timers don't wait for it.
                if !self.is_idle() {
                    let arrivals = self.deliver(AT_ONCE);
                    self.receive(arrivals);
                }
                self.looked_at.set(fleet::cycles());
                return self.fire_timers();
            }
            // Others may take what is ready.
            let arrivals = self.deliver(EVENTS);
            self.receive(arrivals);
        }
        let mut patience = 0;
        let mut presumes = self.presumed.any();
        if self.is_idle() {
            fleet::count_sleeper(true);
            self.doze.lie_down();
            presumes |= self.presumed.any();
            if self.is_idle() && !presumes && !(heeds_signals && signal::came()) {
                patience = match self.timers.lock().next_deadline() {
                    None => u64::MAX,
                    Some(deadline) => deadline.saturating_sub(sys::now()),
                };
            }
        }
        // SAFETY: only this hub's carrier is here, and it's here once.
        let events = unsafe { &mut *self.events.get() };
        // First the turn: who takes our numbers away later than that ends this wait.
        self.turn.fetch_add(1, Ordering::SeqCst);
        let is_broken = self.is_broken.load(Ordering::SeqCst);
        let waited = if is_broken { Err(libc::EBADF) } else { self.poller.wait(events, patience) };
        self.turn.store(self.turn.load(Ordering::Relaxed).wrapping_add(1), Ordering::Release);
        let n = waited.unwrap_or_else(|e| {
            if poller::is_lost(e) {
                self.try_to_mend();
            }
            0
        });
        if self.doze.get_up() {
            self.note_awake();
        }
        self.clock.set(fleet::cycles());
        self.looked_at.set(self.clock.get());
        self.runs_since_clock.set(0);
        self.stats.polls.add(1);
        self.stats.events.add(n as u64);
        self.pending.set((0, n));
        self.crowd.set(self.crowd.get() - self.crowd.get() / 8 + n as u32 * (CROWD_UNIT / 8));
        if presumes {
            self.look_at_presumed(n);
        }
        if chaos::reigns() {
            let arrivals = self.deliver(EVENTS);
            self.receive(arrivals);
        }
        self.fire_timers();
    }

    /// A thread is going to wait on a descriptor without having tried; false if it has to. From any thread.
    #[inline]
    pub(super) fn presume(&self, fd: libc::c_int) -> bool {
        match self.presumed.add(fd) {
            Added::No => false,
            Added::First => {
                // A thread that has lost this hub may say so while the hub's carrier sleeps.
                self.ring(Doze::get_up);
                true
            }
            Added::More => true,
        }
    }

    /// Looks at those of its descriptors on which threads wait that haven't tried: at all before it sleeps, else at those for which
    /// that was long ago. Comes after a look at the poller, which has found so much.
    fn look_at_presumed(&self, found: usize) {
        let mut arrivals = RunQueue::new();
        let heard = found < EVENTS;
        let tell = |fd, events| listeners::tell(self, fd, events, &mut arrivals);
        if found == 0 {
            self.presumed.look_at_all(tell);
        } else if self.presumed.is_due(self.clock.get(), heard) {
            // SAFETY: only this hub's carrier is here, and it's here once; these are what the look has found.
            let events = unsafe { &(&(*self.events.get()))[..found] };
            events
                .iter()
                .filter(|event| event.token != ALARM)
                .for_each(|event| self.presumed.put_off(event.token as u32 as _));
            self.presumed.look_at_old(tell);
        }
        self.receive(arrivals);
    }

    #[cold]
    fn try_to_mend(&self) {
        if self.mend().is_err() {
            // There's nothing to wait in, for now.
            self.is_broken.store(true, Ordering::SeqCst);
            sys::nap(TRY_AGAIN);
        }
    }

    fn fire_timers(&self) {
        let mut timers = self.timers.lock();
        if timers.is_empty() {
            return;
        }
        let (fired, late) = timers.fire(sys::now());
        drop(timers);
        if fired > 0 {
            self.stats.timers.add(fired);
            self.stats.timers_late_us.add(late.sum / 1000);
            PROCESS.timer_latest_us.max_shared(late.most / 1000);
        }
    }

    /// Wakes `sleeper` at `deadline` (nanoseconds of CLOCK_MONOTONIC) unless cancelled before.
    ///
    /// # Safety
    /// The sleeper must stay valid until the timer has been cancelled or has fired.
    pub unsafe fn add_timer(&self, deadline: u64, sleeper: *const dyn Wake) -> TimerId {
        let id = self.timers.lock().add(deadline, sleeper);
        // A thread that has lost this hub may set a timer while the hub's carrier sleeps.
        self.ring(Doze::get_up);
        id
    }

    /// Forgets a timer; after this the sleeper is not touched. Fine for one that has fired.
    pub fn cancel_timer(&self, id: TimerId) {
        self.timers.lock().cancel(id);
    }

    /// Closes the hub's descriptors: in the child of a fork, where the poller is the parent's.
    pub fn close_after_fork(&self) {
        self.poller.close();
        self.alarm.close();
    }
}
