//! The table that others read from outside this process's memory (`green ps PID`): where the green threads are, and where in
//! each one the facts lie. Shared by the library, which fills it, and the command, which reads it; so nothing here refers to
//! either.
//!
//! A reader takes the process as it is, running or stopped, or a core file: whatever it reads may be a moment old or half
//! new, and it checks each pointer by reading through it.

use core::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

/// The symbol that the library exports.
pub const SYMBOL: &str = "green_table";
/// What stands at its beginning.
pub const MAGIC: [u8; 8] = *b"libgreen";
/// Rises with every change of layout or meaning.
pub const VERSION: u32 = 5;

/// The most ranges of memory that are listed; threads in further ones aren't shown.
pub const RANGES: usize = 16384;

/// Marks, in a range's number of blocks, memory that one thread's creator gave it (pthread_attr_setstack(3)).
pub const SINGLE: usize = 1 << 63;

/// A range that blocks of one size were cut from, one after the other.
#[repr(C)]
pub struct Range {
    pub low: AtomicUsize,
    /// Of each block.
    pub size: AtomicUsize,
    pub blocks: AtomicUsize,
}

/// Byte offsets, where not said otherwise.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offsets {
    /// How far a thread's record is from the end of its block, rounded down to 64 bytes; and in one that its creator gave it.
    pub record: u32,
    pub single_record: u32,
    /// In the record: its stage (a word), its thread pointer, the 16 bytes of its name, its start routine.
    pub stage: u32,
    pub thread_pointer: u32,
    pub name: u32,
    pub routine: u32,
    /// A pointer to its present wait, NULL if it doesn't wait (or if somebody is looking at that).
    pub parked: u32,
    /// In a wait: the cause (a byte, `Cause`), what it is for, since when (cycles), and the waiter's address.
    pub cause: u32,
    pub on: u32,
    pub since: u32,
    pub sleeper: u32,
    /// In a waiter: its state, a 32-bit word, 2 or more once it was woken or is to look around.
    pub woken: u32,
    /// In a carrier: the next of all, the thread that it runs, its kernel thread's id.
    pub next_carrier: u32,
    pub running: u32,
    pub kernel_id: u32,
    /// From the thread pointer: glibc's thread id, which is the owner in locks.
    pub tid: u32,
    /// In the record: the hub that it ran on last; a byte, 0 for a coroutine and 1 for the first thread; where the saved stack
    /// pointer is of a coroutine that doesn't run, and of the first thread.
    ///
    /// At a coroutine's stack pointer lie rip, rbx and rbp as they were left, at the first thread's r15, r14, r13, r12, rbx, rbp and
    /// rip; what lies above is the stack as it was.
    pub hub: u32,
    pub kind: u32,
    pub coroutine_sp: u32,
    pub host_sp: u32,
    /// In a hub: its kernel thread's id, and when it last looked at the clock (cycles).
    pub hub_kernel_id: u32,
    pub hub_clock: u32,
}

/// A thread's stage, in the low bits of a word.
pub mod stage {
    /// There's no thread in this block.
    pub const NONE: u32 = 0;
    pub const ALIVE: u32 = 1;
    /// Ended, and to be joined.
    pub const ENDED: u32 = 2;
    /// The bits above are the table's `life`: records of another life are the parent's, before a fork.
    pub const BITS: u32 = 2;
}

#[repr(C)]
pub struct Table {
    pub magic: [u8; 8],
    pub version: u32,
    /// Of this struct, up to the ranges.
    pub size: u32,
    /// 0 until the process is active.
    pub active: AtomicU32,
    /// How many forks lie between this process and the first.
    pub life: AtomicU32,
    /// One moment on both clocks: cycles, nanoseconds of CLOCK_MONOTONIC.
    pub cycles: AtomicU64,
    pub nanoseconds: AtomicU64,
    /// The first thread's record (it lies in no block), the first carrier of the list.
    pub host: AtomicUsize,
    pub carriers: AtomicUsize,
    /// An array of pointers to hubs, up to the first NULL.
    pub hubs: AtomicUsize,
    /// Where a coroutine's outermost frame begins: its saved rip, if it has never run.
    pub outermost: AtomicUsize,
    pub offsets: core::cell::UnsafeCell<Offsets>,
    pub range_count: AtomicUsize,
    pub ranges: [Range; RANGES],
    pub counters: core::cell::UnsafeCell<Counters>,
}

// SAFETY: the offsets and the counters' places are written once, before `active` says so; the rest is atomic.
unsafe impl Sync for Table {}

impl Table {
    pub const fn new() -> Self {
        Table {
            magic: MAGIC,
            version: VERSION,
            size: core::mem::offset_of!(Table, ranges) as u32,
            active: AtomicU32::new(0),
            life: AtomicU32::new(0),
            cycles: AtomicU64::new(0),
            nanoseconds: AtomicU64::new(0),
            host: AtomicUsize::new(0),
            carriers: AtomicUsize::new(0),
            hubs: AtomicUsize::new(0),
            outermost: AtomicUsize::new(0),
            offsets: core::cell::UnsafeCell::new(Offsets {
                record: 0,
                single_record: 0,
                stage: 0,
                thread_pointer: 0,
                name: 0,
                routine: 0,
                parked: 0,
                cause: 0,
                on: 0,
                since: 0,
                sleeper: 0,
                woken: 0,
                next_carrier: 0,
                running: 0,
                kernel_id: 0,
                tid: 0,
                hub: 0,
                kind: 0,
                coroutine_sp: 0,
                host_sp: 0,
                hub_kernel_id: 0,
                hub_clock: 0,
            }),
            range_count: AtomicUsize::new(0),
            ranges: [const { Range { low: AtomicUsize::new(0), size: AtomicUsize::new(0), blocks: AtomicUsize::new(0) } };
                RANGES],
            counters: core::cell::UnsafeCell::new(Counters {
                process: 0,
                process_names: Text { at: 0, len: 0 },
                in_hub: 0,
                hub_names: Text { at: 0, len: 0 },
                hubs: 0,
                hub_count: 0,
            }),
        }
    }

    /// The word for a stage in this life.
    pub fn stage(&self, stage: u32) -> u32 {
        self.life.load(Ordering::Relaxed) << stage::BITS | stage
    }

    /// Where the records of all blocks of ours are; how far from a block's end is given.
    pub fn records(&self, record: usize) -> impl Iterator<Item = usize> + '_ {
        let n = self.range_count.load(Ordering::Acquire).min(RANGES);
        self.ranges[..n].iter().flat_map(move |range| {
            let (low, size) = (range.low.load(Ordering::Acquire), range.size.load(Ordering::Relaxed));
            let blocks = if low == 0 { 0 } else { range.blocks.load(Ordering::Relaxed) };
            // Memory of the program's own may be gone at any time.
            let blocks = if blocks & SINGLE != 0 { 0 } else { blocks };
            (1..=blocks).map(move |b| (low + b * size - record) & !63)
        })
    }

    /// A range that one thread had to itself is the program's again.
    pub fn remove_range(&self, low: usize) {
        let n = self.range_count.load(Ordering::Acquire).min(RANGES);
        if let Some(range) = self.ranges[..n].iter().find(|r| r.low.load(Ordering::Relaxed) == low) {
            range.low.store(0, Ordering::Release);
        }
    }

    /// Lists a range for one thread, in a place that is free, if there's one.
    pub fn add_single(&self, low: usize, size: usize) {
        let n = self.range_count.load(Ordering::Acquire).min(RANGES);
        for range in &self.ranges[..n] {
            if range.low.load(Ordering::Relaxed) == 0
                && range.blocks.compare_exchange(SINGLE | 1, 0, Ordering::AcqRel, Ordering::Relaxed).is_ok()
            {
                range.size.store(size, Ordering::Relaxed);
                range.low.store(low, Ordering::Relaxed);
                range.blocks.store(SINGLE | 1, Ordering::Release);
                return;
            }
        }
        self.add_range(low, size, SINGLE | 1);
    }

    /// Lists a range.
    pub fn add_range(&self, low: usize, size: usize, blocks: usize) {
        let n = self.range_count.fetch_add(1, Ordering::Relaxed);
        if let Some(range) = self.ranges.get(n) {
            range.size.store(size, Ordering::Relaxed);
            range.blocks.store(blocks, Ordering::Relaxed);
            range.low.store(low, Ordering::Release);
        }
    }
}

impl Default for Table {
    fn default() -> Self {
        Self::new()
    }
}

/// What a thread waits for. `on`, beside it, says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Cause {
    /// An fd to become readable, or writable.
    Read = 1,
    Write,
    /// One of several fds: where a `Polled` is.
    Poll,
    /// Time.
    Sleep,
    /// A mutex, read-write lock, spin lock: its address.
    Lock,
    /// A condition variable, barrier, once-control, semaphore, futex word: its address.
    Cond,
    Barrier,
    Once,
    Semaphore,
    Futex,
    /// A thread's end: its pthread_t.
    Join,
    /// A child's end: its process id, or -1 for any.
    Child,
    /// A signal.
    Signal,
    /// Fewer threads (GREEN_MAX_THREADS).
    Threads,
    /// The end of an operation on a regular file: its descriptor.
    File,
}

/// On the stack of a thread that waits for one of several descriptors: which.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Polled {
    /// An array of struct pollfd (poll(2)).
    pub at: u64,
    pub count: u64,
}

impl Cause {
    pub const ALL: [Cause; 15] = [
        Cause::Read,
        Cause::Write,
        Cause::Poll,
        Cause::Sleep,
        Cause::Lock,
        Cause::Cond,
        Cause::Barrier,
        Cause::Once,
        Cause::Semaphore,
        Cause::Futex,
        Cause::Join,
        Cause::Child,
        Cause::Signal,
        Cause::Threads,
        Cause::File,
    ];

    /// The cause that a byte stands for.
    pub fn from_byte(byte: u8) -> Option<Cause> {
        Cause::ALL.into_iter().find(|&c| c as u8 == byte)
    }

    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Cause::Read => "read",
            Cause::Write => "write",
            Cause::Poll => "poll",
            Cause::Sleep => "sleep",
            Cause::Lock => "lock",
            Cause::Cond => "condition",
            Cause::Barrier => "barrier",
            Cause::Once => "once",
            Cause::Semaphore => "semaphore",
            Cause::Futex => "futex",
            Cause::Join => "join",
            Cause::Child => "child",
            Cause::Signal => "signal",
            Cause::Threads => "threads",
            Cause::File => "file",
        }
    }
}

/// Where the counters are; at the end of the table. Written once, before `active`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// The process's: the first one's address, and their names with a space behind each. Each is 8 bytes.
    pub process: u64,
    pub process_names: Text,
    /// A hub's: how far from the hub the first one is, and their names.
    pub in_hub: u64,
    pub hub_names: Text,
    /// An array of pointers to hubs, and how many there are (a word).
    pub hubs: u64,
    pub hub_count: u64,
}

/// Text in the process: address and length.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Text {
    pub at: u64,
    pub len: u64,
}
