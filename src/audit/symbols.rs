//! Code addresses as text for people: function, offset, and source line or object.
//!
//! Where an address lies is read from the kernel's list of mappings rather than asked of the dynamic linker: dladdr
//! and dl_iterate_phdr take the linker's locks, and the thread that is being looked at may hold them. The list also
//! has what the linker doesn't know: the vdso, and objects of other namespaces.
//!
//! Names come from the object's file (.symtab has static functions, .dynsym hasn't), lines from its DWARF by way of
//! the `addr2line` crate, or either from a separate debug file. Files are mapped and never unmapped, so that what
//! refers to them may live for ever: the one user is a watcher that lives as long as the process.
//!
//! All of this is for a kernel thread of the library's own. It allocates, so never in a hook or on a green thread.

use crate::sys;
use addr2line::gimli::{self, EndianSlice, SectionId};
use core::cmp::Reverse;
use core::fmt::Write;
use object::elf::{PF_X, PT_LOAD, SHF_EXECINSTR, STB_GLOBAL, STT_FUNC, STT_GNU_IFUNC, STT_NOTYPE};
use object::read::elf::{ElfFile64, FileHeader, ProgramHeader, SectionHeader, Sym};
use object::{CompressionFormat, LittleEndian, Object as _, ObjectSection};

type File = ElfFile64<'static, LittleEndian>;
type Reader = EndianSlice<'static, gimli::LittleEndian>;

/// How long the list of mappings is trusted when it has an answer (an object may have been replaced by another), and
/// when it has none. Each green stack is in the list, so it is too long to be read for each frame.
const FRESH: u64 = 1_000_000_000;
const FRESH_WITHOUT_ANSWER: u64 = 50_000_000;
/// Address space that must be left for us to do anything: a failed allocation would be the end of the program.
const ROOM: usize = 64 << 20;
/// Debug sections that are larger when decompressed stay closed: they take memory for good.
const MAX_DECOMPRESSED: u64 = 256 << 20;
/// Levels of inlined functions that are told.
const MAX_INLINED: usize = 4;
/// How much of a file's first bytes is compared with memory.
const HEAD: usize = 4096;

/// What is known of the process's code; one per watcher.
pub struct Symbols {
    areas: Vec<Area>,
    read_at: Option<u64>,
    objects: Vec<Object>,
}

impl Symbols {
    /// Knows nothing yet and allocates nothing: mappings and files are read at the first question.
    pub const fn new() -> Self {
        Symbols { areas: Vec::new(), read_at: None, objects: Vec::new() }
    }

    /// Appends what is known of a code address:
    ///
    /// - `function+0x1a (file.c:42)` with DWARF. If compiled code of other functions was inlined there, the way into
    ///   them follows: `function+0x1a (file.c:42) > middle (file.c:17) > inner (inner.h:5)`;
    /// - `function+0x1a (/path/object)` with a symbol table only;
    /// - `0x1234 (/path/object)` without a symbol: the address within the object, as `addr2line -e` takes it;
    /// - `0x7f0012345678` when the address is in no mapped file.
    ///
    /// `address` may be anything; nothing is read there. Of a backtrace, the innermost frame's address is where the
    /// thread is, but all others are return addresses, that is the instruction after the call, maybe another line's
    /// or even another function's: for those the caller subtracts 1.
    ///
    /// `out` is appended to, one line's worth without a line end. The first question about an object reads its
    /// symbols and the index of its DWARF, which may take tens of milliseconds.
    pub fn describe(&mut self, address: usize, out: &mut String) {
        if self.try_describe(address, out).is_none() {
            let _ = write!(out, "{address:#x}");
        }
    }

    /// Whether an address lies in a library whose path contains one of these.
    pub fn is_of_a_library(&mut self, address: usize, names: &[&str]) -> bool {
        self.area(address).is_some_and(|area| {
            let path = String::from_utf8_lossy(&area.path);
            path.starts_with("[vdso") || names.iter().any(|name| path.contains(name))
        })
    }

    /// None, with nothing written, when the address is in no object.
    fn try_describe(&mut self, address: usize, out: &mut String) -> Option<()> {
        if !there_is_room(ROOM) {
            return None;
        }
        let area = self.area(address)?.clone();
        let (offset, path) = ((address - area.start) as u64 + area.offset, String::from_utf8_lossy(&area.path));
        let known = self.objects.iter().position(|o| o.is_of(&area)).or_else(|| {
            // A failure isn't kept: it may have been a momentary lack of descriptors.
            self.objects.push(Object::load(&area)?);
            Some(self.objects.len() - 1)
        });
        match known {
            Some(index) => self.objects[index].describe(offset, &path, out),
            None => _ = write!(out, "{offset:#x} ({path})"),
        }
        Some(())
    }

    /// The executable file mapping (or vdso) around an address.
    fn area(&mut self, address: usize) -> Option<&Area> {
        let around = |areas: &[Area]| areas.iter().position(|a| (a.start..a.end).contains(&address));
        let mut found = around(&self.areas);
        let now = sys::now();
        let fresh = if found.is_some() { FRESH } else { FRESH_WITHOUT_ANSWER };
        if self.read_at.is_none_or(|at| now.saturating_sub(at) > fresh) {
            self.areas = executable_areas();
            self.read_at = Some(now);
            found = around(&self.areas);
        }
        self.areas.get(found?)
    }
}

impl Default for Symbols {
    fn default() -> Self {
        Self::new()
    }
}

// ---- mappings ------------------------------------------------------------------------------------------------

/// A mapping of executable code from a file, or the vdso.
#[derive(Clone)]
struct Area {
    start: usize,
    end: usize,
    /// Where in the file it starts.
    offset: u64,
    inode: u64,
    /// As the kernel tells it: a path, maybe with " (deleted)", or "[vdso]".
    path: Vec<u8>,
    /// Where the file's first bytes are mapped read-only.
    head: Option<usize>,
}

/// All executable mappings that have a name.
fn executable_areas() -> Vec<Area> {
    let mut areas = Vec::new();
    // Not /proc/self: that is empty once the main thread has ended alone.
    let Ok(fd) = sys::open(b"/proc/thread-self/maps\0", libc::O_RDONLY, 0) else { return areas };
    let mut head: Option<Area> = None;
    let mut bytes = vec![0; 64 * 1024];
    let mut filled = 0;
    loop {
        let n = match sys::read(fd, &mut bytes[filled..]) {
            Err(libc::EINTR) => continue,
            Ok(n) if n > 0 => n,
            _ => break,
        };
        filled += n;
        let mut begin = 0;
        while let Some(len) = bytes[begin..filled].iter().position(|b| *b == b'\n') {
            if let Some((area, executable, writable)) = parse_area(&bytes[begin..begin + len]) {
                if area.offset == 0 && !writable {
                    head = Some(area.clone());
                }
                if executable {
                    let head = head.as_ref().filter(|h| (h.inode, &h.path) == (area.inode, &area.path));
                    areas.push(Area { head: head.map(|h| h.start), ..area });
                }
            }
            begin += len + 1;
        }
        bytes.copy_within(begin..filled, 0);
        filled -= begin;
        if filled == bytes.len() {
            break; // No line is that long.
        }
    }
    sys::close(fd);
    areas
}

/// One line of maps(5), with whether it is executable and writable; None for memory without a name.
fn parse_area(line: &[u8]) -> Option<(Area, bool, bool)> {
    // 7f00-7f10 r-xp 00001000 fe:00 1234      /path with blanks
    let mut rest = line;
    let mut field = || {
        let len = rest.iter().position(|b| *b == b' ')?;
        let (field, after) = rest.split_at(len);
        rest = &after[1..];
        core::str::from_utf8(field).ok()
    };
    let (start, end) = field()?.split_once('-')?;
    let permissions = field()?;
    let offset = u64::from_str_radix(field()?, 16).ok()?;
    field()?; // Device: not always the one that stat(2) tells, so of no use.
    let inode = field()?.parse().ok()?;
    let path = rest.trim_ascii_start();
    if path.is_empty() || (inode == 0 && path != b"[vdso]") {
        return None;
    }
    let area = Area {
        start: usize::from_str_radix(start, 16).ok()?,
        end: usize::from_str_radix(end, 16).ok()?,
        offset,
        inode,
        path: path.to_vec(),
        head: None,
    };
    Some((area, permissions.contains('x'), permissions.contains('w')))
}

// ---- objects -------------------------------------------------------------------------------------------------

/// What was read of one ELF file. Empty for a mapped file that isn't ELF.
struct Object {
    path: Vec<u8>,
    inode: u64,
    segments: Vec<Segment>,
    names: Names,
    lines: Option<addr2line::Context<Reader>>,
}

/// A stretch of the file that is loaded, and its address before relocation.
struct Segment {
    offset: u64,
    size: u64,
    address: u64,
    executable: bool,
}

impl Object {
    fn is_of(&self, area: &Area) -> bool {
        self.inode == area.inode && self.path == area.path
    }

    /// Reads the file of a mapping; None when it can't be had (any more).
    fn load(area: &Area) -> Option<Object> {
        let bytes = image(area)?;
        let mut object = Object {
            path: area.path.clone(),
            inode: area.inode,
            segments: Vec::new(),
            names: Names::default(),
            lines: None,
        };
        let Ok(file) = File::parse(bytes) else { return Some(object) };
        let e = LittleEndian;
        object.segments = file
            .elf_program_headers()
            .iter()
            .filter(|p| p.p_type(e) == PT_LOAD)
            .map(|p| Segment {
                offset: p.p_offset(e),
                size: p.p_filesz(e),
                address: p.p_vaddr(e),
                executable: p.p_flags(e).contains(PF_X),
            })
            .collect();
        let has_lines = |f: &File| f.section_by_name(".debug_info").is_some();
        let mut debug = None;
        if !has_lines(&file) || file.elf_symbol_table().is_empty() {
            debug = debug_file(&file, &area.path);
        }
        let with_names =
            debug.as_ref().filter(|d| file.elf_symbol_table().is_empty() && !d.elf_symbol_table().is_empty());
        object.names = Names::read(with_names.unwrap_or(&file));
        let with_lines = if has_lines(&file) { Some(&file) } else { debug.as_ref().filter(|d| has_lines(d)) };
        object.lines = with_lines.and_then(lines);
        Some(object)
    }

    /// The address, before relocation, of what is at an offset of the file.
    fn address(&self, offset: u64) -> Option<u64> {
        let has = |s: &&Segment| offset.checked_sub(s.offset).is_some_and(|o| o < s.size);
        // Linkers let the last page of one segment be the first of the next as well; code it is that we want.
        let mut having = self.segments.iter().filter(has);
        let segment = having.clone().find(|s| s.executable).or_else(|| having.next())?;
        Some((offset - segment.offset).wrapping_add(segment.address))
    }

    fn describe(&self, offset: u64, path: &str, out: &mut String) {
        let Some(address) = self.address(offset) else {
            let _ = write!(out, "{offset:#x} ({path})");
            return;
        };
        let frames = self.lines.as_ref().map(|l| frames(l, address)).unwrap_or_default();
        let symbol = self.names.find(address);
        let outer = frames.first();
        match (symbol, outer.and_then(|f| f.function.as_ref())) {
            (Some(s), _) => {
                let _ = write_name(out, s.name);
                let _ = write!(out, "+{:#x}", address - s.start);
            }
            (None, Some(name)) => {
                let _ = write_name(out, name);
            }
            (None, None) => {
                let _ = write!(out, "{address:#x}");
            }
        }
        match outer.and_then(|f| f.line.as_ref()) {
            Some(line) => _ = write!(out, " ({line})"),
            None => _ = write!(out, " ({path})"),
        }
        let inlined = frames.get(1..).unwrap_or(&[]);
        for (index, frame) in inlined.iter().enumerate() {
            // Of a long way the middle is left out: the last one is where the thread is.
            let (shown, last) = (index + 1 < MAX_INLINED, index + 1 == inlined.len());
            if shown || last {
                out.push_str(" > ");
                let _ = write_name(out, frame.function.as_deref().unwrap_or("?"));
                if let Some(line) = &frame.line {
                    let _ = write!(out, " ({line})");
                }
            } else if index + 1 == MAX_INLINED {
                out.push_str(" > ...");
            }
        }
    }
}

/// Writes a symbol's name, demangled if it's Rust's or C++'s.
fn write_name(out: &mut String, name: &str) -> core::fmt::Result {
    // Its alternate form leaves the hash out.
    match rustc_demangle::try_demangle(name) {
        Ok(rust) => write!(out, "{rust:#}"),
        Err(_) => out.write_str(name),
    }
}

// ---- names ---------------------------------------------------------------------------------------------------

/// The symbols of an object's code, each list sorted by address; of names for the same address the best is last.
#[derive(Default)]
struct Names {
    functions: Vec<Name>,
    /// Those without a size, from assembly; good for what no function covers, up to the next name.
    labels: Vec<Name>,
}

struct Name {
    start: u64,
    end: u64,
    name: &'static str,
    global: bool,
}

impl Names {
    /// Reads .symtab, or else .dynsym.
    fn read(file: &File) -> Names {
        let e = LittleEndian;
        let mut table = file.elf_symbol_table();
        if table.is_empty() {
            table = file.elf_dynamic_symbol_table();
        }
        let mut names = Names::default();
        for (index, symbol) in table.enumerate() {
            if !matches!(symbol.st_type(), STT_FUNC | STT_GNU_IFUNC | STT_NOTYPE) {
                continue;
            }
            let Ok(Some(section)) = table.symbol_section(e, symbol, index) else { continue };
            let Ok(section) = file.elf_section_table().section(section) else { continue };
            let Ok(Ok(name)) = table.symbol_name(e, symbol).map(core::str::from_utf8) else { continue };
            if !section.sh_flags(e).contains(SHF_EXECINSTR) || name.is_empty() {
                continue;
            }
            let (start, global) = (symbol.st_value(e), symbol.st_bind() == STB_GLOBAL);
            let (list, end) = match symbol.st_size(e) {
                0 => (&mut names.labels, section.sh_addr(e).saturating_add(section.sh_size(e))),
                size => (&mut names.functions, start.saturating_add(size)),
            };
            list.push(Name { start, end, name, global });
        }
        // `read` is better than `__read`.
        let underscores = |n: &Name| n.name.bytes().take_while(|b| *b == b'_').count();
        let key = |n: &Name| (n.start, Reverse(underscores(n)), n.global, Reverse(n.name.len()));
        names.functions.sort_unstable_by_key(key);
        names.labels.sort_unstable_by_key(key);
        names
    }

    /// The name whose code has an address.
    fn find(&self, address: u64) -> Option<&Name> {
        let until = |list: &[Name]| list.partition_point(|n| n.start <= address);
        let functions = &self.functions[..until(&self.functions)];
        // The next function before need not be it: others may lie within a large one. That many, hardly.
        if let Some(name) = functions.iter().rev().take(64).find(|n| address < n.end) {
            return Some(name);
        }
        let label = self.labels[..until(&self.labels)].last()?;
        let last = functions.last().map_or(0, |f| f.start);
        (label.start >= last && address < label.end).then_some(label)
    }
}

// ---- lines ---------------------------------------------------------------------------------------------------

/// A function, real or inlined, and a place in it.
struct Frame {
    function: Option<String>,
    line: Option<String>,
}

/// The DWARF of a file; None when there's none or it's beyond us (type of compression, size).
fn lines(file: &File) -> Option<addr2line::Context<Reader>> {
    let load = |id: SectionId| -> Result<Reader, gimli::Error> {
        use SectionId::*;
        let wanted = matches!(
            id,
            DebugAbbrev
                | DebugAddr
                | DebugAranges
                | DebugInfo
                | DebugLine
                | DebugLineStr
                | DebugRanges
                | DebugRngLists
                | DebugStr
                | DebugStrOffsets
        );
        let bytes = if wanted { section(file, id.name()) } else { None };
        Ok(EndianSlice::new(bytes.unwrap_or(&[]), gimli::LittleEndian))
    };
    addr2line::Context::from_dwarf(gimli::Dwarf::load(load).ok()?).ok()
}

/// The plain content of a section.
fn section(file: &File, name: &str) -> Option<&'static [u8]> {
    let compressed = file.section_by_name(name)?.compressed_data().ok()?;
    match compressed.format {
        CompressionFormat::None => Some(compressed.data),
        CompressionFormat::Zlib if compressed.uncompressed_size <= MAX_DECOMPRESSED => {
            let size = compressed.uncompressed_size as usize;
            // The vector grows by doubling, so both the old and the new one are there for a while.
            if !there_is_room(ROOM + 3 * size) {
                return None;
            }
            let plain = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(compressed.data, size).ok()?;
            Some(plain.leak())
        }
        _ => None,
    }
}

/// The function around an address, and those inlined there on the way to it. Empty when DWARF doesn't know.
fn frames(lines: &addr2line::Context<Reader>, address: u64) -> Vec<Frame> {
    let line = |location: Option<addr2line::Location<'_>>| {
        let location = location?;
        let file = location.file?;
        let file = file.rsplit('/').next().unwrap_or(file);
        Some(location.line.map_or(file.to_string(), |line| format!("{file}:{line}")))
    };
    let mut frames = Vec::new();
    // Split DWARF (.dwo files) isn't read: its lines are in the object itself, only inlined functions are lost.
    if let Ok(mut found) = lines.find_frames(address).skip_all_loads() {
        while let Ok(Some(frame)) = found.next() {
            let function = frame.function.and_then(|f| f.raw_name().ok().map(|n| n.into_owned()));
            frames.push(Frame { function, line: line(frame.location) });
        }
        frames.reverse();
    }
    if frames.is_empty() {
        // Functions may be unreadable where lines are not.
        let location = lines.find_location(address).ok().flatten();
        frames.extend(line(location).map(|line| Frame { function: None, line: Some(line) }));
    }
    frames
}

/// The separate debug file of an object (gdb's "Debugging Information in Separate Files"), if it's installed.
fn debug_file(file: &File, path: &[u8]) -> Option<File> {
    let id = file.build_id().ok()??;
    let (first, others) = id.split_first()?;
    let mut by_id = format!("/usr/lib/debug/.build-id/{first:02x}/");
    others.iter().for_each(|b| _ = write!(by_id, "{b:02x}"));
    by_id.push_str(".debug");
    let mut candidates = vec![by_id.into_bytes()];
    if let Ok(Some((name, _))) = file.gnu_debuglink() {
        let folder = &path[..path.iter().rposition(|b| *b == b'/').map_or(0, |i| i + 1)];
        candidates.push([folder, name].concat());
        candidates.push([folder, b".debug/", name].concat());
        candidates.push([b"/usr/lib/debug", folder, name].concat());
    }
    candidates.iter().find_map(|candidate| {
        let mapping = Mapping::open(candidate)?;
        let same = ElfFile64::<LittleEndian>::parse(mapping.bytes()).ok()?.build_id() == Ok(Some(id));
        // The object itself may be what its link names.
        same.then(|| File::parse(mapping.forever()).ok()).flatten()
    })
}

// ---- bytes ---------------------------------------------------------------------------------------------------

/// The whole file of a mapping (or the vdso's image), provided it still is the one that is mapped.
fn image(area: &Area) -> Option<&'static [u8]> {
    if area.inode == 0 {
        let mut image = vec![0; area.end - area.start];
        return peek(area.start, &mut image).then(|| &*image.leak());
    }
    let path = area.path.strip_suffix(b" (deleted)").unwrap_or(&area.path);
    // Another file may have taken the path (a new build), or the process another root. The second is the mapped
    // file in any case, but for the privileged; the third is as good, but only the main program.
    let by_address = format!("/proc/thread-self/map_files/{:x}-{:x}", area.start, area.end).into_bytes();
    let candidates = [path, &by_address, b"/proc/thread-self/exe"];
    candidates.iter().enumerate().find_map(|(index, candidate)| {
        let mapping = Mapping::open(candidate)?;
        // Where it can't be known, the path is trusted.
        let same = area.head.and_then(|head| is_mapped_at(mapping.bytes(), head)).unwrap_or(index == 0);
        same.then(|| mapping.forever())
    })
}

/// Whether a file looks like what is mapped at an address, by ELF header, program headers and build id (not by code:
/// a debugger writes there). None when that can't be known.
fn is_mapped_at(bytes: &[u8], address: usize) -> Option<bool> {
    let mut memory = [0; HEAD];
    let file = &bytes[..bytes.len().min(HEAD)];
    let memory = &mut memory[..file.len()];
    if !peek(address, memory) {
        return None;
    }
    let Ok(elf) = ElfFile64::<LittleEndian>::parse(bytes) else { return Some(file == memory) };
    let offset = |part: &[u8]| (part.as_ptr() as usize).wrapping_sub(bytes.as_ptr() as usize);
    let headers = elf.elf_program_headers();
    let headers_end = elf.elf_header().e_phoff(LittleEndian) as usize + size_of_val(headers);
    let mut parts = vec![0..size_of_val(elf.elf_header()), 0..headers_end];
    if let Ok(Some(id)) = elf.build_id() {
        parts.push(offset(id)..offset(id) + id.len());
    }
    Some(parts.into_iter().all(|part| file.get(part.clone()) == memory.get(part)))
}

/// A file in memory, read-only.
struct Mapping {
    start: *mut u8,
    len: usize,
}

impl Mapping {
    /// Maps a whole file, by a path without a NUL. None if it can't be, or is empty.
    fn open(path: &[u8]) -> Option<Mapping> {
        // O_NONBLOCK: whatever has come to lie at the path must not hold us.
        let fd = sys::open(&[path, b"\0"].concat(), libc::O_RDONLY | libc::O_NONBLOCK, 0).ok()?;
        let mapping = Self::of(fd);
        sys::close(fd);
        mapping
    }

    fn of(fd: libc::c_int) -> Option<Mapping> {
        if sys::file_type(fd) != Ok(libc::S_IFREG) {
            return None;
        }
        // SAFETY: no memory is involved.
        let len = unsafe { sys::syscall(libc::SYS_lseek, fd as usize, 0, libc::SEEK_END as usize, 0, 0, 0) }.ok()?;
        let (read, private) = (libc::PROT_READ as usize, libc::MAP_PRIVATE as usize);
        // SAFETY: a fresh mapping aliases nothing; the kernel refuses an empty one.
        let start = unsafe { sys::syscall(libc::SYS_mmap, 0, len, read, private, fd as usize, 0) }.ok()?;
        Some(Mapping { start: start as *mut u8, len })
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: mapped for its length while self lives. That nobody cuts the file short or writes to it meanwhile
        // is hoped for, as for all that the dynamic linker maps.
        unsafe { core::slice::from_raw_parts(self.start, self.len) }
    }

    /// Its bytes; they stay mapped.
    fn forever(self) -> &'static [u8] {
        let this = core::mem::ManuallyDrop::new(self);
        // SAFETY: as in `bytes`, and never unmapped.
        unsafe { core::slice::from_raw_parts(this.start, this.len) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: slices of it lived no longer than self.
        unsafe { sys::unmap(self.start, self.len) }
    }
}

/// Reads the process's own memory, which may be gone by now; whether all of it could be read.
fn peek(address: usize, out: &mut [u8]) -> bool {
    let to = libc::iovec { iov_base: out.as_mut_ptr().cast(), iov_len: out.len() };
    let from = libc::iovec { iov_base: address as *mut _, iov_len: out.len() };
    let (to, from) = (&raw const to as usize, &raw const from as usize);
    // SAFETY: `out` is writable for its length; the kernel checks the other end.
    let n = unsafe { sys::syscall(libc::SYS_process_vm_readv, sys::gettid() as usize, to, 1, from, 1, 0) };
    n == Ok(out.len())
}

/// Whether a large allocation would succeed now: neither the limit of address space nor that of mappings is near.
fn there_is_room(size: usize) -> bool {
    let Ok(start) = sys::map(size) else { return false };
    // SAFETY: nobody has used the mapping.
    unsafe { sys::unmap(start, size) };
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CString;
    use std::path::{Path, PathBuf};
    use std::process::Command;

    fn describe(address: usize) -> String {
        let mut out = String::new();
        Symbols::new().describe(address, &mut out);
        out
    }

    #[inline(never)]
    fn here() -> usize {
        std::hint::black_box(here as fn() -> usize as usize)
    }

    #[test]
    fn own_function_with_file_and_line() {
        let line = line!() - 5; // of `fn here`
        let text = describe(here());
        // There may be more: what is inlined at its very start.
        let expected = format!("green::audit::symbols::tests::here+0x0 (symbols.rs:{line})");
        assert!(text.starts_with(&expected), "{text}");
    }

    #[test]
    fn libc_function() {
        let text = describe(libc::qsort as *const () as usize + 2);
        // Lines too if libc's debug files are installed.
        assert!(text.starts_with("qsort+0x2 (") && (text.contains("libc") || text.contains(".c:")), "{text}");
    }

    #[test]
    fn vdso() {
        // SAFETY: no memory is involved.
        let start = unsafe { libc::getauxval(libc::AT_SYSINFO_EHDR) } as usize;
        let mut symbols = Symbols::new();
        let area = symbols.area(start).expect("the vdso is mapped").clone();
        let object = Object::load(&area).expect("the vdso is an ELF file in memory");
        let names = &object.names.functions;
        let time = names.iter().find(|n| n.name.ends_with("vdso_clock_gettime")).expect("it has names");
        let offset = time.start as usize - object.segments[0].address as usize;
        let mut out = String::new();
        symbols.describe(start + offset + 1, &mut out);
        assert!(out.ends_with("clock_gettime+0x1 ([vdso])"), "{out}");
    }

    #[test]
    fn nonsense() {
        assert_eq!(describe(0x10), "0x10");
        assert_eq!(describe(usize::MAX), "0xffffffffffffffff");
        let data = Box::new(1);
        let address = &raw const *data as usize;
        assert_eq!(describe(address), format!("{address:#x}"));
    }

    /// A library with a static function; compiled, then changed by a shell command (`$0` is its path), then loaded.
    /// Its path, and the address of the function.
    #[track_caller]
    fn library(name: &str, flags: &[&str], change: &str) -> (PathBuf, usize) {
        let folder = std::env::temp_dir().join(format!("green-symbols-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (source, path) = (folder.join("source.c"), folder.join(format!("{name}.so")));
        let text = "static int\nhidden(int x)\n{ return x * 3; }\nvoid *ask(void) { return (void *)hidden; }\n";
        std::fs::write(&source, text).unwrap();
        let flags = ["-shared", "-fPIC", "-O0", "-Wl,--build-id"].iter().chain(flags);
        assert!(Command::new("cc").args(flags).arg("-o").args([&path, &source]).status().unwrap().success());
        assert!(Command::new("sh").args(["-ec", change]).arg(&path).status().unwrap().success());
        let c_path = CString::new(path.to_str().unwrap()).unwrap();
        // SAFETY: the library is what we have just written, and is never unloaded.
        let address = unsafe {
            let handle = libc::dlopen(c_path.as_ptr(), libc::RTLD_NOW);
            assert!(!handle.is_null());
            let ask = core::mem::transmute::<*mut libc::c_void, fn() -> usize>(libc::dlsym(handle, c"ask".as_ptr()));
            ask()
        };
        (path, address)
    }

    fn remove(path: &Path) {
        let _ = std::fs::remove_dir_all(path.parent().unwrap());
    }

    #[test]
    fn dwarf_plain_compressed_and_separate() {
        let separate = r#"objcopy --only-keep-debug "$0" "$0.debug"; strip "$0"; cd "$(dirname "$0")"
                          objcopy --add-gnu-debuglink="$(basename "$0").debug" "$0""#;
        for (name, flags, change) in [
            ("plain", &["-g"][..], ":"),
            ("old", &["-g", "-gdwarf-4"], ":"),
            ("compressed", &["-g", "-gz=zlib"], ":"),
            ("separate", &["-g"], separate),
            ("separate-compressed", &["-g", "-gz=zlib"], separate),
        ] {
            let (path, address) = library(name, flags, change);
            assert_eq!(describe(address + 4), "hidden+0x4 (source.c:3)", "{name}");
            remove(&path);
        }
    }

    #[test]
    fn inlined() {
        let change = r#"cd "$(dirname "$0")"; cat >in.c <<'END'
__attribute__((always_inline)) static inline int within(volatile int *p)
{ return *p; }
static int hidden(volatile int *p) { return within(p); }
void *ask(void) { return (void *)hidden; }
END
cc -shared -fPIC -g -O2 -o "$0" in.c"#;
        let (path, address) = library("inlined", &[], change);
        assert_eq!(describe(address), "hidden+0x0 (in.c:3) > within (in.c:2)");
        remove(&path);
    }

    #[test]
    fn symbols_only() {
        let (path, address) = library("symbols", &[], ":");
        assert_eq!(describe(address + 1), format!("hidden+0x1 ({})", path.display()));
        remove(&path);
    }

    #[test]
    fn stripped() {
        let (path, address) = library("stripped", &["-s"], ":");
        let text = describe(address);
        let (number, object) = text.split_once(' ').unwrap();
        assert!(number.starts_with("0x") && number.len() < 8, "{text}");
        assert_eq!(object, format!("({})", path.display()));
        remove(&path);
    }

    #[test]
    fn another_file_in_its_place() {
        let (path, address) = library("replaced", &["-g"], ":");
        let mut symbols = Symbols::new();
        let area = symbols.area(address).unwrap().clone();
        std::fs::remove_file(&path).unwrap();
        let text = "int a, b, c; int hidden(int x) { return x; } int other(void) { return 1; }";
        std::fs::write(path.with_extension("c"), text).unwrap();
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-Wl,--build-id", "-o"]).args([&path, &path.with_extension("c")]);
        assert!(compiler.status().unwrap().success());
        let new = Mapping::open(area.path.as_slice()).unwrap();
        assert_eq!(is_mapped_at(new.bytes(), area.head.unwrap()), Some(false));
        // With privileges the mapped file itself is still to be had.
        let (text, gone) = (describe(address + 4), format!("({} (deleted))", path.display()));
        assert!(text == "hidden+0x4 (source.c:3)" || (text.starts_with("0x") && text.ends_with(&gone)), "{text}");
        remove(&path);
    }

    #[test]
    fn a_line_of_maps() {
        let line = b"7f00-7f10 r-xp 00001000 fe:00 1234      /path with blanks (deleted)";
        let (area, executable, writable) = parse_area(line).unwrap();
        assert_eq!((area.start, area.end, area.offset, area.inode), (0x7f00, 0x7f10, 0x1000, 1234));
        assert_eq!((area.path.as_slice(), executable, writable), (&b"/path with blanks (deleted)"[..], true, false));
        for nothing in [&b""[..], b"7f00-7f10 r-xp 00001000 fe:00 0 ", b"7f00-7f10 rw-p 0 0:0 0 [stack]", b"x y z"] {
            assert!(parse_area(nothing).is_none());
        }
    }
}
