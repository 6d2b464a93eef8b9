//! `green locks PID`: who waits for which lock, who has it, and whether they wait for each other.

use crate::deadlock;
use crate::memory::Which;
use crate::output::{put, refuse};
use crate::process::{Process, State, Thread, Wait};
use crate::stack::place_of_wait;
use crate::symbols::Symbols;
use crate::table::Cause;
use crate::waits::Waits;
use crate::Answer;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::process::ExitCode;

/// Lists every lock that a green thread waits for: its owner, who waits, where and for how long; and deadlocks
///
/// A deadlock is told only if all its waits were seen to hold at one moment, and at another one shortly after. Robust and
/// priority-inheriting mutexes are the kernel's, and not listed.
///
/// Exit status: 1 if threads wait for each other in a circle (by mutexes, write locks or joins), 0 if not, 3 if the process can't be
/// looked at, 2 for wrong arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    which: Which,
}

/// The exit status if the process can't be looked at. (1 is a deadlock.)
const UNSEEN: u8 = 3;

pub fn run(args: &Args) -> Answer {
    Ok(args.which.look(say).unwrap_or_else(|why| refuse(&why, UNSEEN)))
}

fn say(process: &Process, threads: &[Thread]) -> Answer {
    let memory = process.memory;
    let waits = Waits::new(memory, threads);
    let symbols = Symbols::of(memory);
    let locks = Lock::all(process, &symbols, &waits, threads);
    let deadlocks = deadlock::find(process, &waits, threads, &locks);
    let mut text = locks.iter().map(Lock::render).collect::<String>();
    if locks.is_empty() {
        text = format!("{}: no green thread waits for a lock\n", memory.name());
    }
    text.extend(deadlocks.iter().map(|circle| format!("deadlock: {circle}\n")));
    put(&text)?;
    Ok(if deadlocks.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub struct Lock<'t> {
    kind: &'static str,
    at: u64,
    /// Its address, and its name if it's in data that has one.
    name: String,
    pub short_name: String,
    pub owner: Owner<'t>,
    pub waiters: Vec<Waiter<'t>>,
}

pub struct Waiter<'t> {
    pub thread: &'t Thread,
    seconds: f64,
    place: Option<String>,
}

pub enum Owner<'t> {
    Green(&'t Thread),
    /// In words.
    Other(String),
}

impl<'t> Lock<'t> {
    /// Each that somebody waits for, by address.
    fn all(process: &Process, symbols: &Symbols, waits: &Waits<'t>, threads: &'t [Thread]) -> Vec<Lock<'t>> {
        let mut locks = BTreeMap::new();
        for thread in threads {
            let State::Waiting { wait: Wait { cause: Some(Cause::Lock), on, .. }, seconds } = thread.state else {
                continue;
            };
            let (place, hook) = place_of_wait(process, symbols, thread);
            let lock = locks.entry(on).or_insert_with(|| Lock::new(process, symbols, waits, on, kind_by(&hook)));
            lock.waiters.push(Waiter { thread, seconds, place });
        }
        locks.into_values().collect()
    }

    fn new(process: &Process, symbols: &Symbols, waits: &Waits<'t>, at: u64, kind: &'static str) -> Lock<'t> {
        let data = symbols.data(at);
        let name = data.as_ref().map_or(format!("{at:#x}"), |data| format!("{at:#x} ({data})"));
        let short_name = data.unwrap_or_else(|| format!("{at:#x}"));
        Lock { kind, at, short_name, name, owner: owner(process, waits, at, kind), waiters: Vec::new() }
    }

    /// Whether a thread has it at this moment, whoever had it when it was read.
    pub fn is_held_by(&self, thread: &Thread, process: &Process, waits: &Waits) -> bool {
        matches!(owner(process, waits, self.at, self.kind), Owner::Green(owner) if owner.id == thread.id)
    }

    fn render(&self) -> String {
        let owner = match &self.owner {
            Owner::Green(thread) => format!("held by {}", thread.called()),
            Owner::Other(text) => text.clone(),
        };
        let mut text = format!("{} {}, {owner}\n", self.kind, self.name);
        for Waiter { thread, seconds, place } in &self.waiters {
            let place = place.as_ref().map_or(String::new(), |place| format!(", at {place}"));
            let _ = writeln!(text, "  {} has waited {seconds:.3} s{place}", thread.called());
        }
        text
    }
}

const READ_WRITE: &str = "read-write lock";
const SPIN: &str = "spin lock";

/// What kind of lock a function of libc's waits for.
fn kind_by(hook: &str) -> &'static str {
    match hook {
        _ if hook.contains("rwlock") => READ_WRITE,
        _ if hook.contains("spin") => SPIN,
        _ if ["mutex", "mtx", "cond", "cnd"].iter().any(|part| hook.contains(part)) => "mutex",
        _ => "lock",
    }
}

/// Who has the lock of this kind at an address.
fn owner<'t>(process: &Process, waits: &Waits<'t>, at: u64, kind: &str) -> Owner<'t> {
    let memory = process.memory;
    let by_tid = |tid: u32| match waits.by_tid.get(&tid) {
        Some(thread) => Owner::Green(thread),
        None => Owner::Other(stranger(process, tid)),
    };
    match kind {
        // glibc's struct __pthread_rwlock_arch_t: readers in units of 8 first, the writer's id seventh.
        READ_WRITE => match (memory.half(at.wrapping_add(24)), memory.half(at)) {
            (Some(0), Some(readers)) => Owner::Other(format!("held by {} readers", readers >> 3)),
            (Some(writer), _) => by_tid(writer),
            (None, _) => Owner::Other("which isn't mapped any more".to_string()),
        },
        SPIN => Owner::Other("which has no owner's mark".to_string()),
        // glibc's struct __pthread_mutex_s has the owner third; a stream's lock there points to its owner.
        _ => {
            match (memory.half(at.wrapping_add(8)), memory.word(at.wrapping_add(8)).and_then(|id| waits.by_id.get(&id)))
            {
                (_, Some(thread)) => Owner::Green(thread),
                (Some(tid), None) => by_tid(tid),
                (None, None) => Owner::Other("which isn't mapped any more".to_string()),
            }
        }
    }
}

/// An owner that is no green thread.
fn stranger(process: &Process, tid: u32) -> String {
    if tid == 0 {
        return "held by nobody just now".to_string();
    }
    if process.memory.lives() && process.kernel_threads.has(tid) {
        return format!("held by kernel thread {}", process.kernel_threads.here(tid));
    }
    format!("held by a thread that is gone (id {tid})")
}
