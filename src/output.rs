//! The files that the library writes at the end of the process (GREEN_STATS, GREEN_TRACE), and what is said when it can't: at the
//! beginning if that can be known, rather than after days, and again only if the end brings something new.

use crate::config::{self, Stats};
use crate::report::Errno;
use crate::{sys, tell};
use core::ffi::CStr;
use core::sync::atomic::{AtomicI32, Ordering};

/// Which file.
#[derive(Clone, Copy)]
pub enum Output {
    Stats = 0,
    Trace = 1,
}

/// The errno that was told of each.
static TOLD: [AtomicI32; 2] = [const { AtomicI32::new(0) }; 2];

impl Output {
    /// Says that it can't be written, unless that was said.
    pub fn failed(self, path: &[u8], errno: i32) {
        let name = ["GREEN_STATS", "GREEN_TRACE"][self as usize];
        if TOLD[self as usize].swap(errno, Ordering::Relaxed) != errno {
            tell!("{name}: can't write {} ({})", core::str::from_utf8(path).unwrap_or("?"), Errno(errno));
        }
    }

    fn expect(self, path: &CStr) {
        if let Err(e) = sys::may_be_written(path) {
            self.failed(path.to_bytes(), e);
        }
    }
}

/// Looks whether they can be written. They aren't made yet: they may never be. When the process creates its first thread.
pub fn expect() {
    let config = config::get();
    if let Stats::File(path) | Stats::JsonFile(path) = config.stats {
        Output::Stats.expect(path);
    }
    // A forked child's has another name.
    if let Some(trace) = config.trace.filter(|trace| trace.started == sys::getpid()) {
        Output::Trace.expect(trace.path);
    }
}
