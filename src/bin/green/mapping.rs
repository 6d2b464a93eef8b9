//! Which files a process has mapped, and where.

use crate::bytes::replaced;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// A part of the address space that is a file's.
#[derive(Clone, Debug)]
pub struct Mapping {
    pub low: u64,
    pub high: u64,
    /// In the file.
    pub offset: u64,
    /// As the kernel tells it: a file that is gone from there has DELETED behind its name.
    pub path: PathBuf,
}

const DELETED: &[u8] = b" (deleted)";

impl Mapping {
    /// One of /proc/PID/maps: address perms offset dev inode path. None if it's no file's.
    pub fn from_line(line: &[u8]) -> Option<Mapping> {
        let mut fields = line.splitn(6, |&b| b == b' ');
        let number = |text: &[u8]| u64::from_str_radix(std::str::from_utf8(text).ok()?, 16).ok();
        let range = fields.next()?;
        let (low, high) = range.split_at(range.iter().position(|&b| b == b'-')?);
        let offset = fields.nth(1)?;
        let path = fields.nth(2)?.trim_ascii_start();
        path.starts_with(b"/").then_some(Mapping {
            low: number(low)?,
            high: number(&high[1..])?,
            offset: number(offset)?,
            // The one thing that the kernel escapes here is a line's end.
            path: PathBuf::from(OsString::from_vec(replaced(path, b"\\012", b"\n"))),
        })
    }

    /// Where the file was when it was mapped.
    pub fn place(&self) -> &Path {
        let path = self.path.as_os_str().as_bytes();
        Path::new(OsStr::from_bytes(path.strip_suffix(DELETED).unwrap_or(path)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_maps() {
        let line = b"7f00-8f00 r-xp 00001000 08:01 4711                       /a b\\012\xff\\x (deleted)";
        let mapping = Mapping::from_line(line).expect("a file's");
        assert_eq!((mapping.low, mapping.high, mapping.offset), (0x7f00, 0x8f00, 0x1000));
        assert_eq!(mapping.place().as_os_str().as_bytes(), b"/a b\n\xff\\x");
        assert!(Mapping::from_line(b"7f00-8f00 rw-p 00000000 00:00 0                          [stack]").is_none());
        assert!(Mapping::from_line(b"7f00-8f00 rw-p 00000000 00:00 0 ").is_none());
        assert!(Mapping::from_line(b"").is_none());
    }
}
