//! `green ps PID`: every green thread, and what it waits for.

use crate::memory::{find_table, Memory};
use crate::table::{stage, Cause, Offsets, Table, MAGIC, VERSION};
use crate::Answer;
use std::arch::x86_64::_rdtsc;
use std::collections::HashMap;
use std::fmt::Write;
use std::fs;
use std::mem::{offset_of, size_of};
use std::process::ExitCode;

#[derive(Clone)]
pub struct Thread {
    pub id: u64,
    pub name: String,
    /// glibc's id, which locks have for their owner.
    pub tid: u32,
    pub state: State,
}

#[derive(Clone)]
pub enum State {
    Running {
        kernel_thread: u32,
    },
    /// Queued, or about to be.
    Ready,
    Waiting {
        cause: Option<Cause>,
        on: u64,
        seconds: f64,
    },
    Ended,
}

/// Lists every green thread of a process, and what it waits for
///
/// Reads the process's memory from outside, as a debugger does and with the same permission: it may be running, stopped, or hang.
#[derive(clap::Args)]
pub struct Args {
    /// The process
    #[arg(value_parser = clap::value_parser!(i32).range(1..))]
    pid: i32,
}

pub fn run(args: &Args) -> Answer {
    let table = find_table(args.pid)?;
    let memory = Memory::of(args.pid)?;
    let process = Process::read(&memory, table)?;
    let threads = process.threads();
    print!("{}", render(args.pid, &memory, &threads));
    Ok(ExitCode::SUCCESS)
}

pub struct Process<'m> {
    memory: &'m Memory,
    table: u64,
    offsets: Offsets,
    life: u32,
    /// The time now, and how many cycles make a second.
    cycles: u64,
    per_second: f64,
    /// Records of running threads, and their kernel threads.
    running: HashMap<u64, u32>,
}

impl<'m> Process<'m> {
    pub fn read(memory: &'m Memory, table: u64) -> Result<Self, String> {
        let gone = || "the process ended meanwhile".to_string();
        let at = |offset: usize| table + offset as u64;
        if memory.bytes(table).ok_or_else(gone)? != MAGIC {
            return Err("the library's table is damaged".to_string());
        }
        let version = memory.half(at(offset_of!(Table, version))).ok_or_else(gone)?;
        if version != VERSION {
            return Err(format!(
                "the process has a libgreen of another version (table {version}, this command knows {VERSION})"
            ));
        }
        if memory.half(at(offset_of!(Table, active))).ok_or_else(gone)? == 0 {
            return Err("the process has not created a thread yet".to_string());
        }
        let bytes = memory.bytes::<{ size_of::<Offsets>() }>(at(offset_of!(Table, offsets))).ok_or_else(gone)?;
        // SAFETY: plain numbers, for which any bytes will do.
        let offsets: Offsets = unsafe { std::ptr::read_unaligned(bytes.as_ptr() as *const Offsets) };
        let life = memory.half(at(offset_of!(Table, life))).ok_or_else(gone)?;
        let then = memory.word(at(offset_of!(Table, cycles))).ok_or_else(gone)?;
        let then_ns = memory.word(at(offset_of!(Table, nanoseconds))).ok_or_else(gone)?;
        // SAFETY: every x86-64 has it.
        let (cycles, now_ns) = (unsafe { _rdtsc() }, now_ns());
        let per_second = cycles.saturating_sub(then) as f64 / (now_ns.saturating_sub(then_ns).max(1) as f64 / 1e9);
        let mut running = HashMap::new();
        let mut carrier = memory.word(at(offset_of!(Table, carriers))).ok_or_else(gone)?;
        while carrier != 0 && running.len() < 1 << 20 {
            let task = memory.word(carrier + offsets.running as u64).unwrap_or(0);
            if task != 0 {
                running.insert(task, memory.half(carrier + offsets.kernel_id as u64).unwrap_or(0));
            }
            carrier = memory.word(carrier + offsets.next_carrier as u64).unwrap_or(0);
        }
        Ok(Process { memory, table, offsets, life, cycles, per_second, running })
    }

    pub fn threads(&self) -> Vec<Thread> {
        let at = |offset: usize| self.table + offset as u64;
        let host = self.memory.word(at(offset_of!(Table, host))).unwrap_or(0);
        let mut records = vec![host];
        let count = self.memory.word(at(offset_of!(Table, range_count))).unwrap_or(0).min(crate::table::RANGES as u64);
        for n in 0..count {
            let range = at(offset_of!(Table, ranges)) + n * size_of::<crate::table::Range>() as u64;
            let (low, size, blocks) =
                (self.memory.word(range), self.memory.word(range + 8), self.memory.word(range + 16));
            let (Some(low), Some(size), Some(blocks)) = (low, size, blocks) else { break };
            let single = crate::table::SINGLE as u64;
            let record = if blocks & single != 0 { self.offsets.single_record } else { self.offsets.record };
            records.extend((1..=blocks & !single).map(|b| (low + b * size - record as u64) & !63));
        }
        let main = self.thread(host, true);
        let others = records[1..].iter().filter(|&&r| r != host).filter_map(|&record| self.thread(record, false));
        main.into_iter().chain(others).collect()
    }

    fn thread(&self, record: u64, is_main: bool) -> Option<Thread> {
        let o = &self.offsets;
        let memory = self.memory;
        let word = memory.half(record + o.stage as u64)?;
        if word >> stage::BITS != self.life || word & ((1 << stage::BITS) - 1) == stage::NONE {
            return None;
        }
        let id = memory.word(record + o.thread_pointer as u64)?;
        // A thread control block points to itself; else this is something else by now.
        if memory.word(id + 16)? != id {
            return None;
        }
        let name = memory.bytes::<16>(record + o.name as u64)?;
        let name = String::from_utf8_lossy(name.split(|&b| b == 0).next().unwrap_or(&[])).into_owned();
        let name = if is_main && name.is_empty() { "main".to_string() } else { name };
        let state = if word & ((1 << stage::BITS) - 1) == stage::ENDED {
            State::Ended
        } else if let Some(&kernel_thread) = self.running.get(&record) {
            State::Running { kernel_thread }
        } else {
            self.wait(record).unwrap_or(State::Ready)
        };
        Some(Thread { id, name, tid: memory.half(id + o.tid as u64)?, state })
    }

    fn wait(&self, record: u64) -> Option<State> {
        let o = &self.offsets;
        let parked = self.memory.word(record + o.parked as u64).filter(|&p| p > 1)?;
        let sleeper = self.memory.word(parked + o.sleeper as u64)?;
        if self.memory.half(sleeper + o.woken as u64)? >= 2 {
            return None;
        }
        let since = self.memory.word(parked + o.since as u64)?;
        Some(State::Waiting {
            cause: Cause::from_byte(self.memory.byte(parked + o.cause as u64)?),
            on: self.memory.word(parked + o.on as u64)?,
            seconds: self.cycles.saturating_sub(since) as f64 / self.per_second,
        })
    }
}

fn now_ns() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: plain clock_gettime(2) with a valid object.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

fn render(pid: i32, memory: &Memory, threads: &[Thread]) -> String {
    let count = |f: fn(&State) -> bool| threads.iter().filter(|t| f(&t.state)).count();
    let mut text = format!(
        "process {pid}: {} green threads: {} running, {} ready, {} waiting, {} ended\n",
        threads.len(),
        count(|s| matches!(s, State::Running { .. })),
        count(|s| matches!(s, State::Ready)),
        count(|s| matches!(s, State::Waiting { .. })),
        count(|s| matches!(s, State::Ended)),
    );
    let _ = writeln!(text, "{:<16} {:<16} {:<8} {:>9}  what", "thread", "name", "state", "seconds");
    let by_tid: HashMap<u32, &Thread> = threads.iter().map(|t| (t.tid, t)).collect();
    let by_id: HashMap<u64, &Thread> = threads.iter().map(|t| (t.id, t)).collect();
    for t in threads {
        let (state, seconds, what) = match &t.state {
            State::Running { kernel_thread } => ("running", None, format!("on kernel thread {kernel_thread}")),
            State::Ready => ("ready", None, String::new()),
            State::Ended => ("ended", None, "waits to be joined".to_string()),
            State::Waiting { cause, on, seconds } => {
                ("waiting", Some(*seconds), what(pid, memory, *cause, *on, &by_tid, &by_id))
            }
        };
        let seconds = seconds.map_or(String::new(), |s| format!("{s:.3}"));
        let _ = writeln!(text, "{:<16x} {:<16} {state:<8} {seconds:>9}  {what}", t.id, t.name);
    }
    text
}

pub fn what(
    pid: i32,
    memory: &Memory,
    cause: Option<Cause>,
    on: u64,
    by_tid: &HashMap<u32, &Thread>,
    by_id: &HashMap<u64, &Thread>,
) -> String {
    let called = |t: &Thread| match t.name.as_str() {
        "" => format!("{:x}", t.id),
        name => format!("{:x} ({name})", t.id),
    };
    let file = |fd: u64| match fs::read_link(format!("/proc/{pid}/fd/{fd}")) {
        Ok(path) => format!("fd {fd} ({})", path.display()),
        Err(_) => format!("fd {fd}"),
    };
    match cause {
        Some(Cause::Read) => format!("{} to be readable", file(on)),
        Some(Cause::Write) => format!("{} to be writable", file(on)),
        Some(Cause::Poll) => format!("one of {on} events"),
        Some(Cause::Sleep) => "time to pass".to_string(),
        Some(Cause::Lock) => {
            // A mutex has its owner in the third word; in a read-write lock that word is something else.
            let owner = memory.half(on + 8).and_then(|tid| by_tid.get(&tid));
            let owner = owner.map_or(String::new(), |t| format!(", held by {}", called(t)));
            format!("lock {on:#x}{owner}")
        }
        Some(Cause::Cond) => format!("condition variable {on:#x}"),
        Some(Cause::Barrier) => format!("barrier {on:#x}"),
        Some(Cause::Once) => format!("once-control {on:#x}"),
        Some(Cause::Semaphore) => format!("semaphore {on:#x}"),
        Some(Cause::Futex) => format!("futex {on:#x}"),
        Some(Cause::Join) => format!("the end of thread {}", by_id.get(&on).map_or(format!("{on:x}"), |t| called(t))),
        Some(Cause::Child) if on as i32 <= 0 => "a child's end".to_string(),
        Some(Cause::Child) => format!("child {on}'s end"),
        Some(Cause::Signal) => "a signal".to_string(),
        Some(Cause::File) => format!("the disk, for fd {}", on as i32),
        Some(Cause::Threads) => "fewer threads (GREEN_MAX_THREADS)".to_string(),
        None => "something that this command doesn't know".to_string(),
    }
}
