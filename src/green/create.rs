//! pthread_create: a block from the pool, dressed as a thread, queued on the creator's hub.

use super::block::Block;
use super::pool::{self, Taken};
use super::thread::Routine;
use super::{exit, limit, scheduling, start, tls, Green};
use crate::config;
use crate::hub::carrier::with_block;
use crate::hub::stats::PROCESS;
use crate::hub::{current, Hub, StackBounds, Task};
use crate::inspect::green_table;
use crate::process::masks;
use crate::sys;
use core::ptr;
use libc::{c_int, c_void, pthread_attr_t, pthread_t, size_t};

/// What a thread's attributes ask for.
pub struct Attributes {
    pub stack: usize,
    pub guard: usize,
    pub detached: bool,
    /// The program's own stack: its lowest address.
    pub memory: Option<usize>,
    /// The signals that it begins with blocked; its creator's if None.
    pub mask: Option<u64>,
    /// The processors that it begins on, if not its creator's.
    pub processors: Option<libc::cpu_set_t>,
    /// A real-time policy: that wants a kernel thread.
    pub realtime: bool,
}

/// glibc's MINIMAL_REST_STACK: what a stack of the program's own must leave for the thread.
const LEAST_STACK: usize = 2048;

// libc's, missing from the crate.
extern "C" {
    fn pthread_getattr_default_np(attr: *mut pthread_attr_t) -> c_int;
    fn pthread_attr_getaffinity_np(attr: *const pthread_attr_t, size: size_t, set: *mut libc::cpu_set_t) -> c_int;
    fn pthread_attr_getsigmask_np(attr: *const pthread_attr_t, mask: *mut libc::sigset_t) -> c_int;
    fn pthread_attr_getdetachstate(attr: *const pthread_attr_t, state: *mut c_int) -> c_int;
}

/// Reads them; the process's defaults where `attr` is NULL.
///
/// # Safety
/// NULL or an initialised attribute object.
pub unsafe fn attributes_of(attr: *const pthread_attr_t) -> Attributes {
    // SAFETY: all-zero is fine for an object that is only filled.
    let mut defaults: pthread_attr_t = unsafe { core::mem::zeroed() };
    let (mut stack, mut guard, mut detach, mut policy, mut inherit) = (0 as size_t, 0 as size_t, 0, 0, 0);
    let mut memory: *mut c_void = ptr::null_mut();
    let mut explicit: size_t = 0;
    // SAFETY: by this function's contract; these functions are libc's own and only read the object.
    unsafe {
        pthread_getattr_default_np(&mut defaults);
        libc::pthread_attr_getstacksize(&defaults, &mut stack);
        libc::pthread_attr_getguardsize(&defaults, &mut guard);
        let default = stack;
        if !attr.is_null() {
            libc::pthread_attr_getstacksize(attr, &mut stack);
            libc::pthread_attr_getguardsize(attr, &mut guard);
            pthread_attr_getdetachstate(attr, &mut detach);
            libc::pthread_attr_getschedpolicy(attr, &mut policy);
            libc::pthread_attr_getinheritsched(attr, &mut inherit);
            libc::pthread_attr_getstack(attr, &mut memory, &mut explicit);
        }
        libc::pthread_attr_destroy(&mut defaults);
        let mut mask: libc::sigset_t = core::mem::zeroed();
        let has_mask = !attr.is_null() && pthread_attr_getsigmask_np(attr, &mut mask) == 0;
        let mut processors: libc::cpu_set_t = core::mem::zeroed();
        let is_set = |set: &libc::cpu_set_t| {
            // Unset reads as all that there could be.
            (0..libc::CPU_SETSIZE as usize).any(|n| !libc::CPU_ISSET(n, set))
        };
        let has_processors = !attr.is_null()
            && pthread_attr_getaffinity_np(attr, size_of_val(&processors), &mut processors) == 0
            && is_set(&processors);
        let given = !memory.is_null() && memory as usize != 0usize.wrapping_sub(explicit);
        let wanted = config::get().stack;
        if !given && wanted != 0 {
            stack = if stack == default { wanted } else { stack.max(wanted) };
        }
        Attributes {
            stack,
            guard: guard.next_multiple_of(super::block::PAGE),
            detached: detach == libc::PTHREAD_CREATE_DETACHED,
            memory: given.then_some(memory as usize),
            // The kernel's part of a sigset_t is its first word.
            mask: has_mask.then_some(*(&mask as *const _ as *const u64)),
            processors: has_processors.then_some(processors),
            realtime: inherit == libc::PTHREAD_EXPLICIT_SCHED && policy != libc::SCHED_OTHER,
        }
    }
}

/// Creates a green thread and queues it on `hub`; its pthread_t is in `id` before it runs. 0 or EAGAIN (no stack,
/// no memory).
///
/// # Safety
/// As for pthread_create(3). The caller is on a green thread, or on a native one that is not in a hub's loop.
pub unsafe fn create(
    hub: &'static Hub,
    a: &Attributes,
    id: *mut pthread_t,
    routine: Routine,
    argument: *mut c_void,
) -> c_int {
    if !limit::enter() {
        return libc::EAGAIN;
    }
    // As glibc: TLS and control block come out of it, and something must be left.
    if a.memory.is_some() && a.stack < Block::overhead() + LEAST_STACK {
        limit::leave();
        return libc::EINVAL;
    }
    let green = match a.memory {
        // SAFETY: the program gives this memory for this purpose.
        Some(low) => unsafe { on_borrowed(a, low) },
        None => on_pooled(a),
    };
    let Some(green) = green else {
        limit::leave();
        return libc::EAGAIN;
    };
    green.routine.set(Some(routine));
    green.argument.set(argument);
    PROCESS.threads.add_shared(1);
    PROCESS.peak.max_shared(PROCESS.alive.add_shared(1));
    exit::count_in();
    // SAFETY: the block is this thread's alone; `id` is the caller's.
    unsafe {
        green.task.prepare(green.block.stack(), start::bottom);
        *id = green.pthread();
    }
    let inherited = || current().map_or_else(|| sys::signal_mask(libc::SIG_BLOCK, None), |me| me.blocked_signals.get());
    masks::inherit(&green.task, a.mask.unwrap_or_else(inherited));
    if let Some(me) = current() {
        scheduling::inherit(me, &green.task);
        green.name.set(Green::of(me).name.get());
        green.is_named.set(Green::of(me).is_named.get());
    }
    if let Some(set) = &a.processors {
        let r = scheduling::begin_on(&green.task, set);
        if r != 0 {
            exit::never_began(green);
            return r;
        }
    }
    green.task.start(hub);
    0
}

fn on_pooled(a: &Attributes) -> Option<&'static Green> {
    match pool::take(Block::size_for(a.stack, a.guard), a.guard).ok()? {
        Taken::New(block) => {
            block.populate();
            // SAFETY: fresh memory, all zeros.
            let green = unsafe { furnish(block, a) };
            if green.is_none() {
                pool::waste(&block);
            }
            green
        }
        Taken::Used(old) => {
            let block = old.block;
            let (tp, green) = (block.thread_pointer(), block.green());
            // SAFETY: the pool gave us the block; nobody runs on it.
            unsafe {
                if !tls::renew(tp, green as usize) {
                    tls::discard(tp);
                    let low = tp - tls::layout().below;
                    ptr::write_bytes(low as *mut u8, 0, tls::layout().below + tls::layout().above);
                    return furnish(block, a);
                }
                settle(block, a);
                Some(&*green)
            }
        }
    }
}

/// # Safety
/// `low` and `a.stack` bytes from it must be the program's gift.
unsafe fn on_borrowed(a: &Attributes, low: usize) -> Option<&'static Green> {
    let block = Block { low, size: a.stack, guard: 0, borrowed: true };
    let top = Block::overhead();
    let zero = low + a.stack - top;
    // SAFETY: by this function's contract; the top is ours now and must read as zeros.
    unsafe {
        ptr::write_bytes(zero as *mut u8, 0, top);
        green_table.add_single(low, a.stack);
        furnish(block, a).or_else(|| {
            green_table.remove_range(low);
            None
        })
    }
}

/// Builds TLS, TCB and Green into a block. None: no memory.
///
/// # Safety
/// The block's top must read as zeros and be nobody else's.
unsafe fn furnish(block: Block, a: &Attributes) -> Option<&'static Green> {
    // SAFETY: by this function's contract.
    unsafe {
        if !tls::build(block.thread_pointer(), block.green() as usize) {
            return None;
        }
        settle(block, a);
        Some(&*block.green())
    }
}

/// What the first carrier's loop runs on: a stack, and a thread pointer of its own. None: no memory.
///
/// Signal handlers that were put off may come to run there, so it's not too small.
pub fn loop_block() -> Option<(StackBounds, usize)> {
    const STACK: usize = 256 << 10;
    let block = match pool::take(Block::size_for(STACK, super::block::PAGE), super::block::PAGE).ok()? {
        Taken::New(block) => block,
        Taken::Used(old) => old.block,
    };
    let tp = block.thread_pointer();
    // SAFETY: the pool gave us the block, and nobody runs on it; a loop is no green thread.
    let built = unsafe {
        ptr::write_bytes((tp - tls::layout().below) as *mut u8, 0, tls::layout().below + tls::layout().above);
        tls::build(tp, 0)
    };
    built.then(|| {
        with_block(tp, tls::enter);
        (block.stack(), tp)
    })
}

/// Writes a new Green into its place.
///
/// # Safety
/// The place must be nobody else's.
unsafe fn settle(block: Block, a: &Attributes) {
    let task = Task::coroutine(block.thread_pointer(), exit::task_ended);
    // SAFETY: by this function's contract.
    unsafe { block.green().write(Green::new(task, block, a.detached)) };
}
