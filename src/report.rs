//! What the library tells the user: one plain line on stderr, formatted on the stack, written by one system call.

use crate::sys;
use core::fmt::{self, Write};

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
}

impl Default for Line {
    fn default() -> Self {
        Self::new()
    }
}

impl Write for Line {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        let n = s.len().min(self.bytes.len() - self.len);
        self.bytes[self.len..self.len + n].copy_from_slice(&s.as_bytes()[..n]);
        self.len += n;
        Ok(())
    }
}

/// Writes `libgreen: ` and the text as one line to stderr.
pub fn tell(text: fmt::Arguments<'_>) {
    let mut line = Line::new();
    let _ = line.write_str("libgreen: ");
    let _ = line.write_fmt(text);
    let _ = line.write_str("\n");
    sys::put(2, line.as_bytes());
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
