//! What the library tells the user: one plain line on stderr, formatted on the stack, written by one system call.

use crate::sys;
use core::fmt::{self, Write};
use core::sync::atomic::{AtomicU64, Ordering};

/// What descriptor 2 was when the library was loaded: device and inode; 0 if it was closed.
static STDERR: [AtomicU64; 2] = [const { AtomicU64::new(0) }; 2];

/// Notes what stderr is. When the library is loaded.
pub fn note_stderr() {
    if let Ok((place, _)) = sys::place(2) {
        STDERR.iter().zip(place).for_each(|(noted, n)| noted.store(n, Ordering::Relaxed));
    }
}

/// Whether descriptor 2 is for messages: a daemon that closes it may have its database under that number. So it's what it was, or a
/// terminal or /dev/null, or a file that's only appended to (a log).
fn is_for_messages() -> bool {
    let Ok((place, kind)) = sys::place(2) else { return false };
    let was = STDERR.iter().map(|n| n.load(Ordering::Relaxed));
    let appends = || sys::file_flags(2).is_ok_and(|flags| flags & libc::O_APPEND != 0);
    was.eq(place) || kind == libc::S_IFCHR || (kind == libc::S_IFREG && appends())
}

/// Writes text to stderr, in one piece, if there's one.
pub fn put(text: &[u8]) {
    if is_for_messages() {
        sys::put(2, text);
    }
}

/// A line in the making; what does not fit is cut.
pub struct Line {
    bytes: [u8; Line::SIZE],
    len: usize,
}

impl Line {
    /// Bytes at most.
    pub const SIZE: usize = 1024;

    pub const fn new() -> Self {
        Line { bytes: [0; Line::SIZE], len: 0 }
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Adds bytes, of whatever encoding.
    pub fn push(&mut self, bytes: &[u8]) {
        let n = bytes.len().min(self.bytes.len() - self.len);
        self.bytes[self.len..self.len + n].copy_from_slice(&bytes[..n]);
        self.len += n;
    }
}

impl Default for Line {
    fn default() -> Self {
        Self::new()
    }
}

impl Write for Line {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        self.push(s.as_bytes());
        Ok(())
    }
}

/// An errno, with words for those that an operator may meet.
pub struct Errno(pub i32);

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self.0 {
            libc::EPERM => "not permitted",
            libc::ENOENT => "no such file or folder",
            libc::EAGAIN => "none to be had now",
            libc::ENOMEM => "no memory",
            libc::EACCES => "permission denied",
            libc::ENOTDIR => "not a folder",
            libc::EISDIR => "a folder",
            libc::EINVAL => "invalid",
            libc::ENFILE | libc::EMFILE => "too many open files",
            libc::ENOSPC => "no space left",
            libc::EROFS => "a read-only file system",
            libc::ENAMETOOLONG => "the name is too long",
            libc::ENOSYS => "this kernel doesn't have it",
            _ => return write!(f, "errno {}", self.0),
        };
        write!(f, "errno {}: {words}", self.0)
    }
}

/// Writes `libgreen: ` and the text as one line to stderr.
pub fn tell(text: fmt::Arguments<'_>) {
    let mut line = Line::new();
    let _ = line.write_str("libgreen: ");
    let _ = line.write_fmt(text);
    let _ = line.write_str("\n");
    put(line.as_bytes());
}

/// `tell!("format", …)`: one line to the user.
#[macro_export]
macro_rules! tell {
    ($($arg:tt)*) => { $crate::report::tell(format_args!($($arg)*)) };
}

/// The library cannot go on: says why and dies as abort(3) does. For broken invariants only.
pub fn die(text: fmt::Arguments<'_>) -> ! {
    tell(text);
    sys::raise(libc::SIGABRT);
    sys::exit_group(134)
}
