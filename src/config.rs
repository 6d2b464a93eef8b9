//! The settings in force, from the GREEN_* variables (`variables` has the table).
//!
//! Read in the constructor straight from `environ` (getenv may not be ready, and a wrapped daemon may change it
//! later). A value that doesn't parse, and a GREEN_ name that isn't here, are named on stderr, once, when the
//! first thread is created; the program goes on with the default.

use crate::variables::{self, Variable};
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
    /// The same as a JSON object.
    JsonStderr,
    JsonFile(&'static CStr),
}

/// GREEN_TRACE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Of the process that was started, absolute; forked children add `.PID`.
    pub path: &'static CStr,
    /// That process.
    pub started: i32,
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
    pub trace: Option<Trace>,
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
            trace: None,
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

    /// Copies what refers to the environment: a program may write its title over that (setproctitle).
    fn keep(&mut self) {
        let copy = |text: &'static CStr| -> &'static CStr { Box::leak(Box::from(text)) };
        self.native = self.native.map(copy);
        self.trace = self.trace.map(|trace| Trace { path: copy(trace.path), ..trace });
        self.stats = match self.stats {
            Stats::File(path) => Stats::File(copy(path)),
            Stats::JsonFile(path) => Stats::JsonFile(copy(path)),
            other => other,
        };
    }
}

/// Takes a value over that its variable accepts.
fn set(c: &mut Config, name: &str, value: &'static CStr) {
    let bytes = value.to_bytes();
    let flag = || variables::flag(bytes).unwrap_or_default();
    let number = || variables::number(bytes).unwrap_or_default();
    match name {
        "GREEN_DISABLE" => c.disable = flag(),
        "GREEN_HUBS" => c.hubs = number() as usize,
        "GREEN_HUB" => c.hub_kind = hub_kind(bytes),
        "GREEN_STACK" => c.stack = variables::size(bytes).unwrap_or_default() as usize,
        "GREEN_BUDGET" => c.budget = number() as u32,
        "GREEN_HANDOFF_MS" => c.handoff_ms = number(),
        "GREEN_MAX_CARRIERS" => c.max_carriers = number() as usize,
        "GREEN_MAX_LOOKUPS" => c.max_lookups = number() as usize,
        "GREEN_MAX_THREADS" => {
            c.max_threads = variables::threads(bytes).map(|(most, waits)| MaxThreads { most, waits })
        }
        "GREEN_NATIVE" => c.native = Some(value).filter(|v| !v.to_bytes().is_empty()),
        "GREEN_DEBUG_BLOCKING" => c.debug_blocking_ms = number(),
        "GREEN_CHAOS" => c.chaos = Some(number()),
        "GREEN_STATS" => c.stats = stats(value),
        "GREEN_TRACE" if !bytes.is_empty() => c.trace = Some(Trace { path: value, started: sys::getpid() }),
        _ => {}
    }
}

fn stats(value: &'static CStr) -> Stats {
    match value.to_bytes() {
        [b'/', ..] => Stats::File(value),
        b"json" => Stats::JsonStderr,
        // SAFETY: the tail of a NUL-terminated string is one.
        [b'j', b's', b'o', b'n', b':', ..] => Stats::JsonFile(unsafe { CStr::from_ptr(value.as_ptr().add(5)) }),
        flag if variables::flag(flag) == Some(true) => Stats::Stderr,
        _ => Stats::Off,
    }
}

fn hub_kind(value: &[u8]) -> HubKind {
    match value {
        b"poll" => HubKind::Poll,
        b"select" => HubKind::Select,
        b"io_uring" => HubKind::Uring,
        _ => HubKind::Epoll,
    }
}

/// Parses one `NAME=value` into the settings; false when it's ours but wrong. Others' variables are fine.
fn take(config: &mut Config, entry: &'static CStr, complain: bool) -> bool {
    let bytes = entry.to_bytes();
    if !bytes.starts_with(b"GREEN_") {
        return true;
    }
    let Some(eq) = bytes.iter().position(|&b| b == b'=') else { return true };
    let name = &bytes[..eq];
    if variables::is_foreign(name) {
        return true;
    }
    let Some(variable) = variables::find(name) else {
        if complain {
            tell!("{} is not a variable of mine; ignored", core::str::from_utf8(name).unwrap_or("GREEN_?"));
        }
        return false;
    };
    // SAFETY: the tail of a NUL-terminated string is one.
    let value = unsafe { CStr::from_ptr(entry.as_ptr().add(eq + 1)) };
    if !variable.accepts(value.to_bytes()) {
        if complain {
            let (Variable { name, takes, default, .. }, value) = (variable, value.to_str().unwrap_or("?"));
            tell!("{name}={value} makes no sense: it takes {takes}; using the default, {default}");
        }
        return false;
    }
    set(config, variable.name, value);
    true
}

static CONFIG: OnceCell<Config> = OnceCell::new();

/// The settings, read on the first call.
pub fn get() -> &'static Config {
    CONFIG.get_or_init(|| {
        let mut config = Config::default();
        scan(&mut config, false);
        config.keep();
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

/// A program that gains rights (AT_SECURE) takes nothing from whoever started it: the paths would be written with its rights.
fn scan(config: &mut Config, complain: bool) {
    extern "C" {
        static environ: *const *const libc::c_char;
    }
    // SAFETY: getauxval(3) has no preconditions. environ is a NULL-terminated array of C strings, or NULL very early. Nobody changes
    // it meanwhile: there's one thread both times; what is kept for longer is copied (`keep`).
    unsafe {
        if libc::getauxval(libc::AT_SECURE) != 0 {
            return;
        }
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
        assert_eq!(taken(c"GREEN_STATS=json").1.stats, Stats::JsonStderr);
        assert_eq!(taken(c"GREEN_STATS=json:/tmp/x").1.stats, Stats::JsonFile(c"/tmp/x"));
        assert!(!taken(c"GREEN_STATS=json:x").0 && !taken(c"GREEN_STATS=jason").0);
    }

    #[test]
    fn a_trace_has_an_absolute_path() {
        let trace = Trace { path: c"/tmp/x", started: sys::getpid() };
        assert_eq!(taken(c"GREEN_TRACE=/tmp/x").1.trace, Some(trace));
        assert!(taken(c"GREEN_TRACE=").0 && !taken(c"GREEN_TRACE=x").0);
    }

    #[test]
    fn the_readme_lists_every_variable() {
        let readme = include_str!("../README.md");
        for v in variables::VARIABLES {
            let row = format!("| `{}` | {} | {} |", v.name, v.default, v.help);
            assert!(readme.contains(&row), "README.md lacks the row: {row}");
        }
    }
}
