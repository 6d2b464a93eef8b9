//! Files mapped for reading: object files and cores, which may be large and of which little is looked at.

use std::fs::{File, Metadata};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Opens a regular file, and nothing else: a FIFO or a device might wait, or never end.
pub fn open(path: &Path) -> io::Result<File> {
    let is_file = |meta: Metadata| meta.is_file().then_some(()).ok_or(io::Error::other("it isn't a regular file"));
    path.metadata().and_then(is_file)?;
    // It may be another one by now.
    let file = File::options().read(true).custom_flags(libc::O_NONBLOCK).open(path)?;
    file.metadata().and_then(is_file).map(|()| file)
}

/// A regular file's bytes, for as long as the command runs (which is short, so they're never unmapped). None if it can't be read.
/// A file that shrinks meanwhile would be fatal; object files are replaced, not rewritten.
pub fn map(path: &Path) -> Option<&'static [u8]> {
    let file = open(path).ok()?;
    let len = file.metadata().ok()?.len() as usize;
    if len == 0 {
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
