//! Threads whose stacks are equal, told together: thousands of workers that wait alike take a few lines.

use crate::frames::Stack;
use crate::table::Cause;
use crate::thread::{State, Thread};
use crate::waits::Waits;
use std::collections::HashMap;

/// Threads that do the same at the same place.
pub struct Group<'t> {
    pub threads: Vec<&'t Thread>,
    pub stack: Stack,
}

/// What makes threads alike.
#[derive(PartialEq, Eq, Hash)]
enum Alike {
    /// The cause by its number.
    Waiting(Option<u8>, Stack),
    Ready(Stack),
    Ended,
    /// On a kernel thread of its own.
    Running(u64),
}

/// All threads in groups, in the order of the first of each.
pub fn of<'t>(waits: &Waits, threads: &[&'t Thread]) -> Vec<Group<'t>> {
    let mut places: HashMap<Alike, usize> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for thread in threads {
        let stack = Stack::of(waits.process, waits.symbols, thread);
        let alike = match thread.state {
            State::Waiting { wait, .. } => Alike::Waiting(wait.cause.map(|cause| cause as u8), stack.clone()),
            State::Ready => Alike::Ready(stack.clone()),
            State::Ended => Alike::Ended,
            State::Running { .. } => Alike::Running(thread.id),
        };
        let place = *places.entry(alike).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Group { threads: Vec::new(), stack });
        }
        groups[place].threads.push(thread);
    }
    groups
}

impl Group<'_> {
    /// What its threads do, and which they are, in one line.
    pub fn head(&self, waits: &Waits) -> String {
        let [first, second, ..] = self.threads[..] else {
            return self.threads.first().map_or(String::new(), |thread| head_of_one(waits, thread));
        };
        let count = self.threads.len();
        let does = match first.state {
            State::Waiting { wait, .. } => {
                let seconds = self.threads.iter().filter_map(|thread| waits.state(thread).1);
                let (least, most) = seconds.fold((f64::MAX, 0f64), |(low, high), s| (low.min(s), high.max(s)));
                let what = waits.state(first).2;
                let is_one = waits.state(second).2 == what && self.threads.iter().all(|t| waits.state(t).2 == what);
                let what = if is_one { what } else { many(wait.cause).to_string() };
                format!("wait {least:.3} to {most:.3} s for {what}")
            }
            State::Ready => "are ready".to_string(),
            State::Ended => "have ended, and wait to be joined".to_string(),
            State::Running { .. } => "run".to_string(),
        };
        format!("{count} threads {does}: {}", self.names())
    }

    /// The first few.
    fn names(&self) -> String {
        const FEW: usize = 4;
        let few = if self.threads.len() == FEW + 1 { FEW + 1 } else { FEW };
        let mut names: Vec<String> = self.threads.iter().take(few).map(|thread| thread.called()).collect();
        match self.threads.len() - names.len() {
            0 => {}
            more => names.push(format!("{more} more")),
        }
        names.join(", ")
    }
}

fn head_of_one(waits: &Waits, thread: &Thread) -> String {
    let (state, seconds, what) = waits.state(thread);
    let does = match (&thread.state, seconds) {
        (State::Waiting { .. }, Some(seconds)) => format!("waits {seconds:.3} s for {what}"),
        (State::Ended, _) => format!("ended, {what}"),
        _ if what.is_empty() => state.to_string(),
        _ => format!("{state} {what}"),
    };
    format!("thread {}: {does}", thread.called())
}

/// What several threads wait for, each for one of its own.
fn many(cause: Option<Cause>) -> &'static str {
    match cause {
        Some(Cause::Read) => "descriptors to be readable",
        Some(Cause::Write) => "descriptors to be writable",
        Some(Cause::Poll) => "events on descriptors",
        Some(Cause::Sleep) => "time to pass",
        Some(Cause::Lock) => "locks",
        Some(Cause::Cond) => "condition variables",
        Some(Cause::Barrier) => "barriers",
        Some(Cause::Once) => "once-controls",
        Some(Cause::Semaphore) => "semaphores",
        Some(Cause::Futex) => "futexes",
        Some(Cause::Join) => "the ends of threads",
        Some(Cause::Child) => "children's ends",
        Some(Cause::Signal) => "signals",
        Some(Cause::File) => "the disk",
        Some(Cause::Threads) => "fewer threads (GREEN_MAX_THREADS)",
        None => "things that this command doesn't know",
    }
}
