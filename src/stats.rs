//! The counters' report at the end of the process (GREEN_STATS): one line, `libgreen pid=… threads=… …`, or a JSON object.
//!
//! A process that never created a thread reports nothing: under a wrapped daemon those are its shells.

use crate::config::{self, Stats};
use crate::hub::fleet;
use crate::hub::stats::{HubStats, PROCESS};
use crate::output::Output;
use crate::report::{self, Line};
use crate::{audit, runtime, sys, trace};
use core::fmt::Write;
use core::sync::atomic::{AtomicBool, Ordering};

static REPORTED: AtomicBool = AtomicBool::new(false);

/// Prints the counters, once, if they're wanted and the process was active; and writes the trace.
pub fn report() {
    if runtime::is_active() && !REPORTED.swap(true, Ordering::Relaxed) {
        audit::finish();
        write(audit::places::each_line);
    }
}

/// The same in a signal handler, wherever that interrupted: without what the blocking audit knows, which has locks.
pub fn report_in_handler() {
    if !REPORTED.swap(true, Ordering::Relaxed) {
        write(|_| ());
    }
}

fn write(each_place: impl Fn(&mut dyn FnMut(&[u8]))) {
    let to = config::get().stats;
    trace::write();
    let mut line = Line::new();
    match to {
        Stats::Off => return,
        Stats::Stderr | Stats::File(_) => plain(&mut line),
        Stats::JsonStderr | Stats::JsonFile(_) => json(&mut line),
    }
    // What the blocking audit has found is told beside them, but wouldn't be JSON.
    match to {
        Stats::File(path) | Stats::JsonFile(path) => {
            let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_APPEND;
            match sys::open(path.to_bytes_with_nul(), flags, 0o644) {
                Ok(fd) => {
                    sys::put(fd, line.as_bytes());
                    each_place(&mut |line| match to {
                        Stats::File(_) => sys::put(fd, line),
                        _ => report::put(line),
                    });
                    sys::close(fd);
                }
                Err(e) => Output::Stats.failed(path.to_bytes(), e),
            }
        }
        _ => {
            report::put(line.as_bytes());
            each_place(&mut report::put);
        }
    }
}

fn plain(line: &mut Line) {
    let _ = write!(line, "libgreen pid={}", sys::getpid());
    each(|name, n| {
        let _ = write!(line, " {name}={n}");
    });
    let _ = line.write_str("\n");
}

fn json(line: &mut Line) {
    let _ = write!(line, "{{\"pid\":{}", sys::getpid());
    each(|name, n| {
        let _ = write!(line, ",\"{name}\":{n}");
    });
    let _ = line.write_str("}\n");
}

/// Each counter: the process's, then the sums of the hubs'.
fn each(mut f: impl FnMut(&'static str, u64)) {
    PROCESS.each(&mut f);
    HubStats::new().each(|name, _| {
        let mut sum = 0;
        fleet::hubs().for_each(|h| h.stats.each(|other, n| sum += if other == name { n } else { 0 }));
        f(name, sum);
    });
}

/// All to 0: in the child of a fork.
pub fn reset() {
    PROCESS.reset();
    REPORTED.store(false, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_line_is_not_cut() {
        let mut counters = 0;
        let mut names = 0;
        each(|name, _| {
            counters += 1;
            names += name.len();
        });
        // Some counters grow with time or bytes, and none has more than 16 digits within a lifetime.
        let longest = "{\"pid\":4194304}\n".len() + names + counters * (",\"\":".len() + 16);
        assert!(longest <= Line::SIZE, "{longest}");
    }
}
