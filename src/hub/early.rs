//! Descriptors that the process makes before it's active: that they are its own, and nobody else's, is known only if it's noted then.
//! (Of what was there when the program began, or came to it otherwise, it isn't known.) `io::known` takes them over at activation;
//! from then on the fd table knows.
//!
//! What makes a description another's too is noted as well: a second number, a fork, a program that is started, a message.

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use libc::{c_int, c_long};

/// Numbers from here on aren't noted.
const MOST: usize = 1024;

/// A bit for each that is the process's own. (A number that was closed since is looked at when it's taken over.)
static OWN: [AtomicU64; MOST / 64] = [const { AtomicU64::new(0) }; MOST / 64];

/// What is the other end of it, if it's a pipe's reading end; 0: nothing is known.
static WRITER: [AtomicU64; MOST] = [const { AtomicU64::new(0) }; MOST];

/// Nothing is known: a byte that `vfork` and `clone` set, which can do no more.
pub static UNSURE: AtomicBool = AtomicBool::new(false);

fn place(fd: c_int) -> Option<(&'static AtomicU64, u64)> {
    let n = fd as u32 as usize;
    (n < MOST).then(|| (&OWN[n / 64], 1 << (n % 64)))
}

/// One has been made, if it's 0 or more.
#[inline]
pub fn made(fd: c_int) {
    if let Some((word, bit)) = place(fd) {
        word.fetch_or(bit, Ordering::Relaxed);
    }
}

/// A pipe's two ends have been made.
pub fn made_pipe([reader, writer]: [c_int; 2]) {
    made(reader);
    made(writer);
    if let Some(other) = WRITER.get(reader as usize) {
        other.store(writer as u64, Ordering::Relaxed);
    }
}

/// One has a second number, if `new` is 0 or more.
pub fn doubled(fd: c_int, new: c_int) {
    for fd in [fd, new] {
        if let (true, Some((word, bit))) = (new >= 0, place(fd)) {
            word.fetch_and(!bit, Ordering::Relaxed);
        }
    }
}

/// Somebody else may have any of them: a child, another program, whom a message went to. What's made from now on is the process's own again.
pub fn shared() {
    OWN.iter().for_each(|word| word.store(0, Ordering::Relaxed));
}

/// A system call was made by its number (syscall(2)): what a hook would have noted of these isn't.
pub fn called(number: c_long) {
    if matches!(
        number,
        libc::SYS_dup | libc::SYS_dup2 | libc::SYS_dup3 | libc::SYS_fcntl | libc::SYS_sendmsg | libc::SYS_sendmmsg
    ) {
        UNSURE.store(true, Ordering::Relaxed);
    }
}

/// Those that are the process's own, and are noted here no more.
pub fn take() -> impl Iterator<Item = c_int> {
    let sure = !UNSURE.load(Ordering::Relaxed);
    let words = OWN.iter().map(move |word| word.swap(0, Ordering::Relaxed) & if sure { u64::MAX } else { 0 });
    words
        .enumerate()
        .flat_map(|(n, bits)| (0..64).filter(move |b| bits >> b & 1 != 0).map(move |b| (n * 64 + b) as c_int))
}

/// The other end of a pipe, as it was made.
pub fn writer_of(reader: c_int) -> Option<c_int> {
    let writer = WRITER.get(reader as usize)?.load(Ordering::Relaxed) as c_int;
    (writer != 0).then_some(writer)
}
