//! The blocking audit (GREEN_DEBUG_BLOCKING=ms): names each green thread that held its carrier for longer than that,
//! says for how long, and shows where: by a backtrace taken while it did. At the end of the process, with GREEN_STATS,
//! what held carriers, by place.
//!
//! One kernel thread of our own does this, the auditor. It looks at the carriers a few times within the limit; shortly
//! before a run gets too long it asks that carrier for a backtrace, by a signal (`capture`). The run's end tells how long it was; one that doesn't end is told of after a second, ten seconds, and so on.

mod capture;
pub mod places;
mod symbols;

use crate::hub::spares;
use crate::hub::{carrier::Carrier, hold};
use crate::lock::Lock;
use crate::{config, depth, report, sys};
use capture::Capture;
use core::fmt::Write;
use symbols::Symbols;

pub use capture::signal_bit;

/// How long a run lasts when it's told of though it hasn't ended (ns).
const LASTING: u64 = 1_000_000_000;

/// The shortest interval between two looks (ns).
const SHORTEST: u64 = 250_000;

/// What is known of one carrier's present run.
#[derive(Default)]
struct Case {
    turn: u64,
    asked: bool,
    capture: Option<Capture>,
    /// How long it lasts when it's told of next, if it hasn't ended (ns).
    patience: u64,
}

/// The auditor's data; at the end of the process somebody else looks at what is still held.
struct Audit {
    cases: Vec<Case>,
    symbols: Symbols,
}

// Held for long, while symbols are read, but only ever wanted by two: the auditor, and the end of the process.
static AUDIT: Lock<Audit> = Lock::new(Audit { cases: Vec::new(), symbols: Symbols::new() });

/// Prepares, before there are carriers. The auditor itself is started by `runtime`, later.
pub fn prepare() {
    hold::note_from(limit());
    capture::warm_up();
}

fn limit() -> u64 {
    config::get().debug_blocking_ms * 1_000_000
}

/// The auditor's whole life.
pub fn run() -> ! {
    capture::install();
    // No handler of the program's runs here.
    depth::enter();
    let interval = (limit() / 8).max(SHORTEST);
    let idle = core::sync::atomic::AtomicU32::new(0);
    loop {
        let _ = sys::futex_wait(&idle, 0, interval);
        let mut audit = AUDIT.lock();
        audit.look(limit());
    }
}

/// Each carrier and its case. Carriers are only ever added, at the front of their list, so its end is what stays in place.
fn with_cases(cases: &mut Vec<Case>) -> impl Iterator<Item = (&'static Carrier, &mut Case)> {
    let carriers: Vec<&'static Carrier> = spares::all().collect();
    cases.resize_with(carriers.len(), Case::default);
    carriers.into_iter().rev().zip(cases)
}

impl Audit {
    fn look(&mut self, limit: u64) {
        for (carrier, case) in with_cases(&mut self.cases) {
            case.close(carrier, &mut self.symbols);
            if let Some((turn, since)) = carrier.hold.present() {
                if case.turn != turn {
                    *case = Case { turn, asked: false, capture: None, patience: LASTING.max(limit) };
                }
                let held = sys::now().saturating_sub(since);
                if !case.asked && held >= limit - limit / 4 {
                    case.asked = true;
                    case.capture = capture::of(carrier, turn);
                }
                if held >= case.patience {
                    case.patience = held.saturating_mul(10);
                    case.describe(held, STILL, &mut self.symbols);
                }
            }
        }
    }
}

impl Case {
    /// Reports the run if it has ended and was long.
    fn close(&mut self, carrier: &Carrier, symbols: &mut Symbols) {
        if self.turn == 0 || carrier.hold.is_present(self.turn) {
            return;
        }
        if let Some(lasted) = carrier.hold.lasted(self.turn) {
            self.report(lasted, "held its carrier for", symbols);
        }
        *self = Case::default();
    }

    /// Reports a run, and notes it for the summary.
    fn report(&self, ns: u64, what: &str, symbols: &mut Symbols) {
        let place = self.describe(ns, what, symbols);
        places::add(place.as_deref().unwrap_or("unknown"), ns);
    }

    /// Prints what is known of a run. Its place is the program's own line that led there, rather than libc's or ours: that is to mend.
    fn describe(&self, ns: u64, what: &str, symbols: &mut Symbols) -> Option<String> {
        let mut text = String::new();
        let Some(capture) = &self.capture else {
            let _ = writeln!(text, "libgreen: a thread {what} {:.1} ms (no backtrace: it took no signal)", ms(ns));
            report::put(text.as_bytes());
            return None;
        };
        let _ = writeln!(text, "libgreen: thread \"{}\" ({:#x}) {what} {:.1} ms:", capture.name(), capture.id, ms(ns));
        let mut place = None;
        for (i, &address) in capture.frames().iter().enumerate() {
            // Our own frames are between the program's and libc's, and say nothing about either.
            if symbols.is_of_a_library(address, &["/libgreen.so"]) {
                continue;
            }
            let start = text.len() + 4;
            text.push_str("    ");
            // All but the innermost are return addresses.
            symbols.describe(address - usize::from(i > 0), &mut text);
            if place.is_none() && !symbols.is_of_a_library(address, &["/libc.so", "/ld-linux"]) {
                place = Some(text[start..].to_owned());
            }
            text.push('\n');
        }
        report::put(text.as_bytes());
        place
    }
}

const STILL: &str = "has held its carrier, and still does, for";

fn ms(ns: u64) -> f64 {
    ns as f64 / 1e6
}

/// At the end of the process: reports what has ended since the last look, and what is still held.
pub fn finish() {
    if limit() == 0 {
        return;
    }
    let mut audit = AUDIT.lock();
    let Audit { cases, symbols } = &mut *audit;
    for (carrier, case) in with_cases(cases) {
        case.close(carrier, symbols);
        if let Some((turn, since)) = carrier.hold.present() {
            let held = sys::now().saturating_sub(since);
            if case.turn == turn && held >= limit() && case.capture.as_ref().is_some_and(|c| !c.is_of_caller()) {
                case.report(held, STILL, symbols);
            }
        }
    }
}

/// In the child of a fork, which has no auditor until it's active.
pub fn after_fork() {
    // SAFETY: the child has one thread.
    unsafe { AUDIT.force_unlock() };
    // What the auditor was changing may be half changed: it's left behind.
    core::mem::forget(core::mem::replace(&mut *AUDIT.lock(), Audit { cases: Vec::new(), symbols: Symbols::new() }));
    capture::after_fork();
    places::clear();
}
