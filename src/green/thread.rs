//! A green thread: a task, and what makes it a pthread.

use super::block::Block;
use super::{exit, limit, pool, tls};
use crate::hub::{carrier, current, fleet, thread_pointer, Hub, Kind, Parked, Seen, StackBounds, Task, Wake};
use crate::inspect::table::{stage, Offsets};
use crate::inspect::{self, green_table};
use crate::lock::Lock;
use crate::sys;
use core::cell::Cell;
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use libc::{c_void, pthread_t};

pub type Routine = extern "C" fn(*mut c_void) -> *mut c_void;

/// It lies above the stack in its own block (the first thread's and a forked child's lie on the heap).
#[repr(C)]
pub struct Green {
    /// First, so that the hub's pointer to it is a pointer to this.
    pub task: Task,
    pub(super) block: Block,
    pub(super) routine: Cell<Option<Routine>>,
    pub(super) argument: Cell<*mut c_void>,
    pub(super) result: Cell<*mut c_void>,
    pub(super) life: Lock<Life>,
    /// Its name, if it was given one: a name may be empty.
    pub(super) name: Cell<[u8; 16]>,
    pub(super) is_named: Cell<bool>,
    pub(super) pool_next: Cell<*const Green>,
    /// For `inspect`: a `stage`.
    pub(super) stage: AtomicU32,
}

/// Who may still come for it.
pub struct Life {
    pub detached: bool,
    pub ended: bool,
    /// Joined, or ended and detached: the pthread_t means nothing any more.
    pub gone: bool,
    /// The joiner, which waits.
    pub joiner: Option<*const dyn Wake>,
    /// The joiner's thread, for deadlocks of two.
    pub joiner_task: *const Task,
}

impl Life {
    pub const fn new(detached: bool) -> Self {
        Life { detached, ended: false, gone: false, joiner: None, joiner_task: ptr::null() }
    }
}

impl Green {
    pub(super) fn new(task: Task, block: Block, detached: bool) -> Self {
        Green {
            task,
            block,
            routine: Cell::new(None),
            argument: Cell::new(ptr::null_mut()),
            result: Cell::new(ptr::null_mut()),
            life: Lock::new(Life::new(detached)),
            name: Cell::new([0; 16]),
            is_named: Cell::new(false),
            pool_next: Cell::new(ptr::null()),
            stage: AtomicU32::new(green_table.stage(stage::ALIVE)),
        }
    }

    /// The green thread whose task this is.
    pub fn of(task: &Task) -> &'static Green {
        // SAFETY: every task is the first field of a Green (the hub makes none of its own that gets here), and the
        // layout is repr(C).
        unsafe { &*(task as *const Task as *const Green) }
    }

    /// Who may still come for it, locked: while it is, the thread can't become another.
    pub(crate) fn life_state(&self) -> crate::lock::Guard<'_, Life> {
        self.life.lock()
    }

    pub fn pthread(&self) -> pthread_t {
        self.task.thread_pointer as pthread_t
    }
}

/// The first thread of the process, or what a forked child goes on with. Its TLS variable is empty while it runs
/// the hub's loop, so it's found here.
static HOST: AtomicPtr<Green> = AtomicPtr::new(ptr::null_mut());

/// The first thread, if it's green.
pub fn host() -> Option<&'static Task> {
    // SAFETY: the host lives for ever.
    unsafe { HOST.load(Ordering::Acquire).as_ref() }.map(|green| &green.task)
}

/// The green thread with this pthread_t; None when it's a native one.
pub fn from_pthread(id: pthread_t) -> Option<&'static Green> {
    // SAFETY: the host lives for ever.
    if let Some(host) = unsafe { HOST.load(Ordering::Acquire).as_ref() } {
        if host.pthread() == id {
            return Some(host);
        }
    }
    if id == 0 {
        return None;
    }
    // SAFETY: a pthread_t is a TCB; one that was joined is in our pool, still mapped (natively it would be the
    // program's error to use it).
    unsafe { (tls::task_of(id as usize) as *const Green).as_ref() }
}

/// Each coroutine that lives, but for those beyond what `inspect` lists. One that's found may end, and its block be another's
/// soon: look at it with its life locked.
pub fn coroutines() -> impl Iterator<Item = &'static Green> {
    green_table.records(Block::record_at(false)).filter_map(|record| {
        // SAFETY: a listed block is mapped as long as a thread may live in it, and reads as zeros before the first.
        let green = unsafe { &*(record as *const Green) };
        let lives = green.stage.load(Ordering::Acquire) == green_table.stage(stage::ALIVE);
        (lives && green.task.kind.get() == Kind::Coroutine).then_some(green)
    })
}

/// Makes the calling kernel thread's own code a green thread: the host of its carrier. It stays what it was in all
/// other respects.
pub fn adopt_caller() -> &'static Green {
    let tp = thread_pointer::get();
    // SAFETY: the host lives for ever.
    let old = unsafe { HOST.load(Ordering::Acquire).as_ref() };
    let green = match old {
        // The child of a fork starts anew.
        Some(g) if g.task.thread_pointer == tp => g,
        _ => {
            let block = Block { low: 0, size: 0, guard: 0, borrowed: true };
            &*Box::leak(Box::new(Green::new(Task::host(tp, exit::task_ended), block, false)))
        }
    };
    HOST.store(green as *const Green as *mut Green, Ordering::Release);
    green_table.host.store(green as *const Green as usize, Ordering::Release);
    current::set_current(&green.task);
    green
}

/// A thread's name, padded with NULs, as `green ps` shows it: all NULs if it has none of its own.
pub fn name_of(task: &Task) -> [u8; 16] {
    let green = Green::of(task);
    match task.kind.get() {
        Kind::Host if !green.is_named.get() => *b"main\0\0\0\0\0\0\0\0\0\0\0\0",
        _ => green.name.get(),
    }
}

/// Tells `inspect` where things are. At activation.
pub fn describe() {
    use core::mem::offset_of;
    let [next_carrier, running, kernel_id] = carrier::SEEN.map(|o| o as u32);
    let [hub_kernel_id, hub_clock] = Hub::SEEN.map(|o| o as u32);
    let task = offset_of!(Green, task);
    let seen = Seen::find();
    let offsets = Offsets {
        record: Block::record_at(false) as u32,
        single_record: Block::record_at(true) as u32,
        stage: offset_of!(Green, stage) as u32,
        thread_pointer: (task + offset_of!(Task, thread_pointer)) as u32,
        name: offset_of!(Green, name) as u32,
        routine: offset_of!(Green, routine) as u32,
        parked: (task + offset_of!(Task, parked)) as u32,
        cause: offset_of!(Parked, cause) as u32,
        on: offset_of!(Parked, on) as u32,
        since: offset_of!(Parked, since) as u32,
        sleeper: offset_of!(Parked, sleeper) as u32,
        woken: crate::wait::STATE as u32,
        next_carrier,
        running,
        kernel_id,
        tid: tls::layout().tid() as u32,
        hub: (task + seen.hub) as u32,
        kind: (task + seen.kind) as u32,
        coroutine_sp: (task + seen.coroutine_sp) as u32,
        host_sp: (task + seen.host_sp) as u32,
        hub_kernel_id,
        hub_clock,
    };
    inspect::describe(offsets, fleet::array(), seen.outermost, fleet::cycles(), sys::now());
}

/// In the child of a fork: the calling thread is the only one, and no hub's.
pub fn start_anew(task: Option<&'static Task>) {
    pool::after_fork();
    exit::count_anew();
    limit::after_fork();
    if let Some(task) = task {
        task.become_host(StackBounds { base: 0, limit: 0 });
        let life = &Green::of(task).life;
        // SAFETY: the child has one thread, and the parent's joiner is not in it.
        unsafe { life.force_unlock() };
        let mut life = life.lock();
        *life = Life::new(life.detached);
        Green::of(task).stage.store(green_table.stage(stage::ALIVE), Ordering::Relaxed);
        green_table.host.store(task as *const Task as usize, Ordering::Relaxed);
        HOST.store(Green::of(task) as *const Green as *mut Green, Ordering::Release);
    }
    current::set_current(ptr::null());
}
