//! Signals that end the command while the terminal is as it wants it: they are noted, so that the terminal is put back first.

use std::sync::atomic::{AtomicI32, Ordering};

const SIGNALS: [libc::c_int; 4] = [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM];

/// The one that came; 0: none yet.
static NOTED: AtomicI32 = AtomicI32::new(0);

extern "C" fn note(signal: libc::c_int) {
    NOTED.store(signal, Ordering::Relaxed);
}

/// Notes them from now on; those that are ignored (nohup) stay so.
pub fn note_signals() {
    for signal in SIGNALS {
        // SAFETY: sigaction(2) with objects of ours; the handler only stores a number.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            libc::sigaction(signal, std::ptr::null(), &mut action);
            if action.sa_sigaction != libc::SIG_IGN {
                action = std::mem::zeroed();
                action.sa_sigaction = note as *const () as usize;
                libc::sigaction(signal, &action, std::ptr::null_mut());
            }
        }
    }
}

/// Whether one came.
pub fn is_due() -> bool {
    NOTED.load(Ordering::Relaxed) != 0
}

/// Ends as the one that came would have ended it; returns if none did.
pub fn end_if_due() {
    let signal = NOTED.load(Ordering::Relaxed);
    if signal != 0 {
        // SAFETY: plain calls; the default action of each is the process's end.
        unsafe {
            libc::signal(signal, libc::SIG_DFL);
            libc::raise(signal);
        }
    }
}
