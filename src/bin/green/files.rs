//! Files mapped for reading: object files and cores, which may be large and of which little is looked at.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::Path;

/// A regular file's bytes, for as long as the command runs (which is short, so they're never unmapped). None if it can't be read.
/// A file that shrinks meanwhile would be fatal; object files are replaced, not rewritten.
pub fn map(path: &Path) -> Option<&'static [u8]> {
    let file = File::open(path).ok()?;
    let meta = file.metadata().ok()?;
    let len = meta.len() as usize;
    if !meta.is_file() || len == 0 {
        return None;
    }
    // SAFETY: a new private mapping of an open file.
    let start =
        unsafe { libc::mmap(std::ptr::null_mut(), len, libc::PROT_READ, libc::MAP_PRIVATE, file.as_raw_fd(), 0) };
    if start == libc::MAP_FAILED {
        return None;
    }
    // SAFETY: mapped above, and nobody unmaps it.
    Some(unsafe { std::slice::from_raw_parts(start as *const u8, len) })
}
