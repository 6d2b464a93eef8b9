//! Our own descriptors (pollers, alarms): they lie where programs seldom look, `close` leaves them alone, and when the
//! program wants such a number for something else (dup2) they make way.

use crate::hub::{fleet, listeners};
use crate::sys;
use core::sync::atomic::{AtomicI32, Ordering};
use libc::c_int;

/// The numbers of our own descriptors begin here, or this far below a lower limit: above those that programs use (a
/// shell's redirections, the first connections), and below 1,024, where an fd_set ends. (One beyond would enlarge the
/// kernel's table, up to which select(2) reads and writes the program's sets, however short they are.)
const FIRST: c_int = 1024 - 128;

/// The highest number that was ever ours.
static HIGHEST: AtomicI32 = AtomicI32::new(-1);

/// The highest number that may be ours; -1 when there's none.
pub fn highest() -> c_int {
    HIGHEST.load(Ordering::Relaxed)
}

/// A descriptor of ours. Its number may change; the file behind it stays the same, unless it was lost.
pub struct Own(AtomicI32);

impl Own {
    /// Takes a descriptor that was just made to where our numbers begin, and notes it as ours: a program that closes all
    /// numbers does not close it. Keeps it where it is when there's no room.
    pub fn keep(fd: c_int) -> Own {
        let kept = keep_away(fd);
        claim(kept);
        Own(AtomicI32::new(kept))
    }

    /// Its present number.
    #[inline]
    pub fn number(&self) -> c_int {
        self.0.load(Ordering::SeqCst)
    }

    /// The program is about to replace this number: if it's ours we take another, and leave this one to it. Whether it was
    /// ours. EMFILE: there's no other to be had.
    pub fn make_way(&self, number: c_int) -> sys::Result<bool> {
        if self.number() != number {
            return Ok(false);
        }
        match elsewhere(number) {
            Ok(other) => {
                claim(other);
                self.0.store(other, Ordering::SeqCst);
            }
            // It's gone already; who uses it will notice.
            Err(libc::EBADF) => {}
            Err(e) => return Err(e),
        }
        listeners::disclaim(number);
        Ok(true)
    }

    /// If this was its number it isn't any more: it was closed past our hooks, and is somebody else's. From now on every call
    /// with it fails (EBADF). Whether it was.
    pub fn lose(&self, number: c_int) -> bool {
        self.0.compare_exchange(number, -1, Ordering::SeqCst, Ordering::Relaxed).is_ok()
    }

    /// The descriptor was lost: another takes its place.
    pub fn replace(&self, make: impl FnOnce() -> sys::Result<c_int>) -> sys::Result<()> {
        let made = make()?;
        listeners::disclaim(self.number());
        self.0.store(Own::keep(made).number(), Ordering::SeqCst);
        Ok(())
    }

    /// Closes it.
    pub fn close(&self) {
        listeners::disclaim(self.number());
        sys::close(self.number());
    }
}

/// Moves a descriptor to where our numbers begin, out of the way of the program's. Keeps it where it is when there's no room.
pub fn keep_away(fd: c_int) -> c_int {
    let (soft, _) = sys::limit(libc::RLIMIT_NOFILE);
    let Ok(kept) = sys::fcntl(fd, libc::F_DUPFD_CLOEXEC, first(soft).max(fd + 1)) else { return fd };
    sys::close(fd);
    kept
}

fn claim(fd: c_int) {
    if listeners::is_ours(fd) {
        // Another hub's, which doesn't know yet that it was closed.
        fleet::lose(fd);
    }
    HIGHEST.fetch_max(fd, Ordering::Relaxed);
    listeners::claim(fd);
}

/// Where our numbers begin under a limit.
fn first(soft: u64) -> c_int {
    FIRST.min(soft.min(1 << 20) as c_int - 64).max(0)
}

/// Another number for a descriptor of ours: where ours are; else any but the standard ones; else one beyond the program's
/// own limit, if that may be raised for as long as it takes.
fn elsewhere(fd: c_int) -> sys::Result<c_int> {
    let (soft, hard) = sys::limit(libc::RLIMIT_NOFILE);
    let double = |from| sys::fcntl(fd, libc::F_DUPFD_CLOEXEC, from);
    let full = |e: &c_int| matches!(*e, libc::EMFILE | libc::EINVAL);
    match double(first(soft)) {
        Err(e) if full(&e) => {}
        r => return r,
    }
    match double(3) {
        Err(e) if full(&e) => {}
        r => return r,
    }
    let beyond = soft + 64;
    sys::set_limit(libc::RLIMIT_NOFILE, beyond, hard.max(beyond)).map_err(|_| libc::EMFILE)?;
    let r = double(soft as c_int);
    let _ = sys::set_limit(libc::RLIMIT_NOFILE, soft, hard);
    r
}
