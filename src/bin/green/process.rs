//! A process's green threads, read through the library's table.

use crate::escape::escaped;
use crate::kernel_threads::KernelThreads;
use crate::memory::Memory;
use crate::status;
use crate::table::{stage, Cause, Offsets, Range, Table, RANGES, SINGLE, VERSION};
use crate::thread::{Left, State, Thread, Wait};
use std::arch::x86_64::_rdtsc;
use std::collections::HashMap;
use std::mem::{offset_of, size_of};
use std::thread::sleep;
use std::time::Duration;

/// The moment that waits are counted up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountedTo {
    Now,
    /// The core's, by the date of its file.
    Date,
    /// When the process last looked at the clock.
    LastLook,
}

impl CountedTo {
    /// For programs.
    pub fn word(self) -> &'static str {
        match self {
            CountedTo::Now => "now",
            CountedTo::Date => "core date",
            CountedTo::LastLook => "last look",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            CountedTo::Now => "now",
            CountedTo::Date => "the core file's date",
            CountedTo::LastLook => {
                "when the process last looked at the clock (the core isn't of this machine since it was booted)"
            }
        }
    }
}

pub struct Process<'m> {
    pub memory: &'m Memory,
    /// Where the outermost frame of each coroutine begins.
    pub outermost: u64,
    pub kernel_threads: KernelThreads,
    pub counted_to: CountedTo,
    table: u64,
    offsets: Offsets,
    life: u32,
    /// The time now, and how many cycles make a second.
    cycles: u64,
    per_second: f64,
    /// Records of running threads, and their kernel threads.
    running: HashMap<u64, u32>,
    /// Hubs in their order.
    hubs: Vec<u64>,
}

impl<'m> Process<'m> {
    /// Finds and reads the table. Errors say in one line why there's nothing to see.
    pub fn read(memory: &'m Memory) -> Result<Self, String> {
        let table = memory.find_table()?;
        let gone = || memory.gone();
        let at = |offset: usize| table.wrapping_add(offset as u64);
        let version = memory.half(at(offset_of!(Table, version))).ok_or_else(gone)?;
        if version != VERSION {
            return Err(format!(
                "the process has a libgreen of another version ({version}, this command knows {VERSION})"
            ));
        }
        if memory.half(at(offset_of!(Table, active))).ok_or_else(gone)? == 0 {
            return Err(match memory.lives() && status::is_disabled(memory.pid) {
                true => format!("libgreen is inert in {}, which was started with GREEN_DISABLE", memory.name()),
                false => "the process has not created a thread yet".to_string(),
            });
        }
        let bytes = memory.bytes::<{ size_of::<Offsets>() }>(at(offset_of!(Table, offsets))).ok_or_else(gone)?;
        // SAFETY: plain numbers, for which any bytes will do.
        let offsets: Offsets = unsafe { std::ptr::read_unaligned(bytes.as_ptr() as *const Offsets) };
        let mut process = Process {
            memory,
            outermost: memory.word(at(offset_of!(Table, outermost))).ok_or_else(gone)?,
            kernel_threads: KernelThreads::of(memory),
            counted_to: CountedTo::Now,
            table,
            offsets,
            life: memory.half(at(offset_of!(Table, life))).ok_or_else(gone)?,
            cycles: 0,
            per_second: 1e9,
            running: HashMap::new(),
            hubs: Vec::new(),
        };
        process.read_clock().ok_or_else(gone)?;
        process.read_carriers();
        process.read_hubs();
        Ok(process)
    }

    fn in_table(&self, offset: usize) -> Option<u64> {
        self.memory.word(self.table + offset as u64)
    }

    fn read_clock(&mut self) -> Option<()> {
        let then = (self.in_table(offset_of!(Table, cycles))?, self.in_table(offset_of!(Table, nanoseconds))?);
        let lives = self.memory.lives();
        let mut present = now();
        let since_then = rate(then, present);
        if lives && PLAUSIBLE.contains(&since_then) && self.memory.has_our_clock() {
            (self.cycles, self.per_second) = (present.0, since_then);
            return Some(());
        }
        let before = now();
        sleep(Duration::from_millis(20));
        present = now();
        let measured = rate(before, present);
        // If this machine has counted on from then to now, the core's date is a moment on that clock. Else the end was when the
        // process last looked at it (`read_hubs`), and the clock is taken to go as fast as this one.
        (self.cycles, self.per_second, self.counted_to) = match self.memory.age() {
            _ if lives => (present.0, measured, CountedTo::Now),
            Some(age) if (since_then / measured - 1.0).abs() < 0.01 => {
                let since = (age.as_secs_f64() * since_then) as u64;
                (present.0.saturating_sub(since), since_then, CountedTo::Date)
            }
            _ => (0, measured, CountedTo::LastLook),
        };
        Some(())
    }

    fn read_carriers(&mut self) {
        let (memory, o) = (self.memory, self.offsets);
        let mut carrier = self.in_table(offset_of!(Table, carriers)).unwrap_or(0);
        let mut seen = 0;
        while carrier != 0 && carrier < USER_SPACE && seen < 1 << 20 {
            seen += 1;
            let task = memory.word(carrier + o.running as u64).unwrap_or(0);
            if task != 0 {
                let own = memory.half(carrier + o.kernel_id as u64).unwrap_or(0);
                self.running.insert(task, self.kernel_threads.here(own));
            }
            carrier = memory.word(carrier + o.next_carrier as u64).unwrap_or(0);
        }
    }

    fn read_hubs(&mut self) {
        const MOST: u64 = 1024;
        let array = self.in_table(offset_of!(Table, hubs)).unwrap_or(0);
        let hubs = (0..MOST)
            .map_while(|n| self.memory.word(array.wrapping_add(8 * n)).filter(|&hub| hub != 0 && hub < USER_SPACE));
        self.hubs = hubs.collect();
        if !self.memory.lives() {
            let clocks = self.hubs.iter().filter_map(|hub| self.memory.word(hub + self.offsets.hub_clock as u64));
            self.cycles = clocks.max().unwrap_or(0).max(self.cycles);
        }
    }

    /// For each hub, by its number, the kernel thread that runs it.
    pub fn hub_threads(&self) -> Vec<u32> {
        let own = |hub: &u64| self.memory.half(hub + self.offsets.hub_kernel_id as u64).unwrap_or(0);
        self.hubs.iter().map(|hub| self.kernel_threads.here(own(hub))).collect()
    }

    /// All that there are, the first thread first.
    pub fn threads(&mut self) -> Vec<Thread> {
        let host = self.in_table(offset_of!(Table, host)).unwrap_or(0);
        if !self.memory.lives() {
            let since = std::iter::once(host)
                .chain(self.records())
                .filter_map(|r| self.parked(r))
                .filter_map(|p| self.memory.word(p + self.offsets.since as u64));
            self.cycles = since.max().unwrap_or(0).max(self.cycles);
        }
        let main = self.thread(host, true);
        let others = self.records().filter(|&r| r != host).filter_map(|record| self.thread(record, false));
        main.into_iter().chain(others).collect()
    }

    /// Whether it tells of all its threads' places: there's room for so many.
    pub fn shows_all(&self) -> bool {
        self.in_table(offset_of!(Table, range_count)).is_some_and(|count| count <= RANGES as u64)
    }

    /// Where threads other than the first may be.
    fn records(&self) -> impl Iterator<Item = u64> + '_ {
        let count = self.in_table(offset_of!(Table, range_count)).unwrap_or(0).min(RANGES as u64);
        let range = |n: u64| {
            let range = offset_of!(Table, ranges) + n as usize * size_of::<Range>();
            Some((self.in_table(range)?, self.in_table(range + 8)?, self.in_table(range + 16)?))
        };
        let in_range = |(low, size, blocks): (u64, u64, u64)| {
            let single = SINGLE as u64;
            let record = if blocks & single != 0 { self.offsets.single_record } else { self.offsets.record };
            let end = move |block: u64| low.wrapping_add(block.wrapping_mul(size));
            (1..=blocks & !single).map(move |b| end(b).wrapping_sub(record as u64) & !63)
        };
        (0..count).map_while(range).flat_map(in_range).take(MOST_BLOCKS)
    }

    fn thread(&self, record: u64, is_main: bool) -> Option<Thread> {
        let o = &self.offsets;
        let memory = self.memory;
        let word = memory.half(record.checked_add(o.stage as u64)?)?;
        if word >> stage::BITS != self.life || word & ((1 << stage::BITS) - 1) == stage::NONE {
            return None;
        }
        let id = memory.word(record + o.thread_pointer as u64)?;
        // A thread control block points to itself; else this is something else by now.
        if memory.word(id.checked_add(16)?)? != id {
            return None;
        }
        let name = memory.bytes::<16>(record + o.name as u64)?;
        let name = escaped(name.split(|&b| b == 0).next().unwrap_or(&[]));
        let name = if is_main && name.is_empty() { "main".to_string() } else { name };
        let has_ended = word & ((1 << stage::BITS) - 1) == stage::ENDED;
        // Of a truncated core's the list of carriers may be gone.
        let by_registers = || memory.dumped_for(id).filter(|_| memory.is_truncated()).map(|dumped| dumped.id);
        let running = self.running.get(&record).copied().or_else(by_registers);
        let state = if has_ended {
            State::Ended
        } else if let Some(kernel_thread) = running {
            State::Running { kernel_thread }
        } else {
            self.wait(record).map_or(State::Ready, |wait| State::Waiting { wait, seconds: self.seconds(&wait) })
        };
        let left = match running {
            _ if has_ended => None,
            Some(kernel_thread) => memory.dumped(kernel_thread, id).map(|thread| thread.left),
            None => self.left(record),
        };
        let hub = memory.word(record + o.hub as u64)?;
        let hub = self.hubs.iter().position(|&h| h == hub);
        let routine = memory.word(record + o.routine as u64)?;
        Some(Thread {
            id,
            name,
            start: String::new(),
            tid: memory.half(id + o.tid as u64)?,
            state,
            hub,
            routine,
            left,
            record,
        })
    }

    /// What a thread waits for at this moment, whatever it did when it was read; None if it was woken, or doesn't wait.
    pub fn wait_now(&self, thread: &Thread) -> Option<Wait> {
        self.wait(thread.record)
    }

    fn seconds(&self, wait: &Wait) -> f64 {
        self.cycles.saturating_sub(wait.since) as f64 / self.per_second
    }

    /// Where its present wait is, if there's one.
    fn parked(&self, record: u64) -> Option<u64> {
        self.memory.word(record.checked_add(self.offsets.parked as u64)?).filter(|&p| p > 1 && p < USER_SPACE)
    }

    fn wait(&self, record: u64) -> Option<Wait> {
        let o = &self.offsets;
        let parked = self.parked(record)?;
        let sleeper = self.memory.word(parked + o.sleeper as u64)?;
        if self.memory.half(sleeper.checked_add(o.woken as u64)?)? >= 2 {
            return None;
        }
        Some(Wait {
            cause: Cause::from_byte(self.memory.byte(parked + o.cause as u64)?),
            on: self.memory.word(parked + o.on as u64)?,
            since: self.memory.word(parked + o.since as u64)?,
        })
    }

    /// What the switch away from it saved, as the table's `Offsets` tell.
    fn left(&self, record: u64) -> Option<Left> {
        let (memory, o) = (self.memory, &self.offsets);
        if memory.byte(record + o.kind as u64)? == 0 {
            let sp = memory.word(record + o.coroutine_sp as u64).filter(|&sp| sp != 0 && sp < USER_SPACE)?;
            let at = |n: u64| memory.word(sp + 8 * n);
            return Some(Left { rip: at(0)?, rbx: at(1)?, rbp: at(2)?, rsp: sp + 24, others: None, has_called: true });
        }
        let sp = memory.word(record + o.host_sp as u64).filter(|&sp| sp != 0 && sp < USER_SPACE)?;
        let at = |n: u64| memory.word(sp + 8 * n);
        let others = Some([at(3)?, at(2)?, at(1)?, at(0)?]);
        Some(Left { rbx: at(4)?, rbp: at(5)?, rip: at(6)?, rsp: sp + 56, others, has_called: true })
    }
}

/// Where addresses of programs end: no sum of one below and an offset overflows.
const USER_SPACE: u64 = 1 << 47;

/// The most places that are looked at in all ranges; more is a damaged table.
const MOST_BLOCKS: usize = 1 << 22;

/// Cycles in a second, of processors that there are: else the two clocks aren't those of one machine and time namespace.
const PLAUSIBLE: std::ops::Range<f64> = 1e8..1e11;

/// Cycles in a second between two moments.
fn rate(from: (u64, u64), to: (u64, u64)) -> f64 {
    to.0.saturating_sub(from.0) as f64 / (to.1.saturating_sub(from.1).max(1) as f64 / 1e9)
}

/// This moment on both clocks: cycles, nanoseconds.
fn now() -> (u64, u64) {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: plain clock_gettime(2) with a valid object; every x86-64 has the counter.
    let cycles = unsafe {
        libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut now);
        _rdtsc()
    };
    (cycles, now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64)
}
