//! One look at a process: its threads and its counters.

use super::view::Order;
use crate::memory::Memory;
use crate::process::Process;
use crate::starts;
use crate::symbols::Symbols;
use crate::table::{Counters, Table, Text};
use crate::thread::{State, Thread};
use std::cmp::Reverse;
use std::mem::{offset_of, size_of};
use std::time::Instant;

pub struct Sample<'m> {
    pub at: Instant,
    pub process: Process<'m>,
    pub threads: Vec<Thread>,
    pub hubs: usize,
    /// The process's counters, and the sums of the hubs', by name.
    pub of_process: Vec<(String, u64)>,
    pub of_hubs: Vec<(String, u64)>,
}

impl<'m> Sample<'m> {
    /// Looks. Fails with a line if the process has ended, isn't green, or has no thread yet.
    pub fn take(memory: &'m Memory, symbols: &Symbols, table: u64) -> Result<Self, String> {
        let gone = || memory.gone();
        let mut process = Process::read(memory)?;
        let places =
            memory.bytes::<{ size_of::<Counters>() }>(table + offset_of!(Table, counters) as u64).ok_or_else(gone)?;
        // SAFETY: plain numbers, for which any bytes will do.
        let places: Counters = unsafe { std::ptr::read_unaligned(places.as_ptr() as *const Counters) };
        // Values first: those that belong together are read together.
        let at = Instant::now();
        let count = memory.word(places.hub_count).ok_or_else(gone)?.min(1024);
        let hubs: Vec<u64> = (0..count).filter_map(|n| memory.word(places.hubs + 8 * n)).collect();
        let counter = |first: u64, n: usize| memory.word(first + 8 * n as u64).unwrap_or(0);
        let sum = |n| hubs.iter().map(|hub| counter(hub + places.in_hub, n)).fold(0u64, u64::wrapping_add);
        let of_hubs = names(memory, places.hub_names).into_iter().enumerate().map(|(n, name)| (name, sum(n))).collect();
        let of_process = names(memory, places.process_names).into_iter().enumerate();
        let of_process = of_process.map(|(n, name)| (name, counter(places.process, n))).collect();
        let mut threads = process.threads();
        starts::name(&mut threads, symbols);
        Ok(Sample { at, threads, process, hubs: hubs.len(), of_process, of_hubs })
    }

    /// Puts the threads in an order. (What a thread waits for is ordered by kind, then by which of that kind.)
    pub fn sort(&mut self, order: Order) {
        let what = |t: &Thread| match &t.state {
            State::Waiting { wait, .. } => (wait.cause.map_or(u8::MAX, |c| c as u8), wait.on),
            _ => (0, 0),
        };
        // Those that run, or could, before those that wait, the longest first; then those that have ended.
        let seconds = |t: &Thread| match &t.state {
            State::Running { .. } => (3, 0),
            State::Ready => (2, 0),
            State::Waiting { seconds, .. } => (1, (seconds * 1e6) as u64),
            State::Ended => (0, 0),
        };
        match order {
            Order::Seconds => self.threads.sort_by_key(|t| Reverse(seconds(t))),
            Order::Name => self.threads.sort_by_cached_key(Thread::shown_name),
            Order::What => self.threads.sort_by_key(what),
        }
    }

    /// One of the process's counters.
    pub fn counter(&self, name: &str) -> u64 {
        self.of_process.iter().find(|(n, _)| n == name).map_or(0, |(_, value)| *value)
    }
}

fn names(memory: &Memory, text: Text) -> Vec<String> {
    let bytes = (0..text.len.min(4096)).map_while(|n| memory.byte(text.at + n)).collect::<Vec<u8>>();
    String::from_utf8_lossy(&bytes).split_whitespace().map(str::to_string).collect()
}
