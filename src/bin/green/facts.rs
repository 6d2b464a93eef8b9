//! Processes, threads and locks as `--json` tells them: to programs. The keys stay.

use crate::frames::{FrameFacts, Stack};
use crate::lock::{Lock, Owner};
use crate::table::Cause;
use crate::thread::{State, Thread};
use crate::waits::Waits;
use serde::Serialize;

#[derive(Serialize)]
pub struct ProcessFacts {
    /// 0 if a core doesn't tell.
    pid: i32,
    /// stopped, or stopped by a debugger; else nothing.
    state: Option<&'static str>,
    core: bool,
    truncated: bool,
    hubs: Vec<Hub>,
    /// Up to when waits are counted: now, core date, or last look (of the process's at the clock).
    waits_counted_to: &'static str,
    /// What ended a core's process.
    ended_by: Option<Ending>,
}

#[derive(Serialize)]
struct Ending {
    kernel_thread: u32,
    signal: u16,
}

#[derive(Serialize)]
struct Hub {
    hub: usize,
    kernel_thread: u32,
}

#[derive(Serialize)]
pub struct ThreadFacts<'t> {
    id: String,
    name: Option<&'t str>,
    start_function: Option<String>,
    /// running, blocked, ready, waiting or ended
    state: &'static str,
    seconds: Option<f64>,
    hub: Option<usize>,
    kernel_thread: Option<u32>,
    wait: Option<WaitFacts<'t>>,
    /// What it does, in words.
    what: String,
    /// Of `green stack`.
    #[serde(skip_serializing_if = "Option::is_none")]
    frames: Option<Vec<FrameFacts>>,
}

#[derive(Serialize)]
struct WaitFacts<'t> {
    /// read, write, poll, sleep, lock, condition…
    kind: Option<&'static str>,
    descriptors: Vec<Descriptor>,
    lock: Option<LockFacts<'t>>,
    /// Whose end it waits for.
    thread: Option<String>,
    process: Option<i32>,
    /// Of what else is waited for in memory.
    address: Option<String>,
}

#[derive(Serialize)]
struct Descriptor {
    fd: u64,
    file: Option<String>,
    /// The other end of a connection.
    peer: Option<String>,
}

#[derive(Serialize)]
pub struct LockFacts<'t> {
    kind: &'static str,
    address: String,
    name: Option<String>,
    owner: OwnerFacts<'t>,
}

#[derive(Default, Serialize)]
struct OwnerFacts<'t> {
    /// thread, ended thread, kernel thread, readers, nobody, another process, gone, native, unmarked or unmapped
    kind: &'static str,
    thread: Option<String>,
    name: Option<&'t str>,
    kernel_thread: Option<u32>,
    readers: Option<u32>,
    /// In the lock, of a thread that isn't found.
    id: Option<u32>,
}

/// A process and threads of its.
#[derive(Serialize)]
struct Report<'t> {
    process: ProcessFacts,
    threads: Vec<ThreadFacts<'t>>,
}

/// The process and these threads as JSON.
pub fn report(waits: &Waits, threads: Vec<ThreadFacts>) -> Result<String, String> {
    json(&Report { process: ProcessFacts::of(waits), threads })
}

impl ProcessFacts {
    pub fn of(waits: &Waits) -> Self {
        let ending = waits.process.memory.ending();
        let hubs = waits.process.hub_threads().into_iter().enumerate();
        ProcessFacts {
            pid: waits.process.memory.pid,
            state: waits.process.memory.is_unusual(),
            core: !waits.process.memory.lives(),
            truncated: waits.process.memory.is_truncated(),
            hubs: hubs.map(|(hub, kernel_thread)| Hub { hub, kernel_thread }).collect(),
            waits_counted_to: waits.process.counted_to.word(),
            ended_by: ending.map(|(dumped, _)| Ending { kernel_thread: dumped.id, signal: dumped.signal }),
        }
    }
}

impl<'t> ThreadFacts<'t> {
    pub fn of(waits: &Waits<'t>, thread: &'t Thread) -> Self {
        let (state, seconds, what) = waits.state(thread);
        let wait = match thread.state {
            State::Waiting { wait, .. } => Some(WaitFacts::of(waits, thread, wait.cause, wait.on)),
            _ => None,
        };
        ThreadFacts {
            id: id(thread),
            name: name(thread),
            start_function: waits.symbols.function(thread.routine),
            state,
            seconds,
            hub: thread.hub,
            kernel_thread: match thread.state {
                State::Running { kernel_thread } => Some(kernel_thread),
                _ => None,
            },
            wait,
            what,
            frames: None,
        }
    }

    pub fn with_frames(waits: &Waits<'t>, thread: &'t Thread) -> Self {
        let frames = Stack::of(waits.process, waits.symbols, thread).facts(waits.symbols);
        ThreadFacts { frames: Some(frames), ..Self::of(waits, thread) }
    }
}

impl<'t> WaitFacts<'t> {
    fn of(waits: &Waits<'t>, thread: &Thread, cause: Option<Cause>, on: u64) -> Self {
        let fds = match cause {
            Some(Cause::Read | Cause::Write | Cause::File) => vec![on & u64::from(u32::MAX)],
            Some(Cause::Poll) => waits.polled_fds(on),
            _ => Vec::new(),
        };
        let in_memory =
            [Cause::Cond, Cause::Barrier, Cause::Once, Cause::Semaphore, Cause::Futex].map(Some).contains(&cause);
        let descriptor = |fd| {
            let (file, peer) = waits.file_and_peer(fd);
            Descriptor { fd, file, peer }
        };
        WaitFacts {
            kind: cause.map(Cause::word),
            descriptors: fds.into_iter().map(descriptor).collect(),
            lock: (cause == Some(Cause::Lock)).then(|| LockFacts::of(&waits.lock(thread, on))),
            thread: (cause == Some(Cause::Join)).then(|| format!("{on:x}")),
            process: waits.awaited_process(cause, on),
            address: in_memory.then(|| format!("{on:#x}")),
        }
    }
}

impl<'t> LockFacts<'t> {
    pub fn of(lock: &Lock<'t>) -> Self {
        let mut owner = OwnerFacts { kind: lock.owner.word(), ..OwnerFacts::default() };
        match lock.owner {
            Owner::Green(thread) => (owner.thread, owner.name) = (Some(id(thread)), name(thread)),
            Owner::Kernel(id) | Owner::Elsewhere(id, true) => owner.kernel_thread = Some(id),
            Owner::Elsewhere(id, false) | Owner::Gone(id) => owner.id = Some(id),
            Owner::Readers(n) => owner.readers = Some(n),
            _ => {}
        }
        LockFacts {
            kind: lock.kind.word(),
            address: format!("{:#x}", lock.at),
            name: lock.name().map(str::to_string),
            owner,
        }
    }
}

/// A thread's id, as it's printed everywhere.
pub fn id(thread: &Thread) -> String {
    format!("{:x}", thread.id)
}

/// Its own name, if it has one.
pub fn name(thread: &Thread) -> Option<&str> {
    Some(thread.name.as_str()).filter(|name| !name.is_empty())
}

/// As text.
pub fn json(facts: &impl Serialize) -> Result<String, String> {
    Ok(serde_json::to_string_pretty(facts).map_err(|e| e.to_string())? + "\n")
}
