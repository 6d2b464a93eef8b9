//! A carrier of a thread's own: for one that makes choices which the kernel knows by kernel thread (processors, policies, CPU
//! clocks, robust mutexes), or that is to stay a kernel thread. It keeps that carrier until it ends; no hub runs there.

use super::{carrier::Carrier, signal, spares, Kind, Task};
use crate::lock::Lock;
use crate::{depth, sys};
use core::ptr;

/// Two may ask for one thread's own carrier at once.
static RESERVING: Lock<()> = Lock::new(());

/// In the child of a fork.
pub fn after_fork() {
    // SAFETY: the child has one thread; the lock guards no data of its own.
    unsafe { RESERVING.force_unlock() }
}

impl Carrier {
    /// The carrier that a coroutine has to itself, on which it is from its next run on, for good; None if it can't have one.
    /// The first thread's is the first one (`pin`), or none yet.
    pub fn reserve(task: &Task) -> Option<&'static Carrier> {
        // SAFETY: carriers live for ever, here and below.
        if let Some(own) = unsafe { task.own_carrier.get().as_ref() } {
            return Some(own);
        }
        if task.kind.get() == Kind::Host {
            return None;
        }
        let new = spares::get()?;
        while new.kernel_id() == 0 {
            // It has been started just now.
            sys::yield_processor();
        }
        let reserving = RESERVING.lock();
        // SAFETY: as above.
        if let Some(own) = unsafe { task.own_carrier.get().as_ref() } {
            drop(reserving);
            spares::put(new);
            return Some(own);
        }
        new.is_reserved.set(true);
        task.own_carrier.set(new);
        task.want_own_carrier();
        Some(new)
    }

    /// The task has ended, or will never begin: its own carrier, if it has one, is like any other again. `here`: the caller's.
    pub fn release(task: &Task, here: *const Carrier) {
        if task.own_carrier.get().is_null() {
            return;
        }
        let _reserving = RESERVING.lock();
        // SAFETY: as above.
        let Some(own) = (unsafe { task.own_carrier.replace(ptr::null()).as_ref() }) else { return };
        own.is_reserved.set(false);
        if !ptr::eq(own, here) {
            // It waits for that task.
            own.employ(None, None);
        }
    }

    /// The kernel thread's processors or policy are its thread's choice: they're put back when that has ended.
    pub fn note_altered(&self) {
        self.is_altered.set(true);
    }

    /// Whether one thread has it to itself.
    pub fn is_reserved(&self) -> bool {
        self.is_reserved.get()
    }

    /// Whether they are.
    pub fn is_altered(&self) -> bool {
        self.is_altered.get()
    }

    /// Gives the calling thread a kernel thread to itself, for good: what it does there is done under one kernel thread's
    /// id, and keeps nobody waiting. False if there's none to be had.
    pub fn pin(me: &'static Task) -> bool {
        /// How often main tries to get home, and how long it waits in between (ns).
        const TRIES: u32 = 500;
        const WHILE: u64 = 100_000;
        if ptr::eq(me.own_carrier.get(), Carrier::of(me)) {
            return true;
        }
        if me.kind.get() == Kind::Coroutine {
            let Some(own) = Carrier::reserve(me) else { return false };
            while !ptr::eq(Carrier::of(me), own) {
                me.yield_now();
            }
            return true;
        }
        me.want_own_carrier();
        for _ in 0..TRIES {
            // No handler, after which the thread may be elsewhere.
            depth::enter();
            let home = Carrier::of(me);
            if home.is_first {
                home.lend(me.hub());
                if home.run.get() == 0 || home.is_astray(me.hub()) {
                    home.is_reserved.set(true);
                    me.own_carrier.set(home);
                    signal::want_home(false);
                    depth::leave();
                    return true;
                }
            }
            depth::leave();
            // Whoever computes there is sent elsewhere.
            signal::want_home(true);
            me.nap(WHILE);
        }
        signal::want_home(false);
        me.wants_own_carrier.set(false);
        me.is_long.set(0);
        false
    }
}
