//! Every GREEN_* variable, once: name, default, check, help.
//!
//! Read in the constructor straight from `environ` (getenv may not be ready, and a wrapped daemon may change it
//! later). A value that doesn't parse, and a GREEN_ name that isn't here, are named on stderr, once, when the
//! first thread is created; the program goes on with the default.

use crate::{sys, tell};
use core::ffi::CStr;
use once_cell::sync::OnceCell;

/// Where the counters go when the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stats {
    Off,
    Stderr,
    /// Appended to this file (absolute path, NUL-terminated).
    File(&'static CStr),
}

/// GREEN_MAX_THREADS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxThreads {
    pub most: u64,
    /// Who would make one more waits; else gets EAGAIN.
    pub waits: bool,
}

/// GREEN_HUB: how hubs hear of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum HubKind {
    Epoll = 0,
    Poll = 1,
    Select = 2,
    Uring = 3,
}

/// The settings in force.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    pub disable: bool,
    pub stats: Stats,
    pub hubs: usize,
    pub hub_kind: HubKind,
    /// Stack size in bytes for threads that ask for none; 0 is the process default (RLIMIT_STACK).
    pub stack: usize,
    /// Operations that may succeed at once before a thread lets others run.
    pub budget: u32,
    /// How long a thread may keep its hub waiting before the hub moves to another kernel thread (ms).
    pub handoff_ms: u64,
    /// The most kernel threads that run green ones.
    pub max_carriers: usize,
    /// The most look-ups of names at once.
    pub max_lookups: usize,
    /// The most green threads at once.
    pub max_threads: Option<MaxThreads>,
    /// Which threads stay kernel threads (names between commas).
    pub native: Option<&'static CStr>,
    /// Names threads that held their carrier for so long (ms); 0: no audit.
    pub debug_blocking_ms: u64,
    /// Shuffles the order in which threads run, and the hubs they run on, by this seed; for tests.
    pub chaos: Option<u64>,
}

impl Config {
    const fn default() -> Self {
        Config {
            disable: false,
            stats: Stats::Off,
            hubs: 0,
            hub_kind: HubKind::Epoll,
            stack: 0,
            budget: 128,
            handoff_ms: 10,
            max_carriers: 256,
            max_lookups: 32,
            max_threads: None,
            native: None,
            debug_blocking_ms: 0,
            chaos: None,
        }
    }
}

/// A row of the table of variables.
pub struct Variable {
    pub name: &'static str,
    pub default: &'static str,
    pub help: &'static str,
    /// Takes the value over; false when it makes no sense.
    set: fn(&mut Config, &'static CStr) -> bool,
}

/// The table. The README's is checked against it by a test.
pub const VARIABLES: &[Variable] = &[
    Variable {
        name: "GREEN_DISABLE",
        default: "0",
        help: "1 makes the library inert: every call goes straight to libc",
        set: |c, v| flag(v).map(|b| c.disable = b).is_some(),
    },
    Variable {
        name: "GREEN_HUBS",
        default: "processors",
        help: "how many hubs run green threads, each on a kernel thread; 1 is purely cooperative",
        set: |c, v| number(v).filter(|n| (1..=1024).contains(n)).map(|n| c.hubs = n as usize).is_some(),
    },
    Variable {
        name: "GREEN_HUB",
        default: "epoll",
        help: "how hubs wait for events: epoll, poll, select, or io_uring, which also waits for regular files; what the kernel refuses is told, and epoll taken (or else poll)",
        set: |c, v| hub_kind(v).map(|kind| c.hub_kind = kind).is_some(),
    },
    Variable {
        name: "GREEN_STACK",
        default: "ulimit -s",
        help: "stack size of threads that ask for none, and the least for all: bytes, or with k, m, g (64k)",
        set: |c, v| size(v).filter(|n| (16 << 10..=1 << 36).contains(n)).map(|n| c.stack = n as usize).is_some(),
    },
    Variable {
        name: "GREEN_BUDGET",
        default: "128",
        help: "I/O calls that may succeed at once before a thread lets the others run",
        set: |c, v| number(v).filter(|n| (1..=1 << 30).contains(n)).map(|n| c.budget = n as u32).is_some(),
    },
    Variable {
        name: "GREEN_HANDOFF_MS",
        default: "10",
        help: "after so many milliseconds a thread that computes or blocks elsewhere loses its hub, which goes on on another kernel thread",
        set: |c, v| number(v).filter(|n| *n <= 1 << 40).map(|n| c.handoff_ms = n).is_some(),
    },
    Variable {
        name: "GREEN_MAX_CARRIERS",
        default: "256",
        help: "how many kernel threads may run green ones, stuck ones included; beyond that threads wait",
        set: |c, v| number(v).filter(|n| (1..=1 << 20).contains(n)).map(|n| c.max_carriers = n as usize).is_some(),
    },
    Variable {
        name: "GREEN_MAX_LOOKUPS",
        default: "32",
        help: "how many look-ups of names (getaddrinfo and its like) may wait for answers at once, each on a kernel thread; half of GREEN_MAX_CARRIERS at most",
        set: |c, v| number(v).filter(|n| (1..=1 << 20).contains(n)).map(|n| c.max_lookups = n as usize).is_some(),
    },
    Variable {
        name: "GREEN_MAX_THREADS",
        default: "none",
        help: "how many green threads there may be at once: at N, pthread_create waits until one has ended; at N:eagain, it gives EAGAIN",
        set: |c, v| max_threads(v).map(|m| c.max_threads = Some(m)).is_some(),
    },
    Variable {
        name: "GREEN_NATIVE",
        default: "none",
        help: "threads that stay kernel threads, by start function, library (libx.so) or thread name, between commas",
        set: |c, v| {
            c.native = Some(v).filter(|v| !v.to_bytes().is_empty());
            true
        },
    },
    Variable {
        name: "GREEN_DEBUG_BLOCKING",
        default: "0",
        help: "prints who kept a hub's kernel thread for more milliseconds than this, for how long and where, with a backtrace; 0 is off",
        set: |c, v| number(v).filter(|n| *n <= 1 << 40).map(|n| c.debug_blocking_ms = n).is_some(),
    },
    Variable {
        name: "GREEN_CHAOS",
        default: "none",
        help: "a seed: threads run in shuffled order, on whatever hub, to find bugs in tests",
        set: |c, v| number(v).map(|n| c.chaos = Some(n)).is_some(),
    },
    Variable {
        name: "GREEN_STATS",
        default: "0",
        help: "1 prints counters to stderr when the process ends; a path (/…) appends them to that file",
        set: |c, v| {
            if v.to_bytes().first() == Some(&b'/') {
                c.stats = Stats::File(v);
                return true;
            }
            flag(v).map(|b| c.stats = if b { Stats::Stderr } else { Stats::Off }).is_some()
        },
    },
];

/// `1/true/yes/on` and `0/false/no/off`; the empty value is off.
fn flag(v: &CStr) -> Option<bool> {
    match v.to_bytes() {
        b"1" | b"true" | b"yes" | b"on" => Some(true),
        b"" | b"0" | b"false" | b"no" | b"off" => Some(false),
        _ => None,
    }
}

fn hub_kind(v: &CStr) -> Option<HubKind> {
    match v.to_bytes() {
        b"epoll" => Some(HubKind::Epoll),
        b"poll" => Some(HubKind::Poll),
        b"select" => Some(HubKind::Select),
        b"io_uring" => Some(HubKind::Uring),
        _ => None,
    }
}

fn number(v: &CStr) -> Option<u64> {
    v.to_str().ok()?.parse().ok()
}

/// `100`, `100:wait` or `100:eagain`.
fn max_threads(v: &CStr) -> Option<MaxThreads> {
    let (most, then) = v.to_str().ok().map(|text| text.split_once(':').unwrap_or((text, "wait")))?;
    let most = most.parse().ok().filter(|&n| n > 0)?;
    match then {
        "wait" => Some(MaxThreads { most, waits: true }),
        "eagain" => Some(MaxThreads { most, waits: false }),
        _ => None,
    }
}

/// A number of bytes with an optional k, m or g.
fn size(v: &CStr) -> Option<u64> {
    let text = v.to_str().ok()?;
    let (digits, shift) = match text.as_bytes().last()? {
        b'k' | b'K' => (&text[..text.len() - 1], 10),
        b'm' | b'M' => (&text[..text.len() - 1], 20),
        b'g' | b'G' => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    digits.parse::<u64>().ok()?.checked_mul(1 << shift)
}

/// Parses one `NAME=value` into the settings; false when it's ours but wrong. Others' variables are fine.
fn take(config: &mut Config, entry: &'static CStr, complain: bool) -> bool {
    let bytes = entry.to_bytes();
    if !bytes.starts_with(b"GREEN_") {
        return true;
    }
    let Some(eq) = bytes.iter().position(|&b| b == b'=') else { return true };
    // GREEN_LIB and GREEN_TEST_* belong to our scripts and tests, not to the library.
    if &bytes[..eq] == b"GREEN_LIB" || bytes.starts_with(b"GREEN_TEST_") {
        return true;
    }
    let shown = core::str::from_utf8(&bytes[..eq]).unwrap_or("GREEN_?");
    let Some(variable) = VARIABLES.iter().find(|v| v.name == shown) else {
        if complain {
            tell!("{shown} is not a variable of mine; ignored");
        }
        return false;
    };
    // SAFETY: the tail of a NUL-terminated string is one.
    let value = unsafe { CStr::from_ptr(entry.as_ptr().add(eq + 1)) };
    if !(variable.set)(config, value) {
        if complain {
            let value = value.to_str().unwrap_or("?");
            tell!("{shown}={value} makes no sense ({}); using the default, {}", variable.help, variable.default);
        }
        return false;
    }
    true
}

static CONFIG: OnceCell<Config> = OnceCell::new();

/// The settings, read on the first call.
pub fn get() -> &'static Config {
    CONFIG.get_or_init(|| {
        let mut config = Config::default();
        scan(&mut config, false);
        if config.hubs == 0 {
            config.hubs = sys::processors();
        }
        config.hubs = config.hubs.min(config.max_carriers);
        config.max_lookups = config.max_lookups.min(config.max_carriers / 2).max(1);
        config
    })
}

/// Names each GREEN_* variable that is wrong. Called once, when the process creates its first thread: until then
/// we say nothing, or each shell under a wrapped daemon would repeat it.
pub fn complain() {
    scan(&mut Config::default(), true);
}

fn scan(config: &mut Config, complain: bool) {
    extern "C" {
        static environ: *const *const libc::c_char;
    }
    // SAFETY: environ is a NULL-terminated array of C strings, or NULL very early. Nobody changes it meanwhile:
    // there's one thread both times. A value that we keep (a path) lies on the process's initial stack.
    unsafe {
        let mut p = environ;
        while !p.is_null() && !(*p).is_null() {
            take(config, CStr::from_ptr(*p), complain);
            p = p.add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(entry: &'static CStr) -> (bool, Config) {
        let mut c = Config::default();
        let ok = take(&mut c, entry, false);
        (ok, c)
    }

    #[test]
    fn sizes_take_suffixes() {
        assert_eq!(taken(c"GREEN_STACK=64k").1.stack, 64 << 10);
        assert_eq!(taken(c"GREEN_STACK=2M").1.stack, 2 << 20);
        assert_eq!(taken(c"GREEN_STACK=131072").1.stack, 131072);
    }

    #[test]
    fn nonsense_is_refused_and_leaves_the_default() {
        for bad in [
            c"GREEN_STACK=lots",
            c"GREEN_STACK=1",
            c"GREEN_HUBS=0",
            c"GREEN_HUBS=-1",
            c"GREEN_HUB=kqueue",
            c"GREEN_NOPE=1",
            c"GREEN_DISABLE=maybe",
        ] {
            let (ok, c) = taken(bad);
            assert!(!ok, "{bad:?}");
            assert_eq!((c.stack, c.hubs, c.disable), (0, 0, false));
        }
    }

    #[test]
    fn hubs_come_in_four_kinds() {
        assert_eq!(taken(c"GREEN_HUB=io_uring").1.hub_kind, HubKind::Uring);
        assert_eq!(taken(c"GREEN_HUB=select").1.hub_kind, HubKind::Select);
    }

    #[test]
    fn a_limit_of_threads_waits_or_refuses() {
        assert_eq!(taken(c"GREEN_MAX_THREADS=10").1.max_threads, Some(MaxThreads { most: 10, waits: true }));
        assert_eq!(taken(c"GREEN_MAX_THREADS=10:eagain").1.max_threads, Some(MaxThreads { most: 10, waits: false }));
        assert!(!taken(c"GREEN_MAX_THREADS=0").0 && !taken(c"GREEN_MAX_THREADS=5:perhaps").0);
    }

    #[test]
    fn others_variables_are_left_alone() {
        assert!(taken(c"PATH=/bin").0);
        assert!(taken(c"GREEN_TEST_X=1").0);
    }

    #[test]
    fn statistics_go_to_stderr_or_a_file() {
        assert_eq!(taken(c"GREEN_STATS=yes").1.stats, Stats::Stderr);
        assert_eq!(taken(c"GREEN_STATS=/tmp/x").1.stats, Stats::File(c"/tmp/x"));
    }

    #[test]
    fn the_readme_lists_every_variable() {
        let readme = include_str!("../README.md");
        for v in VARIABLES {
            let row = format!("| `{}` | {} | {} |", v.name, v.default, v.help);
            assert!(readme.contains(&row), "README.md lacks the row: {row}");
        }
    }
}
