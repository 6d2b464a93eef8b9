//! Another process's memory, read from outside, or a dead one's, from its core file. Nothing of it runs, so it may be stopped, or
//! hang. Asks for the same permission as a debugger.

use crate::absent;
use crate::core_file::{Core, Dumped};
use crate::escape::escaped;
use crate::files;
use crate::mapping::Mapping;
use crate::status::Status;
use crate::table;
use object::elf::{FileHeader64, ProgramHeader64, PT_LOAD, PT_NOTE};
use object::read::elf::{FileHeader, ProgramHeader};
use object::{LittleEndian, Object, ObjectSymbol};
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

const E: LittleEndian = LittleEndian;

/// Why a mapped file can't be read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    Missing,
    /// There's another one in its place, or none any more.
    Replaced,
}

pub struct Memory {
    source: Source,
    mappings: Vec<Mapping>,
    /// 0 if a core doesn't tell.
    pub pid: i32,
    /// When the core was written.
    date: Option<SystemTime>,
    files: RefCell<HashMap<PathBuf, Result<&'static [u8], Unreadable>>>,
    /// The path of the library's mappings, once its table was found.
    library: OnceCell<PathBuf>,
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
        if let Some(why) = Status::of(pid).and_then(|status| status.has_nothing_to_see(pid)) {
            return Err(why);
        }
        let file = File::open(format!("/proc/{pid}/mem")).map_err(why)?;
        let maps = fs::read(format!("/proc/{pid}/maps")).map_err(why)?;
        let mappings = maps.split(|&b| b == b'\n').filter_map(Mapping::from_line).collect();
        Ok(Memory::new(Source::Process(file), mappings, pid, None))
    }

    /// A core file's, of a program.
    pub fn of_core(core: &Path, program: &Path) -> Result<Memory, String> {
        files::map(program).map_err(|_| format!("{} can't be read", program.display()))?;
        let date = fs::metadata(core).and_then(|m| m.modified()).ok();
        let (core, mappings) = Core::open(core, program)?;
        let pid = core.pid;
        Ok(Memory::new(Source::Core(core), mappings, pid, date))
    }

    fn new(source: Source, mappings: Vec<Mapping>, pid: i32, date: Option<SystemTime>) -> Memory {
        Memory { source, mappings, pid, date, files: RefCell::default(), library: OnceCell::new() }
    }

    /// Whether it's a living process.
    pub fn lives(&self) -> bool {
        matches!(self.source, Source::Process(_))
    }

    /// Whether a living process has the same CLOCK_MONOTONIC as this one: it may be in a time namespace of its own.
    pub fn has_our_clock(&self) -> bool {
        let namespace = |process: &str| fs::read_link(format!("/proc/{process}/ns/time")).ok();
        namespace(&self.pid.to_string()) == namespace("self")
    }

    /// How long ago the core was written, by the file's date.
    pub fn age(&self) -> Option<Duration> {
        SystemTime::now().duration_since(self.date?).ok()
    }

    /// In a core: that thread of the kernel's, or else the one that ran what has this thread pointer.
    pub fn dumped(&self, kernel_thread: u32, thread_pointer: u64) -> Option<&Dumped> {
        let Source::Core(core) = &self.source else { return None };
        let by_id = core.threads.iter().find(|thread| thread.id == kernel_thread);
        by_id.or_else(|| self.dumped_for(thread_pointer))
    }

    /// In a core: the thread of the kernel's that had this thread pointer.
    pub fn dumped_for(&self, thread_pointer: u64) -> Option<&Dumped> {
        let Source::Core(core) = &self.source else { return None };
        core.threads.iter().find(|thread| thread.thread_pointer == thread_pointer)
    }

    /// The thread of the kernel's that got the signal that ended the process, and that signal in words.
    pub fn ending(&self) -> Option<(&Dumped, String)> {
        let Source::Core(core) = &self.source else { return None };
        let thread = core.threads.first()?;
        self.ending_by(thread).map(|signal| (thread, signal))
    }

    /// The same, if it was this thread.
    pub fn ending_by(&self, thread: &Dumped) -> Option<String> {
        let Source::Core(core) = &self.source else { return None };
        core.threads.first().filter(|first| first.id == thread.id && first.signal != 0)?;
        let at = core.fault.map_or(String::new(), |fault| format!(" at address {fault:#x}"));
        Some(format!("got signal {}{at}", signal_called(thread.signal.into())))
    }

    /// Whether it's a core whose end is missing.
    pub fn is_truncated(&self) -> bool {
        matches!(&self.source, Source::Core(core) if core.is_truncated)
    }

    /// How the process is called in messages.
    pub fn name(&self) -> String {
        match &self.source {
            Source::Process(_) => format!("process {}", self.pid),
            Source::Core(_) if self.is_truncated() => format!("process {} (truncated core)", self.pid),
            Source::Core(_) => format!("process {} (core)", self.pid),
        }
    }

    /// The same with what state a living one is in, if it isn't the usual one.
    pub fn title(&self) -> String {
        self.is_unusual().map_or_else(|| self.name(), |state| format!("{} ({state})", self.name()))
    }

    /// A word for a state in which a living one doesn't go on.
    pub fn is_unusual(&self) -> Option<&'static str> {
        Status::of(self.pid).filter(|_| self.lives())?.is_unusual()
    }

    /// Fills the buffer from an address; None where nothing is mapped.
    pub fn fill(&self, address: u64, buffer: &mut [u8]) -> Option<()> {
        match &self.source {
            Source::Process(file) => file.read_exact_at(buffer, address).ok(),
            Source::Core(core) => {
                let mut done = 0;
                while done < buffer.len() {
                    let at = address.checked_add(done as u64)?;
                    let of_file = || self.of_file(at).filter(|_| !core.is_cut_off(at));
                    let piece = core.at(at).or_else(of_file).filter(|piece| !piece.is_empty())?;
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
        let bytes = self.file(mapping).ok()?;
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

    /// The bytes of a mapping's file: that which the process has mapped, even if it was replaced since, where that can be had; never
    /// those of another file that is in its place by now.
    pub fn file(&self, mapping: &Mapping) -> Result<&'static [u8], Unreadable> {
        if let Some(&known) = self.files.borrow().get(&mapping.path) {
            return known;
        }
        let found = self.seek(mapping);
        self.files.borrow_mut().insert(mapping.path.clone(), found);
        found
    }

    fn seek(&self, mapping: &Mapping) -> Result<&'static [u8], Unreadable> {
        let place = mapping.place();
        let mut candidates = vec![place.to_path_buf()];
        if self.lives() {
            let of_process = |what: &str| PathBuf::from(format!("/proc/{}/{what}", self.pid));
            // These are the mapped files themselves; the first takes a privilege to follow.
            let itself = of_process(&format!("map_files/{:x}-{:x}", mapping.low, mapping.high));
            if let Ok(bytes) = files::map(&itself) {
                return Ok(bytes);
            }
            let program = of_process("exe");
            if fs::read_link(&program).is_ok_and(|path| path == mapping.path) {
                candidates.insert(0, program);
            }
            let within = of_process("root").join(place.strip_prefix("/").unwrap_or(place));
            candidates.insert(candidates.len() - 1, within);
        }
        let there: Vec<_> = candidates.iter().filter_map(|candidate| files::map(candidate).ok()).collect();
        let is_gone = !there.is_empty() || place != mapping.path;
        let why = if is_gone { Unreadable::Replaced } else { Unreadable::Missing };
        let first = self.mappings.iter().find(|m| m.offset == 0 && m.path == mapping.path);
        there.into_iter().find(|file| first.is_none_or(|first| self.is_of(first, file))).ok_or(why)
    }

    /// Whether a file is the one whose beginning is mapped here: by its first page, and its notes, of which the build id is one.
    fn is_of(&self, first: &Mapping, file: &[u8]) -> bool {
        const PAGE: usize = 4096;
        let is_at = |address: u64, bytes: &[u8]| {
            let mut mapped = vec![0; bytes.len()];
            // What can't be read, or wasn't dumped, says nothing against it.
            self.fill_without_files(address, &mut mapped).is_none() || mapped == bytes
        };
        let notes = notes(file).into_iter().flatten();
        is_at(first.low, &file[..file.len().min(PAGE)])
            && notes.into_iter().all(|(offset, note)| is_at(first.low.wrapping_add(offset), note))
    }

    /// The same as `fill`, of what was dumped only.
    fn fill_without_files(&self, address: u64, buffer: &mut [u8]) -> Option<()> {
        match &self.source {
            Source::Process(_) => self.fill(address, buffer),
            Source::Core(core) => {
                let dumped = core.at(address)?.get(..buffer.len())?;
                buffer.copy_from_slice(dumped);
                Some(())
            }
        }
    }

    /// That a file was replaced, in one line.
    pub fn told_of_replaced(&self, mapping: &Mapping) -> String {
        let name = escaped(mapping.place().as_os_str().as_bytes());
        if self.lives() {
            format!("{name} was replaced since the process started (root can still look)")
        } else {
            format!("{name} isn't the file that was mapped when the core was written")
        }
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

    /// Why the library's data can't be read.
    pub fn gone(&self) -> String {
        if self.is_truncated() {
            return "the core is truncated (ulimit -c, or a full disk), and lacks libgreen's data".to_string();
        }
        if !self.lives() {
            return "the core lacks libgreen's data".to_string();
        }
        // A zombie has no memory any more.
        let maps = fs::read(format!("/proc/{}/maps", self.pid)).unwrap_or_default();
        let mut present = maps.split(|&b| b == b'\n').filter_map(Mapping::from_line);
        let what = match self.mappings.first() {
            _ if maps.is_empty() => "has ended",
            Some(first) if present.any(|m| m.low == first.low && m.path == first.path) => "is just loading libgreen",
            _ => "has executed another program",
        };
        format!("process {} {what}", self.pid)
    }

    /// Where the process has the library's table: by the library file's own symbols.
    pub fn find_table(&self) -> Result<u64, String> {
        let mut why = None;
        // The first mapping of a library is its beginning. One that isn't called so is known by what it exports.
        let firsts = self.mappings.iter().filter(|m| m.offset == 0);
        let (called_so, others): (Vec<_>, Vec<_>) = firsts.partition(|m| is_called_ours(m.place()));
        let others = others.into_iter().filter(|m| self.file(m).is_ok());
        for mapping in called_so.into_iter().chain(others) {
            match self.table_in(mapping) {
                Ok(Some(table)) => return Ok(table),
                Ok(None) => {}
                Err(because) => why = why.or(Some(because)),
            }
        }
        Err(why.unwrap_or_else(|| {
            let reason = if self.lives() { absent::why(self.pid) } else { String::new() };
            let seen = if self.is_truncated() { ", as far as its core goes" } else { "" };
            format!("{} doesn't run under libgreen{reason}{seen}", self.name())
        }))
    }

    /// Where a file's table is, if the file is the library.
    fn table_in(&self, mapping: &Mapping) -> Result<Option<u64>, String> {
        let file = match self.file(mapping) {
            Ok(file) => file,
            Err(Unreadable::Replaced) => return Err(self.told_of_replaced(mapping)),
            Err(Unreadable::Missing) => return Ok(None),
        };
        let symbol = object::File::parse(file)
            .ok()
            .and_then(|elf| elf.dynamic_symbols().find(|s| s.name() == Ok(table::SYMBOL)).map(|s| s.address()));
        let Some(offset) = symbol else { return Ok(None) };
        let table = mapping.low.wrapping_add(offset);
        if self.bytes(table).ok_or_else(|| self.gone())? != table::MAGIC {
            // Or the loader has put it into place in part.
            let damaged = "libgreen's data is damaged";
            return Err(if self.lives() { format!("{damaged}, or {}", self.gone()) } else { damaged.to_string() });
        }
        let _ = self.library.set(mapping.path.clone());
        Ok(Some(table))
    }

    /// Whether a mapped file is the library.
    pub fn is_ours(&self, mapping: &Mapping) -> bool {
        self.library.get().map_or_else(|| is_called_ours(mapping.place()), |library| *library == mapping.path)
    }
}

/// `11 (SIGSEGV)`
fn signal_called(signal: i32) -> String {
    let names = [
        (libc::SIGQUIT, "QUIT"),
        (libc::SIGILL, "ILL"),
        (libc::SIGTRAP, "TRAP"),
        (libc::SIGABRT, "ABRT"),
        (libc::SIGBUS, "BUS"),
        (libc::SIGFPE, "FPE"),
        (libc::SIGSEGV, "SEGV"),
        (libc::SIGXCPU, "XCPU"),
        (libc::SIGXFSZ, "XFSZ"),
        (libc::SIGSYS, "SYS"),
    ];
    let name = names.iter().find(|(number, _)| *number == signal);
    name.map_or(signal.to_string(), |(number, name)| format!("{number} (SIG{name})"))
}

/// Whether a file is called as the library is.
pub fn is_called_ours(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().contains("libgreen"))
}

/// An ELF file's notes, each with its place behind the file's beginning in memory.
fn notes(file: &[u8]) -> Option<Vec<(u64, &[u8])>> {
    const PAGE: u64 = 4096;
    let header = FileHeader64::<LittleEndian>::parse(file).ok()?;
    let segments = header.program_headers(E, file).ok()?;
    let is_first = |s: &&ProgramHeader64<LittleEndian>| s.p_type(E) == PT_LOAD && s.p_offset(E) < PAGE;
    let base = segments.iter().find(is_first)?.p_vaddr(E) / PAGE * PAGE;
    let notes = segments.iter().filter(|s| s.p_type(E) == PT_NOTE);
    Some(notes.filter_map(|s| Some((s.p_vaddr(E).wrapping_sub(base), s.data(E, file).ok()?))).collect())
}
