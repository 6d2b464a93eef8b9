//! The spare carriers: kernel threads with nothing to do, ready to take a hub whose carrier is stuck, or a thread that is
//! known to be long. One more is started when there's none, up to GREEN_MAX_CARRIERS: by the `nursery`, or by a green thread that needs it.
//!
//! The first carrier is kept apart: it's main's home, and gets a hub when there's one to give, or main, but no other thread.

use super::{carrier::Carrier, nursery, stats::PROCESS};
use crate::lock::Lock;
use crate::report::Errno;
use crate::{config, sys, tell};
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};

/// All carriers there are, the latest first.
static ALL: AtomicPtr<Carrier> = AtomicPtr::new(ptr::null_mut());

/// Each carrier; ones that come meanwhile may be missing. Those that were there before keep their order, from the end.
pub fn all() -> impl Iterator<Item = &'static Carrier> {
    // SAFETY: carriers live for ever, and a link is written before its carrier is seen here.
    let mut next = unsafe { ALL.load(Ordering::Acquire).as_ref() };
    core::iter::from_fn(move || {
        let carrier = next?;
        // SAFETY: as above.
        next = unsafe { carrier.next_of_all.get().as_ref() };
        Some(carrier)
    })
}

fn add_to_all(carrier: &'static Carrier) {
    let this = carrier as *const Carrier as *mut Carrier;
    let _ = ALL.fetch_update(Ordering::AcqRel, Ordering::Acquire, |first| {
        carrier.next_of_all.set(first);
        Some(this)
    });
    crate::inspect::green_table.carriers.store(ALL.load(Ordering::Acquire) as usize, Ordering::Release);
}

struct Spares {
    /// The last that came is the first to go: its caches are warm.
    stack: *const Carrier,
    count: usize,
    first_is_spare: bool,
}

impl Spares {
    const NONE: Spares = Spares { stack: ptr::null(), count: 0, first_is_spare: false };
}

static SPARES: Lock<Spares> = Lock::new(Spares::NONE);

static FIRST: AtomicPtr<Carrier> = AtomicPtr::new(ptr::null_mut());

/// How many carriers there are.
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Whether it was told that there can't be more.
static TOLD: AtomicBool = AtomicBool::new(false);

/// Starts the kernel thread of a carrier; given by `runtime`, which knows what such a thread needs.
pub type Starter = fn(&'static Carrier) -> sys::Result<()>;

static STARTER: once_cell::sync::OnceCell<Starter> = once_cell::sync::OnceCell::new();

/// Says how carriers are started.
pub fn set_starter(starter: Starter) {
    let _ = STARTER.set(starter);
}

/// A carrier that is more. The error that the kernel gives when there can't be one; EAGAIN at our own limit.
pub fn start() -> sys::Result<&'static Carrier> {
    let most = config::get().max_carriers;
    if COUNT.fetch_add(1, Ordering::Relaxed) >= most {
        COUNT.fetch_sub(1, Ordering::Relaxed);
        return Err(libc::EAGAIN);
    }
    let carrier: &'static Carrier = Box::leak(Box::new(Carrier::new()));
    let started = STARTER.get().map_or(Err(libc::ENOSYS), |start| start(carrier));
    match started {
        Ok(()) => {
            add_to_all(carrier);
            PROCESS.carriers.max_shared(COUNT.load(Ordering::Relaxed) as u64);
            Ok(carrier)
        }
        Err(e) => {
            COUNT.fetch_sub(1, Ordering::Relaxed);
            Err(e)
        }
    }
}

/// Makes a carrier a spare one.
pub(super) fn put(carrier: &Carrier) {
    let mut spares = SPARES.lock();
    if carrier.is_first() {
        spares.first_is_spare = true;
    } else {
        carrier.next.set(spares.stack);
        spares.stack = carrier;
        spares.count += 1;
    }
}

/// A carrier for a green thread's call that is known to be long: a spare one or a new one. None when there can't be more, which is
/// told once.
pub(super) fn get() -> Option<&'static Carrier> {
    take().or_else(|| start_or_tell(true))
}

/// A spare one that is there, for a thread that is better off on another carrier than its hub's, but does without. If there's none the
/// nursery sees to it.
pub(super) fn get_ready() -> Option<&'static Carrier> {
    take_or_lack(false)
}

fn take_or_lack(tells: bool) -> Option<&'static Carrier> {
    let lacks = || {
        if !nursery::is_there() {
            return start_or_tell(tells);
        }
        nursery::lacks(tells);
        None
    };
    take().or_else(lacks)
}

/// A new one. None if there can't be one, which is told once if it `tells`.
fn start_or_tell(tells: bool) -> Option<&'static Carrier> {
    start().map_err(|e| tells.then(|| tell_once(e))).ok()
}

/// Has a spare carrier ready for the calling thread, which is about to go there; false if there can't be one.
pub(super) fn prepare() -> bool {
    ready() > 0 || add(false)
}

/// How many are ready.
pub(super) fn ready() -> usize {
    SPARES.lock().count
}

/// Starts one more. False if there can't be one, which is told once if it `tells`.
pub(super) fn add(tells: bool) -> bool {
    start_or_tell(tells).map(put).is_some()
}

fn take() -> Option<&'static Carrier> {
    let mut spares = SPARES.lock();
    // SAFETY: carriers live for ever, and one in the list is nobody else's.
    let carrier = unsafe { spares.stack.as_ref() }?;
    spares.stack = carrier.next.get();
    spares.count -= 1;
    let left = spares.count;
    drop(spares);
    nursery::taken(left);
    Some(carrier)
}

/// A carrier for a hub whose own is kept: the first one if it's spare, so that main goes on at home; else any that is ready. None if the
/// nursery has to start one first, or there can't be more.
pub(super) fn get_for_hub() -> Option<&'static Carrier> {
    get_first().or_else(|| take_or_lack(true))
}

/// The first carrier, if it's spare.
pub(super) fn get_first() -> Option<&'static Carrier> {
    if !core::mem::replace(&mut SPARES.lock().first_is_spare, false) {
        return None;
    }
    first()
}

/// The first carrier, whatever it does.
pub fn first() -> Option<&'static Carrier> {
    // SAFETY: carriers live for ever.
    unsafe { FIRST.load(Ordering::Acquire).as_ref() }
}

/// The processors that carriers run on: those of the process when it became active.
static PROCESSORS: Lock<sys::Processors> = Lock::new([0; 16]);

/// Notes them.
pub fn note_processors() {
    *PROCESSORS.lock() = sys::processors_of(0).unwrap_or([u64::MAX; 16]);
}

pub(super) fn processors() -> sys::Processors {
    *PROCESSORS.lock()
}

/// Notes the first carrier.
pub(super) fn set_first(carrier: &'static Carrier) {
    FIRST.store(carrier as *const Carrier as *mut Carrier, Ordering::Release);
    add_to_all(carrier);
    COUNT.fetch_add(1, Ordering::Relaxed);
    PROCESS.carriers.max_shared(1);
}

#[cold]
fn tell_once(e: i32) {
    if TOLD.swap(true, Ordering::Relaxed) {
        return;
    }
    let n = COUNT.load(Ordering::Relaxed);
    if n >= config::get().max_carriers {
        tell!(
            "{n} threads hold a kernel thread each (GREEN_MAX_CARRIERS); what else waits on their hubs waits for them"
        );
    } else {
        tell!(
            "{n} kernel threads and no more to be had ({}); what waits on a hub whose thread computes waits for it",
            Errno(e)
        );
    }
}

/// In the child of a fork, which has none of them.
pub fn after_fork() {
    // SAFETY: the child has one thread.
    unsafe {
        SPARES.force_unlock();
        PROCESSORS.force_unlock();
    }
    *SPARES.lock() = Spares::NONE;
    FIRST.store(ptr::null_mut(), Ordering::Relaxed);
    ALL.store(ptr::null_mut(), Ordering::Relaxed);
    COUNT.store(0, Ordering::Relaxed);
    TOLD.store(false, Ordering::Relaxed);
}
