//! `green locks PID`: who waits for which lock, who has it, and whether they wait for each other.

use crate::abandoned;
use crate::deadlock::{self, Circle};
use crate::facts::{id, json, name, LockFacts, ProcessFacts};
use crate::frames::place_of_wait;
use crate::lock::Lock;
use crate::output::{put, refuse};
use crate::table::Cause;
use crate::thread::{State, Thread, Wait};
use crate::waits::Waits;
use crate::which::Which;
use crate::Answer;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::process::ExitCode;
use std::rc::Rc;

/// Lists every lock that a green thread waits for: its owner, who waits, where and for how long; deadlocks, and abandoned locks
///
/// A deadlock is told only if all its waits were seen to hold at one moment, and at another one shortly after. A lock is abandoned if
/// its owner has ended, or is gone, and so will never unlock it. Robust and priority-inheriting mutexes are the kernel's, and not
/// listed.
///
/// Exit status: 1 if threads wait for each other in a circle (by mutexes, write locks or joins) or for an abandoned lock, 0 if not, 3 if
/// the process can't be looked at, 2 for wrong arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    which: Which,
    /// The same as JSON
    #[arg(long)]
    json: bool,
}

/// The exit status if the process can't be looked at. (1 is a deadlock.)
const UNSEEN: u8 = 3;

pub fn run(args: &Args) -> Answer {
    Ok(args.which.look(|waits| say(args, waits)).unwrap_or_else(|why| refuse(&why, UNSEEN)))
}

fn say(args: &Args, waits: &Waits) -> Answer {
    let locks = Contended::all(waits);
    let deadlocks = deadlock::find(waits, &locks);
    let abandoned = abandoned::find(waits, &locks)?;
    let text = match args.json {
        true => json(&Report::new(waits, &locks, &deadlocks, &abandoned))?,
        false => render(waits, &locks, &deadlocks, &abandoned),
    };
    put(&text)?;
    Ok(if deadlocks.is_empty() && abandoned.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A lock that somebody waits for.
pub struct Contended<'t> {
    pub lock: Rc<Lock<'t>>,
    pub waiters: Vec<Waiter<'t>>,
}

pub struct Waiter<'t> {
    pub thread: &'t Thread,
    seconds: f64,
    place: Option<String>,
}

impl<'t> Contended<'t> {
    /// Each, by address.
    fn all(waits: &Waits<'t>) -> Vec<Contended<'t>> {
        let mut locks = BTreeMap::new();
        for thread in waits.threads {
            let State::Waiting { wait: Wait { cause: Some(Cause::Lock), on, .. }, seconds } = thread.state else {
                continue;
            };
            let (place, _) = place_of_wait(waits, thread);
            let new = || Contended { lock: waits.lock(thread, on), waiters: Vec::new() };
            locks.entry(on).or_insert_with(new).waiters.push(Waiter { thread, seconds, place });
        }
        locks.into_values().collect()
    }

    fn render(&self) -> String {
        let mut text = format!("{}, {}\n", self.lock.text(), self.lock.owner.text());
        for Waiter { thread, seconds, place } in &self.waiters {
            let place = place.as_ref().map_or(String::new(), |place| format!(", at {place}"));
            let _ = writeln!(text, "  {} has waited {seconds:.3} s{place}", thread.called());
        }
        text
    }
}

fn render(waits: &Waits, locks: &[Contended], deadlocks: &[Circle], abandoned: &[&Contended]) -> String {
    let mut text = locks.iter().map(Contended::render).collect::<String>();
    if locks.is_empty() {
        text = format!("{}: no green thread waits for a lock\n", waits.process.memory.title());
    }
    text.extend(deadlocks.iter().map(|circle| format!("deadlock: {}\n", deadlock::text(circle))));
    text.extend(abandoned.iter().map(|Contended { lock, waiters }| {
        let waiters = match waiters.len() {
            1 => "1 thread waits".to_string(),
            n => format!("{n} threads wait"),
        };
        format!("abandoned: {}, {}: {waiters} for ever\n", lock.text(), lock.owner.text())
    }));
    text
}

/// Its keys are the JSON's: they stay.
#[derive(Serialize)]
struct Report<'t> {
    process: ProcessFacts,
    locks: Vec<ContendedFacts<'t>>,
    deadlocks: Vec<Vec<LinkFacts>>,
}

#[derive(Serialize)]
struct ContendedFacts<'t> {
    #[serde(flatten)]
    lock: LockFacts<'t>,
    abandoned: bool,
    waiters: Vec<WaiterFacts<'t>>,
}

#[derive(Serialize)]
struct WaiterFacts<'t> {
    thread: String,
    name: Option<&'t str>,
    seconds: f64,
    /// Where the program waits.
    place: Option<String>,
}

/// One thread of a deadlock, and whom it waits for.
#[derive(Serialize)]
struct LinkFacts {
    thread: String,
    waits_for: String,
    /// None: it waits for the other's end.
    lock: Option<String>,
}

impl<'t> Report<'t> {
    fn new(waits: &Waits<'t>, locks: &[Contended<'t>], deadlocks: &[Circle], abandoned: &[&Contended]) -> Self {
        let of_waiter = |waiter: &Waiter<'t>| WaiterFacts {
            thread: id(waiter.thread),
            name: name(waiter.thread),
            seconds: waiter.seconds,
            place: waiter.place.clone(),
        };
        let of_lock = |contended: &Contended<'t>| ContendedFacts {
            lock: LockFacts::of(&contended.lock),
            abandoned: abandoned.iter().any(|a| a.lock.at == contended.lock.at),
            waiters: contended.waiters.iter().map(of_waiter).collect(),
        };
        let of_link = |link: &deadlock::Link| LinkFacts {
            thread: id(link.waiter),
            waits_for: id(link.owner),
            lock: link.lock.as_ref().map(|lock| format!("{:#x}", lock.at)),
        };
        Report {
            process: ProcessFacts::of(waits),
            locks: locks.iter().map(of_lock).collect(),
            deadlocks: deadlocks.iter().map(|circle| circle.iter().map(of_link).collect()).collect(),
        }
    }
}
