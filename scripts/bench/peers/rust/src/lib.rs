//! What the two bins share: nothing of either runtime. The arguments, the services' data, and how they measure.

use std::time::Instant;

use memchr::memmem;

pub const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n";
pub const REQUEST: usize = 512;
pub const LOCKS: usize = 64;
pub static BLOCK: [u8; 64 * 1024] = [b'x'; 64 * 1024];

/// What the program is asked to do.
pub enum Task {
    Serve(Service),
    Micro { costs: Vec<(&'static str, u64)> }, // names, and how many rounds
    Parked { count: usize },
}

#[derive(Clone, Copy)]
pub enum Service {
    Echo,
    Http,
    Stream,
    Request,
}

impl Task {
    /// Of the command line. Leaves the program when there's no sense in it.
    pub fn asked() -> Task {
        let words: Vec<String> = std::env::args().skip(1).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        Self::parse(&words).unwrap_or_else(|| {
            eprintln!(
                "serve echo|http|stream|request | micro all|{} ROUNDS | parked COUNT",
                COSTS.map(|cost| cost.0).join("|")
            );
            std::process::exit(2)
        })
    }

    fn parse(words: &[&str]) -> Option<Task> {
        Some(match *words {
            ["serve", "echo"] => Task::Serve(Service::Echo),
            ["serve", "http"] => Task::Serve(Service::Http),
            ["serve", "stream"] => Task::Serve(Service::Stream),
            ["serve", "request"] => Task::Serve(Service::Request),
            ["micro", name, rounds] => {
                let rounds: u64 = rounds.parse().ok()?;
                let asked = COSTS.into_iter().filter(|cost| name == "all" || name == cost.0);
                let costs: Vec<_> = asked.map(|(name, scale)| (name, scale * rounds)).collect();
                Task::Micro { costs: Some(costs).filter(|costs| !costs.is_empty())? }
            }
            ["parked", count] => Task::Parked { count: count.parse().ok()? },
            _ => return None,
        })
    }
}

pub fn raise_descriptor_limit() {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: both get a limit of ours.
    let done = unsafe {
        libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) == 0 && {
            limit.rlim_cur = limit.rlim_max;
            libc::setrlimit(libc::RLIMIT_NOFILE, &limit) == 0
        }
    };
    assert!(done, "the limit of descriptors: {}", std::io::Error::last_os_error());
}

/// What has come of an HTTP connection's requests and is not yet answered.
pub struct Heads {
    buffer: [u8; 4096],
    filled: usize,
}

impl Heads {
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Heads { buffer: [0; 4096], filled: 0 }
    }

    /// Where to receive the next bytes. Nothing is left for a head that is too long: receiving 0 bytes ends its connection.
    pub fn room(&mut self) -> &mut [u8] {
        &mut self.buffer[self.filled..]
    }

    /// That many bytes came: how many heads are whole now. They are forgotten; what is behind them is kept.
    pub fn came(&mut self, bytes: usize) -> usize {
        self.filled += bytes;
        let (mut start, mut heads) = (0, 0);
        while let Some(head) = memmem::find(&self.buffer[start..self.filled], b"\r\n\r\n") {
            start += head + 4;
            heads += 1;
        }
        self.buffer.copy_within(start..self.filled, 0);
        self.filled -= start;
        heads
    }
}

/// The sum of a request's bytes, and the lock that it goes under.
pub fn sum(request: &[u8; REQUEST]) -> (usize, u64) {
    (request[0] as usize % LOCKS, request.iter().map(|&byte| u64::from(byte)).sum())
}

/// The small things that `micro` measures. Quick ones need more rounds for the clock to see them: as many times, as in
/// c-tests/bench/micro.c.
pub const COSTS: [(&str, u64); 9] = [
    ("create_join", 1),
    ("create_join_1000", 1),
    ("yield", 10),
    ("mutex", 10),
    ("mutex_contended", 10),
    ("cond", 1),
    ("sem", 1),
    ("pipe", 1),
    ("call", 100),
];

/// Nanoseconds for each of that many operations.
pub fn since(start: Instant, operations: u64) -> f64 {
    start.elapsed().as_nanos() as f64 / operations as f64
}

pub fn call(rounds: u64) -> f64 {
    let nothing: fn() = std::hint::black_box(|| {}); // So that the compiler can't know which function it is.
    let start = Instant::now();
    for _ in 0..rounds {
        nothing();
    }
    since(start, rounds)
}

/// What memory there is: the first two are our own, the others the whole machine's.
const TAKEN: [(&str, &str, &str); 5] = [
    ("rss_kib", "/proc/self/status", "VmRSS:"),
    ("vmpte_kib", "/proc/self/status", "VmPTE:"),
    ("kstack_kib", "/proc/meminfo", "KernelStack:"),
    ("slab_kib", "/proc/meminfo", "Slab:"),
    ("pagetables_kib", "/proc/meminfo", "PageTables:"),
];

/// How much there is of each, in KiB.
pub struct Memory([i64; TAKEN.len()]);

impl Memory {
    pub fn now() -> Self {
        Memory(TAKEN.map(|(_, path, name)| {
            let text = std::fs::read_to_string(path).expect(path);
            let line = text.lines().find_map(|line| line.strip_prefix(name)).expect(name);
            line.trim().trim_end_matches(" kB").parse().expect(name)
        }))
    }

    /// As `parked` prints it.
    pub fn growth(&self, after: &Memory) -> String {
        let each = TAKEN.iter().zip(self.0.iter().zip(after.0)).map(|(taken, (a, b))| format!("{}={}", taken.0, b - a));
        each.collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_come_split_and_together() {
        let mut heads = Heads::new();
        let mut come = |bytes: &[u8]| {
            heads.room()[..bytes.len()].copy_from_slice(bytes);
            heads.came(bytes.len())
        };
        assert_eq!(come(b"GET / HTTP/1.1\r\n\r"), 0);
        assert_eq!(come(b"\nGET / HTTP/1.1\r\n\r\nGET"), 2);
        assert_eq!(come(b" / HTTP/1.1\r\n\r\n"), 1);
        assert_eq!(come(&[b'x'; 4096]), 0);
        assert!(heads.room().is_empty());
    }
}
