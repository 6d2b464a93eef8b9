//! A lock that threads wait for: of what kind it is, what the program calls it, and who has it.

use crate::frames::place_of_wait;
use crate::process::Process;
use crate::symbols::Symbols;
use crate::thread::{State, Thread};
use crate::waits::Waits;
use std::fs;

pub struct Lock<'t> {
    pub kind: Kind,
    pub at: u64,
    /// Its name, if it's in data that has one.
    name: Option<String>,
    pub owner: Owner<'t>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Mutex,
    ReadWrite,
    Spin,
    /// A stdio stream's.
    Stream,
    /// The library's own.
    Ours,
    /// It isn't known what was called.
    Unknown,
}

/// Who has a lock.
#[derive(Clone, Copy)]
pub enum Owner<'t> {
    Green(&'t Thread),
    /// A thread of the kernel's, as it's called here.
    Kernel(u32),
    /// Whoever they are: they leave no mark.
    Readers(u32),
    Nobody,
    /// It's shared between processes, and the owner isn't of this one. Whether there is such a thread.
    Elsewhere(u32, bool),
    /// There's no thread of that id.
    Gone(u32),
    /// By a stream's mark, which is no green thread's.
    Native,
    /// Somebody: such locks have no mark of whom.
    Unmarked,
    Unmapped,
}

impl<'t> Lock<'t> {
    /// The lock at an address that a thread waits for.
    pub fn of(waits: &Waits<'t>, waiter: &Thread, at: u64) -> Lock<'t> {
        let (_, hook) = place_of_wait(waits, waiter);
        let kind = Kind::at(waits.symbols, at, &hook);
        let name = if kind == Kind::Stream { standard_stream(waits, at) } else { None };
        Lock { kind, at, name: name.or_else(|| waits.symbols.data(at)), owner: owner(waits, at, kind) }
    }

    /// Kind, address and name.
    pub fn text(&self) -> String {
        let name = self.name.as_ref().map_or(String::new(), |name| format!(" ({name})"));
        format!("{} {:#x}{name}", self.kind.word(), self.at)
    }

    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Its name, or else its address.
    pub fn short_name(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("{:#x}", self.at))
    }

    /// Who has it at this moment, whoever had it when it was read.
    pub fn owner_now<'n>(&self, now: &Waits<'n>) -> Owner<'n> {
        owner(now, self.at, self.kind)
    }

    pub fn is_held_by(&self, thread: &Thread, waits: &Waits) -> bool {
        matches!(self.owner_now(waits), Owner::Green(owner) if owner.id == thread.id)
    }
}

impl Kind {
    /// What kind of lock a function of libc's waits for at an address.
    fn at(symbols: &Symbols, at: u64, hook: &str) -> Kind {
        let is_in = |parts: &[&str]| parts.iter().any(|part| hook.contains(part));
        match hook {
            _ if is_in(&["rwlock"]) => Kind::ReadWrite,
            _ if is_in(&["spin"]) => Kind::Spin,
            _ if is_in(&["mutex", "mtx", "cond", "cnd"]) => Kind::Mutex,
            _ if symbols.object(at).is_some_and(|o| o.is_ours()) => Kind::Ours,
            "" => Kind::Unknown,
            _ => Kind::Stream,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Kind::Mutex => "mutex",
            Kind::ReadWrite => "read-write lock",
            Kind::Spin => "spin lock",
            Kind::Stream => "stream lock",
            Kind::Ours => "lock of libgreen's",
            Kind::Unknown => "lock",
        }
    }
}

impl Owner<'_> {
    pub fn text(&self) -> String {
        match self {
            Owner::Green(thread) => match thread.state {
                State::Ended => format!("held by {}, which has ended", thread.called()),
                _ => format!("held by {}", thread.called()),
            },
            Owner::Kernel(id) => format!("held by kernel thread {id}"),
            Owner::Readers(1) => "held by 1 reader".to_string(),
            Owner::Readers(n) => format!("held by {n} readers"),
            Owner::Nobody => "held by nobody just now".to_string(),
            Owner::Elsewhere(id, true) => format!("held by another process (thread {id})"),
            Owner::Elsewhere(id, false) => format!("held by another process, or by a thread that is gone (id {id})"),
            Owner::Gone(id) => format!("held by a thread that is gone (id {id})"),
            Owner::Native => "held by a thread that isn't green, or is gone".to_string(),
            Owner::Unmarked => "which has no owner's mark".to_string(),
            Owner::Unmapped => "which isn't mapped any more".to_string(),
        }
    }

    /// In one word.
    pub fn word(&self) -> &'static str {
        match self {
            Owner::Green(Thread { state: State::Ended, .. }) => "ended thread",
            Owner::Green(_) => "thread",
            Owner::Kernel(_) => "kernel thread",
            Owner::Readers(_) => "readers",
            Owner::Nobody => "nobody",
            Owner::Elsewhere(..) => "another process",
            Owner::Gone(_) => "gone",
            Owner::Native => "native",
            Owner::Unmarked => "unmarked",
            Owner::Unmapped => "unmapped",
        }
    }
}

/// Who has the lock of this kind at an address.
fn owner<'t>(waits: &Waits<'t>, at: u64, kind: Kind) -> Owner<'t> {
    let memory = waits.process.memory;
    let half = |offset: u64| memory.half(at.wrapping_add(offset));
    let by_tid = |tid: u32, is_shared: bool| match waits.by_tid.get(&tid) {
        _ if tid == 0 => Owner::Nobody,
        Some(thread) => Owner::Green(thread),
        None => stranger(waits.process, tid, is_shared),
    };
    match kind {
        // glibc's struct __pthread_rwlock_arch_t: readers in units of 8 first, the writer's id seventh, the mark of a shared one eighth.
        Kind::ReadWrite => match (half(24), half(0)) {
            (Some(0), Some(readers)) if readers >> 3 == 0 => Owner::Nobody,
            (Some(0), Some(readers)) => Owner::Readers(readers >> 3),
            (Some(writer), _) => by_tid(writer, half(28) != Some(0)),
            (None, _) => Owner::Unmapped,
        },
        Kind::Spin | Kind::Ours => Owner::Unmarked,
        // glibc's struct __pthread_mutex_s has the owner third, the kind fifth.
        Kind::Mutex => match (half(8), half(16)) {
            (Some(tid), Some(kind)) => by_tid(tid, kind & PROCESS_SHARED != 0),
            _ => Owner::Unmapped,
        },
        // As if it were a mutex; what isn't a thread's id then is something else.
        Kind::Unknown => {
            let owner = half(8).and_then(|tid| waits.by_tid.get(&tid));
            owner.map_or(Owner::Unmarked, |thread| Owner::Green(thread))
        }
        // libc's _IO_lock_t: the lock, how often it was taken, its owner's thread pointer.
        Kind::Stream => match memory.word(at.wrapping_add(8)) {
            Some(0) => Owner::Nobody,
            Some(id) => waits.by_id.get(&id).map_or(Owner::Native, |thread| Owner::Green(thread)),
            None => Owner::Unmapped,
        },
    }
}

/// A bit of a mutex's kind (nptl/pthreadP.h).
const PROCESS_SHARED: u32 = 128;

/// An owner that is no green thread of the process.
fn stranger(process: &Process, tid: u32, is_shared: bool) -> Owner<'static> {
    match process.memory.lives() {
        true if process.kernel_threads.has(tid) => Owner::Kernel(process.kernel_threads.here(tid)),
        true if is_shared => Owner::Elsewhere(tid, fs::exists(format!("/proc/{tid}")).unwrap_or(false)),
        false if is_shared => Owner::Elsewhere(tid, false),
        _ => Owner::Gone(tid),
    }
}

/// Which of the standard streams has this lock.
fn standard_stream(waits: &Waits, at: u64) -> Option<String> {
    /// In glibc's struct _IO_FILE, x86-64.
    const LOCK: u64 = 136;
    let streams = ["stdin", "stdout", "stderr"];
    let is_it = |name: &&str| {
        let stream = waits.symbols.exported(at, &format!("_IO_2_1_{name}_"));
        stream.is_some_and(|stream| waits.process.memory.word(stream.wrapping_add(LOCK)) == Some(at))
    };
    streams.into_iter().find(is_it).map(str::to_string)
}
