//! Activation: from plain calls through to hubs and green threads, at the process's first pthread_create; and the
//! way back to plain, in the child of a fork.

use crate::green::{self, tls};
use crate::hub::carrier::Carrier;
use crate::hub::{
    chaos, clerk, fleet, listeners, nursery, own_carrier, signal, spares, thread_pointer, watcher, Hub, Task,
};
use crate::io::{known, multiplex};
use crate::lock::Lock;
use crate::process::{actions, altstack, children, directed, internal, masks, minder, pending, relay, system};
use crate::report::Errno;
use crate::wait::{borrow, parking};
use crate::{audit, below, config, depth, inspect, output, sys, tell, trace, valgrind};
use core::ptr;
use core::sync::atomic::{AtomicU8, Ordering};
use libc::{c_int, c_void};

const DORMANT: u8 = 0;
pub const ACTIVE: u8 = 1;
/// Told why, once; every thread is native from now on.
const NATIVE: u8 = 2;

pub static STATE: AtomicU8 = AtomicU8::new(DORMANT);

/// Whether green threads may exist. Before that each hook is a plain call through.
#[inline(always)]
pub fn is_active() -> bool {
    STATE.load(Ordering::Relaxed) == ACTIVE
}

/// The hub for a new thread: the creator's own, where it finds its data warm.
pub fn hub_for_new(me: Option<&'static Task>) -> Option<&'static Hub> {
    match me {
        Some(me) => Some(me.hub()),
        None => fleet::hubs().next(),
    }
}

/// Held by who makes the process active.
static STARTING: Lock<()> = Lock::new(());

/// Makes the process active, if it isn't and can be; whether green threads may be created.
pub fn activate() -> bool {
    if STATE.load(Ordering::Acquire) == DORMANT {
        // Two native threads may come here at once; the second finds the work done.
        let _starting = STARTING.lock();
        if STATE.load(Ordering::Acquire) == DORMANT {
            let state = match start() {
                Ok(()) => ACTIVE,
                Err(why) => {
                    if let Some(why) = why {
                        tell!("this process stays native: {why}");
                    }
                    NATIVE
                }
            };
            STATE.store(state, Ordering::Release);
        }
    }
    is_active()
}

/// Why not, if there's something to say.
type Refusal = Option<Reason>;

/// A reason that can be printed without allocating.
enum Reason {
    Missing(&'static str),
    Kernel(&'static str, c_int),
}

impl core::fmt::Display for Reason {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Reason::Missing(name) => write!(f, "this libc has no {name} (glibc 2.34 or later on x86-64 is needed)"),
            Reason::Kernel(what, libc::EMFILE) => {
                write!(f, "no file descriptors left for {what} (EMFILE, see ulimit -n)")
            }
            Reason::Kernel(what, e) => write!(f, "the kernel refuses {what} ({})", Errno(*e)),
        }
    }
}

/// The steps, in order. Each is undone by nobody: a step that fails leaves the process native, which needs none.
fn start() -> Result<(), Refusal> {
    let config = config::get();
    if config.disable {
        return Err(None);
    }
    config::complain();
    output::expect();
    let missing = |name| Some(Reason::Missing(name));
    below::resolve().map_err(missing)?;
    if valgrind::is_here() {
        sys::avoid_pwait2();
    }
    listeners::reserve().map_err(|e| Some(Reason::Kernel("memory for the fd table", e)))?;
    let hub = new_hub(config.budget).map_err(|e| Some(Reason::Kernel("a hub's poller", e)))?;
    tls::announce_threads().map_err(|e| Some(Reason::Kernel("a first native thread", e)))?;
    tls::probe().map_err(missing)?;
    thread_pointer::probe();
    let real = below::get();
    tls::probe_cancellation(real.pthread_setcanceltype, real.pthread_setcancelstate);
    borrow::prepare();
    known::take_over_early();
    spares::set_starter(start_carrier);
    minder::set_starter(|| start_native(minder_main, ptr::null_mut()));
    clerk::set_starter(|| start_native(clerk_main, ptr::null_mut()));
    spares::note_processors();
    if config.debug_blocking_ms > 0 {
        audit::prepare();
    }
    trace::begin(green::name_of);
    if sys::gettid() == sys::getpid() {
        let (stack, tp) = green::loop_block().ok_or(Some(Reason::Kernel("a stack for the hub", libc::ENOMEM)))?;
        fleet::add(hub);
        let main = &green::adopt_caller().task;
        main.become_host(stack);
        masks::begin(main);
        altstack::take_over(main);
        // SAFETY: the block is new, and the caller is the process's first thread.
        unsafe { Carrier::first(hub, main, stack.base, tp) };
        signal::tell_hub(hub);
    } else {
        // The first to create a thread is a foreign kernel thread, which may end at any time: the hub gets one of
        // its own.
        start_hub(hub).map_err(|e| Some(Reason::Kernel("a carrier thread", e)))?;
    }
    inspect::describe_counters(fleet::counters());
    green::describe();
    green::guard_main();
    green::install();
    depth::set_runner(relay::run);
    signal::set_router(relay::route);
    actions::take_over();
    internal::install();
    if let Some(seed) = config.chaos {
        chaos::begin(seed);
    }
    // Valgrind runs one thread at a time, and has been seen to hang with two hubs.
    let hubs = if valgrind::is_here() { 1 } else { config.hubs };
    for n in 1..hubs {
        if let Err(e) = new_hub(config.budget).and_then(start_hub) {
            tell!("{n} hubs instead of {hubs}: the kernel refuses another ({})", Errno(e));
            break;
        }
    }
    if let Err(e) = start_native(watcher_main, ptr::null_mut()) {
        tell!("no watcher ({}): what waits on a hub whose thread computes waits for it", Errno(e));
    }
    // Without it who needs another kernel thread starts it.
    if start_native(nursery_main, ptr::null_mut()).is_ok() {
        nursery::begun();
    }
    if config.debug_blocking_ms > 0 {
        if let Err(e) = start_native(auditor_main, ptr::null_mut()) {
            tell!("no blocking audit ({})", Errno(e));
        }
    }
    Ok(())
}

fn new_hub(budget: u32) -> sys::Result<&'static Hub> {
    Ok(&*Box::leak(Box::new(Hub::new(budget)?)))
}

/// Starts a kernel thread that runs a new hub.
fn start_hub(hub: &'static Hub) -> sys::Result<()> {
    let carrier = spares::start()?;
    fleet::add(hub);
    carrier.employ(Some(hub), None);
    Ok(())
}

extern "C" fn carrier_main(carrier: *mut c_void) -> *mut c_void {
    green::guard_main();
    // SAFETY: `start_carrier` passes a carrier, which lives for ever.
    unsafe { &*(carrier as *const Carrier) }.begin()
}

extern "C" fn watcher_main(_: *mut c_void) -> *mut c_void {
    watcher::watch(directed::remind, green::trim)
}

extern "C" fn nursery_main(_: *mut c_void) -> *mut c_void {
    nursery::work()
}

extern "C" fn minder_main(_: *mut c_void) -> *mut c_void {
    minder::mind()
}

extern "C" fn clerk_main(_: *mut c_void) -> *mut c_void {
    clerk::work()
}

extern "C" fn auditor_main(_: *mut c_void) -> *mut c_void {
    audit::run()
}

fn start_carrier(carrier: &'static Carrier) -> sys::Result<()> {
    start_native(carrier_main, carrier as *const Carrier as *mut c_void)
}

extern "C" {
    /// glibc 2.32 and later: the mask that the thread begins with.
    fn pthread_attr_setsigmask_np(attributes: *mut libc::pthread_attr_t, mask: *const libc::sigset_t) -> c_int;
}

/// Starts a kernel thread of ours, which leaves the program's signals alone. EAGAIN, ENOMEM as pthread_create(3).
fn start_native(main: extern "C" fn(*mut c_void) -> *mut c_void, argument: *mut c_void) -> sys::Result<()> {
    /// Signal handlers aside, nothing of the program's runs there.
    const STACK: usize = 256 << 10;
    let mut id = 0;
    let audited = if config::get().debug_blocking_ms > 0 { audit::signal_bit() } else { 0 };
    let blocked = sys::signal_set(masks::not_for_carriers() & !audited);
    // The caller's own mask is left alone: what would be put back after this might have been changed meanwhile, by a poke. And with
    // glibc's signal 33 blocked, setuid(2) on another thread would wait for this one, which waits for its lock.
    // SAFETY: as for pthread_create(3); the attributes are initialised here.
    let r = unsafe {
        let mut attributes: libc::pthread_attr_t = core::mem::zeroed();
        libc::pthread_attr_init(&mut attributes);
        libc::pthread_attr_setdetachstate(&mut attributes, libc::PTHREAD_CREATE_DETACHED);
        libc::pthread_attr_setstacksize(&mut attributes, tls::layout().below.next_multiple_of(1 << 16) + STACK);
        let r = match pthread_attr_setsigmask_np(&mut attributes, &blocked) {
            0 => (below::get().pthread_create)(&mut id, &attributes, main, argument),
            e => e,
        };
        libc::pthread_attr_destroy(&mut attributes);
        r
    };
    match r {
        0 => Ok(()),
        e => Err(e),
    }
}

/// In the child of a fork, which has only the calling thread: forgets the parent's hubs, which stay the parent's.
pub fn restart_in_child(me: Option<&'static Task>) {
    if STATE.load(Ordering::Relaxed) != ACTIVE {
        return;
    }
    STATE.store(DORMANT, Ordering::Relaxed);
    // No handler before all is as new.
    depth::enter();
    crate::inspect::after_fork();
    crate::heap_after_fork();
    fleet::hubs().for_each(Hub::close_after_fork);
    fleet::disband();
    signal::after_fork();
    spares::after_fork();
    own_carrier::after_fork();
    green::forget_natives();
    // SAFETY: the child has one thread, and the lock guards no data of its own.
    unsafe { STARTING.force_unlock() };
    watcher::after_fork();
    nursery::after_fork();
    children::after_fork();
    minder::after_fork();
    system::after_fork();
    audit::after_fork();
    multiplex::many::after_fork();
    listeners::clear();
    parking::clear();
    green::start_anew(me);
    tls::after_fork();
    actions::after_fork();
    pending::after_fork();
    masks::after_fork(me);
    if let Some(me) = me {
        altstack::after_fork(me);
    }
    crate::io::resolver::after_fork();
    crate::stats::reset();
    trace::after_fork();
    depth::leave();
}
