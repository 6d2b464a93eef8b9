//! Another process's memory, read from outside: nothing of it runs, so it may be stopped, or hang. Asks for the same
//! permission as a debugger.

use crate::table;
use object::{Object, ObjectSymbol};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;

pub struct Memory {
    file: File,
}

impl Memory {
    pub fn of(pid: i32) -> Result<Memory, String> {
        File::open(format!("/proc/{pid}/mem")).map(|file| Memory { file }).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => format!("there is no process {pid}"),
            io::ErrorKind::PermissionDenied => {
                format!("process {pid} may not be looked at: it's another user's, or ptrace is restricted")
            }
            _ => format!("process {pid}: {e}"),
        })
    }

    /// Fills the buffer from an address; None where nothing is mapped.
    fn fill(&self, address: u64, buffer: &mut [u8]) -> Option<()> {
        self.file.read_exact_at(buffer, address).ok()
    }

    pub fn bytes<const N: usize>(&self, address: u64) -> Option<[u8; N]> {
        let mut buffer = [0; N];
        self.fill(address, &mut buffer).map(|()| buffer)
    }

    pub fn word(&self, address: u64) -> Option<u64> {
        self.bytes(address).map(u64::from_ne_bytes)
    }

    pub fn half(&self, address: u64) -> Option<u32> {
        self.bytes(address).map(u32::from_ne_bytes)
    }

    pub fn byte(&self, address: u64) -> Option<u8> {
        self.bytes::<1>(address).map(|[b]| b)
    }
}

/// Where a process has the library's table: from the list of its mappings, and the library file's own symbols.
pub fn find_table(pid: i32) -> Result<u64, String> {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => format!("there is no process {pid}"),
        _ => format!("process {pid} may not be looked at: {e}"),
    })?;
    for line in maps.lines() {
        // address perms offset dev inode path; the first mapping of a library is its beginning.
        let fields: Vec<&str> = line.splitn(6, ' ').collect();
        let [range, _, "00000000", _, _, path] = fields[..] else { continue };
        let path = path.trim_start();
        if !path.contains("libgreen") {
            continue;
        }
        let base = range.split('-').next().and_then(|low| u64::from_str_radix(low, 16).ok());
        // The file that the process has mapped, even if it was replaced since.
        let file = fs::read(format!("/proc/{pid}/map_files/{range}")).or_else(|_| fs::read(path));
        let (Some(base), Ok(file)) = (base, file) else { continue };
        let offset = object::File::parse(&*file)
            .ok()
            .and_then(|elf| elf.dynamic_symbols().find(|s| s.name() == Ok(table::SYMBOL)).map(|s| s.address()));
        if let Some(offset) = offset {
            return Ok(base + offset);
        }
    }
    Err(format!("process {pid} doesn't run under libgreen (or under one without a table)"))
}
