//! The counters' report at the end of the process (GREEN_STATS): one line, `libgreen pid=… threads=… …`.
//!
//! A process that never created a thread reports nothing: under a wrapped daemon those are its shells.

use crate::config::{self, Stats};
use crate::hub::fleet;
use crate::hub::stats::{HubStats, PROCESS};
use crate::report::Line;
use crate::{audit, runtime, sys};
use core::fmt::Write;
use core::sync::atomic::{AtomicBool, Ordering};

static REPORTED: AtomicBool = AtomicBool::new(false);

/// Prints the counters, once, if they're wanted and the process was active.
pub fn report() {
    let to = config::get().stats;
    if !runtime::is_active() || REPORTED.swap(true, Ordering::Relaxed) {
        return;
    }
    audit::finish();
    if to == Stats::Off {
        return;
    }
    let mut line = Line::new();
    let _ = write!(line, "libgreen pid={}", sys::getpid());
    PROCESS.each(|name, n| {
        let _ = write!(line, " {name}={n}");
    });
    HubStats::new().each(|name, _| {
        let mut sum = 0;
        fleet::hubs().for_each(|h| h.stats.each(|other, n| sum += if other == name { n } else { 0 }));
        let _ = write!(line, " {name}={sum}");
    });
    let _ = line.write_str("\n");
    match to {
        Stats::File(path) => {
            let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_APPEND;
            match sys::open(path.to_bytes_with_nul(), flags, 0o644) {
                Ok(fd) => {
                    sys::put(fd, line.as_bytes());
                    audit::places::each_line(|line| sys::put(fd, line));
                    sys::close(fd);
                }
                Err(e) => crate::tell!("GREEN_STATS: can't write {} (errno {e})", path.to_str().unwrap_or("?")),
            }
        }
        _ => {
            sys::put(2, line.as_bytes());
            audit::places::each_line(|line| sys::put(2, line));
        }
    }
}

/// All to 0: in the child of a fork.
pub fn reset() {
    PROCESS.reset();
    REPORTED.store(false, Ordering::Relaxed);
}
