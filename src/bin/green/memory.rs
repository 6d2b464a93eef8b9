//! Another process's memory, read from outside, or a dead one's, from its core file. Nothing of it runs, so it may be stopped, or
//! hang. Asks for the same permission as a debugger.

use crate::core_file::Core;
use crate::files;
use crate::output::tell;
use crate::table;
use object::{Object, ObjectSymbol};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Which process: a living one, or a core file's
#[derive(clap::Args)]
pub struct Which {
    /// The process's id; with --core, its program's file
    #[arg(value_name = "PID|PROGRAM")]
    process: OsString,
    /// Look at this core file of the program instead of a living process
    #[arg(long, value_name = "CORE")]
    core: Option<PathBuf>,
}

impl Which {
    pub fn open(&self) -> Result<Memory, String> {
        if let Some(core) = &self.core {
            return Memory::of_core(core, Path::new(&self.process));
        }
        match self.process.to_str().and_then(|p| p.parse().ok()).filter(|&pid: &i32| pid > 0) {
            Some(pid) => Memory::of(pid),
            None => {
                tell(&format!("{} is not a process id", self.process.to_string_lossy()));
                std::process::exit(2)
            }
        }
    }
}

/// A part of the address space that is a file's.
#[derive(Clone, Debug)]
pub struct Mapping {
    pub low: u64,
    pub high: u64,
    /// In the file.
    pub offset: u64,
    pub path: String,
}

pub struct Memory {
    source: Source,
    mappings: Vec<Mapping>,
    /// 0 if a core doesn't tell.
    pub pid: i32,
    /// When the core was written.
    date: Option<SystemTime>,
    files: RefCell<HashMap<String, Option<&'static [u8]>>>,
}

enum Source {
    Process(File),
    Core(Core),
}

impl Memory {
    /// A living process's.
    pub fn of(pid: i32) -> Result<Memory, String> {
        let why = |e: io::Error| match e.kind() {
            io::ErrorKind::NotFound => format!("there is no process {pid}"),
            io::ErrorKind::PermissionDenied => {
                format!("process {pid} may not be looked at: it's another user's, or ptrace is restricted")
            }
            _ => format!("process {pid}: {e}"),
        };
        let file = File::open(format!("/proc/{pid}/mem")).map_err(why)?;
        let maps = fs::read(format!("/proc/{pid}/maps")).map_err(why)?;
        let mappings = String::from_utf8_lossy(&maps).lines().filter_map(mapping).collect();
        Ok(Memory { source: Source::Process(file), mappings, pid, date: None, files: RefCell::default() })
    }

    /// A core file's, of a program.
    pub fn of_core(core: &Path, program: &Path) -> Result<Memory, String> {
        files::map(program).ok_or_else(|| format!("{} can't be read", program.display()))?;
        let date = fs::metadata(core).and_then(|m| m.modified()).ok();
        let (core, mappings) = Core::open(core, program)?;
        let pid = core.pid;
        Ok(Memory { source: Source::Core(core), mappings, pid, date, files: RefCell::default() })
    }

    /// Whether it's a living process.
    pub fn lives(&self) -> bool {
        matches!(self.source, Source::Process(_))
    }

    /// How long ago the core was written, by the file's date.
    pub fn age(&self) -> Option<Duration> {
        SystemTime::now().duration_since(self.date?).ok()
    }

    /// How the process is called in messages.
    pub fn name(&self) -> String {
        match &self.source {
            Source::Process(_) => format!("process {}", self.pid),
            Source::Core(_) => format!("process {} (core)", self.pid),
        }
    }

    /// Fills the buffer from an address; None where nothing is mapped.
    pub fn fill(&self, address: u64, buffer: &mut [u8]) -> Option<()> {
        match &self.source {
            Source::Process(file) => file.read_exact_at(buffer, address).ok(),
            Source::Core(core) => {
                let mut done = 0;
                while done < buffer.len() {
                    let at = address.checked_add(done as u64)?;
                    let piece = core.at(at).or_else(|| self.of_file(at)).filter(|piece| !piece.is_empty())?;
                    let size = piece.len().min(buffer.len() - done);
                    buffer[done..done + size].copy_from_slice(&piece[..size]);
                    done += size;
                }
                Some(())
            }
        }
    }

    /// What a mapped file has for an address that wasn't dumped.
    fn of_file(&self, address: u64) -> Option<&'static [u8]> {
        let mapping = self.mapping(address)?;
        let begin = (address - mapping.low).checked_add(mapping.offset)? as usize;
        let end = (mapping.high - mapping.low).checked_add(mapping.offset)? as usize;
        let bytes = self.file(mapping)?;
        bytes.get(begin..end.min(bytes.len()))
    }

    /// The file's mapping that an address lies in.
    pub fn mapping(&self, address: u64) -> Option<&Mapping> {
        let before = self.mappings.partition_point(|m| m.low <= address);
        self.mappings[..before].last().filter(|m| address < m.high)
    }

    pub fn mappings(&self) -> &[Mapping] {
        &self.mappings
    }

    /// The bytes of a mapping's file: that which the process has mapped, even if it was replaced since, where that can be had.
    pub fn file(&self, mapping: &Mapping) -> Option<&'static [u8]> {
        if let Some(&known) = self.files.borrow().get(&mapping.path) {
            return known;
        }
        let path = mapping.path.strip_suffix(" (deleted)").unwrap_or(&mapping.path);
        let places = if self.lives() {
            let pid = self.pid;
            vec![
                format!("/proc/{pid}/map_files/{:x}-{:x}", mapping.low, mapping.high),
                format!("/proc/{pid}/root{path}"),
                path.to_string(),
            ]
        } else {
            vec![path.to_string()]
        };
        let bytes = places.iter().find_map(|place| files::map(Path::new(place)));
        self.files.borrow_mut().insert(mapping.path.clone(), bytes);
        bytes
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

    /// Where the process has the library's table: by the library file's own symbols.
    pub fn find_table(&self) -> Result<u64, String> {
        // The first mapping of a library is its beginning.
        for mapping in self.mappings.iter().filter(|m| m.offset == 0 && is_ours(&m.path)) {
            let Some(file) = self.file(mapping) else { continue };
            let symbol = object::File::parse(file)
                .ok()
                .and_then(|elf| elf.dynamic_symbols().find(|s| s.name() == Ok(table::SYMBOL)).map(|s| s.address()));
            if let Some(offset) = symbol {
                return Ok(mapping.low + offset);
            }
        }
        Err(format!("{} doesn't run under libgreen (or under one without a table)", self.name()))
    }
}

/// Whether a mapped file is the library, by its name.
pub fn is_ours(path: &str) -> bool {
    path.rsplit('/').next().unwrap_or(path).contains("libgreen")
}

/// A line of /proc/PID/maps: address perms offset dev inode path. None if it's no file's.
fn mapping(line: &str) -> Option<Mapping> {
    let mut fields = line.splitn(6, ' ');
    let (low, high) = fields.next()?.split_once('-')?;
    let offset = fields.nth(1)?;
    let path = fields.nth(2)?.trim_start();
    let number = |text| u64::from_str_radix(text, 16).ok();
    path.starts_with('/').then_some(Mapping {
        low: number(low)?,
        high: number(high)?,
        offset: number(offset)?,
        path: path.to_string(),
    })
}
