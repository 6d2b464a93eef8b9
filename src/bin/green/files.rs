//! Files mapped for reading: object files and cores, which may be large and of which little is looked at.

use std::fs::{File, Metadata};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Opens a regular file, and nothing else: a FIFO or a device might wait, or never end.
pub fn open(path: &Path) -> io::Result<File> {
    is_regular(path.metadata()?)?;
    // It may be another one by now.
    let file = File::options().read(true).custom_flags(libc::O_NONBLOCK).open(path)?;
    is_regular(file.metadata()?).map(|()| file)
}

fn is_regular(meta: Metadata) -> io::Result<()> {
    match () {
        _ if meta.is_file() => Ok(()),
        _ if meta.is_dir() => Err(io::Error::other("it's a directory")),
        _ => Err(io::Error::other("it isn't a regular file")),
    }
}

/// A regular file's bytes, for as long as the command runs (which is short, so they're never unmapped).
/// A file that shrinks meanwhile would be fatal; object files are replaced, not rewritten.
pub fn map(path: &Path) -> io::Result<&'static [u8]> {
    let file = open(path)?;
    let len = file.metadata()?.len() as usize;
    if len == 0 {
        return Ok(&[]);
    }
    // SAFETY: a new private mapping of an open file.
    let start =
        unsafe { libc::mmap(std::ptr::null_mut(), len, libc::PROT_READ, libc::MAP_PRIVATE, file.as_raw_fd(), 0) };
    if start == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: mapped above, and nobody unmaps it.
    Ok(unsafe { std::slice::from_raw_parts(start as *const u8, len) })
}
