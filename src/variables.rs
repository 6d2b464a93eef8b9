//! The GREEN_* variables: names, defaults, what they mean and what values they take. Plain data, shared by the library (`config`)
//! and the command `green`, so nothing here refers to either. The README's table is checked against it by a test.

use core::fmt::{self, Display};

/// A row of the table.
pub struct Variable {
    pub name: &'static str,
    pub default: &'static str,
    pub help: &'static str,
    pub takes: Takes,
}

/// What values make sense.
#[derive(Clone, Copy, Debug)]
pub enum Takes {
    /// `1/true/yes/on` and `0/false/no/off`; the empty value is off.
    Flag,
    /// A number between these.
    Number(u64, u64),
    /// A number of bytes between these, with an optional k, m or g.
    Size(u64, u64),
    /// One of these.
    Word(&'static [&'static str]),
    /// `100`, `100:wait` or `100:eagain`.
    Threads,
    /// A flag, an absolute path, `json`, or `json:` and an absolute path.
    Report,
    /// An absolute path; the empty value is none.
    Path,
    Anything,
}

/// In words, for who gave something else.
impl Display for Takes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Takes::Flag => f.write_str("1, true, yes, on, or 0, false, no, off"),
            Takes::Number(_, u64::MAX) => f.write_str("a number"),
            Takes::Number(least, most) => write!(f, "{least} to {most}"),
            Takes::Size(least, most) => write!(f, "{}k to {}g", least >> 10, most >> 30),
            Takes::Word(words) => words.iter().enumerate().try_for_each(|(n, word)| {
                f.write_str(if n == 0 { "" } else { ", " })?;
                f.write_str(word)
            }),
            Takes::Threads => f.write_str("N, N:wait or N:eagain, with N from 1"),
            Takes::Report => f.write_str("0, 1, /a/path, json or json:/a/path"),
            Takes::Path => f.write_str("/a/path"),
            Takes::Anything => f.write_str("anything"),
        }
    }
}

impl Variable {
    /// Whether a value makes sense.
    pub fn accepts(&self, value: &[u8]) -> bool {
        match self.takes {
            Takes::Flag => flag(value).is_some(),
            Takes::Number(least, most) => number(value).is_some_and(|n| (least..=most).contains(&n)),
            Takes::Size(least, most) => size(value).is_some_and(|n| (least..=most).contains(&n)),
            Takes::Word(words) => words.iter().any(|word| word.as_bytes() == value),
            Takes::Threads => threads(value).is_some(),
            Takes::Report => match value.strip_prefix(b"json:") {
                Some(path) => path.first() == Some(&b'/'),
                None => value.first() == Some(&b'/') || value == b"json" || flag(value).is_some(),
            },
            Takes::Path => value.is_empty() || value.first() == Some(&b'/'),
            Takes::Anything => true,
        }
    }
}

/// The variable of that name.
pub fn find(name: &[u8]) -> Option<&'static Variable> {
    VARIABLES.iter().find(|v| v.name.as_bytes() == name)
}

/// Whether a GREEN_ name belongs to our scripts and tests, not to the library.
pub fn is_foreign(name: &[u8]) -> bool {
    name == b"GREEN_LIB" || name == b"GREEN_BIN" || name.starts_with(b"GREEN_TEST_")
}

/// What a flag's value means.
pub fn flag(value: &[u8]) -> Option<bool> {
    match value {
        b"1" | b"true" | b"yes" | b"on" => Some(true),
        b"" | b"0" | b"false" | b"no" | b"off" => Some(false),
        _ => None,
    }
}

pub fn number(value: &[u8]) -> Option<u64> {
    core::str::from_utf8(value).ok()?.parse().ok()
}

/// A number of bytes.
pub fn size(value: &[u8]) -> Option<u64> {
    let (last, digits) = value.split_last()?;
    let (digits, shift) = match last {
        b'k' | b'K' => (digits, 10),
        b'm' | b'M' => (digits, 20),
        b'g' | b'G' => (digits, 30),
        _ => (value, 0),
    };
    number(digits)?.checked_mul(1 << shift)
}

/// How many threads, and whether who would make one more waits.
pub fn threads(value: &[u8]) -> Option<(u64, bool)> {
    let text = core::str::from_utf8(value).ok()?;
    let (most, then) = text.split_once(':').unwrap_or((text, "wait"));
    let most = most.parse().ok().filter(|&n| n > 0)?;
    match then {
        "wait" => Some((most, true)),
        "eagain" => Some((most, false)),
        _ => None,
    }
}

/// All there are.
pub const VARIABLES: &[Variable] = &[
    Variable {
        name: "GREEN_DISABLE",
        default: "0",
        help: "1 makes the library inert: every call goes straight to libc",
        takes: Takes::Flag,
    },
    Variable {
        name: "GREEN_HUBS",
        default: "processors",
        help: "how many hubs run green threads, each on a kernel thread; 1 is purely cooperative",
        takes: Takes::Number(1, 1024),
    },
    Variable {
        name: "GREEN_HUB",
        default: "epoll",
        help: "how hubs wait for events: epoll, poll, select, or io_uring, which also waits for regular files; what the kernel refuses is told, and epoll taken (or else poll)",
        takes: Takes::Word(&["epoll", "poll", "select", "io_uring"]),
    },
    Variable {
        name: "GREEN_STACK",
        default: "ulimit -s",
        help: "stack size of threads that ask for none, and the least for all: bytes, or with k, m, g (64k)",
        takes: Takes::Size(16 << 10, 1 << 36),
    },
    Variable {
        name: "GREEN_BUDGET",
        default: "128",
        help: "I/O calls that may succeed at once before a thread lets the others run",
        takes: Takes::Number(1, 1 << 30),
    },
    Variable {
        name: "GREEN_HANDOFF_MS",
        default: "10",
        help: "after so many milliseconds a thread that computes or blocks elsewhere loses its hub, which goes on on another kernel thread",
        takes: Takes::Number(0, 1 << 40),
    },
    Variable {
        name: "GREEN_MAX_CARRIERS",
        default: "256",
        help: "how many kernel threads may run green ones, stuck ones included; beyond that threads wait",
        takes: Takes::Number(1, 1 << 20),
    },
    Variable {
        name: "GREEN_MAX_LOOKUPS",
        default: "32",
        help: "how many look-ups of names (getaddrinfo and its like) may wait for answers at once, each on a kernel thread; half of GREEN_MAX_CARRIERS at most",
        takes: Takes::Number(1, 1 << 20),
    },
    Variable {
        name: "GREEN_MAX_THREADS",
        default: "none",
        help: "how many green threads there may be at once: at N, pthread_create waits until one has ended; at N:eagain, it gives EAGAIN",
        takes: Takes::Threads,
    },
    Variable {
        name: "GREEN_NATIVE",
        default: "none",
        help: "threads that stay kernel threads, by start function, library (libx.so) or thread name, between commas",
        takes: Takes::Anything,
    },
    Variable {
        name: "GREEN_DEBUG_BLOCKING",
        default: "0",
        help: "prints who kept a hub's kernel thread for more milliseconds than this, for how long and where, with a backtrace, when that ends, and after 1 s, 10 s, … if it doesn't; 0 is off",
        takes: Takes::Number(0, 1 << 40),
    },
    Variable {
        name: "GREEN_CHAOS",
        default: "none",
        help: "a seed: threads run in shuffled order, on whatever hub, to find bugs in tests",
        takes: Takes::Number(0, u64::MAX),
    },
    Variable {
        name: "GREEN_STATS",
        default: "0",
        help: "1 prints counters to stderr when the process exits, or SIGTERM, SIGINT or SIGHUP ends it; a path (/…) appends them to that file; json or json:/… does so as a JSON object",
        takes: Takes::Report,
    },
    Variable {
        name: "GREEN_TRACE",
        default: "none",
        help: "a path (/…): when the process exits, or SIGTERM, SIGINT or SIGHUP ends it, the last 65,536 runs, wake-ups and handoffs are written there as a timeline for ui.perfetto.dev or chrome://tracing; forked children write to PATH.PID",
        takes: Takes::Path,
    },
];
