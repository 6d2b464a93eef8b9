//! Signals that end the command while the terminal is as it wants it: their handler puts that back first. All that it does may be done in
//! a handler (signal-safety(7)); nobody has to look whether one came, so none is lost in a library that doesn't come back.

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

const SIGNALS: [libc::c_int; 4] = [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM];

/// Leaves the other screen, and shows the cursor.
const LEAVE: &[u8] = b"\x1b[?1049l\x1b[?25h";

/// How the terminal was.
static BEFORE: AtomicPtr<libc::termios> = AtomicPtr::new(ptr::null_mut());

extern "C" fn end(signal: libc::c_int) {
    put_back();
    // SAFETY: plain system calls.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
    }
}

/// Puts the terminal back as it was, as far as it has been changed.
pub fn put_back() {
    let before = BEFORE.load(Ordering::Acquire);
    if before.is_null() {
        return;
    }
    // SAFETY: plain system calls; the settings were left alive for this. (In the background, they'd stop the process.)
    unsafe {
        libc::signal(libc::SIGTTOU, libc::SIG_IGN);
        libc::tcsetattr(libc::STDIN_FILENO, libc::TCSANOW, before);
        libc::write(libc::STDOUT_FILENO, LEAVE.as_ptr().cast(), LEAVE.len());
    }
}

/// Before the terminal is changed. Signals that are ignored (nohup) stay so.
pub fn prepare() {
    // SAFETY: tcgetattr(3) and sigaction(2) with objects of ours, for which zeros will do.
    unsafe {
        let mut before: Box<libc::termios> = Box::new(std::mem::zeroed());
        if libc::tcgetattr(libc::STDIN_FILENO, &mut *before) != 0 {
            return;
        }
        BEFORE.store(Box::leak(before), Ordering::Release);
        for signal in SIGNALS {
            let mut action: libc::sigaction = std::mem::zeroed();
            libc::sigaction(signal, ptr::null(), &mut action);
            if action.sa_sigaction != libc::SIG_IGN {
                action = std::mem::zeroed();
                action.sa_sigaction = end as *const () as usize;
                libc::sigaction(signal, &action, ptr::null_mut());
            }
        }
    }
}
