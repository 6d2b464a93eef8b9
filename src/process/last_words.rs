//! Signals that end a process which doesn't handle them, and by which services are stopped: if counters or a trace are wanted
//! (GREEN_STATS, GREEN_TRACE), they're written first. Then the signal does what it would have done.

use crate::config::{self, Stats};
use crate::{runtime, stats, sys};
use libc::c_int;

type Handler = unsafe extern "C" fn(c_int);

/// Whether a signal's default is to be put off for that.
pub fn wanted_before(signal: c_int) -> bool {
    let config = config::get();
    // The first process of a container isn't ended by what it doesn't handle.
    let ends = matches!(signal, libc::SIGTERM | libc::SIGINT | libc::SIGHUP) && sys::getpid() != 1;
    ends && (config.stats != Stats::Off || config.trace.is_some())
}

/// What to install in place of the default.
pub fn handler() -> usize {
    speak as Handler as usize
}

unsafe extern "C" fn speak(signal: c_int) {
    // In the child of a fork without threads of its own there's nothing to say.
    if runtime::is_active() {
        stats::report_in_handler();
    }
    if let Ok(mut action) = sys::raw_action(signal, None) {
        // Another thread may have given it a handler just now; but the signal came before.
        action.handler = libc::SIG_DFL;
        let _ = sys::raw_action(signal, Some(&action));
    }
    sys::signal_mask(libc::SIG_UNBLOCK, Some(super::actions::bit(signal)));
    sys::raise(signal);
}
